//! The balance of a line's account.

use api_types::Balance;
use axum::{Json, extract::State};

use super::find;
use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    lines::{balance, settings_of},
};

/// Asks the provider for the balance.
#[utoipa::path(
    get, path = "/lines/{id}/balance", tag = "lines", params(("id" = String, Path)),
    responses((status = 200, body = Balance), (status = 404, body = api_types::ApiError), (status = 409, body = api_types::ApiError)),
)]
pub(crate) async fn show_balance(
    State(app): State<Shared>,
    Id(id): Id,
) -> Result<Json<Balance>, Error> {
    let row = find(&app, id).await?;
    let preset = settings_of(&row).preset;
    let access = balance::open(&app.vault, &row)?;
    let (Some(api), Some(access)) = (preset.as_deref().and_then(balance::api), access) else {
        return Err(Error::Conflict {
            code: "no_balance",
            field: None,
            message: "this provider cannot be asked for the balance, or no key was entered"
                .to_owned(),
        });
    };
    balance::ask(api, None, access)
        .await
        .map(Json)
        .map_err(|error| Error::Conflict {
            code: "balance_refused",
            field: None,
            message: error.to_string(),
        })
}

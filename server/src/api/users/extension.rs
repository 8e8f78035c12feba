//! Whether an extension is free, or which one is.

use api_types::ExtensionOffer;
use axum::{
    Json,
    extract::{Path, State},
};

use super::draft::check_extension;
use crate::{api::error::Error, app::Shared};

/// The first extension ever given.
const FIRST: u32 = 101;

/// Says whether an extension is free and who has it; for `next` the next free one, emergency
/// numbers left out.
#[utoipa::path(
    get, path = "/users/extensions/{extension}", tag = "users", params(("extension" = String, Path)),
    responses((status = 200, body = ExtensionOffer), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn offer(
    State(app): State<Shared>,
    Path(wanted): Path<String>,
) -> Result<Json<ExtensionOffer>, Error> {
    let users = app.store.users().await?;
    let owner = |extension: &str| {
        let mut users = users.iter();
        users
            .find(|user| user.extension.as_deref() == Some(extension))
            .map(|user| user.name.clone())
    };
    let emergency = app.switchboard.office().rules.emergency();
    let extension = match wanted.as_str() {
        "next" => (FIRST..1_000_000)
            .map(|number| number.to_string())
            .find(|number| owner(number).is_none() && !emergency.is(number))
            .unwrap_or_default(),
        _ => wanted,
    };
    check_extension(&app, &extension)?;
    let taken_by = owner(&extension);
    Ok(Json(ExtensionOffer {
        free: taken_by.is_none(),
        taken_by,
        hides_emergency: emergency.is(&extension),
        extension,
    }))
}

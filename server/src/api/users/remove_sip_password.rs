//! A desk phone may no longer register.

use axum::{extract::State, http::StatusCode};

use super::find;
use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
};

/// Forgets the SIP password; the phone that is registered with it rings no more.
#[utoipa::path(
    delete, path = "/users/{id}/sip-password", tag = "users", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn remove_sip_password(
    State(app): State<Shared>,
    Id(id): Id,
) -> Result<StatusCode, Error> {
    let row = find(&app, id).await?;
    app.store.set_sip_ha1(id, None).await?;
    app.reload_office().await?;
    if let Some(extension) = row.extension {
        app.drop_phones(&[extension]);
    }
    Ok(StatusCode::NO_CONTENT)
}

//! Lift a lock-out.

use axum::{extract::State, http::StatusCode};

use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    auth::Viewer,
    clock::now_ms,
    lock_outs::to_gateway,
};

/// Lifts a lock-out: whom it shut out may try again at once, and is counted from nothing.
#[utoipa::path(
    delete, path = "/lock-outs/{id}", tag = "lines", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn lift(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<StatusCode, Error> {
    let missing = || Error::NotFound("lock-out");
    let found = app.lock_outs.find(id, now_ms()).ok_or_else(missing)?;
    let address = found.address.parse().map_err(Error::internal)?;
    let whom = to_gateway(found.whom);
    app.gateway.unlock(address, &found.username, whom).await;
    app.lock_outs.remove(&found);
    tracing::info!(%address, ?whom, by = %viewer.user.login, "a lock-out was lifted");
    Ok(StatusCode::NO_CONTENT)
}

//! Set how the house works.

use api_types::{Event, WorkSettings};
use axum::extract::State;

use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    events::Audience,
    work::{WORK, check},
};

/// Replaces it all; it is in force at once. Records keep states and fields that are no more.
#[utoipa::path(
    put, path = "/settings/work", tag = "work", request_body = WorkSettings,
    responses((status = 200, body = WorkSettings), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn set(
    State(app): State<Shared>,
    Json(settings): Json<WorkSettings>,
) -> Result<axum::Json<WorkSettings>, Error> {
    let settings = check(settings)?;
    app.store.set_setting(WORK, &settings).await?;
    app.work.set(settings.clone());
    // Callers may be found elsewhere now.
    app.calls.contacts_changed().await;
    let event = Event::Work(Box::new(settings.clone()));
    app.hub.publish(&event, Audience::Everyone);
    Ok(axum::Json(settings))
}

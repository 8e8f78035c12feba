//! Delete a line.

use api_types::Event;
use axum::{extract::State, http::StatusCode};

use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    events::Audience,
};

/// Deletes a line; it unregisters. Running calls go on, records of calls stay.
#[utoipa::path(
    delete, path = "/lines/{id}", tag = "lines", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn delete(State(app): State<Shared>, Id(id): Id) -> Result<StatusCode, Error> {
    if !app.store.delete_line(id).await? {
        return Err(Error::NotFound("line"));
    }
    app.reload_lines().await?;
    app.hub.publish(
        &Event::LineDeleted { id: id.to_string() },
        Audience::Settings,
    );
    Ok(StatusCode::NO_CONTENT)
}

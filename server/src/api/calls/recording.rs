//! The mp3 of a call, whole or in parts (RFC 9110 §14).

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use serde::Deserialize;
use tokio::fs::File;
use utoipa::IntoParams;

use super::{one, recorded_file, visible};
use crate::{
    api::{
        error::Error,
        extract::{Id, Query},
        ranged::{Sent, send},
    },
    app::Shared,
    auth::Viewer,
    clock::now_ms,
};

/// How it is sent.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct How {
    /// Present: as a file to save.
    download: Option<String>,
}

/// The recording: stereo mp3, agent left, client right. `Range` is understood.
#[utoipa::path(
    get, path = "/calls/{id}/recording", tag = "calls", params(("id" = String, Path), How),
    responses(
        (status = 200, description = "All of it", content_type = "audio/mpeg", body = Vec<u8>),
        (status = 206, description = "The part asked for", content_type = "audio/mpeg", body = Vec<u8>),
        (status = 304, description = "The copy at hand is good"),
        (status = 404, body = api_types::ApiError),
        (status = 416, body = api_types::ApiError),
    ),
)]
pub(crate) async fn recording(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
    Query(how): Query<How>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let row = visible(&app, &viewer, id).await?;
    let stored = row
        .1
        .clone()
        .filter(|recording| recording.state == "ready")
        .ok_or(Error::NotFound("recording"))?;
    let file_name = one(&app, row)
        .await?
        .recording
        .map(|recording| recording.file_name)
        .unwrap_or_default();
    let file = File::open(recorded_file(&app, stored.mp3.as_ref())?)
        .await
        .map_err(|_| Error::NotFound("recording"))?;
    let size = file.metadata().await.map_err(Error::internal)?.len();
    let way = if how.download.is_some() {
        "attachment"
    } else {
        "inline"
    };
    let sent = Sent {
        etag: format!("\"{}-{size}\"", id.simple()),
        media_type: "audio/mpeg".to_owned(),
        disposition: format!("{way}; filename=\"{file_name}\""),
    };
    let response = send(file, &sent, &headers).await?;
    if response.status() != StatusCode::NOT_MODIFIED && begins(&headers) {
        let what = match how.download {
            Some(_) => "downloaded",
            None => "listened",
        };
        let user = (viewer.id(), viewer.user.name.as_str());
        let heard = [id];
        let noted = app.store.note_listening(&heard, user, now_ms(), what);
        noted.await?;
    }
    Ok(response)
}

/// Whether it is asked for from its beginning: seeking is not listening anew.
fn begins(headers: &HeaderMap) -> bool {
    let range = headers
        .get(header::RANGE)
        .and_then(|range| range.to_str().ok());
    range.is_none_or(|range| range.trim().starts_with("bytes=0-"))
}

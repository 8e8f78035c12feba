//! The waveform of a recording.

use api_types::Peaks;
use axum::{Json, extract::State};

use super::{recorded_file, visible};
use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    auth::Viewer,
};

/// The waveform: agent left, client right.
#[utoipa::path(
    get, path = "/calls/{id}/recording/peaks", tag = "calls", params(("id" = String, Path)),
    responses((status = 200, body = Peaks), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn peaks(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<Json<Peaks>, Error> {
    let (_, recording) = visible(&app, &viewer, id).await?;
    let recording = recording.ok_or(Error::NotFound("recording"))?;
    let path = recorded_file(&app, recording.peaks.as_ref())?;
    let octets = tokio::fs::read(path).await.map_err(Error::internal)?;
    let side = |side: usize| octets.chunks_exact(2).map(|pair| pair[side]).collect();
    Ok(Json(Peaks {
        per_sec: u32::try_from(recording.peaks_per_sec).unwrap_or(0),
        left: side(0),
        right: side(1),
    }))
}

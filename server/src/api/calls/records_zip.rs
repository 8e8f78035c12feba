//! Several recordings as one archive.

use std::{
    fs::File,
    io::{self, Write},
    path::PathBuf,
};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde::Deserialize;
use store::CallFilter;
use time::OffsetDateTime;
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::{filter::Filter, recorded_file};
use crate::{
    api::{
        error::Error,
        extract::{Json, Query, parse_id},
    },
    app::{App, Shared},
    auth::Viewer,
    calls::recording_name,
    clock::now_ms,
    zip::Zip,
};

/// Calls read at once.
const BATCH: u64 = 200;
/// Parts that wait for a slow receiver.
const WAITING: usize = 8;
/// Octets of a part.
const PART: usize = 64 * 1024;

/// Which recordings.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct Wanted {
    /// Call ids; empty: all that the filter in the address finds.
    ids: Vec<String>,
}

/// The recordings of these calls, or of all calls the filter (that of the log) finds, as they are read:
/// an archive of files `<id>_<number>_<date>.mp3`. What the viewer may not see is not in it.
#[utoipa::path(
    post, path = "/calls/records.zip", tag = "calls", params(Filter), request_body = Wanted,
    responses(
        (status = 200, description = "The archive", content_type = "application/zip", body = Vec<u8>),
        (status = 404, body = api_types::ApiError), (status = 422, body = api_types::ApiError),
    ),
)]
pub(crate) async fn records_zip(
    State(app): State<Shared>,
    viewer: Viewer,
    Query(filter): Query<Filter>,
    Json(wanted): Json<Wanted>,
) -> Result<Response, Error> {
    let bad = || Error::invalid("bad_id", "ids", "one of them is not the id of a call");
    let ids = wanted.ids.iter().map(|id| parse_id(id).ok_or_else(bad));
    let mut wanted = CallFilter {
        ids: ids.collect::<Result<_, _>>()?,
        has_recording: Some(true),
        limit: BATCH,
        ..filter.read(&app, &viewer)?
    };
    let Some(first) = next(&app, &viewer, &mut wanted).await? else {
        return Err(Error::NotFound("recording"));
    };
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(send(app, viewer, wanted, first, sender));
    let parts = stream::unfold(receiver, |mut receiver| async move {
        Some((receiver.recv().await?, receiver))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/zip"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"records.zip\"",
        ),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

/// A recording that goes into the archive.
struct Recorded {
    name: String,
    path: PathBuf,
    stamp: u32,
}

type Part = io::Result<Bytes>;

/// The next recordings there are; `wanted` goes on behind them.
async fn next(
    app: &App,
    viewer: &Viewer,
    wanted: &mut CallFilter,
) -> Result<Option<Vec<Recorded>>, Error> {
    loop {
        let rows = app.store.find_calls(wanted, viewer.calls()).await?;
        let Some((last, _)) = rows.last() else {
            return Ok(None);
        };
        wanted.before = Some((last.started_at, last.id));
        let mut found = Vec::new();
        let mut heard = Vec::new();
        for (call, recording) in &rows {
            let made = recording.as_ref().filter(|one| one.state == "ready");
            if let Some(recording) = made
                && let Ok(path) = recorded_file(app, recording.mp3.as_ref())
            {
                heard.push(call.id);
                found.push(Recorded {
                    name: recording_name(call),
                    path,
                    stamp: stamp(call.started_at),
                });
            }
        }
        if !found.is_empty() {
            let user = (viewer.id(), viewer.user.name.as_str());
            let noted = app
                .store
                .note_listening(&heard, user, now_ms(), "downloaded");
            noted.await?;
            return Ok(Some(found));
        }
    }
}

/// Reads and sends, one file after the other.
async fn send(
    app: Shared,
    viewer: Viewer,
    mut wanted: CallFilter,
    first: Vec<Recorded>,
    sender: mpsc::Sender<Part>,
) {
    let mut zip = Zip::new(Parts::new(sender.clone()));
    let mut batch = Some(first);
    while let Some(files) = batch {
        let added = tokio::task::spawn_blocking(move || add(zip, files)).await;
        zip = match added {
            Ok(Ok(zip)) => zip,
            Ok(Err(error)) => return fail(&sender, error).await,
            Err(error) => return fail(&sender, io::Error::other(error)).await,
        };
        batch = match next(&app, &viewer, &mut wanted).await {
            Ok(batch) => batch,
            Err(error) => return fail(&sender, io::Error::other(error)).await,
        };
    }
    let finished = tokio::task::spawn_blocking(move || zip.finish().map(drop)).await;
    if let Ok(Err(error)) = finished {
        fail(&sender, error).await;
    }
}

/// A file that is gone is left out.
fn add(mut zip: Zip<Parts>, files: Vec<Recorded>) -> io::Result<Zip<Parts>> {
    for file in files {
        if let Err(error) = File::open(&file.path) {
            tracing::warn!(%error, "a recording is not on the disk and was left out");
            continue;
        }
        zip.add(&file.name, file.stamp, || File::open(&file.path))?;
    }
    Ok(zip)
}

/// The receiver sees that the archive is not whole.
async fn fail(sender: &mpsc::Sender<Part>, error: io::Error) {
    if !sender.is_closed() {
        tracing::warn!(%error, "an archive of recordings broke off");
        let _ = sender.send(Err(error)).await;
    }
}

/// Collects what is written into parts, and waits while the receiver is slow.
struct Parts {
    sender: mpsc::Sender<Part>,
    part: Vec<u8>,
}

impl Parts {
    fn new(sender: mpsc::Sender<Part>) -> Self {
        Self {
            sender,
            part: Vec::with_capacity(PART),
        }
    }
}

impl Write for Parts {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.part.extend_from_slice(octets);
        if self.part.len() >= PART {
            self.flush()?;
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let part = std::mem::replace(&mut self.part, Vec::with_capacity(PART));
        let sent = self.sender.blocking_send(Ok(part.into()));
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}

/// As DOS writes times: date in the upper half, time in the lower.
fn stamp(at: i64) -> u32 {
    let Ok(time) = OffsetDateTime::from_unix_timestamp(at.div_euclid(1000)) else {
        return 0x21 << 16;
    };
    let year = u32::try_from(time.year() - 1980).unwrap_or(0);
    let date = year << 9 | u32::from(u8::from(time.month())) << 5 | u32::from(time.day());
    let clock = (u32::from(time.hour()) << 11)
        | (u32::from(time.minute()) << 5)
        | (u32::from(time.second()) / 2);
    date << 16 | clock
}

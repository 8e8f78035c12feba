//! Keep a file.

use std::{
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use api_types::StoredFile;
use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use futures_util::StreamExt;
use serde::Deserialize;
use store::{FileOf, entity::file};
use tokio::{fs::File, io::AsyncWriteExt};
use utoipa::IntoParams;
use uuid::Uuid;

use super::{With, folder, media, path, to_file};
use crate::{
    api::{error::Error, extract::Query},
    app::Shared,
    auth::Viewer,
    clock::now_ms,
};

/// Octets of a file at most.
const LONGEST: u64 = 100 * 1024 * 1024;
/// Octets of the disk that stay free for calls and their recordings.
const RESERVE: u64 = 512 * 1024 * 1024;

/// What it is called.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Named {
    /// Its name.
    #[serde(default)]
    name: String,
}

/// Keeps the body as a file of a contact, item or call; it is written to the disk as it comes. What it is,
/// its bytes say.
#[utoipa::path(
    post, path = "/files", tag = "files", params(Named, With),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, body = StoredFile), (status = 413, body = api_types::ApiError),
        (status = 422, body = api_types::ApiError), (status = 503, body = api_types::ApiError),
    ),
)]
pub(crate) async fn upload(
    State(app): State<Shared>,
    viewer: Viewer,
    Query(named): Query<Named>,
    Query(with): Query<With>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<StoredFile>), Error> {
    let of = with.read(&app, &viewer).await?;
    let told = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    let told: Option<u64> = told.and_then(|length| length.parse().ok());
    if told.is_some_and(|length| length > LONGEST) {
        return Err(too_large());
    }
    let folder = folder(&app);
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .map_err(Error::internal)?;
    has_room(&folder, told.unwrap_or(0))?;
    let id = Uuid::now_v7();
    let part = Part(path(&app, id).with_extension("part"));
    let written = write(body, &part.0).await?;
    tokio::fs::rename(&part.0, path(&app, id))
        .await
        .map_err(Error::internal)?;
    let (contact_id, item_id, call_id) = match of {
        FileOf::Contact(id) => (Some(id), None, None),
        FileOf::Item(id) => (None, Some(id), None),
        FileOf::Call(id) => (None, None, Some(id)),
    };
    let row = file::Model {
        id,
        name: clean(&named.name),
        media_type: written.kind.to_owned(),
        bytes: i64::try_from(written.bytes).unwrap_or(i64::MAX),
        contact_id,
        item_id,
        call_id,
        created_at: now_ms(),
        created_by: Some(viewer.id()),
        created_by_name: Some(viewer.user.name.clone()),
        deleted_at: None,
    };
    app.store.add_file(row.clone()).await?;
    super::tell(&app, row.clone()).await?;
    Ok((StatusCode::CREATED, Json(to_file(row))))
}

/// A file that has not come whole; of no use, also where nobody waits for the answer any more.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // Renamed by now, or never begun: fine.
        let _ = std::fs::remove_file(&self.0);
    }
}

struct Received {
    bytes: u64,
    kind: &'static str,
}

async fn write(body: Body, part: &Path) -> Result<Received, Error> {
    let mut file = File::create(part).await.map_err(Error::internal)?;
    let mut stream = body.into_data_stream();
    let (mut bytes, mut head) = (0_u64, Vec::new());
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| cut_short())?;
        bytes += chunk.len() as u64;
        if bytes > LONGEST {
            return Err(too_large());
        }
        let wanted = media::HEAD.saturating_sub(head.len()).min(chunk.len());
        head.extend_from_slice(&chunk[..wanted]);
        file.write_all(&chunk).await.map_err(full_or)?;
    }
    if bytes == 0 {
        return Err(Error::invalid(
            "empty",
            "name",
            "the file is empty; choose another",
        ));
    }
    file.sync_all().await.map_err(full_or)?;
    Ok(Received {
        bytes,
        kind: media::kind(&head),
    })
}

fn full_or(error: std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => no_room(),
        _ => Error::internal(error),
    }
}

fn has_room(folder: &Path, wanted: u64) -> Result<(), Error> {
    let disk = rustix::fs::statvfs(folder)
        .map_err(|error| Error::internal(std::io::Error::from(error)))?;
    match disk.f_bavail.saturating_mul(disk.f_frsize) > wanted.saturating_add(RESERVE) {
        true => Ok(()),
        false => Err(no_room()),
    }
}

fn no_room() -> Error {
    Error::Unavailable(
        "the server's disk is nearly full, so the file was not kept; tell an administrator",
    )
}

fn too_large() -> Error {
    Error::Unreadable {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        message: format!(
            "a file may have at most {} MB; make it smaller, or keep it elsewhere and note where",
            LONGEST / 1024 / 1024
        ),
    }
}

fn cut_short() -> Error {
    Error::Unreadable {
        status: StatusCode::BAD_REQUEST,
        message: "the file did not arrive whole; send it again".to_owned(),
    }
}

/// A name without folders and control characters.
fn clean(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_odd = |c: &char| {
        !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let clean: String = last.chars().filter(is_odd).take(200).collect();
    match clean.trim().trim_matches('.') {
        "" => "file".to_owned(),
        _ => clean.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_neither_folders_nor_tricks() {
        for (given, expected) in [
            ("Договор №5.pdf", "Договор №5.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\a.txt", "a.txt"),
            ("..", "file"),
            ("a\r\nSet-Cookie: x", "aSet-Cookie: x"),
            ("gpj.\u{202e}exe", "gpj.exe"),
        ] {
            assert_eq!(clean(given), expected);
        }
    }
}

//! Upload a file with contacts.

use api_types::Import;
use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use futures_util::StreamExt;
use serde::Deserialize;
use tokio::io::AsyncWriteExt;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    api::{error::Error, extract::Query},
    app::Shared,
    auth::Viewer,
    imports::{self, Kept, LARGEST, Refusal},
};

/// What is known of the file.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Named {
    /// Its name.
    #[serde(default)]
    name: String,
}

/// Takes a file with contacts, up to 64 MB: CSV in any usual encoding with commas, semicolons, tabs or
/// bars between the cells, or vCard 2.1, 3.0 or 4.0. The answer says what was found, with a mapping
/// proposed; nothing is imported before `POST /imports/{id}/start`.
#[utoipa::path(
    post, path = "/imports", tag = "imports", params(Named),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = Import), (status = 413, body = api_types::ApiError), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn create(
    State(app): State<Shared>,
    viewer: Viewer,
    Query(named): Query<Named>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Import>), Error> {
    let told = headers.get(header::CONTENT_LENGTH);
    let told = told.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|octets| octets > LARGEST) {
        return Err(Refusal::TooLarge.into());
    }
    app.imports.ready().await.map_err(Error::internal)?;
    let id = Uuid::now_v7();
    if let Err(error) = receive(&app, id, body).await {
        let _ = tokio::fs::remove_file(app.imports.upload(id)).await;
        return Err(error);
    }
    let name: String = named
        .name
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect();
    let import = imports::look(&app, id, name).await?;
    let kept = Kept {
        import,
        by: viewer.id(),
        by_name: viewer.user.name.clone(),
    };
    app.imports.keep(id, &kept).await?;
    Ok((StatusCode::CREATED, Json(kept.import)))
}

async fn receive(app: &Shared, id: Uuid, body: Body) -> Result<(), Error> {
    let file = tokio::fs::File::create(app.imports.upload(id)).await;
    let mut file = tokio::io::BufWriter::new(file.map_err(Error::internal)?);
    let mut octets = 0;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Error::Unreadable {
            status: StatusCode::BAD_REQUEST,
            message: "the file did not arrive as a whole; upload it again".to_owned(),
        })?;
        octets += chunk.len() as u64;
        if octets > LARGEST {
            return Err(Refusal::TooLarge.into());
        }
        file.write_all(&chunk).await.map_err(Error::internal)?;
    }
    file.flush().await.map_err(Error::internal)
}

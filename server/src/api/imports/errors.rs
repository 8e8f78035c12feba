//! Rows of an import that could not be taken.

use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use serde::Deserialize;
use tokio_util::io::ReaderStream;
use utoipa::IntoParams;

use crate::{
    api::{
        error::Error,
        extract::{Id, Query},
    },
    app::Shared,
    export::Lang,
};

/// In which language.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Spoken {
    /// Language of the reasons.
    #[param(inline)]
    lang: Lang,
}

/// The rows that could not be taken, as they were, each with the reason in a column of its own: corrected,
/// the file can be imported as it is.
#[utoipa::path(
    get, path = "/imports/{id}/errors.csv", tag = "imports", params(("id" = String, Path), Spoken),
    responses((status = 200, content_type = "text/csv"), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn errors(
    State(app): State<Shared>,
    Id(id): Id,
    Query(spoken): Query<Spoken>,
) -> Result<Response, Error> {
    app.imports.find(id).await?;
    // With the mark by which Excel knows UTF-8.
    let mark = futures_util::stream::once(async { Ok::<_, std::io::Error>("\u{feff}".into()) });
    let body = match tokio::fs::File::open(app.imports.errors(id, spoken.lang)).await {
        Ok(file) => Body::from_stream(mark.chain(ReaderStream::new(file))),
        // There are none.
        Err(_) => Body::from("\u{feff}"),
    };
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"errors.csv\"",
        ),
    ];
    Ok((headers, body).into_response())
}

//! One's own notices, newest first.

use api_types::{Notice, Page};
use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    api::{
        error::Error,
        extract::{Query, bad_cursor, page_length, parse_id},
    },
    app::Shared,
    auth::Viewer,
    work::notices,
};

/// Which part.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// Rows on a page, 1 to 200; 50 unless told.
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// One's own notices of the last thirty days, newest first.
#[utoipa::path(get, path = "/notices", tag = "notices", params(Part), responses((status = 200, body = Page<Notice>)))]
pub(crate) async fn list(
    State(app): State<Shared>,
    viewer: Viewer,
    Query(part): Query<Part>,
) -> Result<Json<Page<Notice>>, Error> {
    let limit = page_length(part.limit)?;
    let cursor = part.cursor.as_deref();
    let before = cursor.map(|cursor| decode(cursor).ok_or_else(bad_cursor));
    let found = app
        .store
        .notices(viewer.id(), before.transpose()?, limit + 1);
    let mut rows = found.await?;
    let more = rows.len() as u64 > limit;
    if more {
        rows.pop();
    }
    let next_cursor = rows
        .last()
        .filter(|_| more)
        .map(|row| format!("{}.{}", row.at, row.id.simple()));
    Ok(Json(Page {
        items: rows.iter().filter_map(notices::shown).collect(),
        next_cursor,
    }))
}

fn decode(cursor: &str) -> Option<(i64, Uuid)> {
    let (at, id) = cursor.split_once('.')?;
    Some((at.parse().ok()?, parse_id(id)?))
}

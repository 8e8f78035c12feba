//! Lists as files people open in other programs: rows come in batches and go out as they come.

mod csv;
mod xlsx;

use std::{borrow::Cow, path::Path};

use axum::{
    body::Body,
    http::{HeaderName, header},
    response::{IntoResponse, Response},
};
use futures_util::Stream;
use serde::Deserialize;

use crate::api::error::Error;

/// What kind of file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// Text with commas, UTF-8 with a mark, as every program opens it.
    #[default]
    Csv,
    /// Excel.
    Xlsx,
}

/// A language of the app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Lang {
    /// English.
    #[default]
    En,
    /// Russian.
    Ru,
}

impl Lang {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::En, Self::Ru];

    /// One of two texts.
    pub(crate) fn pick<'a>(self, (english, russian): (&'a str, &'a str)) -> &'a str {
        match self {
            Self::En => english,
            Self::Ru => russian,
        }
    }
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A batch of rows.
pub(crate) type Batch = Vec<Vec<Cell>>;

/// A table as a file to download: `name` without its ending. `folder` takes what is put together before
/// it goes out.
///
/// # Errors
/// When the rows or the disk fail before anything went out.
pub(crate) async fn table(
    folder: &Path,
    format: Format,
    name: &str,
    header: Vec<String>,
    rows: impl Stream<Item = Result<Batch, Error>> + Send + 'static,
) -> Result<Response, Error> {
    let (body, media_type, ending) = match format {
        Format::Csv => (csv::body(header, rows), "text/csv; charset=utf-8", "csv"),
        Format::Xlsx => (
            xlsx::body(folder, header, rows).await?,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
        ),
    };
    Ok(download(body, media_type, &format!("{name}.{ending}")))
}

/// A file to download; its name is ASCII.
pub(crate) fn download(body: Body, media_type: &'static str, name: &str) -> Response {
    let headers: [(HeaderName, String); 2] = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (headers, body).into_response()
}

/// A cell no program takes for a formula: what could begin one gets an apostrophe before it.
pub(crate) fn safe(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        return Cow::Owned(format!("'{cell}"));
    }
    Cow::Borrowed(cell)
}

/// What [`safe`] was given.
pub(crate) fn plain(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_each_comes_back_as_it_was() {
        for (cell, safe_cell) in [
            ("=1+1", "'=1+1"),
            ("+7 495", "'+7 495"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("Anna", "Anna"),
            ("'quoted'", "'quoted'"),
            ("", ""),
        ] {
            assert_eq!(safe(cell), safe_cell);
            assert_eq!(plain(&safe(cell)), cell);
        }
    }
}

//! Text with commas.

use axum::body::{Body, Bytes};
use futures_util::{Stream, StreamExt, stream};

use super::{Batch, Cell, safe};
use crate::api::error::Error;

/// Goes out as the rows come.
pub(super) fn body(
    header: Vec<String>,
    rows: impl Stream<Item = Result<Batch, Error>> + Send + 'static,
) -> Body {
    // With the mark by which Excel knows UTF-8.
    let mark = stream::once(async { Ok(Bytes::from_static("\u{feff}".as_bytes())) });
    let header = header.into_iter().map(Cell::Text).collect();
    let head = stream::once(async move { Ok(vec![header]) });
    let text = head.chain(rows).map(|batch| lines(&batch?));
    Body::from_stream(mark.chain(text))
}

fn lines(batch: &Batch) -> Result<Bytes, Error> {
    let mut out = ::csv::Writer::from_writer(Vec::new());
    for row in batch {
        let cells: Vec<String> = row.iter().map(text).collect();
        out.write_record(cells).map_err(Error::internal)?;
    }
    let octets = out
        .into_inner()
        .map_err(|error| Error::internal(error.into_error()))?;
    Ok(octets.into())
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => safe(text).into_owned(),
        Cell::Number(number) => number.to_string(),
    }
}

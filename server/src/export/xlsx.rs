//! Excel. Texts are texts there, whatever they begin with; rows go to the disk as they come.

use std::path::{Path, PathBuf};

use axum::body::Body;
use futures_util::{Stream, StreamExt};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use tokio::sync::mpsc;
use tokio_util::io::ReaderStream;
use uuid::Uuid;

use super::{Batch, Cell};
use crate::api::error::Error;

/// Rows of a sheet at most, the header included.
const MOST_ROWS: u32 = 1_048_576;
/// Characters of a cell at most.
const LONGEST: usize = 32_767;
/// Batches that may wait.
const WAITING: usize = 4;

/// Put together in a file that is gone as soon as it is open.
pub(super) async fn body(
    folder: &Path,
    header: Vec<String>,
    rows: impl Stream<Item = Result<Batch, Error>> + Send + 'static,
) -> Result<Body, Error> {
    let path = folder.join(format!("export-{}.xlsx", Uuid::now_v7().simple()));
    let (sender, batches) = mpsc::channel(WAITING);
    let file = path.clone();
    let writing = tokio::task::spawn_blocking(move || write(&file, &header, batches));
    let mut rows = Box::pin(rows);
    let mut failed = None;
    while let Some(batch) = rows.next().await {
        match batch {
            Ok(batch) => {
                // A writer that is gone says why below.
                if sender.send(batch).await.is_err() {
                    break;
                }
            }
            Err(error) => {
                failed = Some(error);
                break;
            }
        }
    }
    drop(sender);
    let written = writing.await.map_err(Error::internal)?;
    let opened = tokio::fs::File::open(&path).await;
    let _ = tokio::fs::remove_file(&path).await;
    if let Some(error) = failed {
        return Err(error);
    }
    written.map_err(Error::internal)?;
    Ok(Body::from_stream(ReaderStream::new(
        opened.map_err(Error::internal)?,
    )))
}

fn write(
    path: &PathBuf,
    header: &[String],
    mut batches: mpsc::Receiver<Batch>,
) -> Result<(), XlsxError> {
    let mut book = Workbook::new();
    if let Some(folder) = path.parent() {
        book.set_tempdir(folder)?;
    }
    let bold = Format::new().set_bold();
    let mut left = Vec::new().into_iter();
    loop {
        // What does not fit into one sheet goes on in the next.
        let sheet = book.add_worksheet_with_constant_memory()?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, name) in (0..).zip(header) {
            sheet.write_string_with_format(0, column, name, &bold)?;
        }
        let mut row = 1;
        while row < MOST_ROWS {
            let Some(cells) = left.next() else {
                match batches.blocking_recv() {
                    Some(batch) => left = batch.into_iter(),
                    None => break,
                }
                continue;
            };
            for (column, cell) in (0..).zip(cells) {
                match cell {
                    Cell::Text(text) => {
                        let text: String = text.chars().take(LONGEST).collect();
                        sheet.write_string(row, column, text)?;
                    }
                    Cell::Number(number) => {
                        sheet.write_number(row, column, number)?;
                    }
                }
            }
            row += 1;
        }
        if row < MOST_ROWS {
            break;
        }
    }
    book.save(path)
}

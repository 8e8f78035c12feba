//! Clients out of files: CSV in any encoding, vCard.
//!
//! ```text
//! upload ─► sniff ─► table (UTF-8, commas) ─► guess ─► mapping ─► row ─► run: batches ─► store
//! ```
//! What was uploaded lies as a table in the folder `imports` beside its state (`ID.json`) and the rows
//! that could not be taken (`ID.errors.csv`). How far it is stands in the database, written with each
//! batch: an import that was interrupted goes on with the next row.

mod guess;
mod kept;
mod reasons;
mod row;
mod run;
mod sniff;
mod table;
mod vcard;

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use api_types::{Import, ImportMapping, ImportProgress, WorkSettings};
use uuid::Uuid;

pub(crate) use kept::Kept;
pub(crate) use run::{start, undo};

use crate::{api::error::Error, app::App};

/// Octets of a file at most.
pub(crate) const LARGEST: u64 = 64 << 20;
/// Rows looked at before it is started.
const LOOKED_AT: usize = 200;
/// Problems shown of them.
const SHOWN_PROBLEMS: usize = 50;

/// Why a file cannot be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("there is nothing in this file: choose one with at least one row")]
    Empty,
    #[error(
        "this file is not text: save the table as CSV (UTF-8), or the contacts as vCard, and upload that"
    )]
    NotText,
    #[error("this is an Excel workbook: save it in Excel as “CSV UTF-8” and upload that")]
    Workbook,
    #[error("this table has {0} columns, at most {most} can be read: take out those that are not needed", most = table::MOST_COLUMNS)]
    TooWide(usize),
    #[error("the file is larger than 64 MB: split it and import the parts one after the other")]
    TooLarge,
}

impl Refusal {
    /// Stable name.
    fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty_file",
            Self::NotText => "not_text",
            Self::Workbook => "workbook",
            Self::TooWide(_) => "too_many_columns",
            Self::TooLarge => "too_large",
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        if refusal == Refusal::TooLarge {
            return Self::Unreadable {
                status: axum::http::StatusCode::PAYLOAD_TOO_LARGE,
                message: refusal.to_string(),
            };
        }
        Self::invalid(refusal.code(), "file", refusal.to_string())
    }
}

/// The imports there are, and the one that runs.
#[derive(Debug)]
pub(crate) struct Imports {
    folder: PathBuf,
    running: Mutex<Option<(Uuid, ImportProgress)>>,
}

impl Imports {
    /// In this folder; it is made when it is needed.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            running: Mutex::default(),
        }
    }

    /// How far this one is, if it runs.
    fn progress(&self, id: Uuid) -> Option<ImportProgress> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let (running, progress) = running.as_ref()?;
        (*running == id).then(|| progress.clone())
    }

    fn running_id(&self) -> Option<Uuid> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.as_ref().map(|(id, _)| *id)
    }

    fn set_running(&self, running: Option<(Uuid, ImportProgress)>) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = running;
    }

    /// Takes the only place; `false`: another one runs.
    fn take_place(&self, id: Uuid, progress: ImportProgress) -> bool {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.is_some() {
            return false;
        }
        *running = Some((id, progress));
        true
    }
}

/// What a file in the folder is, with a mapping proposed.
///
/// # Errors
/// [`Refusal`]s as [`Error`], and when the disk fails.
pub(crate) async fn look(app: &App, id: Uuid, file_name: String) -> Result<Import, Error> {
    let (from, to) = (app.imports.upload(id), app.imports.table(id));
    let read = tokio::task::spawn_blocking(move || {
        let read = table::read(&from, &to);
        let _ = std::fs::remove_file(&from);
        if !matches!(read, Ok(Ok(_))) {
            let _ = std::fs::remove_file(&to);
        }
        read
    });
    let found = read
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)??;
    let (header, rows) = match found.first.split_first() {
        Some((header, rows)) if found.has_header => (header.clone(), rows.to_vec()),
        _ => (Vec::new(), found.first.clone()),
    };
    let work = app.work.now();
    let mapping = ImportMapping {
        columns: guess::columns(
            &header,
            &rows,
            &fields(&work, row::table_of(api_types::ContactKind::Person)),
        ),
        has_header: found.has_header,
        ..ImportMapping::default()
    };
    let mut import = Import {
        id: id.to_string(),
        file_name,
        format: found.format,
        encoding: found.encoding.to_owned(),
        delimiter: found.delimiter,
        columns: header,
        rows: found.records - u64::from(found.has_header),
        preview: rows.into_iter().take(table::SHOWN).collect(),
        mapping,
        created_at: crate::clock::now_ms(),
        ..Import::default()
    };
    try_rows(app, id, &mut import).await?;
    Ok(import)
}

/// Keys and labels of custom fields of a table.
fn fields(work: &WorkSettings, table: &str) -> Vec<(String, String)> {
    let of = work.fields.iter().filter(|def| def.table == table);
    of.map(|def| (def.key.clone(), def.label.clone())).collect()
}

async fn reading(app: &App, mapping: ImportMapping) -> Result<row::Reading, Error> {
    let users = app.store.users().await?;
    Ok(row::Reading::new(
        mapping,
        app.numbers(),
        (*app.work.now()).clone(),
        &users,
    ))
}

/// What the first rows become, and what is wrong with them.
async fn try_rows(app: &App, id: Uuid, import: &mut Import) -> Result<(), Error> {
    let reading = reading(app, import.mapping.clone()).await?;
    let has_header = import.mapping.has_header;
    let table = app.imports.table(id);
    let rows = tokio::task::spawn_blocking(move || {
        table::Rows::open(&table, has_header, 0)?.next(LOOKED_AT)
    });
    let rows = rows
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)?;
    import.sample.clear();
    import.problems.clear();
    for (at, cells) in (1..).zip(&rows) {
        match reading.read(cells) {
            Ok(read) if import.sample.len() < table::SHOWN => import.sample.push(row::draft(&read)),
            Err(wrong) if import.problems.len() < SHOWN_PROBLEMS => {
                import
                    .problems
                    .push(api_types::ImportProblem { row: at, ..wrong });
            }
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

/// Sets what the columns are for.
///
/// # Errors
/// When the mapping cannot be used; then nothing was changed.
pub(crate) async fn set_mapping(
    app: &App,
    id: Uuid,
    kept: &mut Kept,
    mapping: ImportMapping,
) -> Result<(), Error> {
    check_mapping(app, &kept.import, &mapping).await?;
    let import = &mut kept.import;
    if mapping.has_header != import.mapping.has_header {
        let first = app.imports.first(id).await?;
        let (header, rows) = match first.split_first() {
            Some((header, rows)) if mapping.has_header => (header.clone(), rows.to_vec()),
            _ => (Vec::new(), first.clone()),
        };
        let records = import.rows + u64::from(import.mapping.has_header);
        import.rows = records - u64::from(mapping.has_header);
        import.columns = header;
        import.preview = rows.into_iter().take(table::SHOWN).collect();
    }
    import.mapping = mapping;
    try_rows(app, id, import).await
}

async fn check_mapping(app: &App, import: &Import, mapping: &ImportMapping) -> Result<(), Error> {
    let invalid = |message: &str| Err(Error::invalid("bad_mapping", "columns", message));
    if mapping.columns.len() != import.mapping.columns.len() {
        return invalid("say of each column what it is, or leave it empty");
    }
    let work = app.work.now();
    let fields = fields(&work, row::table_of(mapping.kind));
    let mut once = Vec::new();
    for column in mapping.columns.iter().filter(|column| !column.is_empty()) {
        let (what, rest) = column.split_once('.').unwrap_or((column, ""));
        match what {
            "phone" | "email" | "address" | "tags" | "note" => {}
            "name" | "surname" | "first_name" | "patronymic" | "company" | "position"
            | "status" | "responsible"
                if rest.is_empty() && !once.contains(column) => {}
            "field" if fields.iter().any(|(key, _)| key == rest) && !once.contains(column) => {}
            _ if once.contains(column) => {
                return invalid(&format!("two columns are {column}: choose one of them"));
            }
            _ => return invalid(&format!("{column:?} is nothing a column can be")),
        }
        once.push(column.clone());
    }
    let tells = ["name", "surname", "first_name", "company", "phone", "email"];
    let is_telling =
        |column: &String| tells.contains(&column.split('.').next().unwrap_or_default());
    if !once.iter().any(is_telling) {
        return invalid("choose at least one column as name, phone or e-mail");
    }
    let user = mapping.responsible.as_deref().filter(|id| !id.is_empty());
    if let Some(id) = user {
        let found = match id.parse() {
            Ok(id) => app.store.user(id).await?,
            Err(_) => None,
        };
        if found.is_none() {
            return Err(Error::invalid(
                "no_user",
                "responsible",
                "there is no such employee",
            ));
        }
    }
    Ok(())
}

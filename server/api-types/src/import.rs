//! Clients out of a file: what was found in it, what its columns mean, and how far it is.

use serde::{Deserialize, Serialize};

use crate::{ContactDraft, ContactKind, UnixMs};

/// An import of contacts: `POST /api/v1/imports?name` (the bytes are the body), `GET /api/v1/imports/{id}`,
/// `POST /api/v1/imports/{id}/start`. A finished one is taken back by `POST /api/v1/imports/{id}/undo`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Import {
    /// Id; also of the operation that is undone.
    pub id: String,
    /// Name of the file as uploaded.
    pub file_name: String,
    /// What it is.
    pub format: ImportFormat,
    /// How its characters were read, by the name of the WHATWG (`UTF-8`, `windows-1251` …).
    pub encoding: String,
    /// What stands between cells: `,`, `;`, a tab or `|`; empty for a vCard.
    pub delimiter: String,
    /// Names of the columns: from the first row where it is a header, else empty.
    pub columns: Vec<String>,
    /// Rows, without the header.
    pub rows: u64,
    /// The first rows as they are in the file, at most 20.
    pub preview: Vec<Vec<String>>,
    /// What the columns mean: proposed, then as set.
    pub mapping: ImportMapping,
    /// What the rows of the preview become.
    pub sample: Vec<ContactDraft>,
    /// What is wrong in the first rows (at most 200 are looked at).
    pub problems: Vec<ImportProblem>,
    /// How far.
    pub progress: ImportProgress,
    /// When it was uploaded.
    pub created_at: UnixMs,
}

/// What a file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImportFormat {
    /// A table of text.
    #[default]
    Csv,
    /// Cards of contacts.
    Vcard,
}

/// `PUT /api/v1/imports/{id}/mapping`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportMapping {
    /// What each column is: `name`, `surname`, `first_name`, `patronymic`, `phone`, `email`, `company`,
    /// `position`, `address`, `status`, `tags`, `note`, `responsible` (sign-in name, extension or
    /// name of an employee), `field.KEY` (custom field), or empty: left out. `phone`, `email` and
    /// `address` may say which (`phone.mobile`, `email.work`, `address.home`) and, like `tags` and `note`,
    /// may have several columns.
    pub columns: Vec<String>,
    /// The first row names the columns.
    pub has_header: bool,
    /// What becomes of a row with a phone or e-mail that is there already.
    pub duplicates: ImportDuplicates,
    /// People or companies.
    #[serde(default)]
    pub kind: ContactKind,
    /// User id of who is responsible where the row names nobody; absent: nobody.
    #[serde(default)]
    pub responsible: Option<String>,
}

/// What becomes of a row with a phone or e-mail that is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImportDuplicates {
    /// It is left out.
    Skip,
    /// What the contact there does not have yet is added to it; nothing is overwritten.
    #[default]
    Update,
    /// It becomes a contact of its own.
    Create,
}

/// What is wrong in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportProblem {
    /// The row, from 1, without the header.
    pub row: u64,
    /// What the cell is for (as in [`ImportMapping::columns`]); empty: the whole row.
    pub column: String,
    /// The cell, shortened.
    pub value: String,
    /// Stable name: `bad_phone`, `bad_email`, `no_name`, `too_long`, `unknown_status`,
    /// `unknown_responsible`, `bad_field`, `too_many`, `unreadable`.
    pub code: String,
    /// The sentence.
    pub message: String,
}

/// How far an import is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportProgress {
    /// State.
    pub state: ImportState,
    /// Rows done.
    pub done: u64,
    /// Contacts made, without companies that had to be made for them.
    pub created: u64,
    /// Companies made because a row named one that was not there.
    pub companies: u64,
    /// Contacts completed.
    pub updated: u64,
    /// Rows left out because they are there already.
    pub skipped: u64,
    /// Rows with something wrong: `GET /api/v1/imports/{id}/errors.csv`.
    pub failed: u64,
    /// Rows a second.
    pub rows_per_sec: u64,
    /// Contacts that stayed when it was taken back, because they were changed or used since.
    #[serde(default)]
    pub kept: u64,
    /// Why it stopped.
    #[serde(default)]
    pub note: String,
}

/// State of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Waits for its mapping and to be started.
    #[default]
    Ready,
    /// Goes on.
    Running,
    /// Finished.
    Done,
    /// Stopped half-way by a fault (`note`); starting it again goes on where it stopped.
    Stopped,
    /// Taken back.
    Undone,
}

//! Trubka's data: entities, migrations, and queries by area.
//!
//! One SQLite file (WAL), or a PostgreSQL database. Everything that writes goes through one connection
//! (with SQLite by `BEGIN IMMEDIATE`); everything that reads goes through a pool. Times are milliseconds
//! since 1970.
//!
//! Invariant: rights are part of the query ([`Scope`]); rows a viewer may not see never leave it.
#![warn(missing_docs)]

mod blocked;
mod bulk;
mod call_about;
mod call_changes;
mod call_filter;
mod callers;
mod calls;
mod contact_lists;
mod contacts;
mod credentials;
pub mod entity;
mod erase;
mod field_phones;
mod files;
mod finding;
mod groups;
mod hand_over;
mod history;
mod imports;
mod item_lists;
mod items;
mod keeping;
mod keyset;
mod lines;
mod log_sums;
mod lookup;
mod merge;
mod migration;
mod naming;
mod open;
mod operations;
mod parts;
mod presence_reasons;
mod presences;
mod qualities;
mod rulings;
mod search;
mod search_text;
mod sessions;
mod settings;
mod tariffs;
mod timeline;
mod users;
mod views;

pub use call_changes::{CallChange, ReturnedBy};
pub use call_filter::{CallEmployee, CallFilter, CallSums};
pub use callers::{EarlierCall, OpenMissed};
pub use calls::{CallState, OpenCall};
pub use contact_lists::{ContactCursor, ContactFilter, ContactOrder};
pub use contacts::{AddressRow, ContactRow, PhoneRow, StoredContact};
pub use credentials::CredentialRow;
pub use erase::Erased;
pub use files::FileOf;
pub use groups::GroupRow;
pub use hand_over::{HandOver, HandedOver};
pub use history::{Author, FieldChange, Written};
pub use imports::ImportBatch;
pub use item_lists::{ItemFilter, ItemOrder};
pub use keeping::RecordingSums;
pub use keyset::Key;
pub use lookup::{Callers, Place};
pub use merge::{Duplicates, Merged};
pub use operations::{ContactChange, ItemChange, UndoStep, Undone};
pub use rulings::Ruling;
pub use search_text::fold;
pub use sessions::SessionUser;
pub use timeline::Before;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqlErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use uuid::Uuid;

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    writer: DatabaseConnection,
    readers: DatabaseConnection,
    log: std::sync::Arc<log_sums::Log>,
}

/// Whose rows a query may return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everybody's.
    All,
    /// Only those this user took part in, or was rung for.
    Own(Uuid),
}

/// Why a query failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A value that must be unique is used already; the column's name (`users.login`).
    #[error("{0} is used already")]
    Taken(String),
    /// A row points at one that does not exist.
    #[error("a row it refers to does not exist")]
    Dangling,
    /// What is stored cannot be understood.
    #[error("the database holds an unreadable {0}")]
    Damaged(&'static str),
    /// Another Trubka uses the database.
    #[error("another Trubka uses this database; stop it, or give this one a database of its own")]
    InUse,
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(DbErr),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(text)) => Self::Taken(constraint_of(&text)),
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => Self::Dangling,
            _ => Self::Database(error),
        }
    }
}

/// The column in `UNIQUE constraint failed: users.login` (SQLite), and in
/// `… violates unique constraint "users_login_key"` (PostgreSQL, which names them so by itself).
fn constraint_of(text: &str) -> String {
    let last = text.rsplit(": ").next().unwrap_or(text);
    let named = last.split('"').nth(1).and_then(|name| {
        let name = name.strip_suffix("_key")?;
        TABLES.into_iter().find_map(|table| {
            let column = name.strip_prefix(table)?.strip_prefix('_')?;
            Some(format!("{table}.{column}"))
        })
    });
    named.unwrap_or_else(|| last.to_owned())
}

/// Those with columns whose values are unique.
const TABLES: [&str; 5] = [
    "users",
    "contacts",
    "groups",
    "blocked_numbers",
    "presence_reasons",
];

impl Store {
    /// A transaction that writes; it waits for its turn at once instead of failing half-way.
    async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.writer.begin_with_options(options).await?)
    }

    fn backend(&self) -> DbBackend {
        self.readers.get_database_backend()
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.readers.ping().await?)
    }

    /// Closes the connections and folds the write-ahead log into the file.
    pub async fn close(self) {
        for connection in [self.readers, self.writer] {
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "the database did not close cleanly");
            }
        }
    }
}

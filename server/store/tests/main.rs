//! The store against real SQLite files.
#![expect(clippy::unwrap_used, reason = "tests")]

mod calls;
mod contacts;
mod people;

use store::Store;
use tempfile::TempDir;

/// A fresh database; the folder goes with the guard.
async fn fresh() -> (Store, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("trubka.db")).await.unwrap();
    (store, folder)
}

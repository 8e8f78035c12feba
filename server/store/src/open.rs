//! Opening the file: pragmas, pools, migrations.

use std::{path::Path, time::Duration};

use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use sea_orm_migration::MigratorTrait;

use crate::{Store, StoreError, migration::Migrator};

/// Connections that read.
const READERS: u32 = 4;

impl Store {
    /// Opens the database file, makes it if there is none, and brings its tables up to date.
    ///
    /// # Errors
    /// When the file cannot be used or a migration fails.
    pub async fn open(file: &Path) -> Result<Self, StoreError> {
        let writer = connect(file, 1).await?;
        Migrator::up(&writer, None).await?;
        let readers = connect(file, READERS).await?;
        Ok(Self { writer, readers })
    }
}

async fn connect(file: &Path, connections: u32) -> Result<DatabaseConnection, StoreError> {
    let file = file.to_owned();
    let mut options = ConnectOptions::new("sqlite://trubka.db");
    options
        .max_connections(connections)
        .min_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .filename(&file)
                .create_if_missing(true)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
                .pragma("journal_mode", "WAL")
                // A commit is on disk when it returns: only the writer task waits for it.
                .pragma("synchronous", "FULL")
                .pragma("temp_store", "MEMORY")
                .pragma("cache_size", "-16000")
                .pragma("mmap_size", "268435456")
        });
    Ok(Database::connect(options).await?)
}

//! Opening the database: pragmas, pools, migrations.

use std::{path::Path, sync::Arc, time::Duration};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
    sqlx::{Executor, raw_sql},
};
use sea_orm_migration::MigratorTrait;

use crate::{Store, StoreError, migration::Migrator};

/// An advisory lock of the connection's session (its number is "trubka" in ASCII), taken whenever the
/// connection is made; a connection whose other end is gone is found within half a minute.
const LOCK: &str = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; \
     SET tcp_keepalives_count = 3; SELECT pg_try_advisory_lock(128034944478049)";
const IS_LOCKED: &str = "SELECT pg_try_advisory_lock(128034944478049) AS locked";
/// Connections that read.
const READERS: u32 = 4;

impl Store {
    /// Opens the database file, makes it if there is none, and brings its tables up to date.
    ///
    /// # Errors
    /// When the file cannot be used or a migration fails.
    pub async fn open(file: &Path) -> Result<Self, StoreError> {
        let writer = connect(file, 1, "-8000").await?;
        Migrator::up(&writer, None).await?;
        let readers = connect(file, READERS, "-4000").await?;
        Ok(Self {
            writer,
            readers,
            log: Arc::default(),
        })
    }

    /// Opens a database of PostgreSQL (15 or later, `postgres://USER:PASSWORD@HOST/DATABASE`) and brings
    /// its tables up to date. Nobody else may use it.
    ///
    /// # Errors
    /// [`StoreError::InUse`]; when it cannot be reached or a migration fails.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let mut one = on_server(url, 1);
        one.map_sqlx_postgres_pool_opts(|pool| {
            pool.after_connect(|connection, _| {
                Box::pin(async move { connection.execute(raw_sql(LOCK)).await.map(drop) })
            })
        });
        let writer = Database::connect(one).await?;
        has_lock(&writer).await?;
        Migrator::up(&writer, None).await?;
        let readers = Database::connect(on_server(url, READERS)).await?;
        Ok(Self {
            writer,
            readers,
            log: Arc::default(),
        })
    }
}

fn on_server(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .sqlx_logging(false);
    options
}

/// Whether the lock is ours: it can be taken twice by the same connection, and by no other.
async fn has_lock(writer: &DatabaseConnection) -> Result<(), StoreError> {
    let asked = Statement::from_string(DbBackend::Postgres, IS_LOCKED);
    let row = writer.query_one_raw(asked).await?;
    match row.map(|row| row.try_get("", "locked")).transpose()? {
        Some(true) => Ok(()),
        _ => Err(StoreError::InUse),
    }
}

/// `cache`: kilobytes of pages each connection keeps, negative.
async fn connect(
    file: &Path,
    connections: u32,
    cache: &'static str,
) -> Result<DatabaseConnection, StoreError> {
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
                // Beyond it the system's cache serves. Mapping the file would count for each connection
                // anew.
                .pragma("cache_size", cache)
        });
    Ok(Database::connect(options).await?)
}

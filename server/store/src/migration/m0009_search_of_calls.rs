//! Indexes by which the log is searched, and by which the calls of a client are found.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DatabaseBackend},
};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0009_search_of_calls"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = match manager.get_database_backend() {
            DatabaseBackend::Sqlite => include_str!("../sql/call_search.sqlite.sql"),
            _ => include_str!("../sql/call_search.postgres.sql"),
        };
        for sql in FEW_HAVE_ONE.into_iter().chain([sql]) {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Most calls are with whoever has the number, and about no deal. With those in it SQLite takes such an
/// index for useless and reads all calls.
const FEW_HAVE_ONE: [&str; 4] = [
    "DROP INDEX calls_contact",
    "DROP INDEX calls_deal",
    "CREATE INDEX calls_contact ON calls(contact_id, started_at) WHERE contact_id IS NOT NULL",
    "CREATE INDEX calls_deal ON calls(deal_id) WHERE deal_id IS NOT NULL",
];

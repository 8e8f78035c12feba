//! Indexes by which lists of contacts and items are sorted.

use sea_orm_migration::{prelude::*, sea_orm::ConnectionTrait};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0008_lists_in_order"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in INDEXES {
            let sql = format!("CREATE INDEX {index}");
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const INDEXES: [&str; 6] = [
    "contacts_updated ON contacts(updated_at, id)",
    "contacts_status ON contacts(status, id)",
    "items_created ON items(created_at, id)",
    "items_of_kind ON items(kind, created_at, id)",
    // As `item_lists::NEVER`.
    "items_due ON items(kind, is_open, coalesce(due_at, 9223372036854775807), id)",
    "items_updated ON items(updated_at, id)",
];

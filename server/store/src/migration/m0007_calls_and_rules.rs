//! How far the rules of business were done for a call; waits and talk times of the calls there are.

use sea_orm_migration::{prelude::*, schema::integer, sea_orm::ConnectionTrait};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0007_calls_and_rules"
    }
}

const CHANGES: [&str; 3] = [
    "UPDATE calls SET \
     talk_ms = CASE WHEN answered_at IS NULL THEN 0 ELSE COALESCE(ended_at, answered_at) - answered_at END, \
     wait_ms = COALESCE(answered_at, ended_at, started_at) - started_at",
    // Those that were there before are let be.
    "UPDATE calls SET ruled = 2",
    "CREATE INDEX calls_unruled ON calls (id) WHERE ruled < 2",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut alter = Table::alter();
        alter
            .table("calls")
            .add_column(integer("ruled").default(0).take());
        manager.alter_table(alter).await?;
        for sql in CHANGES {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

//! Whether people take calls, as they said last.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, text, uuid},
};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0003_presence"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let user = ForeignKey::create()
            .from_col("user_id")
            .to("users", "id")
            .on_delete(ForeignKeyAction::Cascade)
            .to_owned();
        let mut table = Table::create();
        table
            .table("presences")
            .col(uuid("user_id").primary_key())
            .col(text("availability"))
            // Milliseconds since 1970.
            .col(big_integer("since"))
            // None: until it is changed.
            .col(big_integer_null("until"))
            .foreign_key(&mut user.clone());
        manager.create_table(table).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

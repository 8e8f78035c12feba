//! The house's own reasons not to take calls, and what people said with them or a rule for them.

use sea_orm_migration::{
    prelude::*,
    schema::{boolean, integer, integer_null, text, text_null, uuid, uuid_null},
};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0005_presence_reasons"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("presence_reasons")
            .col(uuid("id").primary_key())
            .col(text("name").unique_key())
            .col(integer("position"))
            // `away` or `do_not_disturb`.
            .col(text("availability"))
            // Until it is over by itself; none: no limit.
            .col(integer_null("minutes"))
            .col(boolean("takes_calls"));
        manager.create_table(table).await?;
        for column in columns() {
            let mut alter = Table::alter();
            alter.table("presences").add_column(column);
            manager.alter_table(alter).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Of `presences`. A reason stays with whoever has it when it is removed: no foreign key.
fn columns() -> [ColumnDef; 4] {
    [
        uuid_null("reason_id").take(),
        text_null("reason").take(),
        boolean("takes_calls").default(false).take(),
        // A rule said it, not the person.
        boolean("automatic").default(false).take(),
    ]
}

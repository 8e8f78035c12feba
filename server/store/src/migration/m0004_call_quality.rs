//! How the legs of calls sounded.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, integer_null, string, text, uuid},
};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0004_call_quality"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let call = ForeignKey::create()
            .from_col("call_id")
            .to("calls", "id")
            .on_delete(ForeignKeyAction::Cascade)
            .to_owned();
        let key = Index::create()
            .col("call_id")
            .col("leg")
            .col("witness")
            .to_owned();
        let mut table = Table::create();
        table
            .table("call_qualities")
            .col(uuid("call_id"))
            // An extension; empty: the line.
            .col(string("leg"))
            // `browser` or `gateway`.
            .col(string("witness"))
            .col(big_integer("updated_at"))
            .col(string("codec"))
            .col(string("way"))
            // Of the worse direction, over the whole leg. None: nothing was measured yet.
            .col(integer_null("mos_tenths"))
            // Figures of about ten seconds each, oldest first.
            .col(text("slots"))
            // What the browser met, as JSON.
            .col(text("incidents"))
            .primary_key(&mut key.clone())
            .foreign_key(&mut call.clone());
        manager.create_table(table).await?;
        // Bad calls are looked for by it.
        let mut worst = Index::create();
        worst
            .name("call_qualities_mos")
            .table("call_qualities")
            .col("mos_tenths");
        manager.create_index(worst).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

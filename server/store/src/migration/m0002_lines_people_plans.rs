//! Settings and prices of lines, groups, phones of users, blocked numbers, paths of calls.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, binary_null, boolean, integer, integer_null, text,
        text_null, uuid, uuid_null,
    },
};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002_lines_people_plans"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in columns() {
            let mut alter = Table::alter();
            alter.table(table).add_column(column);
            manager.alter_table(alter).await?;
        }
        for table in [groups(), members(), tariffs(), blocked()] {
            manager.create_table(table).await?;
        }
        let index = Index::create()
            .name("contacts_responsible")
            .table("contacts")
            .col("responsible_id")
            .to_owned();
        manager.create_index(index).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn columns() -> Vec<(&'static str, ColumnDef)> {
    vec![
        // Whoever could sign in and call until now still can.
        ("users", boolean("active").default(true).take()),
        ("users", boolean("international").default(true).take()),
        // Calls at once; none: no limit.
        ("users", integer_null("max_calls").take()),
        // HA1 per algorithm of the desk phone's password as JSON, XChaCha20-Poly1305
        ("users", binary_null("sealed_sip_ha1").take()),
        // What the API calls LineDraft, without secrets, as JSON; none: what the other columns say
        ("lines", text_null("settings").take()),
        // Key and secret for the balance as JSON, XChaCha20-Poly1305
        ("lines", binary_null("sealed_balance").take()),
        // ISO 4217
        ("lines", text_null("currency").take()),
        ("contacts", uuid_null("responsible_id").take()),
        // Steps as JSON
        ("calls", text("path").default("[]").take()),
    ]
}

fn table(name: &'static str, columns: impl IntoIterator<Item = ColumnDef>) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name);
    for mut column in columns {
        table.col(&mut column);
    }
    table
}

fn belongs(column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from_col(column)
        .to(to, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

fn groups() -> TableCreateStatement {
    table(
        "groups",
        [
            uuid("id").primary_key().take(),
            text("name").unique_key().take(),
            boolean("international"),
            big_integer("created_at"),
        ],
    )
}

fn members() -> TableCreateStatement {
    table(
        "group_members",
        [uuid("group_id"), uuid("user_id"), integer("position")],
    )
    .primary_key(Index::create().col("group_id").col("user_id"))
    .foreign_key(&mut belongs("group_id", "groups"))
    .foreign_key(&mut belongs("user_id", "users"))
    .to_owned()
}

fn tariffs() -> TableCreateStatement {
    table(
        "tariffs",
        [
            uuid("line_id"),
            text("prefix"),
            text("label"),
            // Millionths of the currency.
            big_integer("minute_micros"),
            big_integer("call_micros"),
            integer("round_secs"),
        ],
    )
    .primary_key(Index::create().col("line_id").col("prefix"))
    .foreign_key(&mut belongs("line_id", "lines"))
    .to_owned()
}

fn blocked() -> TableCreateStatement {
    table(
        "blocked_numbers",
        [
            uuid("id").primary_key().take(),
            text("e164").unique_key().take(),
            text("display"),
            text("note"),
            // His name then.
            text("blocked_by"),
            big_integer("blocked_at"),
            big_integer_null("last_call_at"),
        ],
    )
}

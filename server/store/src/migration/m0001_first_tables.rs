//! People, lines, contacts, calls, recordings, settings.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, binary, boolean, integer, integer_null, text, text_null,
        uuid, uuid_null,
    },
    sea_orm::{ConnectionTrait, DatabaseBackend},
};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0001_first_tables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in people().into_iter().chain(customers()).chain(calls()) {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        let sql = match manager.get_database_backend() {
            DatabaseBackend::Sqlite => include_str!("../sql/contact_search.sqlite.sql"),
            _ => include_str!("../sql/contact_search.postgres.sql"),
        };
        manager.get_connection().execute_unprepared(sql).await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn table(name: &'static str, columns: impl IntoIterator<Item = ColumnDef>) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name);
    for mut column in columns {
        table.col(&mut column);
    }
    table
}

/// Deleting the row of `to` deletes the rows that belong to it.
fn belongs(
    table: &mut TableCreateStatement,
    column: &'static str,
    to: &'static str,
) -> TableCreateStatement {
    table
        .foreign_key(
            ForeignKey::create()
                .from_col(column)
                .to(to, "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn people() -> Vec<TableCreateStatement> {
    let users = table(
        "users",
        [
            uuid("id").primary_key().take(),
            // Folded: lower case.
            text("login").unique_key().take(),
            text("name"),
            // agent, supervisor, sub_admin, admin
            text("role"),
            text_null("extension").unique_key().take(),
            boolean("takes_calls"),
            // argon2id, PHC string; none until the first password is set
            text_null("password_hash"),
            big_integer("created_at"),
        ],
    );
    let sessions = table(
        "sessions",
        [
            // SHA-256 of the cookie
            binary("token_hash").primary_key().take(),
            uuid("user_id"),
            big_integer("created_at"),
            big_integer("seen_at"),
            big_integer("expires_at"),
        ],
    );
    let link_tokens = table(
        "link_tokens",
        [
            binary("token_hash").primary_key().take(),
            uuid("user_id"),
            big_integer("expires_at"),
        ],
    );
    let sip_credentials = table(
        "sip_credentials",
        [
            text("username").primary_key().take(),
            uuid("user_id"),
            // The browser session they were given to; they end with it.
            binary("session_hash"),
            // HA1 per algorithm as JSON, XChaCha20-Poly1305
            binary("sealed_ha1"),
            big_integer("created_at"),
            big_integer("used_at"),
        ],
    );
    let lines = table(
        "lines",
        [
            uuid("id").primary_key().take(),
            text("label"),
            text("user"),
            text("domain"),
            text_null("host"),
            integer_null("port"),
            text_null("number"),
            // XChaCha20-Poly1305
            binary("sealed_password"),
            boolean("record"),
            boolean("default_outgoing"),
            // The test network's line: only with --demo.
            boolean("built_in"),
            big_integer("created_at"),
        ],
    );
    let settings = table(
        "settings",
        [text("key").primary_key().take(), text("value")],
    );
    vec![
        users,
        belongs(&mut sessions.to_owned(), "user_id", "users"),
        belongs(&mut link_tokens.to_owned(), "user_id", "users"),
        belongs(&mut sip_credentials.to_owned(), "user_id", "users"),
        lines,
        settings,
    ]
}

fn customers() -> Vec<TableCreateStatement> {
    let contacts = table(
        "contacts",
        [
            // The full-text index's row number.
            big_integer("seq").primary_key().auto_increment().take(),
            uuid("id").unique_key().take(),
            text("name"),
            text("name_folded"),
            // Folded name and the digits of the phones.
            text("search_text"),
            big_integer("created_at"),
            big_integer("updated_at"),
            big_integer_null("deleted_at"),
        ],
    );
    let phones = table(
        "contact_phones",
        [
            uuid("contact_id"),
            integer("position"),
            text("e164"),
            text("display"),
        ],
    )
    .primary_key(Index::create().col("contact_id").col("position"))
    .to_owned();
    vec![
        contacts,
        belongs(&mut phones.to_owned(), "contact_id", "contacts"),
    ]
}

fn calls() -> Vec<TableCreateStatement> {
    let calls = table(
        "calls",
        [
            uuid("id").primary_key().take(),
            // Rises with every event; an older state never overwrites a newer one.
            big_integer("version"),
            text("direction"),
            text("status"),
            big_integer("started_at"),
            big_integer_null("answered_at"),
            big_integer_null("ended_at"),
            // When the last event happened.
            big_integer("updated_at"),
            // The employee as he was called then.
            uuid_null("employee_id"),
            text_null("employee_extension"),
            text_null("employee_name"),
            // Extensions, JSON.
            text("rung"),
            text_null("number_e164"),
            text_null("number_display"),
            text_null("network_name"),
            text("our_number"),
            // The line as it was called then.
            uuid_null("line_id"),
            text_null("line_label"),
            text_null("line_number_e164"),
            text_null("line_number_display"),
            text_null("hung_up_by"),
            integer("sip_code"),
            text("sip_reason"),
            text("digits"),
            // Written by people, never by call events.
            text("note"),
        ],
    );
    // Who may see a call as his own.
    let viewers = table(
        "call_viewers",
        [uuid("user_id"), uuid("call_id"), big_integer("started_at")],
    )
    .primary_key(Index::create().col("user_id").col("call_id"))
    .to_owned();
    let recordings = table(
        "recordings",
        [
            uuid("call_id").primary_key().take(),
            text("state"),
            big_integer("duration_ms"),
            big_integer("bytes"),
            big_integer("gap_ms"),
            integer("peaks_per_sec"),
            // File names within the recordings folder.
            text_null("mp3"),
            text_null("peaks"),
            // Path of the journal while there is one.
            text_null("journal"),
            text("note"),
        ],
    );
    vec![
        calls,
        belongs(&mut viewers.to_owned(), "call_id", "calls"),
        belongs(&mut recordings.to_owned(), "call_id", "calls"),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str, table: &'static str, columns: &[&'static str]| {
        let mut index = Index::create();
        index.name(name).table(table);
        for column in columns {
            index.col(*column);
        }
        index
    };
    vec![
        index("sessions_user", "sessions", &["user_id"]),
        index("contact_phones_e164", "contact_phones", &["e164"]),
        index("contacts_name", "contacts", &["name_folded", "id"]),
        index("calls_started", "calls", &["started_at", "id"]),
        index("calls_number", "calls", &["number_e164", "started_at"]),
        index("calls_status", "calls", &["status", "started_at"]),
        index(
            "call_viewers_started",
            "call_viewers",
            &["user_id", "started_at", "call_id"],
        ),
        index("call_viewers_call", "call_viewers", &["call_id"]),
    ]
}

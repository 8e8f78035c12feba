//! Companies and all that is known of a client; items (deals, tasks …); files; notices; who changed
//! what; saved views; what people say of calls.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, boolean, integer, text, text_null, uuid, uuid_null},
    sea_orm::{ConnectionTrait, DatabaseBackend},
};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0006_clients_and_work"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, columns) in [
            ("contacts", contact_columns()),
            ("contact_phones", vec![text("label").default("").take()]),
            ("calls", call_columns()),
        ] {
            for column in columns {
                let mut alter = Table::alter();
                alter.table(table).add_column(column);
                manager.alter_table(alter).await?;
            }
        }
        for mut table in tables() {
            manager.create_table(table.take()).await?;
        }
        for (name, table, columns) in INDEXES {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        let sql = match manager.get_database_backend() {
            DatabaseBackend::Sqlite => include_str!("../sql/item_search.sqlite.sql"),
            _ => include_str!("../sql/item_search.postgres.sql"),
        };
        manager.get_connection().execute_unprepared(sql).await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn contact_columns() -> Vec<ColumnDef> {
    vec![
        // person, company
        text("kind").default("person").take(),
        text("surname").default("").take(),
        text("first_name").default("").take(),
        text("patronymic").default("").take(),
        uuid_null("company_id").take(),
        text("position").default("").take(),
        text("status").default("").take(),
        // Lists and objects as JSON; tags and e-mails also in tables of their own, to be found by.
        text("emails").default("[]").take(),
        text("addresses").default("[]").take(),
        text("tags").default("[]").take(),
        text("fields").default("{}").take(),
        boolean("legal_hold").default(false).take(),
        big_integer("version").default(1).take(),
        uuid_null("created_by").take(),
        // Id of the contact it was merged into.
        uuid_null("merged_into").take(),
    ]
}

/// All but `wait_ms` and `talk_ms` are written by people and rules, never by call events.
fn call_columns() -> Vec<ColumnDef> {
    vec![
        big_integer("wait_ms").default(0).take(),
        big_integer("talk_ms").default(0).take(),
        // Who it was with, where that is not simply the first contact with the number.
        uuid_null("contact_id").take(),
        uuid_null("deal_id").take(),
        text_null("result").take(),
        text_null("reason").take(),
        big_integer_null("returned_at").take(),
        text_null("returned_by_extension").take(),
        text_null("returned_by_name").take(),
        uuid_null("returned_call").take(),
        integer("tries").default(0).take(),
        boolean("legal_hold").default(false).take(),
        big_integer_null("deleted_at").take(),
    ]
}

fn table(name: &'static str, columns: Vec<ColumnDef>) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name);
    for mut column in columns {
        table.col(&mut column);
    }
    table
}

fn pair(
    name: &'static str,
    columns: Vec<ColumnDef>,
    key: [&'static str; 2],
) -> TableCreateStatement {
    table(name, columns)
        .primary_key(Index::create().col(key[0]).col(key[1]))
        .take()
}

#[expect(clippy::too_many_lines, reason = "a list of columns")]
fn tables() -> Vec<TableCreateStatement> {
    vec![
        pair(
            "contact_emails",
            // Folded.
            vec![text("email").take(), uuid("contact_id").take()],
            ["email", "contact_id"],
        ),
        pair(
            "contact_tags",
            vec![text("tag").take(), uuid("contact_id").take()],
            ["tag", "contact_id"],
        ),
        table(
            "items",
            vec![
                // Its number, and the row number of the full-text index.
                big_integer("seq").primary_key().auto_increment().take(),
                uuid("id").unique_key().take(),
                // As the API names it.
                text("kind").take(),
                text_null("own_table").take(),
                text("title").take(),
                text("text").take(),
                text("state").take(),
                boolean("is_open").take(),
                text_null("pipeline").take(),
                text("sort").take(),
                uuid_null("contact_id").take(),
                uuid_null("deal_id").take(),
                uuid_null("parent_id").take(),
                uuid_null("call_id").take(),
                uuid_null("owner_id").take(),
                big_integer_null("amount").take(),
                text("currency").take(),
                big_integer_null("due_at").take(),
                big_integer_null("ends_at").take(),
                big_integer_null("done_at").take(),
                text("place").take(),
                // JSON.
                text("participants").take(),
                big_integer_null("moment_ms").take(),
                text("fields").take(),
                text("tags").take(),
                // Folded title, number, text, and the values of fields.
                text("search_text").take(),
                big_integer("created_at").take(),
                uuid_null("created_by").take(),
                big_integer("updated_at").take(),
                big_integer("version").take(),
                big_integer_null("deleted_at").take(),
            ],
        ),
        table(
            "changes",
            vec![
                big_integer("seq").primary_key().auto_increment().take(),
                big_integer("at").take(),
                uuid_null("user_id").take(),
                // As he was called then.
                text_null("user_name").take(),
                // Contact, item or call.
                uuid("subject_id").take(),
                text("what").take(),
                // [[field, before, after], …]
                text("fields").take(),
            ],
        ),
        table(
            "operations",
            vec![
                uuid("id").primary_key().take(),
                big_integer("at").take(),
                uuid_null("user_id").take(),
                // bulk, merge, hand_over, import, delete
                text("kind").take(),
                // What takes it back, JSON.
                text("undo").take(),
                big_integer_null("undone_at").take(),
            ],
        ),
        table(
            "notices",
            vec![
                uuid("id").primary_key().take(),
                uuid("user_id").take(),
                big_integer("at").take(),
                boolean("seen").take(),
                // The notice as the API shows it, JSON.
                text("body").take(),
            ],
        ),
        table(
            "files",
            vec![
                uuid("id").primary_key().take(),
                text("name").take(),
                text("media_type").take(),
                big_integer("bytes").take(),
                uuid_null("contact_id").take(),
                uuid_null("item_id").take(),
                uuid_null("call_id").take(),
                big_integer("created_at").take(),
                uuid_null("created_by").take(),
                text_null("created_by_name").take(),
                big_integer_null("deleted_at").take(),
            ],
        ),
        table(
            "saved_views",
            vec![
                uuid("id").primary_key().take(),
                uuid("user_id").take(),
                // contacts, companies, deals, tasks, calls …
                text("page").take(),
                text("name").take(),
                // The page's address after the question mark.
                text("query").take(),
                integer("position").take(),
            ],
        ),
    ]
}

const INDEXES: [(&str, &str, &[&str]); 23] = [
    ("contacts_company", "contacts", &["company_id"]),
    (
        "contacts_owner_name",
        "contacts",
        &["responsible_id", "name_folded", "id"],
    ),
    ("contacts_kind", "contacts", &["kind", "name_folded", "id"]),
    ("contacts_created", "contacts", &["created_at", "id"]),
    ("contact_emails_contact", "contact_emails", &["contact_id"]),
    ("contact_tags_contact", "contact_tags", &["contact_id"]),
    (
        "items_contact",
        "items",
        &["contact_id", "kind", "created_at"],
    ),
    ("items_deal", "items", &["deal_id"]),
    ("items_parent", "items", &["parent_id"]),
    ("items_call", "items", &["call_id"]),
    (
        "items_owner",
        "items",
        &["owner_id", "kind", "is_open", "due_at"],
    ),
    (
        "items_kind",
        "items",
        &["kind", "is_open", "created_at", "id"],
    ),
    ("changes_subject", "changes", &["subject_id", "seq"]),
    ("notices_user", "notices", &["user_id", "at"]),
    ("files_contact", "files", &["contact_id"]),
    ("files_item", "files", &["item_id"]),
    ("files_call", "files", &["call_id"]),
    (
        "saved_views_user",
        "saved_views",
        &["user_id", "page", "position"],
    ),
    ("calls_contact", "calls", &["contact_id", "started_at"]),
    ("calls_deal", "calls", &["deal_id"]),
    ("calls_employee", "calls", &["employee_id", "started_at"]),
    ("calls_line", "calls", &["line_id", "started_at"]),
    ("calls_result", "calls", &["result", "started_at"]),
];

//! Numbers that stand in custom fields, so that callers are found by them.

use std::collections::BTreeMap;

use ::uuid::Uuid;
use sea_orm_migration::{
    prelude::*,
    schema::{text, uuid},
    sea_orm::{ConnectionTrait, Statement},
};

use crate::field_phones::{self, Numbers};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0010_numbers_of_fields"
    }
}

/// Rows looked through at once.
const AT_ONCE: u32 = 1000;
/// What has fields: number, id, place and fields of each.
const WITH_FIELDS: [&str; 2] = [
    "SELECT seq, id, CASE WHEN kind = 'company' THEN 'companies' ELSE 'contacts' END AS place, fields \
     FROM contacts WHERE seq > $1 AND fields <> '{}' ORDER BY seq LIMIT $2",
    "SELECT seq, id, own_table AS place, fields FROM items \
     WHERE seq > $1 AND kind = 'own' AND own_table IS NOT NULL AND fields <> '{}' ORDER BY seq LIMIT $2",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table.table("field_phones");
        for mut column in [
            text("e164").take(),
            text("place").take(),
            text("field").take(),
            uuid("subject_id").take(),
        ] {
            table.col(&mut column);
        }
        let mut key = Index::create();
        for column in ["e164", "place", "field", "subject_id"] {
            key.col(column);
        }
        manager
            .create_table(table.primary_key(&mut key).take())
            .await?;
        let mut index = Index::create();
        index.name("field_phones_subject").table("field_phones");
        manager.create_index(index.col("subject_id").take()).await?;
        for sql in WITH_FIELDS {
            fill(manager, sql).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Those there are already.
async fn fill(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let (connection, backend) = (manager.get_connection(), manager.get_database_backend());
    let mut after = 0_i64;
    loop {
        let values = [after.into(), i64::from(AT_ONCE).into()];
        let read = Statement::from_sql_and_values(backend, sql, values);
        let rows = connection.query_all_raw(read).await?;
        let mut numbers = Numbers::default();
        for row in &rows {
            after = row.try_get("", "seq")?;
            let (id, place): (Uuid, String) = (row.try_get("", "id")?, row.try_get("", "place")?);
            let fields: String = row.try_get("", "fields")?;
            let fields: BTreeMap<String, String> =
                serde_json::from_str(&fields).unwrap_or_default();
            numbers.add(id, &place, &fields);
        }
        field_phones::write(connection, numbers).await?;
        if rows.len() < AT_ONCE as usize {
            return Ok(());
        }
    }
}

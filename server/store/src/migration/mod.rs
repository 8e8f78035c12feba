//! Changes of the tables, in order. A published one is never edited.

mod m0001_first_tables;
mod m0002_lines_people_plans;
mod m0003_presence;
mod m0004_call_quality;
mod m0005_presence_reasons;
mod m0006_clients_and_work;
mod m0007_calls_and_rules;
mod m0008_lists_in_order;
mod m0009_search_of_calls;
mod m0010_numbers_of_fields;

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait::async_trait};

pub struct Migrator;

#[async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_first_tables::Migration),
            Box::new(m0002_lines_people_plans::Migration),
            Box::new(m0003_presence::Migration),
            Box::new(m0004_call_quality::Migration),
            Box::new(m0005_presence_reasons::Migration),
            Box::new(m0006_clients_and_work::Migration),
            Box::new(m0007_calls_and_rules::Migration),
            Box::new(m0008_lists_in_order::Migration),
            Box::new(m0009_search_of_calls::Migration),
            Box::new(m0010_numbers_of_fields::Migration),
        ]
    }
}

#[cfg(test)]
mod tests {
    use sea_orm_migration::sea_orm::{ConnectOptions, ConnectionTrait, Database};

    use super::*;
    use crate::Store;

    /// Rows as the first version wrote them.
    const ROWS: [&str; 4] = [
        "INSERT INTO users (id, login, name, role, extension, takes_calls, created_at) \
         VALUES (x'01', 'anna', 'Anna', 'agent', '101', 1, 1)",
        "INSERT INTO lines (id, label, user, domain, sealed_password, record, default_outgoing, built_in, created_at) \
         VALUES (x'02', 'Sales', 'alice', 'sip.example.com', x'00', 1, 1, 0, 1)",
        "INSERT INTO contacts (seq, id, name, name_folded, search_text, created_at, updated_at) \
         VALUES (1, x'03', 'Boris', 'boris', 'boris', 1, 1)",
        "INSERT INTO calls (id, version, direction, status, started_at, updated_at, rung, our_number, sip_code, sip_reason, digits, note) \
         VALUES (x'04', 1, 'incoming', 'answered', 1, 1, '[]', '1', 200, 'OK', '', 'kept')",
    ];

    #[tokio::test]
    async fn what_the_first_version_wrote_is_there_after_the_upgrade() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("trubka.db");
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let old = Database::connect(ConnectOptions::new(url)).await.unwrap();
        Migrator::up(&old, Some(1)).await.unwrap();
        for row in ROWS {
            let id = row.find("x'0").unwrap();
            let short = &row[id..id + 5];
            let long = format!("x'{}{}'", "0".repeat(30), &short[2..4]);
            old.execute_unprepared(&row.replace(short, &long))
                .await
                .unwrap();
        }
        old.close().await.unwrap();

        let store = Store::open(&file).await.unwrap();
        let users = store.users().await.unwrap();
        assert!(
            users[0].active && users[0].international,
            "may what he could"
        );
        assert_eq!(users[0].max_calls, None);
        let line = store.lines().await.unwrap().remove(0);
        assert_eq!((line.label.as_str(), line.settings), ("Sales", None));
        let contact = store
            .contact(uuid::Uuid::from_u128(3))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (contact.name.as_str(), contact.responsible),
            ("Boris", None)
        );
        let call = store
            .call_state(uuid::Uuid::from_u128(4))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (call.call.note.as_str(), call.call.path.as_str()),
            ("kept", "[]")
        );
        assert!(store.groups().await.unwrap().is_empty());
    }
}

//! Changes of the tables, in order. A published one is never edited.

mod m0001_first_tables;

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait::async_trait};

pub struct Migrator;

#[async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0001_first_tables::Migration)]
    }
}

//! `lines`
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub label: String,
    pub user: String,
    pub domain: String,
    pub host: Option<String>,
    pub port: Option<i32>,
    pub number: Option<String>,
    pub sealed_password: Vec<u8>,
    pub record: bool,
    pub default_outgoing: bool,
    pub built_in: bool,
    pub created_at: i64,
    pub settings: Option<String>,
    pub sealed_balance: Option<Vec<u8>>,
    pub currency: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

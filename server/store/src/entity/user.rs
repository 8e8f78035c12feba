//! `users`
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub login: String,
    pub name: String,
    pub role: String,
    pub extension: Option<String>,
    pub takes_calls: bool,
    pub password_hash: Option<String>,
    pub created_at: i64,
    pub active: bool,
    pub international: bool,
    pub max_calls: Option<i32>,
    pub sealed_sip_ha1: Option<Vec<u8>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

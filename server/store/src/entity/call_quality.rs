//! `call_qualities`
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "call_qualities")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub call_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub leg: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub witness: String,
    pub updated_at: i64,
    pub codec: String,
    pub way: String,
    pub mos_tenths: Option<i32>,
    pub slots: String,
    pub incidents: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

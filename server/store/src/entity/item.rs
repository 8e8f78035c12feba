//! `items`
use sea_orm::entity::prelude::*;

#[derive(
    Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel, serde::Serialize, serde::Deserialize,
)]
#[sea_orm(table_name = "items")]
pub struct Model {
    pub seq: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub own_table: Option<String>,
    pub title: String,
    pub text: String,
    pub state: String,
    pub is_open: bool,
    pub pipeline: Option<String>,
    pub sort: String,
    pub contact_id: Option<Uuid>,
    pub deal_id: Option<Uuid>,
    pub parent_id: Option<Uuid>,
    pub call_id: Option<Uuid>,
    pub owner_id: Option<Uuid>,
    pub amount: Option<i64>,
    pub currency: String,
    pub due_at: Option<i64>,
    pub ends_at: Option<i64>,
    pub done_at: Option<i64>,
    pub place: String,
    pub participants: String,
    pub moment_ms: Option<i64>,
    pub fields: String,
    pub tags: String,
    pub search_text: String,
    pub created_at: i64,
    pub created_by: Option<Uuid>,
    pub updated_at: i64,
    pub version: i64,
    pub deleted_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! `files`
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "files")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub media_type: String,
    pub bytes: i64,
    pub contact_id: Option<Uuid>,
    pub item_id: Option<Uuid>,
    pub call_id: Option<Uuid>,
    pub created_at: i64,
    pub created_by: Option<Uuid>,
    pub created_by_name: Option<String>,
    pub deleted_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

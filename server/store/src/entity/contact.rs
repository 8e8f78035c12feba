//! `contacts`
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
#[sea_orm(table_name = "contacts")]
pub struct Model {
    pub seq: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub name_folded: String,
    pub search_text: String,
    pub created_at: i64,
    pub updated_at: i64,
    pub deleted_at: Option<i64>,
    pub responsible_id: Option<Uuid>,
    pub kind: String,
    pub surname: String,
    pub first_name: String,
    pub patronymic: String,
    pub company_id: Option<Uuid>,
    pub position: String,
    pub status: String,
    pub emails: String,
    pub addresses: String,
    pub tags: String,
    pub fields: String,
    pub legal_hold: bool,
    pub version: i64,
    pub created_by: Option<Uuid>,
    pub merged_into: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

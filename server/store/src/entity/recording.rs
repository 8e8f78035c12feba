//! `recordings`
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
#[sea_orm(table_name = "recordings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub call_id: Uuid,
    pub state: String,
    pub duration_ms: i64,
    pub bytes: i64,
    pub gap_ms: i64,
    pub peaks_per_sec: i32,
    pub mp3: Option<String>,
    pub peaks: Option<String>,
    pub journal: Option<String>,
    pub note: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

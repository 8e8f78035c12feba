//! `calls`
use sea_orm::entity::prelude::*;

#[derive(
    Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel, serde::Serialize, serde::Deserialize,
)]
#[sea_orm(table_name = "calls")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub version: i64,
    pub direction: String,
    pub status: String,
    pub started_at: i64,
    pub answered_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub updated_at: i64,
    pub employee_id: Option<Uuid>,
    pub employee_extension: Option<String>,
    pub employee_name: Option<String>,
    pub rung: String,
    pub number_e164: Option<String>,
    pub number_display: Option<String>,
    pub network_name: Option<String>,
    pub our_number: String,
    pub line_id: Option<Uuid>,
    pub line_label: Option<String>,
    pub line_number_e164: Option<String>,
    pub line_number_display: Option<String>,
    pub hung_up_by: Option<String>,
    pub sip_code: i32,
    pub sip_reason: String,
    pub digits: String,
    pub note: String,
    /// Steps as JSON; empty in a journal written before there were any.
    #[serde(default)]
    pub path: String,
    #[serde(default)]
    pub wait_ms: i64,
    #[serde(default)]
    pub talk_ms: i64,
    #[serde(default)]
    pub contact_id: Option<Uuid>,
    #[serde(default)]
    pub deal_id: Option<Uuid>,
    #[serde(default)]
    pub result: Option<String>,
    #[serde(default)]
    pub reason: Option<String>,
    #[serde(default)]
    pub returned_at: Option<i64>,
    #[serde(default)]
    pub returned_by_extension: Option<String>,
    #[serde(default)]
    pub returned_by_name: Option<String>,
    #[serde(default)]
    pub returned_call: Option<Uuid>,
    #[serde(default)]
    pub tries: i32,
    #[serde(default)]
    pub legal_hold: bool,
    #[serde(default)]
    pub deleted_at: Option<i64>,
    /// How far the rules of business were done: 0 not begun, 1 those of its answer, 2 all.
    #[serde(default)]
    pub ruled: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

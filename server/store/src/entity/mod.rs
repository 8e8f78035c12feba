//! Tables as types.
#![expect(missing_docs, reason = "columns are described in the migration")]

pub mod blocked_number;
pub mod call;
pub mod call_quality;
pub mod call_viewer;
pub mod change;
pub mod contact;
pub mod contact_email;
pub mod contact_phone;
pub mod contact_tag;
pub mod field_phone;
pub mod file;
pub mod group;
pub mod group_member;
pub mod item;
pub mod line;
pub mod link_token;
pub mod notice;
pub mod operation;
pub mod presence;
pub mod presence_reason;
pub mod recording;
pub mod saved_view;
pub mod session;
pub mod setting;
pub mod sip_credential;
pub mod tariff;
pub mod user;

//! Contacts and their phones.

use serde::{Deserialize, Serialize};

use crate::UnixMs;

/// A phone number in both forms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PhoneNumber {
    /// E.164 with `+` (`+74951234567`), or the digits as they came when no country fits (`602`).
    pub e164: String,
    /// As people write it (`+7 495 123-45-67`).
    pub display: String,
}

/// A contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Contact {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Phones, in order.
    pub phones: Vec<PhoneNumber>,
    /// Id of the user responsible for it.
    #[serde(default)]
    pub responsible: Option<String>,
    /// When it was made.
    pub created_at: UnixMs,
}

/// A contact named in another record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactRef {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
}

/// `POST /api/v1/contacts`, `PUT /api/v1/contacts/{id}`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactDraft {
    /// Name; not empty.
    pub name: String,
    /// Phones in any spelling.
    pub phones: Vec<String>,
    /// Id of the user responsible for it. Absent: nobody (POST), unchanged (PUT); empty: nobody.
    #[serde(default)]
    pub responsible: Option<String>,
}

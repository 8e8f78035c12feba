//! Contacts and their phones.

use serde::{Deserialize, Serialize};

use crate::{Fields, UnixMs};

/// A phone number in both forms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PhoneNumber {
    /// E.164 with `+` (`+74951234567`), or the digits as they came when no country fits (`602`).
    pub e164: String,
    /// As people write it (`+7 495 123-45-67`).
    pub display: String,
}

/// Person or company.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ContactKind {
    /// A person.
    #[default]
    Person,
    /// A company.
    Company,
}

/// A phone of a contact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactPhone {
    /// As in [`PhoneNumber`].
    pub e164: String,
    /// As people write it.
    pub display: String,
    /// `work`, `mobile`, `home`, or a word of their own; may be empty.
    #[serde(default)]
    pub label: String,
}

impl From<ContactPhone> for PhoneNumber {
    fn from(phone: ContactPhone) -> Self {
        Self {
            e164: phone.e164,
            display: phone.display,
        }
    }
}

/// An e-mail or postal address of a contact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Labelled {
    /// The address.
    pub value: String,
    /// As that of a phone.
    #[serde(default)]
    pub label: String,
}

/// A contact: a person or a company.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Contact {
    /// Id.
    pub id: String,
    /// Person or company.
    #[serde(default)]
    pub kind: ContactKind,
    /// Name as shown: of a person in the order the house writes names.
    pub name: String,
    /// Surname; a person's.
    #[serde(default)]
    pub surname: String,
    /// First name; a person's.
    #[serde(default)]
    pub first_name: String,
    /// Patronymic; a person's.
    #[serde(default)]
    pub patronymic: String,
    /// Phones, in order.
    pub phones: Vec<ContactPhone>,
    /// E-mail addresses, in order.
    #[serde(default)]
    pub emails: Vec<Labelled>,
    /// Postal addresses, in order.
    #[serde(default)]
    pub addresses: Vec<Labelled>,
    /// The company a person works for.
    #[serde(default)]
    pub company: Option<ContactRef>,
    /// What as.
    #[serde(default)]
    pub position: String,
    /// Key of a status; empty: none.
    #[serde(default)]
    pub status: String,
    /// Tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Custom fields.
    #[serde(default)]
    pub fields: Fields,
    /// Id of the user responsible for it.
    #[serde(default)]
    pub responsible: Option<String>,
    /// Its records may not be erased.
    #[serde(default)]
    pub legal_hold: bool,
    /// When it was made.
    pub created_at: UnixMs,
    /// When it was changed last.
    #[serde(default)]
    pub updated_at: UnixMs,
    /// Rises with every change.
    #[serde(default)]
    pub version: i64,
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

/// A row of one of the house's own tables that has a caller's number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RowRef {
    /// Item id.
    pub id: String,
    /// Key of the table.
    pub table: String,
    /// Title.
    pub title: String,
}

/// `POST /api/v1/contacts`, `PUT /api/v1/contacts/{id}`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactDraft {
    /// Person or company; cannot be changed later.
    #[serde(default)]
    pub kind: ContactKind,
    /// Name; may be empty where its parts are given.
    #[serde(default)]
    pub name: String,
    /// Surname.
    #[serde(default)]
    pub surname: String,
    /// First name.
    #[serde(default)]
    pub first_name: String,
    /// Patronymic.
    #[serde(default)]
    pub patronymic: String,
    /// Phones in any spelling.
    #[serde(default)]
    pub phones: Vec<PhoneDraft>,
    /// E-mail addresses.
    #[serde(default)]
    pub emails: Vec<Labelled>,
    /// Postal addresses.
    #[serde(default)]
    pub addresses: Vec<Labelled>,
    /// Contact id of the company; empty: none.
    #[serde(default)]
    pub company: Option<String>,
    /// What as.
    #[serde(default)]
    pub position: String,
    /// Key of a status.
    #[serde(default)]
    pub status: String,
    /// Tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Custom fields.
    #[serde(default)]
    pub fields: Fields,
    /// Id of the user responsible for it. Absent: nobody (POST), unchanged (PUT); empty: nobody.
    #[serde(default)]
    pub responsible: Option<String>,
    /// The version that was changed; another one by now: 409 `changed_meanwhile`. Absent: not asked.
    #[serde(default)]
    pub version: Option<i64>,
}

/// A phone as typed: a text, or one with a label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum PhoneDraft {
    /// In any spelling.
    Spelled(String),
    /// With a label.
    Labelled(Labelled),
}

impl PhoneDraft {
    /// The number in any spelling.
    #[must_use]
    pub fn spelled(&self) -> &str {
        match self {
            Self::Spelled(spelled) => spelled,
            Self::Labelled(labelled) => &labelled.value,
        }
    }

    /// Its label, or none.
    #[must_use]
    pub fn label(&self) -> &str {
        match self {
            Self::Spelled(_) => "",
            Self::Labelled(labelled) => &labelled.label,
        }
    }
}

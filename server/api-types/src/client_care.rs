//! Duplicates, merging, handing over and erasing.

use serde::{Deserialize, Serialize};

use crate::Contact;

/// Contacts of one kind that share a phone or an e-mail: `GET /api/v1/duplicates`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DuplicateGroup {
    /// `phone` or `email`.
    pub by: String,
    /// The phone as people write it, or the e-mail.
    pub value: String,
    /// The contacts, oldest first.
    pub contacts: Vec<Contact>,
}

/// `POST /api/v1/contacts/merge`. Answered with [`crate::Undo`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Merge {
    /// The contact that stays.
    pub into: String,
    /// Contacts that become part of it, 1 to 50.
    pub from: Vec<String>,
}

/// `POST /api/v1/contacts/hand-over`. Answered with [`crate::Undo`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HandOver {
    /// Contact ids, 1 to 1000; or
    #[serde(default)]
    pub ids: Vec<String>,
    /// all clients of this employee (user id), with what is open of his.
    #[serde(default)]
    pub from: Option<String>,
    /// User id of the new one responsible.
    pub to: String,
}

/// `POST /api/v1/contacts/{id}/erase`: what is gone for good.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Erased {
    /// Calls that say no more whom they were with.
    pub calls: u64,
    /// Files of recordings removed.
    pub recordings: u64,
    /// Other files removed.
    pub files: u64,
}

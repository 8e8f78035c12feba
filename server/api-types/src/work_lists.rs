//! Changes of many records at once, and of one by one click.

use serde::{Deserialize, Serialize};

use crate::UnixMs;

/// `POST /api/v1/contacts/bulk`: the same for many. Answered with [`crate::Undo`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactBulk {
    /// Contact ids, 1 to 1000.
    pub ids: Vec<String>,
    /// New one responsible (user id; empty: nobody).
    #[serde(default)]
    pub responsible: Option<String>,
    /// New status (empty: none).
    #[serde(default)]
    pub status: Option<String>,
    /// Tag to add.
    #[serde(default)]
    pub add_tag: Option<String>,
    /// Tag to take away.
    #[serde(default)]
    pub remove_tag: Option<String>,
    /// Delete them.
    #[serde(default)]
    pub delete: bool,
}

/// `POST /api/v1/contacts/{id}/phones`: attach a number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NumberDraft {
    /// In any spelling.
    pub number: String,
}

/// `PATCH /api/v1/items/{id}`: changes of one click; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemPatch {
    /// New state.
    #[serde(default)]
    pub state: Option<String>,
    /// New owner (user id; empty: nobody).
    #[serde(default)]
    pub owner: Option<String>,
    /// New due time.
    #[serde(default)]
    pub due_at: Option<UnixMs>,
}

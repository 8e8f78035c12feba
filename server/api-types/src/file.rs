//! Files that stand with a client, an item or a call.

use serde::{Deserialize, Serialize};

use crate::UnixMs;

/// A file: `POST /api/v1/files` (the bytes are the body, the rest is in the query), `GET
/// /api/v1/files/{id}/content`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoredFile {
    /// Id.
    pub id: String,
    /// Name as uploaded.
    pub name: String,
    /// Media type as found from the bytes; `application/octet-stream` for everything a browser must
    /// not run.
    pub media_type: String,
    /// Octets.
    pub bytes: u64,
    /// Contact id.
    #[serde(default)]
    pub contact: Option<String>,
    /// Item id.
    #[serde(default)]
    pub item: Option<String>,
    /// Call id.
    #[serde(default)]
    pub call: Option<String>,
    /// When.
    pub created_at: UnixMs,
    /// Name of who.
    #[serde(default)]
    pub by: Option<String>,
}

//! The one error body of the API.

use serde::{Deserialize, Serialize};

/// What every answer with a status of 400 or above carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiError {
    /// Stable name for programs and translations, for example `wrong_password`, `not_found`.
    pub code: String,
    /// A sentence that says what was wrong and what to do next, in English.
    pub message: String,
    /// The field of the request it concerns, if one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

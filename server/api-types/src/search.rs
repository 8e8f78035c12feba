//! Search over everything, and lists kept by name.

use serde::{Deserialize, Serialize};

use crate::{CallRecord, Contact, Item};

/// `GET /api/v1/search?q&limit`: at most `limit` (5 unless said) of each, best first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Found {
    /// People.
    pub contacts: Vec<Contact>,
    /// Companies.
    pub companies: Vec<Contact>,
    /// Deals, tasks, orders, requests …
    pub items: Vec<Item>,
    /// Calls.
    pub calls: Vec<CallRecord>,
}

/// A list kept by name; each user has his own: `GET /api/v1/views?page`, `PUT /api/v1/views/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedView {
    /// Id.
    pub id: String,
    /// The page it belongs to: `contacts`, `companies`, `deals`, `tasks`, `calls`, or an own table's key.
    pub page: String,
    /// Name.
    pub name: String,
    /// Filter, order and columns as the page writes them into its address, without `?`.
    pub query: String,
}

/// `POST /api/v1/views`, `PUT /api/v1/views/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedViewDraft {
    /// The page; of one that is there it does not change.
    #[serde(default)]
    pub page: String,
    /// Name, 1 to 60 characters.
    pub name: String,
    /// At most 2000 octets.
    #[serde(default)]
    pub query: String,
}

/// What waits: `GET /api/v1/items/counts`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct WaitingCounts {
    /// The user's open tasks and meetings that are due today or late.
    pub tasks_due: u64,
    /// Open entries of Unsorted.
    pub unsorted: u64,
    /// Missed calls the user may see that nobody returned.
    pub missed: u64,
    /// Notices he has not seen.
    pub notices: u64,
}

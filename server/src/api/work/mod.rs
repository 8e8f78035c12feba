//! How the house works with clients.

pub(super) mod set;
pub(super) mod show;

//! Users and groups.

mod access;
mod extension;
mod groups;
mod secret;
mod user_form;
mod users;

pub use groups::GroupsPage;
pub use users::UsersPage;

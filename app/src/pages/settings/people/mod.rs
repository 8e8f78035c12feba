//! Users and groups.

mod groups;
mod secret;
mod user_form;
mod users;

pub use groups::GroupsPage;
pub use users::UsersPage;

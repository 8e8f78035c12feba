//! People who sign in.

pub(super) mod create;
pub(super) mod list;

use api_types::User;
use store::entity::user;

use crate::auth::viewer::role;

fn show(row: &user::Model) -> User {
    User {
        id: row.id.to_string(),
        login: row.login.clone(),
        name: row.name.clone(),
        role: role(&row.role),
        extension: row.extension.clone(),
        takes_calls: row.takes_calls,
        has_password: row.password_hash.is_some(),
        active: true,
        international: true,
        max_calls: None,
        has_sip_password: false,
        groups: Vec::new(),
    }
}

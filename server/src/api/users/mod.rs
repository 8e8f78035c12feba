//! People who sign in, and their phones.

pub(super) mod colleagues;
pub(super) mod create;
mod draft;
pub(super) mod extension;
pub(super) mod list;
pub(super) mod password;
pub(super) mod remove_sip_password;
pub(super) mod sip_password;
pub(super) mod update;

use api_types::User;
use store::{GroupRow, entity::user};
use uuid::Uuid;

use super::error::Error;
use crate::{app::App, auth::viewer::role};

fn show(row: &user::Model, groups: &[GroupRow]) -> User {
    let of = groups
        .iter()
        .filter(|group| group.members.contains(&row.id));
    User {
        id: row.id.to_string(),
        login: row.login.clone(),
        name: row.name.clone(),
        role: role(&row.role),
        extension: row.extension.clone(),
        takes_calls: row.takes_calls,
        has_password: row.password_hash.is_some(),
        active: row.active,
        international: row.international,
        max_calls: row.max_calls.and_then(|most| u32::try_from(most).ok()),
        has_sip_password: row.sealed_sip_ha1.is_some(),
        groups: of.map(|group| group.group.id.to_string()).collect(),
    }
}

async fn find(app: &App, id: Uuid) -> Result<user::Model, Error> {
    app.store.user(id).await?.ok_or(Error::NotFound("user"))
}

async fn shown(app: &App, id: Uuid) -> Result<User, Error> {
    let row = find(app, id).await?;
    Ok(show(&row, &app.store.groups().await?))
}

/// What is registered and signed in for a user ends; calls that go on do not.
fn end_phones(app: &App, id: Uuid, extension: Option<&str>) {
    let mut names = app.switchboard.end_user(id);
    // The desk phone's name is the extension.
    names.extend(extension.map(str::to_owned));
    app.drop_phones(&names);
}

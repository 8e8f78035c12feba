//! Checking what is set of a user.

use api_types::UserDraft;
use store::StoreError;
use uuid::Uuid;

use crate::{api::error::Error, app::App};

/// Sign-in name, name, extension and figures.
pub(super) fn check(app: &App, login: &str, name: &str, draft: &UserDraft) -> Result<(), Error> {
    let plain = |c: char| c.is_alphanumeric() || ".-_@".contains(c);
    if login.is_empty() || login.len() > 100 || !login.chars().all(plain) {
        let message = "the sign-in name must be letters, digits and . - _ @, without spaces";
        return Err(Error::invalid("bad_login", "login", message));
    }
    if name.is_empty() || name.len() > 200 {
        let message = "give a name of up to 200 characters";
        return Err(Error::invalid("bad_name", "name", message));
    }
    if let Some(extension) = &draft.extension {
        check_extension(app, extension)?;
    }
    if draft.max_calls == Some(0) {
        let message = "leave it empty for no limit; without an extension nobody calls";
        return Err(Error::invalid("bad_max_calls", "max_calls", message));
    }
    Ok(())
}

/// Whether it can be an extension at all.
pub(super) fn check_extension(app: &App, extension: &str) -> Result<(), Error> {
    let digits = extension.bytes().all(|b| b.is_ascii_digit());
    if !(2..=6).contains(&extension.len()) || !digits {
        let message = "an extension has 2 to 6 digits, for example 102";
        return Err(Error::invalid("bad_extension", "extension", message));
    }
    let emergency = app.switchboard.office().rules.emergency();
    if emergency.first.contains(&extension) {
        let message = format!("{extension} is the emergency number and must stay free");
        return Err(Error::invalid("emergency_number", "extension", message));
    }
    Ok(())
}

/// Ids of groups.
pub(super) fn groups(draft: &UserDraft) -> Result<Option<Vec<Uuid>>, Error> {
    let read = |ids: &Vec<String>| {
        ids.iter()
            .map(|id| id.parse())
            .collect::<Result<Vec<Uuid>, _>>()
    };
    draft
        .groups
        .as_ref()
        .map(read)
        .transpose()
        .map_err(|_| no_group())
}

pub(super) fn no_group() -> Error {
    Error::invalid("no_group", "groups", "there is no such group")
}

/// A name or extension that somebody has.
pub(super) async fn taken(app: &App, error: StoreError, draft: &UserDraft) -> Error {
    match error {
        StoreError::Taken(column) if column == "users.login" => Error::Conflict {
            code: "login_taken",
            field: Some("login"),
            message: "somebody has this sign-in name already".to_owned(),
        },
        StoreError::Taken(_) => {
            let extension = draft.extension.as_deref().unwrap_or_default();
            let users = app.store.users().await.unwrap_or_default();
            let owner = users
                .iter()
                .find(|user| user.extension.as_deref() == Some(extension));
            let owner = owner.map_or("somebody", |user| user.name.as_str());
            Error::Conflict {
                code: "extension_taken",
                field: Some("extension"),
                message: format!("{owner} has the extension {extension} already"),
            }
        }
        StoreError::Dangling => no_group(),
        other => other.into(),
    }
}

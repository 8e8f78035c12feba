//! Groups of employees.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod list;
pub(super) mod update;

use api_types::{Group, GroupDraft};
use store::{GroupRow, StoreError, entity::group};
use uuid::Uuid;

use super::error::Error;

fn show(row: GroupRow) -> Group {
    Group {
        id: row.group.id.to_string(),
        name: row.group.name,
        members: row.members.iter().map(Uuid::to_string).collect(),
        international: row.group.international,
    }
}

fn to_row(id: Uuid, created_at: i64, draft: GroupDraft) -> Result<GroupRow, Error> {
    let name = draft.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 {
        let message = "give a name of up to 100 characters";
        return Err(Error::invalid("bad_name", "name", message));
    }
    let mut members: Vec<Uuid> = Vec::new();
    for member in &draft.members {
        let user = member.parse().map_err(|_| no_user())?;
        if !members.contains(&user) {
            members.push(user);
        }
    }
    let international = draft.international;
    let group = group::Model {
        id,
        name,
        international,
        created_at,
    };
    Ok(GroupRow { group, members })
}

fn no_user() -> Error {
    Error::invalid("no_user", "members", "a member does not exist")
}

fn refused(error: StoreError) -> Error {
    match error {
        StoreError::Taken(_) => Error::Conflict {
            code: "name_taken",
            field: Some("name"),
            message: "there is a group with this name already".to_owned(),
        },
        StoreError::Dangling => no_user(),
        other => other.into(),
    }
}

//! Names of employees and groups, for plans and orders.

use api_types::{Group, User};
use leptos::{prelude::*, task::spawn_local};

use crate::{api::Api, components::form::Names};

/// Names by ids.
#[derive(Clone, Copy)]
pub struct People {
    users: RwSignal<Vec<User>>,
    groups: RwSignal<Vec<Group>>,
}

impl People {
    /// Reads them.
    pub fn read(api: Api) -> Self {
        let people = Self {
            users: RwSignal::new(Vec::new()),
            groups: RwSignal::new(Vec::new()),
        };
        spawn_local(async move {
            if let Ok(users) = api.get("/users").await {
                let _ = people.users.try_set(users);
            }
            if let Ok(groups) = api.get("/groups").await {
                let _ = people.groups.try_set(groups);
            }
        });
        people
    }

    /// Those with a phone.
    pub fn users(self) -> Names {
        Signal::derive(move || {
            self.users.with(|users| {
                let with_phone = users.iter().filter_map(|user| {
                    let extension = user.extension.as_ref()?;
                    Some((user.id.clone(), format!("{}, {extension}", user.name)))
                });
                with_phone.collect()
            })
        })
    }

    /// All groups.
    pub fn groups(self) -> Names {
        Signal::derive(move || {
            self.groups.with(|groups| {
                groups
                    .iter()
                    .map(|group| (group.id.clone(), group.name.clone()))
                    .collect()
            })
        })
    }
}

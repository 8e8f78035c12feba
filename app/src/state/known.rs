//! Whose number calls where Trubka keeps no records of calls: at another server.

use api_types::{CallRecord, Event, Page};
use leptos::{prelude::*, task::spawn_local};
use phone::CallView;

use super::phone::PhoneLink;
use crate::view::{callee::Callee, card::Face, dial, query::query};

/// Numbers, each with the name of its contact, empty for none; `None` until the server has said so.
pub type Known = RwSignal<Vec<(String, Option<String>)>>;

impl PhoneLink {
    /// What a card says of a call.
    pub fn face(self, call: Option<&CallView>, record: Option<&CallRecord>) -> Face {
        let mut face = Face::of(call, record);
        if let (Some(call), None) = (call, record) {
            self.known.with(|known| {
                let found = known.iter().find(|(number, _)| *number == call.number);
                if let Some((_, Some(name))) = found {
                    face.known_as(name);
                }
            });
        }
        face
    }

    /// Asks whose numbers the calls of the other server are.
    pub(super) fn look_up(self) {
        if self.own_server().is_none() {
            return;
        }
        let numbers: Vec<String> = self.state.with_untracked(|state| {
            let numbers = state.calls.iter().map(|call| call.number.clone());
            numbers
                .filter(|number| dial::number(number).is_some())
                .collect()
        });
        for number in numbers {
            let is_new = self
                .known
                .with_untracked(|known| !known.iter().any(|(one, _)| *one == number));
            if is_new {
                self.known
                    .update(|known| known.push((number.clone(), None)));
                spawn_local(self.ask_who(number));
            }
        }
    }

    async fn ask_who(self, number: String) {
        let path = format!("/contacts{}", query(&[("number", &number)]));
        let found = self.api().get::<Page<Callee>>(&path).await;
        self.known.update(|known| {
            known.retain(|(one, _)| *one != number);
            // Where the server did not answer it is asked again with the next thing that happens.
            if let Ok(page) = found {
                let name = page.items.into_iter().next().map(|contact| contact.name);
                known.push((number, Some(name.unwrap_or_default())));
            }
        });
    }

    /// Contacts changed: a number may be somebody else's now.
    pub(super) fn hear_of_contacts(self, event: &Event) {
        if matches!(event, Event::Many) && self.known.with_untracked(|known| !known.is_empty()) {
            self.known.update(Vec::clear);
            self.look_up();
        }
    }
}

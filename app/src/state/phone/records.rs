//! The server's records of the phone's calls, and the cards made of both.

use std::collections::BTreeMap;

use api_types::{CallRecord, CallStatus, Event};
use leptos::{prelude::*, task::spawn_local};
use phone::{CallKey, CallPhase, CallView, Command};

use super::PhoneLink;
use crate::{
    state::quality,
    view::{outcome, stack::plain_id},
};

impl PhoneLink {
    pub(super) fn hear(self, event: &Event) {
        let record = match event {
            Event::Call(record) => record,
            Event::Resync => return self.ask_again(),
            Event::FarQuality(told) => return quality::far(self, told),
            _ => return self.hear_of_contacts(event),
        };
        let record = self.without_own(record.clone());
        let id = plain_id(&record.id);
        let on_card = self.stack.with_untracked(|stack| {
            stack
                .cards()
                .iter()
                .any(|card| card.call_id.as_ref() == Some(&id))
        });
        self.records.update(|records| {
            if outcome::is_over(record.status) && !on_card {
                records.remove(&id);
            } else {
                keep(records, record.clone());
            }
        });
        self.far_answered(&record);
        self.put_into(&record);
        self.restack();
    }

    /// Events were missed: a call that seems to ring may be over.
    pub(super) fn ask_again(self) {
        let known = self.records.with_untracked(|records| {
            let open = records.values().filter(|one| !outcome::is_over(one.status));
            open.map(|record| record.id.clone()).collect::<Vec<_>>()
        });
        for id in known {
            spawn_local(async move {
                if let Ok(record) = self.api.call(&id).await {
                    self.hear(&Event::Call(record));
                }
            });
        }
    }

    /// A call that rang out while the page was loaded again is answered for the phone before it is
    /// for the other side, which only the server knows.
    pub(super) fn far_answered(self, record: &CallRecord) {
        if record.status == CallStatus::Talking
            && let Some(key) = self.call_of(record, CallView::is_dialling)
        {
            self.send_own(Command::FarAnswered(key));
        }
    }

    /// A colleague who asked us has put us into the call it was about: from now on ours is that one.
    pub(super) fn put_into(self, record: &CallRecord) {
        let asker = record.employee.as_ref().map(|one| one.extension.clone());
        if let Some(into) = &record.put_into
            && asker != self.own_extension()
            && let Some(key) = self.call_of(record, CallView::is_talking)
        {
            self.send_own(Command::PutInto(key, into.clone()));
        }
    }

    /// The phone's call of a record, if it is such a one.
    pub(super) fn call_of(
        self,
        record: &CallRecord,
        is_such: fn(&CallView) -> bool,
    ) -> Option<CallKey> {
        let id = plain_id(&record.id);
        let is_it = |call: &&CallView| {
            is_such(call) && call.call_id.as_deref().map(plain_id).as_ref() == Some(&id)
        };
        self.state
            .with_untracked(|state| state.calls.iter().find(is_it).map(|call| call.key))
    }

    /// What we bring a colleague is theirs to be shown, not ours.
    pub(super) fn without_own(self, mut record: CallRecord) -> CallRecord {
        let own = self.own_extension();
        let is_own = |by: &api_types::Brought| Some(&by.by.extension) == own.as_ref();
        record.brought = record.brought.filter(|brought| !is_own(brought));
        record
    }

    /// A record that came before its card went, or that a card needs anew.
    pub fn know(self, record: CallRecord) {
        let record = self.without_own(record);
        self.records.update(|records| keep(records, record));
    }

    pub(super) fn restack(self) {
        let extension = self.own_extension();
        let mut stack = self.stack.get_untracked();
        self.state.with_untracked(|state| {
            self.records.with_untracked(|records| {
                stack.sync(&state.calls, records.values(), extension.as_deref())
            });
        });
        if self.stack.with_untracked(|known| *known != stack) {
            self.stack.set(stack);
        }
        self.ask_for_records();
        self.look_up();
    }

    /// Records of calls that began before this page did.
    pub(super) fn ask_for_records(self) {
        let missing: Vec<String> = self.state.with_untracked(|state| {
            let late = state.calls.iter().filter(|call| {
                call.answered_at.is_some() || call.returning || call.phase == CallPhase::RingingIn
            });
            let ids = late.filter_map(|call| call.call_id.clone());
            ids.filter(|id| {
                !self
                    .records
                    .with_untracked(|known| known.contains_key(&plain_id(id)))
            })
            .collect()
        });
        for id in missing {
            let is_new = self.asked.with_value(|asked| !asked.contains(&id));
            if is_new {
                self.asked.update_value(|asked| asked.push(id.clone()));
                spawn_local(async move {
                    let asked = self.api.call(&id).await;
                    // What came meanwhile is newer, and a call that is gone needs none.
                    if let Ok(record) = asked
                        && self.call_of(&record, |_| true).is_some()
                        && !self
                            .records
                            .with_untracked(|all| all.contains_key(&plain_id(&id)))
                    {
                        self.far_answered(&record);
                        self.know(record);
                    }
                });
            }
        }
    }
}

/// Keeps what was known of the client: a record says it only while the call goes on.
fn keep(records: &mut BTreeMap<String, CallRecord>, mut record: CallRecord) {
    let id = plain_id(&record.id);
    if record.client.is_none() {
        record.client = records.remove(&id).and_then(|known| known.client);
    }
    records.insert(id, record);
}

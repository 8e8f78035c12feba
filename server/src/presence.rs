//! Who takes calls, whose telephone answers, who is on a call: what colleagues and routing see.

mod automatic;
mod board;
mod rows;

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use api_types::{Availability, Colleague, Event, Presence, PresenceReason, SaidReason};
use sip_gateway::ports::CallEvent;
use store::{Store, StoreError};
use uuid::Uuid;

use crate::{app::App, clock::now_ms, events::Audience, routing::Employee};
use board::{Board, Heard};

pub(crate) use automatic::{OpenPage, keep_times};
pub(crate) use rows::{reason, word};

/// Everybody's.
#[derive(Debug, Default)]
pub(crate) struct Presences {
    board: Mutex<Board>,
    /// One word after the other: what was said last is in the database and in force.
    saying: tokio::sync::Mutex<()>,
    /// Somebody ended a call.
    someone_is_free: tokio::sync::Notify,
}

impl Presences {
    /// As the database has them.
    pub(crate) async fn load(store: &Store) -> Result<Self, StoreError> {
        let rows = store.presences().await?;
        let said = rows
            .into_iter()
            .map(|row| (row.user_id, rows::from_row(&row)));
        let mut board = Board::default();
        board.said = said.collect();
        board.rules = automatic::load_rules(store).await?;
        Ok(Self {
            board: Mutex::new(board),
            ..Self::default()
        })
    }

    /// What somebody said last; nothing yet: available.
    pub(crate) fn of(&self, user: Uuid) -> Presence {
        self.board().of(user, now_ms())
    }

    /// Those who are offered no calls, and what they said.
    pub(crate) fn absent(&self) -> HashMap<Uuid, Availability> {
        let now = now_ms();
        let board = self.board();
        let said = board.said.keys().map(|user| (*user, board.of(*user, now)));
        said.filter(|(_, said)| !said.takes_calls())
            .map(|(user, said)| (user, said.availability))
            .collect()
    }

    /// An employee as colleagues see him.
    pub(crate) fn colleague(&self, employee: &Employee) -> Colleague {
        let board = self.board();
        let phones = board.phones.get(&employee.extension);
        Colleague {
            id: employee.user.to_string(),
            name: employee.name.clone(),
            extension: employee.extension.clone(),
            presence: board.said.get(&employee.user).cloned().unwrap_or_default(),
            reachable: phones.is_some_and(|phones| *phones > 0),
            on_call: board.is_on_call(&employee.extension),
        }
    }

    fn say(&self, user: Uuid, presence: Presence) {
        self.board().said.insert(user, presence);
    }

    /// Those who have one of the house's reasons.
    fn with_reason(&self, id: &str) -> Vec<Uuid> {
        let board = self.board();
        let said = board.said.iter();
        said.filter(|(_, said)| said.reason.as_ref().is_some_and(|reason| reason.id == id))
            .map(|(user, _)| *user)
            .collect()
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is said by somebody who takes this reason.
pub(crate) fn said(reason: &PresenceReason) -> SaidReason {
    SaidReason {
        id: reason.id.clone(),
        name: reason.name.clone(),
        takes_calls: reason.takes_calls,
    }
}

impl App {
    /// Somebody says whether he takes calls; stored first, then in force and told.
    pub(crate) async fn set_presence(
        &self,
        user: Uuid,
        presence: Presence,
    ) -> Result<(), StoreError> {
        let _one = self.presences.saying.lock().await;
        self.presences.moved(user, presence.since);
        self.put_presence(user, presence).await
    }

    /// Whoever has this reason has it as it is now.
    pub(crate) async fn reason_changed(&self, reason: &PresenceReason) -> Result<(), StoreError> {
        let _one = self.presences.saying.lock().await;
        for user in self.presences.with_reason(&reason.id) {
            let before = self.presences.of(user);
            // Its time may be over this moment.
            if before.reason.is_some() {
                let changed = Presence {
                    availability: reason.availability,
                    reason: Some(said(reason)),
                    ..before
                };
                self.put_presence(user, changed).await?;
            }
        }
        Ok(())
    }

    async fn put_presence(&self, user: Uuid, presence: Presence) -> Result<(), StoreError> {
        self.store
            .set_presence(rows::to_row(user, &presence))
            .await?;
        self.presences.say(user, presence);
        if let Some(employee) = self.switchboard.office().by_user(user) {
            self.tell_colleague(employee);
        }
        Ok(())
    }

    /// Shows what an event of the gateway changes about people.
    pub(crate) fn presence_heard(&self, event: &CallEvent) {
        let office = self.switchboard.office();
        let Heard {
            changed,
            freed,
            is_handed_over,
        } = self.presences.board().hear(event);
        let freed = freed.iter().filter_map(|one| office.by_extension(one));
        for employee in freed {
            self.presences.moved(employee.user, now_ms());
            if !is_handed_over {
                self.presences.board().freed.push(employee.user);
                self.presences.someone_is_free.notify_one();
            }
        }
        for employee in changed.iter().filter_map(|one| office.by_extension(one)) {
            self.tell_colleague(employee);
        }
    }

    /// Somebody came, went, or has another name or extension: lists of people are read again.
    pub(crate) fn people_changed(&self) {
        self.hub.publish(&Event::Resync, Audience::Everyone);
    }

    fn tell_colleague(&self, employee: &Employee) {
        let colleague = self.presences.colleague(employee);
        self.hub
            .publish(&Event::Colleague(colleague), Audience::Everyone);
    }
}

//! Who takes calls, whose telephone answers, who is on a call: what colleagues and routing see.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use api_types::{Availability, Colleague, Event, Presence};
use sip_gateway::ports::{CallEvent, CallId};
use store::{Store, StoreError, entity::presence};
use uuid::Uuid;

use crate::{
    app::{App, Shared},
    clock::now_ms,
    events::Audience,
    routing::Employee,
};

/// How often it is looked whose time is over.
const LOOK: Duration = Duration::from_secs(1);

/// Everybody's.
#[derive(Debug, Default)]
pub(crate) struct Presences {
    board: Mutex<Board>,
    /// One word after the other: what was said last is in the database and in force.
    saying: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Board {
    said: HashMap<Uuid, Presence>,
    /// Phones that answer, by extension.
    phones: HashMap<String, u32>,
    /// Extensions in a call.
    calls: HashMap<CallId, Vec<String>>,
}

impl Presences {
    /// As the database has them.
    pub(crate) async fn load(store: &Store) -> Result<Self, StoreError> {
        let rows = store.presences().await?;
        let said = rows.into_iter().map(|row| (row.user_id, from_row(&row)));
        let board = Board {
            said: said.collect(),
            ..Board::default()
        };
        Ok(Self {
            board: Mutex::new(board),
            ..Self::default()
        })
    }

    /// What somebody said last; nothing yet: available.
    pub(crate) fn of(&self, user: Uuid) -> Presence {
        let said = self.board().said.get(&user).copied().unwrap_or_default();
        if is_over(&said, now_ms()) {
            return Presence::default();
        }
        said
    }

    /// Those who are not available, and what they said.
    pub(crate) fn absent(&self) -> HashMap<Uuid, Availability> {
        let now = now_ms();
        let board = self.board();
        let said = board.said.iter();
        said.filter(|(_, said)| said.availability != Availability::Available && !is_over(said, now))
            .map(|(user, said)| (*user, said.availability))
            .collect()
    }

    /// An employee as colleagues see him.
    pub(crate) fn colleague(&self, employee: &Employee) -> Colleague {
        let board = self.board();
        let on_call = |extensions: &Vec<String>| extensions.contains(&employee.extension);
        Colleague {
            id: employee.user.to_string(),
            name: employee.name.clone(),
            extension: employee.extension.clone(),
            presence: board.said.get(&employee.user).copied().unwrap_or_default(),
            reachable: board
                .phones
                .get(&employee.extension)
                .is_some_and(|n| *n > 0),
            on_call: board.calls.values().any(on_call),
        }
    }

    /// Takes an event of the gateway; whose state it changes, by extension.
    pub(crate) fn hear(&self, event: &CallEvent) -> Vec<String> {
        let mut board = self.board();
        match event {
            CallEvent::BindingsChanged {
                extension,
                reachable,
            } => {
                board.phones.insert(extension.clone(), *reachable);
                vec![extension.clone()]
            }
            CallEvent::CallStarted { id, extension, .. } => {
                let extension = extension.iter().cloned().collect();
                board.talk(*id, extension, &[])
            }
            CallEvent::CallAnswered { id, extension, .. } => {
                board.talk(*id, vec![extension.clone()], &[])
            }
            CallEvent::CallTransferred { id, from, to, .. } => {
                let to = to.iter().cloned().collect();
                board.talk(*id, to, std::slice::from_ref(from))
            }
            CallEvent::CallParked { id, by, .. } => {
                board.talk(*id, Vec::new(), std::slice::from_ref(by))
            }
            CallEvent::CallUnparked { id, by, .. } => board.talk(*id, vec![by.clone()], &[]),
            // A number outside is nobody's extension.
            CallEvent::ThirdJoined { id, with, .. } => board.talk(*id, vec![with.clone()], &[]),
            CallEvent::CallEnded { id, .. } => board.calls.remove(id).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    fn say(&self, user: Uuid, presence: Presence) {
        self.board().said.insert(user, presence);
    }

    /// Those whose time is over.
    fn due(&self, now: i64) -> Vec<Uuid> {
        let board = self.board();
        let said = board.said.iter();
        said.filter(|(_, presence)| is_over(presence, now))
            .map(|(user, _)| *user)
            .collect()
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Board {
    /// These talk in a call from now on, those no longer; everybody whose state that changes.
    fn talk(&mut self, call: CallId, come: Vec<String>, gone: &[String]) -> Vec<String> {
        let talking = self.calls.entry(call).or_default();
        talking.retain(|extension| !gone.contains(extension));
        let come = come.into_iter().filter(|one| !one.is_empty());
        let new: Vec<String> = come.filter(|one| !talking.contains(one)).collect();
        talking.extend(new.iter().cloned());
        new.into_iter().chain(gone.iter().cloned()).collect()
    }
}

/// Whether the time somebody gave is over.
fn is_over(said: &Presence, now: i64) -> bool {
    said.until.is_some_and(|until| until <= now)
}

fn from_row(row: &presence::Model) -> Presence {
    Presence {
        // A word of a later version: he takes calls rather than losing them.
        availability: serde_json::from_value(row.availability.as_str().into()).unwrap_or_default(),
        since: row.since,
        until: row.until,
    }
}

fn to_row(user_id: Uuid, presence: Presence) -> presence::Model {
    let word = serde_json::to_value(presence.availability).ok();
    presence::Model {
        user_id,
        availability: word
            .and_then(|word| word.as_str().map(str::to_owned))
            .unwrap_or_default(),
        since: presence.since,
        until: presence.until,
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
        self.put_presence(user, presence).await
    }

    async fn put_presence(&self, user: Uuid, presence: Presence) -> Result<(), StoreError> {
        self.store.set_presence(to_row(user, presence)).await?;
        self.presences.say(user, presence);
        if let Some(employee) = self.switchboard.office().by_user(user) {
            self.tell_colleague(employee);
        }
        Ok(())
    }

    /// Shows what an event of the gateway changes about people.
    pub(crate) fn presence_heard(&self, event: &CallEvent) {
        let office = self.switchboard.office();
        for extension in self.presences.hear(event) {
            if let Some(employee) = office.by_extension(&extension) {
                self.tell_colleague(employee);
            }
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

/// Makes people available again when the time they gave is over.
pub(crate) async fn keep_times(app: Shared) {
    let mut every = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            () = app.stop.cancelled() => return,
            _ = every.tick() => {}
        }
        let now = now_ms();
        for user in app.presences.due(now) {
            let back = Presence {
                since: now,
                ..Presence::default()
            };
            let _one = app.presences.saying.lock().await;
            // Something else may have been said meanwhile.
            if !app.presences.due(now).contains(&user) {
                continue;
            }
            if let Err(error) = app.put_presence(user, back).await {
                tracing::warn!(%error, "somebody's absence is over, which could not be written");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn answered(id: CallId, extension: &str) -> CallEvent {
        CallEvent::CallAnswered {
            id,
            at: SystemTime::now(),
            extension: extension.into(),
        }
    }

    #[test]
    fn who_talks_is_on_a_call_until_he_handed_it_over_or_it_ended() {
        let board = Presences::default();
        let anna = Employee {
            extension: "205".into(),
            ..Employee::default()
        };
        let call = CallId::now_v7();
        assert_eq!(board.hear(&answered(call, "205")), ["205"]);
        assert!(board.colleague(&anna).on_call);
        assert!(board.hear(&answered(call, "205")).is_empty(), "no news");
        let handed = CallEvent::CallTransferred {
            id: call,
            at: SystemTime::now(),
            from: "205".into(),
            to: Some("206".into()),
            dialled: "206".into(),
            joined: None,
        };
        assert_eq!(board.hear(&handed), ["206", "205"]);
        assert!(!board.colleague(&anna).on_call);
        // A forwarded call names nobody.
        assert!(board.hear(&answered(CallId::now_v7(), "")).is_empty());
    }
}

//! What is known of everybody now: what he said, his telephones, his calls, when he last moved.

use std::collections::HashMap;

use api_types::{Availability, Presence, PresenceRules};
use sip_gateway::ports::{CallEvent, CallId};
use uuid::Uuid;

/// Of everybody.
#[derive(Debug, Default)]
pub(super) struct Board {
    /// What people said.
    pub said: HashMap<Uuid, Presence>,
    /// Phones that answer, by extension.
    pub phones: HashMap<String, u32>,
    /// Conversations.
    calls: HashMap<CallId, Conversation>,
    /// What happens by itself.
    pub rules: PresenceRules,
    /// Pages that listen, by user.
    pub pages: HashMap<Uuid, u32>,
    /// When somebody last moved in a page or ended a call, ms since 1970.
    pub moved: HashMap<Uuid, i64>,
    /// Whose conversation was answered and ended just now.
    pub freed: Vec<Uuid>,
}

#[derive(Debug, Default)]
struct Conversation {
    extensions: Vec<String>,
    is_answered: bool,
}

/// What an event changes, by extension.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// Whose state is another one.
    pub changed: Vec<String>,
    /// Who talked and is in no call any more.
    pub freed: Vec<String>,
    /// They are in no call any more because a colleague took theirs over.
    pub is_handed_over: bool,
}

impl Board {
    /// What somebody said last; nothing yet, or its time is over: available.
    pub fn of(&self, user: Uuid, now: i64) -> Presence {
        let said = self.said.get(&user).filter(|said| !is_over(said, now));
        said.cloned().unwrap_or_default()
    }

    /// Whether somebody talks or dials.
    pub fn is_on_call(&self, extension: &str) -> bool {
        let mut calls = self.calls.values();
        calls.any(|call| call.extensions.iter().any(|one| one == extension))
    }

    /// Those whose time is over.
    pub fn due(&self, now: i64) -> Vec<Uuid> {
        let over = self.said.iter().filter(|(_, said)| is_over(said, now));
        over.map(|(user, _)| *user).collect()
    }

    /// Those who are available with a page open, and have not moved for as long as the rule says.
    pub fn idle(&self, now: i64) -> Vec<Uuid> {
        let Some(after) = self.rules.away_after_secs else {
            return Vec::new();
        };
        let before = now - i64::from(after) * 1000;
        let still = self.moved.iter().filter(|(_, moved)| **moved <= before);
        still
            .map(|(user, _)| *user)
            .filter(|user| self.pages.get(user).is_some_and(|pages| *pages > 0))
            .filter(|user| self.of(*user, now).availability == Availability::Available)
            .collect()
    }

    /// Takes an event of the gateway.
    pub fn hear(&mut self, event: &CallEvent) -> Heard {
        match event {
            CallEvent::BindingsChanged {
                extension,
                reachable,
            } => {
                self.phones.insert(extension.clone(), *reachable);
                Heard {
                    changed: vec![extension.clone()],
                    ..Heard::default()
                }
            }
            CallEvent::CallStarted { id, extension, .. } => {
                let extension = extension.iter().cloned().collect();
                self.talk(*id, extension, &[])
            }
            CallEvent::CallAnswered { id, extension, .. } => {
                self.calls.entry(*id).or_default().is_answered = true;
                self.talk(*id, vec![extension.clone()], &[])
            }
            CallEvent::CallTransferred { id, from, to, .. } => {
                let come = to.iter().cloned().collect();
                Heard {
                    // The colleague writes it down when it is over.
                    is_handed_over: to.is_some(),
                    ..self.talk(*id, come, std::slice::from_ref(from))
                }
            }
            CallEvent::CallParked { id, by, .. } => {
                self.talk(*id, Vec::new(), std::slice::from_ref(by))
            }
            CallEvent::CallUnparked { id, by, .. } => self.talk(*id, vec![by.clone()], &[]),
            // A number outside is nobody's extension.
            CallEvent::ThirdJoined { id, with, .. } => self.talk(*id, vec![with.clone()], &[]),
            CallEvent::CallEnded { id, .. } => {
                let ended = self.calls.remove(id).unwrap_or_default();
                self.left(ended.extensions, ended.is_answered)
            }
            _ => Heard::default(),
        }
    }

    /// These talk in a call from now on, those no longer.
    fn talk(&mut self, call: CallId, come: Vec<String>, gone: &[String]) -> Heard {
        let call = self.calls.entry(call).or_default();
        call.extensions
            .retain(|extension| !gone.contains(extension));
        let come = come.into_iter().filter(|one| !one.is_empty());
        let new: Vec<String> = come.filter(|one| !call.extensions.contains(one)).collect();
        call.extensions.extend(new.iter().cloned());
        let is_answered = call.is_answered;
        let mut heard = self.left(gone.to_vec(), is_answered);
        heard.changed.splice(0..0, new);
        heard
    }

    fn left(&self, gone: Vec<String>, is_answered: bool) -> Heard {
        let free = gone
            .iter()
            .filter(|one| is_answered && !self.is_on_call(one));
        Heard {
            freed: free.cloned().collect(),
            changed: gone,
            is_handed_over: false,
        }
    }
}

/// Whether the time somebody gave is over.
fn is_over(said: &Presence, now: i64) -> bool {
    said.until.is_some_and(|until| until <= now)
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

    fn handed(id: CallId) -> CallEvent {
        CallEvent::CallTransferred {
            id,
            at: SystemTime::now(),
            from: "205".into(),
            to: Some("206".into()),
            dialled: "206".into(),
            joined: None,
        }
    }

    #[test]
    fn who_talks_is_on_a_call_until_he_handed_it_over_or_it_ended() {
        let mut board = Board::default();
        let call = CallId::now_v7();
        assert_eq!(board.hear(&answered(call, "205")).changed, ["205"]);
        assert!(board.is_on_call("205"));
        assert_eq!(
            board.hear(&answered(call, "205")),
            Heard::default(),
            "no news"
        );
        assert_eq!(board.hear(&handed(call)).changed, ["206", "205"]);
        assert!(!board.is_on_call("205"));
        // A forwarded call names nobody.
        assert_eq!(
            board.hear(&answered(CallId::now_v7(), "")),
            Heard::default()
        );
    }

    #[test]
    fn who_handed_one_call_over_is_free_when_he_is_in_no_other() {
        let mut board = Board::default();
        let (one, other) = (CallId::now_v7(), CallId::now_v7());
        board.hear(&answered(one, "205"));
        board.hear(&answered(other, "205"));
        assert!(board.hear(&handed(one)).freed.is_empty());
        let heard = board.hear(&handed(other));
        assert_eq!(
            (heard.freed, heard.is_handed_over),
            (vec!["205".into()], true)
        );
    }

    #[test]
    fn only_who_is_available_with_a_page_open_and_does_not_move_is_idle() {
        let mut board = Board::default();
        let [idle, moves, closed, lunch] = [(); 4].map(|()| Uuid::now_v7());
        for (user, moved) in [(idle, 0), (moves, 50_001), (closed, 0), (lunch, 0)] {
            board.moved.insert(user, moved);
            board.pages.insert(user, u32::from(user != closed));
        }
        let said = Presence {
            availability: Availability::Lunch,
            ..Presence::default()
        };
        board.said.insert(lunch, said);
        assert!(board.idle(60_000).is_empty(), "no rule");
        board.rules.away_after_secs = Some(10);
        assert_eq!(board.idle(60_000), [idle]);
    }
}

//! Events to browsers: numbered, kept for those who come back, filtered by rights.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use api_types::Event;
use store::Scope;
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::{auth::Viewer, clock::now_ms};

/// Events kept for browsers that come back.
const KEPT: usize = 2000;
/// Events a slow browser may be behind.
const BEHIND: usize = 1024;

/// Who may see an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Everybody who is signed in.
    Everyone,
    /// Whoever may see the telephony settings.
    Settings,
    /// This user.
    User(Uuid),
    /// Whoever sees all calls, and these users.
    Call(Vec<Uuid>),
}

impl Audience {
    /// Whether this one is among them.
    pub(crate) fn includes(&self, viewer: &Viewer) -> bool {
        match self {
            Self::Everyone => true,
            Self::Settings => viewer.sees_settings(),
            Self::User(id) => viewer.id() == *id,
            Self::Call(own) => match viewer.calls() {
                Scope::All => true,
                Scope::Own(id) => own.contains(&id),
            },
        }
    }
}

/// An event on its way: written once for all.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    /// Its number; rises, also from one run to the next.
    pub id: u64,
    /// The event as JSON.
    pub json: String,
    /// Who may see it.
    pub audience: Audience,
}

/// Where events are published.
#[derive(Debug)]
pub(crate) struct EventHub {
    kept: Mutex<Kept>,
    sender: broadcast::Sender<Arc<Envelope>>,
}

#[derive(Debug)]
struct Kept {
    last: u64,
    first_missing_before: u64,
    envelopes: VecDeque<Arc<Envelope>>,
}

/// What a browser that subscribes gets.
#[derive(Debug)]
pub(crate) struct Subscription {
    /// What it missed; `None`: too much.
    pub missed: Option<Vec<Arc<Envelope>>>,
    /// The number of the last event so far.
    pub last: u64,
    /// What comes.
    pub coming: broadcast::Receiver<Arc<Envelope>>,
}

impl EventHub {
    /// Numbers begin at the time in ms times 1000, so that those of a new run are higher.
    pub(crate) fn new() -> Self {
        let start = u64::try_from(now_ms()).unwrap_or(0) * 1000;
        let (sender, _) = broadcast::channel(BEHIND);
        let kept = Kept {
            last: start,
            first_missing_before: start,
            envelopes: VecDeque::with_capacity(KEPT),
        };
        Self {
            kept: Mutex::new(kept),
            sender,
        }
    }

    /// Tells everybody in the audience.
    pub(crate) fn publish(&self, event: &Event, audience: Audience) {
        let json = match serde_json::to_string(event) {
            Ok(json) => json,
            Err(error) => return tracing::error!(%error, "an event could not be written"),
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.last += 1;
        let envelope = Arc::new(Envelope {
            id: kept.last,
            json,
            audience,
        });
        if kept.envelopes.len() == KEPT
            && let Some(oldest) = kept.envelopes.pop_front()
        {
            kept.first_missing_before = oldest.id;
        }
        kept.envelopes.push_back(Arc::clone(&envelope));
        // Nobody listens: fine.
        let _ = self.sender.send(envelope);
    }

    /// Events after `seen`, then those that come; without `seen` only those that come.
    pub(crate) fn subscribe(&self, seen: Option<u64>) -> Subscription {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let missed = match seen {
            None => Some(Vec::new()),
            Some(seen) if seen < kept.first_missing_before || seen > kept.last => None,
            Some(seen) => Some(
                kept.envelopes
                    .iter()
                    .filter(|envelope| envelope.id > seen)
                    .cloned()
                    .collect(),
            ),
        };
        Subscription {
            missed,
            last: kept.last,
            coming: self.sender.subscribe(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deleted(hub: &EventHub, id: usize) {
        hub.publish(
            &Event::ContactDeleted { id: id.to_string() },
            Audience::Everyone,
        );
    }

    #[test]
    fn a_browser_that_comes_back_gets_what_it_missed() {
        let hub = EventHub::new();
        let before = hub.subscribe(None).last;
        deleted(&hub, 1);
        deleted(&hub, 2);
        let missed = hub.subscribe(Some(before + 1)).missed.unwrap();
        assert_eq!(missed.len(), 1);
        assert!(missed[0].json.contains("\"2\""));
        assert!(hub.subscribe(Some(before)).missed.is_some());
    }

    #[test]
    fn whoever_missed_too_much_or_comes_from_another_run_must_read_again() {
        let hub = EventHub::new();
        let before = hub.subscribe(None).last;
        for i in 0..=KEPT {
            deleted(&hub, i);
        }
        assert!(hub.subscribe(Some(before)).missed.is_none());
        assert!(hub.subscribe(Some(5)).missed.is_none());
        assert!(hub.subscribe(Some(u64::MAX)).missed.is_none());
        assert_eq!(hub.subscribe(Some(before + 1)).missed.unwrap().len(), KEPT);
    }
}

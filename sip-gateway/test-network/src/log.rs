//! The far end's memory of its calls.

use crate::report::{Direction, EndedBy, FarCall, FarCallId, FarState, MediaReport};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{sync::watch, time::Instant};

/// Calls remembered.
const MEMORY: usize = 200;

/// A media report that its RTP task writes and the log reads.
pub type SharedReport = Arc<Mutex<MediaReport>>;

/// Locks, also after a panic elsewhere: what is kept here is always whole.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Every call, newest last.
pub struct Log {
    entries: Mutex<VecDeque<Entry>>,
    changed: watch::Sender<u64>,
}

struct Entry {
    call: FarCall,
    media: SharedReport,
    answered: Option<Instant>,
    ended: Option<Instant>,
}

impl Log {
    pub fn new() -> Self {
        Self {
            entries: Mutex::new(VecDeque::new()),
            changed: watch::channel(0).0,
        }
    }

    /// Begins a call.
    pub fn open(
        &self,
        direction: Direction,
        call_id: &str,
        account: &str,
        number: Option<String>,
    ) -> (FarCallId, SharedReport) {
        let mut entries = lock(&self.entries);
        let id = FarCallId(entries.back().map_or(1, |last| last.call.id.0 + 1));
        let media = SharedReport::default();
        if entries.len() == MEMORY {
            entries.pop_front();
        }
        let call = FarCall {
            id,
            direction,
            call_id: call_id.to_owned(),
            account: account.to_owned(),
            number,
            state: FarState::Trying,
            ended_by: None,
            final_code: None,
            reason: String::new(),
            seconds: 0.0,
            held: false,
            reoffers: 0,
            media: MediaReport::default(),
        };
        entries.push_back(Entry {
            call,
            media: media.clone(),
            answered: None,
            ended: None,
        });
        drop(entries);
        self.touch();
        (id, media)
    }

    /// Changes what is known of a call that has not ended.
    pub fn update(&self, id: FarCallId, change: impl FnOnce(&mut FarCall)) {
        if let Some(entry) = find(&mut lock(&self.entries), id)
            && entry.ended.is_none()
        {
            change(&mut entry.call);
            if entry.call.state == FarState::Answered && entry.answered.is_none() {
                entry.answered = Some(Instant::now());
            }
        }
        self.touch();
    }

    /// Ends a call, once; later ends are not heard.
    pub fn end(&self, id: FarCallId, by: Option<EndedBy>, code: Option<u16>, reason: &str) {
        self.update(id, |call| {
            call.state = FarState::Ended;
            call.ended_by = by;
            if let Some(code) = code {
                call.final_code = Some(code);
                reason.clone_into(&mut call.reason);
            }
            if call.reason.is_empty() {
                reason.clone_into(&mut call.reason);
            }
        });
        if let Some(entry) = find(&mut lock(&self.entries), id) {
            entry.ended.get_or_insert_with(Instant::now);
        }
    }

    /// Tells the watchers.
    pub fn touch(&self) {
        self.changed.send_modify(|version| *version += 1);
    }

    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub fn calls(&self) -> Vec<FarCall> {
        lock(&self.entries).iter().map(Entry::snapshot).collect()
    }

    pub fn call(&self, id: FarCallId) -> Option<FarCall> {
        find(&mut lock(&self.entries), id).map(|entry| entry.snapshot())
    }
}

impl Entry {
    fn snapshot(&self) -> FarCall {
        let until = self.ended.unwrap_or_else(Instant::now);
        let talked = self
            .answered
            .map(|from| until.saturating_duration_since(from));
        FarCall {
            seconds: talked.unwrap_or_default().as_secs_f64(),
            media: lock(&self.media).clone(),
            ..self.call.clone()
        }
    }
}

fn find(entries: &mut VecDeque<Entry>, id: FarCallId) -> Option<&mut Entry> {
    entries.iter_mut().rev().find(|entry| entry.call.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_keeps_the_last_200_and_their_first_end() {
        let log = Log::new();
        for _ in 0..MEMORY + 5 {
            let (id, _) = log.open(Direction::ToAccount, "c", "a", None);
            log.end(id, Some(EndedBy::Them), Some(486), "Busy Here");
            log.end(id, Some(EndedBy::Us), Some(200), "OK");
        }
        let calls = log.calls();
        assert_eq!(calls.len(), MEMORY);
        assert_eq!(calls[0].id, FarCallId(6));
        assert!(calls.iter().all(|c| c.final_code == Some(486)));
        assert!(log.call(FarCallId(1)).is_none());
    }
}

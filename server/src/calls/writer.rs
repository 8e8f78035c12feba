//! The one task that writes calls. It takes the newest state of every call that changed, in one
//! transaction; while the database fails the states go to the [`Journal`] and are tried again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use store::{CallState, Store, entity::call};
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use super::Journal;

/// Between two attempts while the database fails.
const RETRY: Duration = Duration::from_secs(1);

/// States on their way to the database. As many as calls changed lately: it cannot grow without
/// bounds, however long the database is away.
#[derive(Debug)]
pub(crate) struct Writer {
    waiting: Mutex<HashMap<Uuid, CallState>>,
    changed: Notify,
    unwritten: watch::Sender<usize>,
}

impl Writer {
    /// With nothing to write.
    pub(crate) fn new() -> Arc<Self> {
        let (unwritten, _) = watch::channel(0);
        Arc::new(Self {
            waiting: Mutex::default(),
            changed: Notify::new(),
            unwritten,
        })
    }

    /// This is the state of a call now.
    pub(crate) fn put(&self, state: CallState) {
        let mut waiting = self.waiting();
        waiting.insert(state.call.id, state);
        self.unwritten.send_replace(waiting.len());
        drop(waiting);
        self.changed.notify_one();
    }

    /// People changed the row of a call; in the database it is changed already.
    pub(crate) fn amend(&self, id: Uuid, change: impl FnOnce(&mut call::Model)) {
        if let Some(state) = self.waiting().get_mut(&id) {
            change(&mut state.call);
        }
    }

    /// The state of a call, if it is not written yet.
    pub(crate) fn unwritten(&self, id: Uuid) -> Option<CallState> {
        self.waiting().get(&id).cloned()
    }

    /// Waits until everything is written, at most `patience`; whether it is.
    pub(crate) async fn flush(&self, patience: Duration) -> bool {
        let mut unwritten = self.unwritten.subscribe();
        tokio::time::timeout(patience, unwritten.wait_for(|left| *left == 0))
            .await
            .is_ok()
    }

    /// Writes until the process ends.
    pub(crate) async fn run(self: Arc<Self>, store: Store, mut journal: Journal) {
        let mut journalled: HashMap<Uuid, i64> = HashMap::new();
        loop {
            let batch: Vec<CallState> = self.waiting().values().cloned().collect();
            if batch.is_empty() {
                self.changed.notified().await;
                continue;
            }
            match store.put_calls(&batch).await {
                Ok(()) => {
                    self.forget(&batch);
                    clear(&mut journal, &mut journalled);
                }
                Err(error) => {
                    tracing::error!(%error, calls = batch.len(), "calls cannot be written to the database now");
                    keep(&mut journal, &mut journalled, &batch);
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    /// Those that did not change meanwhile are done.
    fn forget(&self, written: &[CallState]) {
        let mut waiting = self.waiting();
        for state in written {
            if waiting
                .get(&state.call.id)
                .is_some_and(|left| left.call.version <= state.call.version)
            {
                waiting.remove(&state.call.id);
            }
        }
        self.unwritten.send_replace(waiting.len());
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<Uuid, CallState>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn keep(journal: &mut Journal, journalled: &mut HashMap<Uuid, i64>, batch: &[CallState]) {
    let is_new = |state: &&CallState| {
        journalled
            .get(&state.call.id)
            .is_none_or(|version| *version < state.call.version)
    };
    let new: Vec<CallState> = batch.iter().filter(is_new).cloned().collect();
    if new.is_empty() {
        return;
    }
    match journal.append(&new) {
        Ok(()) => journalled.extend(new.iter().map(|state| (state.call.id, state.call.version))),
        Err(error) => tracing::error!(%error, "the call journal cannot be written either"),
    }
}

fn clear(journal: &mut Journal, journalled: &mut HashMap<Uuid, i64>) {
    if journal.is_empty() {
        return;
    }
    match journal.clear() {
        Ok(()) => journalled.clear(),
        Err(error) => tracing::warn!(%error, "the call journal was not cleared"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::{book::tests::state, open_calls};

    #[tokio::test]
    async fn a_call_the_database_cannot_take_is_journalled_and_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let (database, path) = (
            folder.path().join("trubka.db"),
            folder.path().join("calls.journal"),
        );
        let away = Store::open(&database).await.unwrap();
        away.clone().close().await;
        let writer = Writer::new();
        let (journal, _) = Journal::open(&path).unwrap();
        let running = tokio::spawn(Arc::clone(&writer).run(away, journal));
        let state = state();
        let id = state.call.id;
        writer.put(state);
        assert!(!writer.flush(Duration::from_millis(300)).await);
        assert!(writer.unwritten(id).is_some());
        running.abort();

        let store = Store::open(&database).await.unwrap();
        let (_, journalled) = Journal::open(&path).unwrap();
        assert_eq!(journalled.len(), 1);
        let open = open_calls(&store, &journalled).await.unwrap();
        assert_eq!(open.iter().map(|call| call.id).collect::<Vec<_>>(), [id]);
    }

    #[tokio::test]
    async fn only_the_newest_state_of_a_call_waits_to_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("trubka.db")).await.unwrap();
        let (journal, _) = Journal::open(&folder.path().join("calls.journal")).unwrap();
        let writer = Writer::new();
        let mut state = state();
        for version in 1..=1000 {
            state.call.version = version;
            writer.put(state.clone());
        }
        assert_eq!(writer.waiting().len(), 1);
        tokio::spawn(Arc::clone(&writer).run(store.clone(), journal));
        assert!(writer.flush(Duration::from_secs(5)).await);
        let stored = store.call_state(state.call.id).await.unwrap().unwrap();
        assert_eq!(stored.call.version, 1000);
    }
}

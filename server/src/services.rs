//! The tasks the server cannot do without. When one of them ends by itself the process has to end
//! too, so that a supervisor starts it anew: half a Trubka that looks alive is worse than none.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
};

use futures_util::FutureExt;
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// Watches them.
#[derive(Debug)]
pub(crate) struct Services {
    stop: CancellationToken,
    ended: OnceLock<String>,
    changed: watch::Sender<()>,
}

impl Services {
    /// With none yet. Once `stop` is cancelled they may end.
    pub(crate) fn new(stop: CancellationToken) -> Arc<Self> {
        Arc::new(Self {
            stop,
            ended: OnceLock::new(),
            changed: watch::Sender::new(()),
        })
    }

    /// Runs a task; should it end, by a panic or not, before the server stops, that is told. The
    /// handle ends with the task.
    pub(crate) fn spawn(
        self: &Arc<Self>,
        name: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> JoinHandle<()> {
        let services = Arc::clone(self);
        let running = tokio::spawn(task);
        tokio::spawn(async move {
            let done = running.await;
            if done.is_err_and(|error| error.is_panic()) || !services.stop.is_cancelled() {
                services.has_ended(name);
            }
        })
    }

    /// This one has ended and does not come back.
    pub(crate) fn has_ended(&self, name: &str) {
        tracing::error!(service = name, "a part of Trubka has ended by itself");
        // The first counts: the others may be its consequences.
        let _ = self.ended.set(name.to_owned());
        self.changed.send_replace(());
    }

    /// One that has ended, if any.
    pub(crate) fn ended(&self) -> Option<&str> {
        self.ended.get().map(String::as_str)
    }

    /// Waits until one ends; which.
    pub(crate) async fn one_ends(&self) -> String {
        let mut changed = self.changed.subscribe();
        loop {
            if let Some(name) = self.ended() {
                return name.to_owned();
            }
            if changed.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

/// Does the work; a panic in it is told in the log and goes no further.
pub(crate) async fn contained(what: &str, work: impl Future<Output = ()>) {
    if AssertUnwindSafe(work).catch_unwind().await.is_err() {
        tracing::error!(what, "a fault in Trubka: this was left undone");
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_service_that_panics_or_returns_is_told_of() {
        for panics in [true, false] {
            let services = Services::new(CancellationToken::new());
            assert_eq!(services.ended(), None);
            let task = async move { assert!(!panics, "on purpose") };
            services.spawn("the writer", task).await.unwrap();
            assert_eq!(services.one_ends().await, "the writer");
            services.has_ended("another");
            assert_eq!(services.ended(), Some("the writer"));
        }
    }

    #[tokio::test]
    async fn services_may_end_when_the_server_stops() {
        let stop = CancellationToken::new();
        let services = Services::new(stop.clone());
        stop.cancel();
        services.spawn("the writer", async {}).await.unwrap();
        assert_eq!(services.ended(), None);
        let waiting = tokio::time::timeout(Duration::from_millis(20), services.one_ends());
        assert!(waiting.await.is_err());
    }

    #[tokio::test]
    async fn a_panic_costs_one_event_only() {
        let mut handled = Vec::new();
        for event in 1..=3 {
            contained("an event", async {
                assert_ne!(event, 2, "on purpose");
                handled.push(event);
            })
            .await;
        }
        assert_eq!(handled, [1, 3]);
    }
}

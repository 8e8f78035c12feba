//! The way of [`CallEvent`]s to the server: in order, and nobody waits for it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::mpsc;

use crate::ports::CallEvent;

/// Events that may wait in memory for a slow receiver. One event is some 200 octets.
const MOST_WAITING: usize = 200_000;

/// Where events are put. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct EventSink {
    queue: mpsc::UnboundedSender<CallEvent>,
    waiting: Arc<AtomicUsize>,
}

impl EventSink {
    /// A sink that forwards to `receiver` in order until either side is gone.
    pub(crate) fn new(receiver: mpsc::Sender<CallEvent>) -> Self {
        let (queue, mut source) = mpsc::unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&waiting);
        tokio::spawn(async move {
            while let Some(event) = source.recv().await {
                left.fetch_sub(1, Ordering::Relaxed);
                if receiver.send(event).await.is_err() {
                    tracing::warn!("nobody receives call events any more");
                    return;
                }
            }
        });
        Self { queue, waiting }
    }

    /// Never waits. When [`MOST_WAITING`] is reached events that describe no call's beginning or
    /// end are dropped, and said so.
    pub(crate) fn emit(&self, event: CallEvent) {
        let waiting = self.waiting.fetch_add(1, Ordering::Relaxed);
        if waiting >= MOST_WAITING && is_dispensable(&event) {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            tracing::error!(waiting, "call events are not being taken; one was dropped");
            return;
        }
        if self.queue.send(event).is_err() {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

fn is_dispensable(event: &CallEvent) -> bool {
    match event {
        CallEvent::CallRinging { .. }
        | CallEvent::CallHeld { .. }
        | CallEvent::CallOffered { .. }
        | CallEvent::CallVanished { .. }
        | CallEvent::CallReattached { .. }
        | CallEvent::CallParked { .. }
        | CallEvent::ThirdJoined { .. }
        | CallEvent::ThirdLeft { .. }
        | CallEvent::Digit { .. }
        | CallEvent::LegMeasured { .. }
        | CallEvent::LineChanged { .. }
        | CallEvent::LineUsage { .. }
        | CallEvent::PathStep { .. }
        | CallEvent::BindingsChanged { .. }
        | CallEvent::LockedOut { .. } => true,
        CallEvent::CallStarted { .. }
        | CallEvent::CallAnswered { .. }
        | CallEvent::CallTransferred { .. }
        | CallEvent::CallUnparked { .. }
        | CallEvent::CallJoined { .. }
        | CallEvent::RecordingStarted { .. }
        | CallEvent::CallEnded { .. }
        | CallEvent::RecordingReady { .. }
        | CallEvent::RecordingFailed { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{CallEvent, LineState};

    #[tokio::test]
    async fn a_slow_receiver_gets_everything_in_order() {
        let (sender, mut receiver) = mpsc::channel(1);
        let sink = EventSink::new(sender);
        for secs in 0..100 {
            sink.emit(CallEvent::LineChanged {
                line: uuid::Uuid::nil(),
                state: LineState::Registered {
                    expires_secs: secs,
                    round_trip_ms: 0,
                    seen_as: None,
                },
            });
        }
        for secs in 0..100 {
            let Some(CallEvent::LineChanged {
                state: LineState::Registered { expires_secs, .. },
                ..
            }) = receiver.recv().await
            else {
                panic!("an event is missing");
            };
            assert_eq!(expires_secs, secs);
        }
    }
}

//! `GET /api/v1/events`: what happens, as it happens (server-sent events).

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use api_types::Event as ApiEvent;
use axum::{
    extract::State,
    http::HeaderMap,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::{Interval, MissedTickBehavior, interval},
};

use crate::{
    app::Shared,
    auth::Viewer,
    clock::now_ms,
    events::{Envelope, Subscription},
    presence::OpenPage,
};

/// Between two signs of life, and two looks at whether the session still stands.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// When the browser tries again after the connection broke.
const RETRY: Duration = Duration::from_secs(1);

/// Events from now on; with `Last-Event-ID` those missed come first, or `resync` when it is too
/// many. Each viewer gets what the role allows.
#[utoipa::path(
    get, path = "/events", tag = "events",
    params(("Last-Event-ID" = Option<u64>, Header, description = "The last event seen")),
    responses((status = 200, description = "`id` rises; `data` is an Event", body = ApiEvent, content_type = "text/event-stream")),
)]
pub(super) async fn events(
    State(app): State<Shared>,
    viewer: Viewer,
    headers: HeaderMap,
) -> Response {
    let seen = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok()?.trim().parse().ok());
    let Subscription {
        missed,
        last,
        coming,
    } = app.hub.subscribe(seen);
    let mut waiting = VecDeque::from([hello(last, seen)]);
    match missed {
        Some(missed) => waiting.extend(
            missed
                .iter()
                .filter(|event| event.audience.includes(&viewer))
                .map(|event| write(event)),
        ),
        None => waiting.push_back(resync(last)),
    }
    let mut check = interval(KEEP_ALIVE);
    check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    check.reset();
    let page = OpenPage::of(Arc::clone(&app), viewer.id());
    let listener = Listener {
        app,
        viewer,
        _page: page,
        waiting,
        coming,
        check,
    };
    let stream = stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    // Proxies must not collect events before they pass them on.
    let headers = [("cache-control", "no-store"), ("x-accel-buffering", "no")];
    (
        headers,
        Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)),
    )
        .into_response()
}

struct Listener {
    app: Shared,
    viewer: Viewer,
    _page: OpenPage,
    waiting: VecDeque<Event>,
    coming: broadcast::Receiver<Arc<Envelope>>,
    check: Interval,
}

impl Listener {
    /// The next event for this viewer; `None` when the session or the server ends.
    async fn next(&mut self) -> Option<Event> {
        if let Some(event) = self.waiting.pop_front() {
            return Some(event);
        }
        loop {
            tokio::select! {
                () = self.app.stop.cancelled() => return None,
                _ = self.check.tick() => self.look_again().await?,
                received = self.coming.recv() => match received {
                    Ok(event) if event.audience.includes(&self.viewer) => return Some(write(&event)),
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => {
                        let now = self.app.hub.subscribe(None);
                        self.coming = now.coming;
                        return Some(resync(now.last));
                    }
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }

    /// Signed out meanwhile: `None`. The role may have changed.
    async fn look_again(&mut self) -> Option<()> {
        match self
            .app
            .store
            .session(&self.viewer.session_hash, now_ms())
            .await
        {
            Ok(found) => self.viewer.user = found?.user,
            Err(error) => tracing::warn!(%error, "a session could not be checked"),
        }
        Some(())
    }
}

/// Tells at once that the connection stands, and where to go on from.
fn hello(last: u64, seen: Option<u64>) -> Event {
    let event = Event::default().comment("trubka").retry(RETRY);
    if seen.is_none() {
        event.id(last.to_string())
    } else {
        event
    }
}

fn write(envelope: &Envelope) -> Event {
    Event::default()
        .id(envelope.id.to_string())
        .data(&envelope.json)
}

fn resync(last: u64) -> Event {
    let json = serde_json::to_string(&ApiEvent::Resync).unwrap_or_default();
    Event::default().id(last.to_string()).data(json)
}

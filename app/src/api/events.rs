//! The stream of events: one connection, which comes back by itself, and those who follow it.

use std::{cell::RefCell, rc::Rc};

use api_types::Event;
use gloo::timers::callback::Timeout;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent};

use crate::{
    platform::{
        bridge::{self, Topic},
        tabs::Tabs,
    },
    view::event::Read,
};

/// What the leading tab calls the events it passes on.
pub const TOPIC: &str = "live";

type Follower = Rc<dyn Fn(&Event)>;

/// The stream, in the context.
#[derive(Clone, Copy)]
pub struct Live {
    followers: StoredValue<Vec<(u64, Follower)>, LocalStorage>,
    source: StoredValue<Option<Rc<Connection>>, LocalStorage>,
    /// False while the stream is lost.
    pub connected: RwSignal<bool>,
}

/// From the context.
pub fn use_live() -> Live {
    expect_context()
}

/// The first wait before a lost stream is opened again, and the longest, in milliseconds.
const WAITS_MS: (u32, u32) = (500, 8_000);

impl Live {
    /// What the desk's stream says; [`Self::open`] is for the desk only.
    pub fn provide(read: Read) -> Self {
        let live = Self {
            followers: StoredValue::new_local(Vec::new()),
            source: StoredValue::new_local(None),
            connected: RwSignal::new(false),
        };
        provide_context(live);
        bridge::hear(Topic::Live, move |text| {
            let event = match text.as_str() {
                "" => Some(Event::Resync),
                text => read(text),
            };
            if let Some(event) = event {
                live.tell(&event);
            }
        });
        live
    }

    /// Calls `follower` at every event until the component goes.
    pub fn follow(self, follower: impl Fn(&Event) + 'static) {
        let mut id = 0;
        self.followers.update_value(|followers| {
            id = followers.last().map_or(1, |(last, _)| last + 1);
            followers.push((id, Rc::new(follower)));
        });
        on_cleanup(move || {
            self.followers
                .try_update_value(|followers| followers.retain(|(known, _)| *known != id));
        });
    }

    /// Opens the stream. What was missed before is not known.
    pub fn open(self, tabs: Tabs) {
        self.source
            .set_value(Connection::open(self, tabs, WAITS_MS.0));
    }

    /// Opens it again; what was missed is read again.
    pub fn open_anew(self, tabs: Tabs) {
        let slower = WAITS_MS.0 * 2;
        self.source.set_value(Connection::open(self, tabs, slower));
    }

    /// Closes it.
    pub fn close(self) {
        self.source.set_value(None);
        self.connected.set(false);
    }

    fn tell(self, event: &Event) {
        let followers: Vec<Follower> = self
            .followers
            .with_value(|all| all.iter().map(|(_, follower)| follower.clone()).collect());
        for follower in followers {
            follower(event);
        }
    }
}

/// A listener, kept as long as its source.
type Listener = Closure<dyn FnMut(MessageEvent)>;

struct Connection {
    source: EventSource,
    retry: RefCell<Option<Timeout>>,
    closures: RefCell<Vec<Listener>>,
}

impl Connection {
    /// `wait_ms`: how long to wait should it fail for good.
    fn open(live: Live, tabs: Tabs, wait_ms: u32) -> Option<Rc<Self>> {
        let source = EventSource::new("/api/v1/events").ok()?;
        let connection = Rc::new(Self {
            source,
            retry: RefCell::default(),
            closures: RefCell::default(),
        });
        connection.on_open(live, tabs, wait_ms > WAITS_MS.0);
        connection.on_message(tabs);
        connection.on_error(live, tabs, wait_ms);
        Some(connection)
    }

    /// A stream opened anew knows nothing of what was missed.
    fn on_open(&self, live: Live, tabs: Tabs, anew: bool) {
        let opened = Closure::<dyn FnMut(MessageEvent)>::new(move |_| {
            live.connected.set(true);
            if anew {
                tabs.say(TOPIC, "");
                bridge::tell(Topic::Live, "");
            }
        });
        self.source
            .set_onopen(Some(opened.as_ref().unchecked_ref()));
        self.closures.borrow_mut().push(opened);
    }

    fn on_message(&self, tabs: Tabs) {
        let told = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            let Some(text) = message.data().as_string() else {
                return;
            };
            tabs.say(TOPIC, &text);
            bridge::tell(Topic::Live, &text);
        });
        self.source
            .set_onmessage(Some(told.as_ref().unchecked_ref()));
        self.closures.borrow_mut().push(told);
    }

    /// The browser reconnects by itself (with Last-Event-ID) unless the server refused: then it
    /// closes for good and we open anew, ever more slowly.
    fn on_error(self: &Rc<Self>, live: Live, tabs: Tabs, wait_ms: u32) {
        let weak = Rc::downgrade(self);
        let failed = Closure::<dyn FnMut(MessageEvent)>::new(move |_| {
            live.connected.set(false);
            let Some(connection) = weak
                .upgrade()
                .filter(|connection| connection.source.ready_state() == EventSource::CLOSED)
            else {
                return;
            };
            let next = (wait_ms * 2).min(WAITS_MS.1);
            let again = Timeout::new(wait_ms, move || {
                live.source.set_value(Connection::open(live, tabs, next))
            });
            *connection.retry.borrow_mut() = Some(again);
        });
        self.source
            .set_onerror(Some(failed.as_ref().unchecked_ref()));
        self.closures.borrow_mut().push(failed);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.source.set_onopen(None);
        self.source.set_onmessage(None);
        self.source.set_onerror(None);
        self.source.close();
    }
}

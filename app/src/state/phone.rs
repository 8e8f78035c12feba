//! The phone on the page: its state, the server's records of its calls, and the cards made of both.

use std::{collections::BTreeMap, rc::Rc};

use api_types::{CallRecord, Event, PhoneCredentials};
use gloo::timers::callback::Timeout;
use leptos::{prelude::*, task::spawn_local};
use phone::{CallKey, CallView, Command, Phone, PhoneConfig, PhoneEvent, PhoneState};

use super::session::Session;
use crate::{
    api::{Api, events::Live},
    platform::bridge::{self, Topic},
    view::{
        card::target,
        dial,
        failure::Failure,
        outcome,
        stack::{Stack, plain_id},
    },
};

/// The phone, in the context.
#[derive(Clone, Copy)]
pub struct PhoneLink {
    /// As the phone tells it.
    pub state: RwSignal<PhoneState>,
    /// The cards.
    pub stack: RwSignal<Stack>,
    /// The server's records of calls that run or stand on a card, by plain id.
    pub records: RwSignal<BTreeMap<String, CallRecord>>,
    /// What is typed into the number field.
    pub number: RwSignal<String>,
    /// Whether the keypad of the card in talk is open.
    pub keypad_open: RwSignal<bool>,
    /// Whether the dial pad is open.
    pub pad_open: RwSignal<bool>,
    /// Says that a call goes on already.
    busy: Callback<()>,
    phone: StoredValue<Option<Rc<Phone>>, LocalStorage>,
    session: Session,
    api: Api,
}

/// From the context.
pub fn use_phone() -> PhoneLink {
    expect_context()
}

/// Wait before credentials are asked for again when the server is away, in milliseconds.
const CREDENTIALS_RETRY_MS: u32 = 2_000;

impl PhoneLink {
    /// A phone that is off.
    pub fn provide(session: Session, api: Api, live: Live, busy: Callback<()>) -> Self {
        let link = Self {
            state: RwSignal::new(PhoneState::default()),
            stack: RwSignal::new(Stack::default()),
            records: RwSignal::new(BTreeMap::new()),
            number: RwSignal::new(String::new()),
            pad_open: RwSignal::new(false),
            keypad_open: RwSignal::new(false),
            busy,
            phone: StoredValue::new_local(None),
            session,
            api,
        };
        provide_context(link);
        live.follow(move |event| link.hear(event));
        bridge::hear(Topic::Dial, move |number| {
            link.dial(&number);
        });
        link
    }

    /// Registers as whoever is signed in, if they have an extension.
    pub fn start(self) {
        if self.phone.with_value(Option::is_none) {
            let phone = Phone::new(move |event| self.take(event));
            self.phone.set_value(Some(Rc::new(phone)));
        }
        self.fetch_credentials();
    }

    /// Signs the phone off.
    pub fn stop(self) {
        self.send(Command::Stop);
        self.phone.set_value(None);
        self.state.set(PhoneState::default());
        self.records.set(BTreeMap::new());
        self.stack.set(Stack::default());
    }

    /// Asks the phone for something.
    pub fn send(self, command: Command) {
        // Cloned out, because the phone may call back before `send` returns.
        if let Some(phone) = self.phone.get_value() {
            phone.send(command);
        }
    }

    /// Calls a number in any spelling. False: that is no number.
    pub fn dial(self, text: &str) -> bool {
        let Some(number) = dial::number(text) else {
            return false;
        };
        if self.state.with_untracked(|state| state.engaged().is_some()) {
            self.busy.run(());
            return true;
        }
        self.number.set(String::new());
        self.pad_open.set(false);
        self.dismiss_ended();
        self.send(Command::Dial { number });
        true
    }

    /// Registers again with fresh credentials.
    pub fn reconnect(self) {
        self.fetch_credentials();
    }

    /// One of the calls a key may act on.
    pub fn target(self, choose: impl Fn(&[CallView]) -> Option<&CallView>) -> Option<CallView> {
        self.state
            .with_untracked(|state| choose(&state.calls).cloned())
    }

    /// Ends the call in talk, or rejects the one that rings.
    pub fn end_or_reject(self) {
        if let Some(call) = self.target(target::to_end) {
            let ringing = call.phase == phone::CallPhase::RingingIn;
            self.send(if ringing {
                Command::Reject(call.key)
            } else {
                Command::HangUp(call.key)
            });
        }
    }

    fn dismiss_ended(self) {
        let ended: Vec<CallKey> = self.state.with_untracked(|state| {
            state
                .calls
                .iter()
                .filter(|call| matches!(call.phase, phone::CallPhase::Ended(_)))
                .map(|call| call.key)
                .collect()
        });
        for key in ended {
            self.send(Command::Dismiss(key));
        }
    }

    fn fetch_credentials(self) {
        spawn_local(async move {
            match self.api.phone_credentials().await {
                Ok(credentials) => self.send(Command::Start(config(credentials))),
                Err(Failure::Unreachable) => {
                    Timeout::new(CREDENTIALS_RETRY_MS, move || self.fetch_credentials()).forget();
                }
                Err(_) => {}
            }
        });
    }

    fn take(self, event: PhoneEvent) {
        if event == PhoneEvent::CredentialsNeeded {
            return self.fetch_credentials();
        }
        self.state.update(|state| state.apply(event));
        self.restack();
    }

    fn hear(self, event: &Event) {
        let Event::Call(record) = event else { return };
        let id = plain_id(&record.id);
        let on_card = self.stack.with_untracked(|stack| {
            stack
                .cards()
                .iter()
                .any(|card| card.call_id.as_ref() == Some(&id))
        });
        self.records.update(|records| {
            if outcome::is_over(record.status) && !on_card {
                records.remove(&id);
            } else {
                records.insert(id, record.clone());
            }
        });
        self.restack();
    }

    /// A record that came before its card went, or that a card needs anew.
    pub fn know(self, record: CallRecord) {
        self.records.update(|records| {
            records.insert(plain_id(&record.id), record);
        });
    }

    fn restack(self) {
        let extension = self.session.me_now(|me| me.extension.clone()).flatten();
        let mut stack = self.stack.get_untracked();
        self.state.with_untracked(|state| {
            self.records.with_untracked(|records| {
                stack.sync(&state.calls, records.values(), extension.as_deref())
            });
        });
        if self.stack.with_untracked(|known| *known != stack) {
            self.stack.set(stack);
        }
    }
}

fn config(credentials: PhoneCredentials) -> PhoneConfig {
    PhoneConfig {
        websocket: absolute(&credentials.websocket),
        domain: credentials.domain,
        extension: credentials.extension,
        username: credentials.username,
        password: credentials.password,
        display_name: credentials.display_name,
    }
}

/// A path becomes a WebSocket URL of this page's server.
fn absolute(websocket: &str) -> String {
    if !websocket.starts_with('/') {
        return websocket.to_owned();
    }
    let location = window().location();
    let scheme = if location
        .protocol()
        .is_ok_and(|protocol| protocol == "https:")
    {
        "wss"
    } else {
        "ws"
    };
    format!(
        "{scheme}://{}{websocket}",
        location.host().unwrap_or_default()
    )
}

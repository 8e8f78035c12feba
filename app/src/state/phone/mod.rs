//! The phone on the page: its state, the server's records of its calls, and the cards made of both.

mod connecting;
mod dialling;
mod records;
mod tabs;

use std::{collections::BTreeMap, rc::Rc};

use api_types::{CallRecord, CallableLine};
use gloo::storage::{LocalStorage as Kept, Storage};
use leptos::prelude::*;
use phone::{
    CallKey, CallPhase, CallView, Command, Phone, PhoneEvent, PhoneState, Rejection, wire,
};

use self::tabs::topic;
use super::{known::Known, quality, session::Session};
use crate::{
    api::{Api, events::Live},
    platform::{
        bridge::{self, Topic},
        tabs::Tabs,
    },
    view::{card::target, stack::Stack},
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
    /// Whose numbers the calls at another server are.
    pub(in crate::state) known: Known,
    /// What is typed into the number field.
    pub number: RwSignal<String>,
    /// Whether the keypad of the card in talk is open.
    pub keypad_open: RwSignal<bool>,
    /// Whether the dial pad is open.
    pub pad_open: RwSignal<bool>,
    /// The lines one may call by.
    pub lines: RwSignal<Vec<CallableLine>>,
    /// Which of them and which number calls go out by, `LINE NUMBER`; empty: as the server decides.
    pub call_from: RwSignal<String>,
    /// The call whose panel for handing on is open, and whether somebody is only to be added.
    pub hand_on: RwSignal<Option<(CallKey, bool)>>,
    /// Says that a call goes on already.
    busy: Callback<()>,
    phone: StoredValue<Option<Rc<Phone>>, LocalStorage>,
    /// Whose phone it is, where this tab leads.
    leads_as: StoredValue<String>,
    /// Calls whose record was asked for.
    asked: StoredValue<Vec<String>>,
    tabs: Tabs,
    session: Session,
    api: Api,
}

/// From the context.
pub fn use_phone() -> PhoneLink {
    expect_context()
}

impl PhoneLink {
    /// A phone that is off.
    pub fn provide(session: Session, api: Api, live: Live, tabs: Tabs, busy: Callback<()>) -> Self {
        let link = Self {
            state: RwSignal::new(PhoneState::default()),
            stack: RwSignal::new(Stack::default()),
            records: RwSignal::new(BTreeMap::new()),
            known: RwSignal::default(),
            number: RwSignal::new(String::new()),
            pad_open: RwSignal::new(false),
            lines: RwSignal::new(Vec::new()),
            call_from: RwSignal::new(String::new()),
            keypad_open: RwSignal::new(false),
            hand_on: RwSignal::new(None),
            busy,
            phone: StoredValue::new_local(None),
            leads_as: StoredValue::new(String::new()),
            asked: StoredValue::new(Vec::new()),
            tabs,
            session,
            api,
        };
        provide_context(link);
        live.follow(move |event| link.hear(event));
        tabs.hear(move |topic, text| link.told(topic, text));
        bridge::hear(Topic::Dial, move |number| {
            link.dial(&number);
        });
        bridge::hear(Topic::Server, move |_| link.change_server());
        bridge::hear(Topic::Command, move |text| match wire::read(&text) {
            Some(command) => link.send(command),
            None => link.tell_pages(&link.state.with_untracked(wire::write)),
        });
        link
    }

    /// Registers as whoever is signed in where this tab leads; else shows the leading tab's phone.
    pub fn start(self, extension: &str, leads: bool) {
        match (leads, self.phone.get_value()) {
            (true, None) => self.lead(extension),
            // Somebody else has signed in on this page: the calls of the one before are not theirs.
            (true, Some(_)) if self.is_of_another(extension) => {
                self.stop();
                self.lead(extension);
            }
            (true, Some(_)) => self.fetch_credentials(),
            (false, phone) => {
                if let Some(phone) = phone {
                    phone.leave();
                }
                self.phone.set_value(None);
                self.tabs.say(topic::HELLO, "");
            }
        }
    }

    fn is_of_another(self, extension: &str) -> bool {
        self.leads_as.with_value(|own| own != extension)
    }

    fn lead(self, extension: &str) {
        self.leads_as.set_value(extension.to_owned());
        let phone = Rc::new(Phone::new(move |event| self.take(event)));
        self.phone.set_value(Some(phone.clone()));
        // What the tab before showed goes on with the calls that are taken up again.
        self.state.update(|state| *state = PhoneState::default());
        phone.restore(extension);
        self.restack();
        self.fetch_credentials();
    }

    /// Signs the phone off.
    pub fn stop(self) {
        self.send(Command::Stop);
        self.phone.set_value(None);
        self.state.set(PhoneState::default());
        self.records.set(BTreeMap::new());
        self.stack.set(Stack::default());
        self.number.set(String::new());
        self.hand_on.set(None);
        Kept::delete(dialling::LAST);
    }

    /// Asks the phone for something, wherever it is.
    pub fn send(self, command: Command) {
        // Cloned out, because the phone may call back before `send` returns.
        match self.phone.get_value() {
            Some(phone) => phone.send(command),
            None => self.tabs.say(topic::COMMAND, &wire::write(&command)),
        }
    }

    /// Asks the phone for something if this tab has it.
    pub fn send_own(self, command: Command) {
        if let Some(phone) = self.phone.get_value() {
            phone.send(command);
        }
    }

    /// The server's API.
    pub fn api(self) -> Api {
        self.api
    }

    /// Our extension.
    pub fn own_extension(self) -> Option<String> {
        self.session.me_now(|me| me.extension.clone()).flatten()
    }

    /// Opens or closes the panel of a call from which it is handed on.
    pub fn hand_on_toggle(self, call: CallKey, only_add: bool) {
        self.hand_on.update(|open| {
            *open = match open {
                Some(known) if *known == (call, only_add) => None,
                _ => Some((call, only_add)),
            };
        });
    }

    /// One of the calls a key may act on.
    pub fn target(self, choose: impl Fn(&[CallView]) -> Option<&CallView>) -> Option<CallView> {
        self.state
            .with_untracked(|state| choose(&state.calls).cloned())
    }

    /// Ends the call in talk, or rejects the one that rings.
    pub fn end_or_reject(self) {
        if let Some(call) = self.target(target::to_end) {
            let ringing = call.phase == CallPhase::RingingIn;
            self.send(if ringing {
                Command::Reject(call.key, Rejection::Busy)
            } else {
                Command::HangUp(call.key)
            });
        }
    }

    fn take(self, event: PhoneEvent) {
        if event == PhoneEvent::CredentialsNeeded {
            return self.fetch_credentials();
        }
        if let PhoneEvent::Quality(key, report) = event {
            return quality::store_new(self, key, *report);
        }
        self.state.update(|state| state.apply(event));
        self.tell_tabs();
        self.restack();
    }
}

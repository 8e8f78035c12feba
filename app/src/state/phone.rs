//! The phone on the page: its state, the server's records of its calls, and the cards made of both.

use std::{collections::BTreeMap, rc::Rc};

use api_types::{CallRecord, CallStatus, CallableLine, Event, PhoneCredentials};
use gloo::{
    storage::{LocalStorage as Kept, Storage},
    timers::callback::Timeout,
};
use leptos::{prelude::*, task::spawn_local};
use phone::{
    CallFrom, CallKey, CallPhase, CallView, Command, IceServer, Phone, PhoneConfig, PhoneEvent,
    PhoneState, Rejection, Trouble, wire,
};

use super::{known::Known, own_server::OwnServer, quality, session::Session};
use crate::{
    api::{
        Api,
        events::{self, Live},
    },
    platform::{
        bridge::{self, Topic},
        tabs::Tabs,
    },
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
    /// Whose numbers the calls at another server are.
    pub(super) known: Known,
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

/// Where the last number called is kept.
const LAST: &str = "trubka.phone.last";

/// What tabs tell each other of the phone.
mod topic {
    /// To the leading tab: a command.
    pub const COMMAND: &str = "command";
    /// From the leading tab: the phone's state.
    pub const STATE: &str = "state";
    /// To the leading tab: somebody wants to know the state.
    pub const HELLO: &str = "hello";
    /// Somebody signed in.
    pub const IN: &str = "in";
    /// They left.
    pub const OUT: &str = "out";
    /// To the leading tab: another server was chosen.
    pub const SERVER: &str = "server";
}

/// Wait before credentials are asked for again when the server is away, in milliseconds.
const CREDENTIALS_RETRY_MS: u32 = 2_000;

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
        Kept::delete(LAST);
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

    /// Another tab said something.
    fn told(self, topic: &str, text: &str) {
        let leads = self.phone.with_value(Option::is_some);
        match topic {
            topic::COMMAND if leads => {
                if let Some(command) = wire::read(text) {
                    self.send(command);
                }
            }
            topic::HELLO if leads => self.tell_tabs(),
            topic::SERVER if leads => self.fetch_credentials(),
            topic::STATE if !leads => {
                if let Some(state) = wire::read::<PhoneState>(text) {
                    self.follow(state);
                }
            }
            topic::IN if !self.session.is_in_now() => spawn_local(self.session.ask_again()),
            topic::OUT => spawn_local(async move {
                self.session.ask_again().await;
                if !self.session.is_in_now() {
                    self.tabs.leave();
                }
            }),
            events::TOPIC => bridge::tell(Topic::Live, text),
            _ => {}
        }
    }

    fn follow(self, state: PhoneState) {
        // A tab that is looked at gets the microphone which the leading one waits for.
        let waits = state.troubles.contains(&Trouble::MicrophoneWaits);
        if waits && document().has_focus().unwrap_or(false) {
            self.tabs.take_over();
        }
        self.tell_pages(&wire::write(&state));
        self.state.set(state);
        self.restack();
    }

    /// Tells the tabs that stand at the sign-in page.
    pub fn tell_signed_in(self) {
        self.tabs.say(topic::IN, "");
    }

    /// Tells the other tabs that nobody is signed in any more.
    pub fn tell_signed_out(self) {
        self.tabs.leave();
        self.tabs.say(topic::OUT, "");
    }

    fn tell_tabs(self) {
        let state = self.state.with_untracked(wire::write);
        self.tabs.say(topic::STATE, &state);
        self.tell_pages(&state);
    }

    /// The later module shows and handles devices.
    fn tell_pages(self, state: &str) {
        let leads = if self.phone.with_value(Option::is_some) {
            "1"
        } else {
            "0"
        };
        bridge::tell(Topic::Phone, &[leads, state].concat());
    }

    /// Calls a number in any spelling. False: that is no number.
    pub fn dial(self, text: &str) -> bool {
        let Some(number) = dial::number(text) else {
            return false;
        };
        if self
            .state
            .with_untracked(|state| state.dialling().is_some())
        {
            self.busy.run(());
            return true;
        }
        let _ = Kept::set(LAST, &number);
        self.number.set(String::new());
        self.pad_open.set(false);
        self.dismiss_ended();
        self.send(Command::Dial { number });
        true
    }

    /// Whether this tab has the phone; the others show it.
    pub fn leads(self) -> bool {
        self.tabs.leads.get()
    }

    /// This tab has the phone from now on.
    pub fn take_over(self) {
        self.tabs.take_over();
    }

    /// Our extension.
    pub fn own_extension(self) -> Option<String> {
        self.session.me_now(|me| me.extension.clone()).flatten()
    }

    /// The number called last; empty: none.
    pub fn last_number(self) -> String {
        Kept::get(LAST).unwrap_or_default()
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

    /// Reads anew which lines one may call by. A choice that is none any more is dropped.
    pub fn read_lines(self) {
        spawn_local(async move {
            let Ok(lines) = self.api.get::<Vec<CallableLine>>("/phone/lines").await else {
                return;
            };
            let chosen = self.chosen_line();
            let known = lines.iter().any(|line| {
                let mut numbers = line.numbers.iter();
                numbers.any(|number| dial::call_from(&line.id, &number.e164) == chosen)
            });
            if !known && !chosen.is_empty() {
                self.choose_line(String::new());
            } else {
                self.call_from.set(chosen);
            }
            self.lines.set(lines);
        });
    }

    /// Calls go out by this line and number from now on, also after the next start.
    pub fn choose_line(self, chosen: String) {
        if let Some(key) = self.memory() {
            let _ = Kept::set(key, &chosen);
        }
        self.call_by(chosen);
    }

    fn call_by(self, chosen: String) {
        let from = chosen.split_once(' ').map(|(line, number)| CallFrom {
            line: line.to_owned(),
            number: number.to_owned(),
        });
        self.send(Command::CallFrom(from));
        self.call_from.set(chosen);
    }

    fn chosen_line(self) -> String {
        let remembered = self.memory().and_then(|key| Kept::get(key).ok());
        remembered.unwrap_or_default()
    }

    /// Where the choice of whoever is signed in is remembered.
    fn memory(self) -> Option<String> {
        Some(format!("trubka.line.{}", self.own_extension()?))
    }

    /// Another server was chosen: the tab that leads goes there.
    fn change_server(self) {
        match self.phone.with_value(Option::is_some) {
            true => self.fetch_credentials(),
            false => self.tabs.say(topic::SERVER, ""),
        }
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
            let ringing = call.phase == CallPhase::RingingIn;
            self.send(if ringing {
                Command::Reject(call.key, Rejection::Busy)
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
                .filter(|call| matches!(call.phase, CallPhase::Ended(_)))
                .map(|call| call.key)
                .collect()
        });
        for key in ended {
            self.send(Command::Dismiss(key));
        }
    }

    fn fetch_credentials(self) {
        if let Some(server) = self.own_server() {
            let name = self.session.me_now(|me| me.name.clone());
            self.send(Command::Start(server.config(name.unwrap_or_default())));
            // Lines are Trubka's.
            return self.send(Command::CallFrom(None));
        }
        spawn_local(async move {
            match self.api.phone_credentials().await {
                Ok(credentials) => {
                    self.send(Command::Start(config(credentials)));
                    self.call_by(self.chosen_line());
                }
                Err(Failure::Unreachable) => {
                    Timeout::new(CREDENTIALS_RETRY_MS, move || self.fetch_credentials()).forget();
                }
                Err(_) => {}
            }
        });
    }

    /// Another server than Trubka, if one was chosen in this browser.
    pub(super) fn own_server(self) -> Option<OwnServer> {
        OwnServer::kept(&self.own_extension()?)
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

    fn hear(self, event: &Event) {
        let record = match event {
            Event::Call(record) => record,
            Event::Resync => return self.ask_again(),
            Event::FarQuality(told) => return quality::far(self, told),
            _ => return self.hear_of_contacts(event),
        };
        let record = self.without_own(record.clone());
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
                keep(records, record.clone());
            }
        });
        self.far_answered(&record);
        self.put_into(&record);
        self.restack();
    }

    /// Events were missed: a call that seems to ring may be over.
    fn ask_again(self) {
        let known = self.records.with_untracked(|records| {
            let open = records.values().filter(|one| !outcome::is_over(one.status));
            open.map(|record| record.id.clone()).collect::<Vec<_>>()
        });
        for id in known {
            spawn_local(async move {
                if let Ok(record) = self.api.call(&id).await {
                    self.hear(&Event::Call(record));
                }
            });
        }
    }

    /// A call that rang out while the page was loaded again is answered for the phone before it is
    /// for the other side, which only the server knows.
    fn far_answered(self, record: &CallRecord) {
        if record.status == CallStatus::Talking
            && let Some(key) = self.call_of(record, CallView::is_dialling)
        {
            self.send_own(Command::FarAnswered(key));
        }
    }

    /// A colleague who asked us has put us into the call it was about: from now on ours is that one.
    fn put_into(self, record: &CallRecord) {
        let asker = record.employee.as_ref().map(|one| one.extension.clone());
        if let Some(into) = &record.put_into
            && asker != self.own_extension()
            && let Some(key) = self.call_of(record, CallView::is_talking)
        {
            self.send_own(Command::PutInto(key, into.clone()));
        }
    }

    /// The phone's call of a record, if it is such a one.
    fn call_of(self, record: &CallRecord, is_such: fn(&CallView) -> bool) -> Option<CallKey> {
        let id = plain_id(&record.id);
        let is_it = |call: &&CallView| {
            is_such(call) && call.call_id.as_deref().map(plain_id).as_ref() == Some(&id)
        };
        self.state
            .with_untracked(|state| state.calls.iter().find(is_it).map(|call| call.key))
    }

    /// What we bring a colleague is theirs to be shown, not ours.
    fn without_own(self, mut record: CallRecord) -> CallRecord {
        let own = self.own_extension();
        let is_own = |by: &api_types::Brought| Some(&by.by.extension) == own.as_ref();
        record.brought = record.brought.filter(|brought| !is_own(brought));
        record
    }

    /// A record that came before its card went, or that a card needs anew.
    pub fn know(self, record: CallRecord) {
        let record = self.without_own(record);
        self.records.update(|records| keep(records, record));
    }

    fn restack(self) {
        let extension = self.own_extension();
        let mut stack = self.stack.get_untracked();
        self.state.with_untracked(|state| {
            self.records.with_untracked(|records| {
                stack.sync(&state.calls, records.values(), extension.as_deref())
            });
        });
        if self.stack.with_untracked(|known| *known != stack) {
            self.stack.set(stack);
        }
        self.ask_for_records();
        self.look_up();
    }

    /// Records of calls that began before this page did.
    fn ask_for_records(self) {
        let missing: Vec<String> = self.state.with_untracked(|state| {
            let late = state.calls.iter().filter(|call| {
                call.answered_at.is_some() || call.returning || call.phase == CallPhase::RingingIn
            });
            let ids = late.filter_map(|call| call.call_id.clone());
            ids.filter(|id| {
                !self
                    .records
                    .with_untracked(|known| known.contains_key(&plain_id(id)))
            })
            .collect()
        });
        for id in missing {
            let is_new = self.asked.with_value(|asked| !asked.contains(&id));
            if is_new {
                self.asked.update_value(|asked| asked.push(id.clone()));
                spawn_local(async move {
                    let asked = self.api.call(&id).await;
                    // What came meanwhile is newer, and a call that is gone needs none.
                    if let Ok(record) = asked
                        && self.call_of(&record, |_| true).is_some()
                        && !self
                            .records
                            .with_untracked(|all| all.contains_key(&plain_id(&id)))
                    {
                        self.far_answered(&record);
                        self.know(record);
                    }
                });
            }
        }
    }
}

/// Keeps what was known of the client: a record says it only while the call goes on.
fn keep(records: &mut BTreeMap<String, CallRecord>, mut record: CallRecord) {
    let id = plain_id(&record.id);
    if record.client.is_none() {
        record.client = records.remove(&id).and_then(|known| known.client);
    }
    records.insert(id, record);
}

fn config(credentials: PhoneCredentials) -> PhoneConfig {
    PhoneConfig {
        websocket: absolute(&credentials.websocket),
        domain: credentials.domain,
        extension: credentials.extension,
        username: credentials.username,
        password: credentials.password,
        display_name: credentials.display_name,
        gathers: false,
        ice_servers: credentials.ice_servers.into_iter().map(relay).collect(),
        ice_secs: credentials.ice_expires_secs,
    }
}

fn relay(server: api_types::IceServer) -> IceServer {
    IceServer {
        urls: server.urls,
        username: server.username,
        credential: server.credential,
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

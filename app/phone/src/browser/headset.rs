//! Headsets by WebHID, and the media keys by Media Session, which every browser has.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use gloo::events::EventListener;
use js_sys::{Array, DataView, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Event, EventTarget, HtmlAudioElement, Url, window};

use super::player::file;

use crate::{
    Command, PhoneState,
    headset::{Headset, Item, Report, Situation},
    tones,
};

#[wasm_bindgen]
extern "C" {
    /// `navigator.hid` (WebHID §5).
    #[wasm_bindgen(extends = EventTarget)]
    #[derive(Clone)]
    type Hid;

    #[wasm_bindgen(method, catch, js_name = getDevices)]
    fn get_devices(this: &Hid) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = requestDevice)]
    fn request_device(this: &Hid, options: &JsValue) -> Result<Promise, JsValue>;

    /// `HIDDevice` (WebHID §6).
    #[wasm_bindgen(extends = EventTarget)]
    #[derive(Clone, PartialEq)]
    type HidDevice;

    #[wasm_bindgen(method, catch)]
    fn open(this: &HidDevice) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn close(this: &HidDevice) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = sendReport)]
    fn send_report(this: &HidDevice, id: u8, data: &Uint8Array) -> Result<Promise, JsValue>;
}

/// Telephony device page.
const TELEPHONY: f64 = 11.0;

/// The headsets this site may use. Their buttons become commands as long as this tab has the phone.
#[derive(Clone)]
pub struct Headsets(Rc<Shared>);

struct Shared {
    send: Box<dyn Fn(Command)>,
    /// Called when headsets come or go, with their names.
    changed: Box<dyn Fn(Vec<String>)>,
    now: Cell<Situation>,
    leads: Cell<bool>,
    open: RefCell<Vec<Opened>>,
    keys: RefCell<Option<MediaKeys>>,
    listeners: RefCell<Vec<EventListener>>,
}

/// A headset in use.
struct Opened {
    device: HidDevice,
    headset: Headset,
    _on_report: EventListener,
}

/// Whether the browser knows of headsets at all.
#[must_use]
pub fn has_headsets() -> bool {
    hid().is_some()
}

fn hid() -> Option<Hid> {
    let navigator = window()?.navigator();
    let hid = Reflect::get(&navigator, &"hid".into()).ok()?;
    (!hid.is_undefined()).then(|| hid.unchecked_into())
}

impl Headsets {
    /// Uses the headsets that were allowed once.
    pub fn new(send: impl Fn(Command) + 'static, changed: impl Fn(Vec<String>) + 'static) -> Self {
        let shared = Rc::new(Shared {
            send: Box::new(send),
            changed: Box::new(changed),
            now: Cell::default(),
            leads: Cell::new(false),
            open: RefCell::default(),
            keys: RefCell::default(),
            listeners: RefCell::default(),
        });
        if let Some(hid) = hid() {
            let events = ["connect", "disconnect"].map(|name| {
                let shared = Rc::downgrade(&shared);
                EventListener::new(&hid, name, move |_| {
                    if let Some(shared) = shared.upgrade() {
                        spawn_local(find(shared));
                    }
                })
            });
            shared.listeners.borrow_mut().extend(events);
        }
        Self(shared)
    }

    /// The phone is so now; `leads`: this tab has it.
    pub fn follow(&self, phone: &PhoneState, leads: bool) {
        let now = Situation::of(phone);
        let before = self.0.now.replace(now);
        if self.0.leads.replace(leads) != leads {
            spawn_local(find(self.0.clone()));
        }
        if before != now {
            self.0.light();
        }
        self.0.follow_keys();
    }

    /// Has the person allow a headset; after a click only.
    pub async fn connect(&self) {
        let Some(hid) = hid() else { return };
        let filter = Object::new();
        let _ = Reflect::set(&filter, &"usagePage".into(), &TELEPHONY.into());
        let options = Object::new();
        let _ = Reflect::set(&options, &"filters".into(), &Array::of1(&filter));
        if let Ok(asked) = hid.request_device(&options)
            && JsFuture::from(asked).await.is_ok()
        {
            find(self.0.clone()).await;
        }
    }
}

/// Opens what is there and not open, forgets what went.
async fn find(shared: Rc<Shared>) {
    let Some(asked) = hid().and_then(|hid| hid.get_devices().ok()) else {
        return;
    };
    let found: Array = match JsFuture::from(asked).await {
        Ok(found) if shared.leads.get() => found.unchecked_into(),
        Ok(_) => Array::new(),
        Err(_) => return,
    };
    let known: Vec<HidDevice> = found.iter().map(JsCast::unchecked_into).collect();
    let gone = |one: &mut Opened| !known.contains(&one.device);
    let gone: Vec<Opened> = shared.open.borrow_mut().extract_if(.., gone).collect();
    for one in gone {
        drop(one.device.close());
    }
    for device in known {
        let is_open = |one: &Opened| one.device == device;
        if !shared.open.borrow().iter().any(is_open)
            && let Some(headset) = headset_of(&device)
            && opened(&device).await
        {
            let _on_report = hear(&shared, &device);
            shared.open.borrow_mut().push(Opened {
                device,
                headset,
                _on_report,
            });
        }
    }
    let names = shared
        .open
        .borrow()
        .iter()
        .map(|one| text(&one.device, "productName"))
        .collect();
    (shared.changed)(names);
    shared.light();
    shared.follow_keys();
}

async fn opened(device: &HidDevice) -> bool {
    if get(device, "opened").is_truthy() {
        return true;
    }
    match device.open() {
        Ok(opening) => JsFuture::from(opening).await.is_ok(),
        Err(_) => false,
    }
}

fn hear(shared: &Rc<Shared>, device: &HidDevice) -> EventListener {
    let (shared, device) = (Rc::downgrade(shared), device.clone());
    EventListener::new(&device.clone(), "inputreport", move |event: &Event| {
        let Some(shared) = shared.upgrade() else {
            return;
        };
        let id = number(event, "reportId") as u8;
        let data: DataView = get(event, "data").unchecked_into();
        let data: Vec<u8> = (0..data.byte_length())
            .map(|at| data.get_uint8(at))
            .collect();
        let now = shared.now.get();
        let command = {
            let mut open = shared.open.borrow_mut();
            let one = open.iter_mut().find(|one| one.device == device);
            one.and_then(|one| one.headset.pressed(id, &data, &now))
        };
        if let Some(command) = command {
            (shared.send)(command);
        }
    })
}

impl Shared {
    fn light(&self) {
        let now = self.now.get();
        for one in self.open.borrow_mut().iter_mut() {
            for (id, data) in one.headset.lights(&now) {
                let data = Uint8Array::from(data.as_slice());
                if let Ok(sending) = one.device.send_report(id, &data) {
                    spawn_local(async move { drop(JsFuture::from(sending).await) });
                }
            }
        }
    }

    /// The media keys serve while there is a call and no headset does.
    fn follow_keys(self: &Rc<Self>) {
        let now = self.now.get();
        let wanted = self.leads.get() && now.has_call() && self.open.borrow().is_empty();
        let mut keys = self.keys.borrow_mut();
        match (wanted, keys.is_some()) {
            (true, false) => *keys = MediaKeys::new(self),
            (false, true) => *keys = None,
            _ => {}
        }
        if let Some(keys) = &*keys {
            keys.show(&now);
        }
    }
}

/// Media Session: what keyboards, earphones and the system's own panel press.
struct MediaKeys {
    session: JsValue,
    /// Browsers give the keys to who plays something: silence.
    _playing: Option<Silence>,
    _actions: Vec<Closure<dyn FnMut()>>,
}

const YES: [&str; 2] = ["play", "pause"];
const MUTE: &str = "togglemicrophone";
const NO: [&str; 2] = ["hangup", "stop"];

impl MediaKeys {
    fn new(shared: &Rc<Shared>) -> Option<Self> {
        let navigator = window()?.navigator();
        let session = get(&navigator, "mediaSession");
        if session.is_undefined() {
            return None;
        }
        let mut actions = Vec::new();
        let mut on = |name: &str, wish: fn(&Situation) -> Option<Command>| {
            let shared = Rc::downgrade(shared);
            let action = Closure::new(move || {
                if let Some(shared) = shared.upgrade()
                    && let Some(command) = wish(&shared.now.get())
                {
                    (shared.send)(command);
                }
            });
            handle(&session, name, action.as_ref());
            actions.push(action);
        };
        YES.iter().for_each(|name| on(name, Situation::yes));
        on(MUTE, Situation::mute);
        NO.iter().for_each(|name| on(name, Situation::no));
        Some(Self {
            session,
            _playing: Silence::new(),
            _actions: actions,
        })
    }

    fn show(&self, now: &Situation) {
        let set = get(&self.session, "setMicrophoneActive");
        if let Some(set) = set.dyn_ref::<Function>() {
            let _ = set.call1(&self.session, &now.is_heard().into());
        }
        let state = if now.is_heard() { "playing" } else { "paused" };
        let _ = Reflect::set(&self.session, &"playbackState".into(), &state.into());
    }
}

impl Drop for MediaKeys {
    fn drop(&mut self) {
        for name in YES.iter().chain([&MUTE]).chain(&NO) {
            handle(&self.session, name, &JsValue::NULL);
        }
        let _ = Reflect::set(&self.session, &"playbackState".into(), &"none".into());
    }
}

/// Not every browser knows every action.
fn handle(session: &JsValue, name: &str, action: &JsValue) {
    if let Some(set) = get(session, "setActionHandler").dyn_ref::<Function>() {
        let _ = set.call2(session, &name.into(), action);
    }
}

/// Milliseconds; browsers take a shorter sound for no player.
const SILENCE: u32 = 6_000;

struct Silence {
    element: HtmlAudioElement,
    url: String,
}

impl Silence {
    fn new() -> Option<Self> {
        let (element, url) = file(&tones::silence(SILENCE)).ok()?;
        element.set_loop(true);
        let began = element.play().ok()?;
        spawn_local(async move { drop(JsFuture::from(began).await) });
        Some(Self { element, url })
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        let _ = self.element.pause();
        let _ = Url::revoke_object_url(&self.url);
    }
}

/// What the device says of its telephony reports.
fn headset_of(device: &HidDevice) -> Option<Headset> {
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    for collection in list(&get(device, "collections")) {
        if number(&collection, "usagePage") == TELEPHONY {
            inputs.extend(list(&get(&collection, "inputReports")).map(|one| report(&one)));
            outputs.extend(list(&get(&collection, "outputReports")).map(|one| report(&one)));
        }
    }
    Headset::new(&inputs, &outputs)
}

fn report(report: &JsValue) -> Report {
    Report {
        id: number(report, "reportId") as u8,
        items: list(&get(report, "items")).map(|one| item(&one)).collect(),
    }
}

fn item(item: &JsValue) -> Item {
    let usages = if get(item, "isRange").is_truthy() {
        let (first, last) = (number(item, "usageMinimum"), number(item, "usageMaximum"));
        // As many as a report can hold, should the range be nonsense.
        (first as u32..=last as u32).take(1_024).collect()
    } else {
        let usages = list(&get(item, "usages"));
        usages
            .filter_map(|one| one.as_f64())
            .map(|one| one as u32)
            .collect()
    };
    Item {
        usages,
        is_array: get(item, "isArray").is_truthy(),
        is_relative: !get(item, "isAbsolute").is_truthy(),
        size: number(item, "reportSize") as u32,
        count: number(item, "reportCount") as u32,
        minimum: number(item, "logicalMinimum") as i32,
    }
}

fn list(value: &JsValue) -> impl Iterator<Item = JsValue> + use<> {
    let list = value.dyn_ref::<Array>().cloned().unwrap_or_default();
    list.to_vec().into_iter()
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

fn number(object: &JsValue, name: &str) -> f64 {
    get(object, name).as_f64().unwrap_or_default()
}

fn text(object: &JsValue, name: &str) -> String {
    get(object, name).as_string().unwrap_or_default()
}

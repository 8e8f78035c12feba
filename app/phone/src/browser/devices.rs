//! What is plugged in, and whether the microphone is allowed.

use std::{cell::RefCell, rc::Rc};

use gloo::{
    events::EventListener,
    timers::{callback::Interval, future::TimeoutFuture},
};
use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    EventTarget, HtmlAudioElement, HtmlMediaElement, MediaDevices, MediaStream,
    MediaStreamConstraints, MediaStreamTrack, window,
};

use super::Feed;
use crate::{Device, DeviceName, machine::Input};

/// Milliseconds between two looks. Chromium tells of some devices, those of a sound server, only
/// when it is asked.
const LOOK_EVERY: u32 = 1_000;

#[wasm_bindgen]
extern "C" {
    /// `HTMLMediaElement.setSinkId` (Audio Output Devices §2): not in every browser.
    #[wasm_bindgen(extends = HtmlMediaElement)]
    type Sink;

    #[wasm_bindgen(method, catch, js_name = setSinkId)]
    fn set_sink_id(this: &Sink, id: &str) -> Result<Promise, JsValue>;
}

/// Plays this element by a device; empty: the system's default. A device that cannot be had changes
/// nothing.
pub(super) fn direct(element: &HtmlMediaElement, id: &str) {
    if let Ok(promise) = element.unchecked_ref::<Sink>().set_sink_id(id) {
        spawn_local(async move { drop(JsFuture::from(promise).await) });
    }
}

/// Makes sure that sound may be sent to a device. Firefox names other speakers only to a page that
/// has used the microphone or asked for them: where the microphone is allowed for good it is opened
/// for a moment, else the person is asked, which takes a click (`has_click`).
pub(super) async fn may_direct(id: &str, has_click: bool) -> bool {
    if may(id).await {
        return true;
    }
    let Some(devices) = media_devices() else {
        return false;
    };
    let value: &JsValue = devices.as_ref();
    let select = Reflect::get(value, &"selectAudioOutput".into()).unwrap_or_default();
    let Some(select) = select.dyn_ref::<Function>() else {
        return false;
    };
    let status = permission().await;
    if status.is_some_and(|status| text(&status, "state") == "granted") {
        return glance(&devices).await && may(id).await;
    }
    if !has_click {
        return false;
    }
    let options = Object::new();
    let _ = Reflect::set(&options, &"deviceId".into(), &id.into());
    match select.call1(value, &options) {
        Ok(asked) => JsFuture::from(asked.unchecked_into::<Promise>())
            .await
            .is_ok(),
        Err(_) => false,
    }
}

async fn may(id: &str) -> bool {
    let Ok(element) = HtmlAudioElement::new() else {
        return false;
    };
    match element.unchecked_ref::<Sink>().set_sink_id(id) {
        Ok(set) => JsFuture::from(set).await.is_ok(),
        Err(_) => false,
    }
}

/// Opens the microphone and lets it go.
async fn glance(devices: &MediaDevices) -> bool {
    let constraints = MediaStreamConstraints::new();
    constraints.set_audio(&JsValue::TRUE);
    let Ok(asked) = devices.get_user_media_with_constraints(&constraints) else {
        return false;
    };
    let Ok(stream) = JsFuture::from(asked).await else {
        return false;
    };
    for track in stream.unchecked_into::<MediaStream>().get_tracks().iter() {
        track.unchecked_into::<MediaStreamTrack>().stop();
    }
    true
}

/// The same after so many milliseconds, unless it is directed elsewhere meanwhile.
pub(super) fn redirect(element: &HtmlMediaElement, id: &str, wait: u32) {
    let _ = element.set_attribute(SINK, id);
    if wait == 0 {
        return direct(element, id);
    }
    let (element, id) = (element.clone(), id.to_owned());
    spawn_local(async move {
        TimeoutFuture::new(wait).await;
        if element.get_attribute(SINK).as_ref() == Some(&id) {
            direct(&element, &id);
        }
    });
}

/// Where an element notes by which device it is to play.
const SINK: &str = "data-sink";

pub(super) struct Devices {
    shared: Rc<Shared>,
    watch: RefCell<Option<Interval>>,
    _on_change: Option<EventListener>,
}

struct Shared {
    feed: Feed,
    /// As last told.
    told: RefCell<Vec<Device>>,
    on_permission: RefCell<Option<EventListener>>,
}

impl Devices {
    pub(super) fn new(feed: Feed) -> Self {
        let shared = Rc::new(Shared {
            feed,
            told: RefCell::default(),
            on_permission: RefCell::default(),
        });
        let changed = shared.clone();
        let _on_change = media_devices().map(|devices| {
            EventListener::new(&devices, "devicechange", move |_| {
                changed.clone().find(false)
            })
        });
        spawn_local(follow_permission(shared.clone()));
        Self {
            shared,
            watch: RefCell::default(),
            _on_change,
        }
    }

    /// Tells what is plugged in.
    pub(super) fn find(&self) {
        self.shared.clone().find(true);
    }

    /// Looks again and again, or no more.
    pub(super) fn watch(&self, on: bool) {
        let shared = self.shared.clone();
        *self.watch.borrow_mut() = on.then(|| {
            shared.clone().find(false);
            Interval::new(LOOK_EVERY, move || shared.clone().find(false))
        });
    }
}

impl Shared {
    fn find(self: Rc<Self>, is_wanted: bool) {
        spawn_local(async move {
            let devices = enumerate().await;
            if is_wanted || *self.told.borrow() != devices {
                *self.told.borrow_mut() = devices.clone();
                (self.feed)(Input::Devices(devices));
            }
        });
    }
}

/// The permission may be given or taken back beside the page.
async fn follow_permission(shared: Rc<Shared>) {
    let Some(status) = permission().await else {
        return;
    };
    let asked: JsValue = status.clone().into();
    let feed = shared.feed.clone();
    let listener = EventListener::new(&status, "change", move |_| {
        if text(&asked, "state") == "granted" {
            feed(Input::MicrophoneAllowed);
        }
    });
    *shared.on_permission.borrow_mut() = Some(listener);
}

/// `navigator.permissions.query({ name: "microphone" })`.
async fn permission() -> Option<EventTarget> {
    let descriptor = Object::new();
    let _ = Reflect::set(&descriptor, &"name".into(), &"microphone".into());
    let permissions = window()?.navigator().permissions().ok()?;
    let status = JsFuture::from(permissions.query(&descriptor).ok()?)
        .await
        .ok()?;
    status.dyn_into().ok()
}

fn media_devices() -> Option<MediaDevices> {
    // Absent from pages that are not secure, whatever the types say.
    let devices = window()?.navigator().media_devices().ok()?;
    let value: &JsValue = devices.as_ref();
    (!value.is_undefined()).then_some(devices)
}

pub(super) async fn enumerate() -> Vec<Device> {
    let asked = media_devices().and_then(|devices| devices.enumerate_devices().ok());
    let Some(asked) = asked else {
        return Vec::new();
    };
    let found: Array = match JsFuture::from(asked).await {
        Ok(found) => found.unchecked_into(),
        Err(_) => return Vec::new(),
    };
    found.iter().filter_map(|info| device(&info)).collect()
}

fn device(info: &JsValue) -> Option<Device> {
    let is_input = match text(info, "kind").as_str() {
        "audioinput" => true,
        "audiooutput" => false,
        _ => return None,
    };
    let name = name_of(info);
    Some(Device { is_input, name })
}

/// `MediaDeviceInfo`.
pub(super) fn name_of(info: &JsValue) -> DeviceName {
    DeviceName {
        id: text(info, "deviceId"),
        label: text(info, "label"),
        group: text(info, "groupId"),
    }
}

fn text(object: &JsValue, name: &str) -> String {
    let value = Reflect::get(object, &name.into()).unwrap_or_default();
    value.as_string().unwrap_or_default()
}

//! The one microphone all calls share.

use std::{cell::RefCell, rc::Rc};

use gloo::{events::EventListener, timers::callback::Timeout};
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    DomException, Event, MediaStream, MediaStreamConstraints, MediaStreamTrack, Window, window,
};

use super::Feed;
use crate::{Trouble, machine::Input};

/// Milliseconds after which a request counts as pending.
const PENDING: u32 = 700;

pub(super) struct Microphone {
    feed: Feed,
    capture: Rc<RefCell<Option<Capture>>>,
}

/// The open microphone; dropping it lets it go.
struct Capture {
    track: MediaStreamTrack,
    _on_ended: EventListener,
}

impl Capture {
    /// The track of a fresh stream. It ends by itself when the device is unplugged or the permission
    /// taken back; that is told.
    fn new(stream: &MediaStream, feed: Feed) -> Result<Self, Trouble> {
        let track = stream.get_audio_tracks().get(0);
        let track: MediaStreamTrack = track.dyn_into().map_err(|_| Trouble::NoMicrophone)?;
        let ended = move |_: &Event| feed(Input::Microphone(Err(Trouble::NoMicrophone)));
        let _on_ended = EventListener::once(&track, "ended", ended);
        Ok(Self { track, _on_ended })
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.track.stop();
    }
}

impl Microphone {
    pub(super) fn new(feed: Feed) -> Self {
        Self {
            feed,
            capture: Rc::default(),
        }
    }

    /// Asks for it; the answer comes as an input.
    pub(super) fn open(&self) {
        let (feed, place) = (self.feed.clone(), self.capture.clone());
        let waits = told_if_it_waits(feed.clone());
        spawn_local(async move {
            let _waits = waits;
            let capture = request()
                .await
                .and_then(|stream| Capture::new(&stream, feed.clone()));
            let result = capture.map(|capture| drop(place.replace(Some(capture))));
            feed(Input::Microphone(result));
        });
    }

    /// Lets it go: the browser's sign goes out.
    pub(super) fn close(&self) {
        self.capture.take();
    }

    /// A track of its own for one call, so that muting one call does not mute another: the clone of
    /// Media Capture and Streams §4.3, not another handle of the same track.
    pub(super) fn track(&self) -> Option<MediaStreamTrack> {
        let capture = self.capture.borrow();
        capture
            .as_ref()
            .map(|capture| MediaStreamTrack::clone(&capture.track))
    }
}

/// Firefox gives no microphone to a tab that has not the focus; until it has, the request is pending.
fn told_if_it_waits(feed: Feed) -> Timeout {
    Timeout::new(PENDING, move || {
        let page = window().and_then(|window| window.document());
        let has_focus = page.and_then(|page| page.has_focus().ok());
        if has_focus == Some(false) {
            feed(Input::MicrophoneWaits);
        }
    })
}

async fn request() -> Result<MediaStream, Trouble> {
    let window = window().ok_or(Trouble::Unsupported)?;
    supported(&window)?;
    let devices = window
        .navigator()
        .media_devices()
        .map_err(|_| Trouble::Unsupported)?;
    let constraints = MediaStreamConstraints::new();
    constraints.set_audio(&JsValue::TRUE);
    let promise = devices
        .get_user_media_with_constraints(&constraints)
        .map_err(|error| trouble(&error))?;
    let stream = JsFuture::from(promise)
        .await
        .map_err(|error| trouble(&error))?;
    stream.dyn_into().map_err(|_| Trouble::Unsupported)
}

/// Browsers hide the microphone from insecure pages altogether.
fn supported(window: &Window) -> Result<(), Trouble> {
    let has = |object: &JsValue, name: &str| {
        Reflect::get(object, &name.into()).is_ok_and(|value| !value.is_undefined())
    };
    if !window.is_secure_context() {
        return Err(Trouble::InsecurePage);
    }
    let fits = has(window, "RTCPeerConnection") && has(&window.navigator(), "mediaDevices");
    if fits {
        Ok(())
    } else {
        Err(Trouble::Unsupported)
    }
}

/// Media Capture and Streams §10.1.4 (getUserMedia).
fn trouble(error: &JsValue) -> Trouble {
    let name = error
        .dyn_ref::<DomException>()
        .map(DomException::name)
        .unwrap_or_default();
    match name.as_str() {
        "NotAllowedError" | "SecurityError" => Trouble::MicrophoneDenied,
        "NotReadableError" | "AbortError" => Trouble::MicrophoneBusy,
        _ => Trouble::NoMicrophone,
    }
}

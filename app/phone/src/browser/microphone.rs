//! The one microphone all calls share.

use std::{cell::RefCell, rc::Rc};

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    DomException, MediaStream, MediaStreamConstraints, MediaStreamTrack, Window, window,
};

use super::Feed;
use crate::{Trouble, machine::Input};

pub(super) struct Microphone {
    feed: Feed,
    stream: Rc<RefCell<Option<MediaStream>>>,
}

impl Microphone {
    pub(super) fn new(feed: Feed) -> Self {
        Self {
            feed,
            stream: Rc::default(),
        }
    }

    /// Asks for it; the answer comes as an input.
    pub(super) fn open(&self) {
        let (feed, place) = (self.feed.clone(), self.stream.clone());
        spawn_local(async move {
            let result = request()
                .await
                .map(|stream| stop(place.replace(Some(stream))));
            feed(Input::Microphone(result));
        });
    }

    /// Lets it go: the browser's sign goes out.
    pub(super) fn close(&self) {
        stop(self.stream.take());
    }

    /// A track of its own for one call, so that muting one call does not mute another.
    pub(super) fn track(&self) -> Option<MediaStreamTrack> {
        let tracks = self.stream.borrow().as_ref()?.get_audio_tracks();
        // This is the clone of Media Capture and Streams §4.3, not another handle of the same track.
        tracks
            .get(0)
            .dyn_into::<MediaStreamTrack>()
            .ok()
            .map(|track| MediaStreamTrack::clone(&track))
    }
}

fn stop(stream: Option<MediaStream>) {
    let tracks = stream.map(|stream| stream.get_tracks()).unwrap_or_default();
    for track in tracks
        .iter()
        .filter_map(|track| track.dyn_into::<MediaStreamTrack>().ok())
    {
        track.stop();
    }
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

//! The one microphone all calls share.

use std::{cell::RefCell, rc::Rc};

use gloo::{events::EventListener, timers::callback::Timeout};
use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    DomException, Event, MediaDevices, MediaStream, MediaStreamConstraints, MediaStreamTrack,
    Window, window,
};

use super::{Feed, denoise::Clean};
use crate::{MicrophoneWish, Processing, Trouble, machine::Input};

/// Milliseconds after which a request counts as pending.
const PENDING: u32 = 700;

pub(super) struct Microphone {
    feed: Feed,
    capture: Rc<RefCell<Option<Capture>>>,
    /// What was asked for last.
    wish: RefCell<Option<MicrophoneWish>>,
}

/// The open microphone; dropping it lets it go.
struct Capture {
    track: MediaStreamTrack,
    clean: Option<Clean>,
    _on_ended: EventListener,
}

impl Capture {
    /// The track of a fresh stream. It ends by itself when the device is unplugged or the permission
    /// taken back; that is told.
    fn new(stream: &MediaStream, feed: Feed) -> Result<Self, Trouble> {
        let track = stream.get_audio_tracks().get(0);
        let track: MediaStreamTrack = track.dyn_into().map_err(|_| Trouble::NoMicrophone)?;
        let ended = move |_: &Event| feed(Input::MicrophoneEnded);
        let _on_ended = EventListener::once(&track, "ended", ended);
        Ok(Self {
            track,
            clean: None,
            _on_ended,
        })
    }
}

impl Capture {
    /// Asks for a microphone. Where it cannot be cleaned it is better than none.
    async fn open(wish: &MicrophoneWish, feed: Feed) -> Result<Self, Trouble> {
        let mut capture = Self::new(&request(wish).await?, feed)?;
        if wish.processing.clean {
            capture.clean = Clean::of(&capture.track).await;
        }
        Ok(capture)
    }

    /// What the other side is to hear.
    fn voice(&self) -> &MediaStreamTrack {
        self.clean
            .as_ref()
            .map_or(&self.track, |clean| &clean.track)
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
            wish: RefCell::default(),
        }
    }

    /// Whether what is open has to be let go first: Chromium processes one device in one way, and
    /// who opens it once more gets that.
    pub(super) fn stands_in_the_way(&self, wish: &MicrophoneWish) -> bool {
        let known = self.wish.borrow();
        let is_same = |known: &MicrophoneWish| {
            known.device == wish.device && known.processing != wish.processing
        };
        self.capture.borrow().is_some() && known.as_ref().is_some_and(is_same)
    }

    /// Asks for it; the answer comes as an input. What was open before is let go only then.
    pub(super) fn open(&self, wish: MicrophoneWish) {
        let (feed, place) = (self.feed.clone(), self.capture.clone());
        self.wish.replace(Some(wish.clone()));
        let waits = told_if_it_waits(feed.clone());
        spawn_local(async move {
            let _waits = waits;
            let capture = Capture::open(&wish, feed.clone()).await;
            let result = capture.map(|capture| {
                let label = capture.track.label();
                drop(place.replace(Some(capture)));
                label
            });
            let (has_failed, has_none) = (result.is_err(), place.borrow().is_none());
            feed(Input::Microphone(result));
            if has_failed && has_none {
                feed(Input::MicrophoneEnded);
            }
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
            .map(|capture| MediaStreamTrack::clone(capture.voice()))
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

pub(super) async fn request(wish: &MicrophoneWish) -> Result<MediaStream, Trouble> {
    let window = window().ok_or(Trouble::Unsupported)?;
    supported(&window)?;
    let devices = window
        .navigator()
        .media_devices()
        .map_err(|_| Trouble::Unsupported)?;
    let device = wish.device.as_deref();
    match get(&devices, device, wish.processing).await {
        // Another one is better than none.
        Err(Trouble::NoMicrophone) if device.is_some() => {
            get(&devices, None, wish.processing).await
        }
        result => result,
    }
}

async fn get(
    devices: &MediaDevices,
    device: Option<&str>,
    processing: Processing,
) -> Result<MediaStream, Trouble> {
    let constraints = MediaStreamConstraints::new();
    constraints.set_audio(&constraints_of(device, processing));
    let promise = devices
        .get_user_media_with_constraints(&constraints)
        .map_err(|error| trouble(&error))?;
    let stream = JsFuture::from(promise)
        .await
        .map_err(|error| trouble(&error))?;
    stream.dyn_into().map_err(|_| Trouble::Unsupported)
}

/// `MediaTrackConstraints`. Exactly this device: where it is only preferred, the browser may have
/// the person choose.
fn constraints_of(device: Option<&str>, processing: Processing) -> JsValue {
    let object = Object::new();
    let set = |name: &str, value: &JsValue| {
        let _ = Reflect::set(&object, &name.into(), value);
    };
    if let Some(id) = device {
        let exact = Object::new();
        let _ = Reflect::set(&exact, &"exact".into(), &id.into());
        set("deviceId", &exact);
    }
    set("echoCancellation", &processing.echo.into());
    set("noiseSuppression", &processing.noise.into());
    set("autoGainControl", &processing.gain.into());
    object.into()
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

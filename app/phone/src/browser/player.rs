//! Plays the page's own tones.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use gloo::{events::EventListener, timers::callback::Timeout};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, HtmlAudioElement, Url, window};

use super::{
    Feed,
    devices::{direct, may_direct},
    peer::is_refusal,
};
use crate::{
    machine::{Input, Sound},
    tones,
};

/// Milliseconds a sound waits so that what it announces is painted first. A hidden page paints
/// nothing and its timers are slow, so there it does not wait.
const AFTER_PAINT: u32 = 40;

/// A media element and not Web Audio: in every browser it can be sent to a device of its own, and
/// its `play` says at once whether sound is allowed.
#[derive(Clone)]
pub(super) struct Player(Rc<Inner>);

struct Inner {
    feed: Feed,
    /// Where it rings, and where the other side is heard.
    ringer: RefCell<String>,
    speaker: RefCell<String>,
    playing: RefCell<Option<Playing>>,
    start: RefCell<Option<Timeout>>,
    /// The browser refused to play.
    is_blocked: Rc<Cell<bool>>,
    /// Whether it may ring by the device that was chosen for that is known, or being asked.
    is_settled: Cell<bool>,
    _gestures: Vec<EventListener>,
}

/// A sound; dropping it ends it.
pub(super) struct Playing {
    sound: Sound,
    pub(super) element: HtmlAudioElement,
    url: String,
}

impl Drop for Playing {
    fn drop(&mut self) {
        let _ = self.element.pause();
        let _ = self.element.remove_attribute("src");
        self.element.load();
        let _ = Url::revoke_object_url(&self.url);
    }
}

impl Player {
    pub(super) fn new(feed: Feed) -> Self {
        Self(Rc::new_cyclic(|inner: &std::rc::Weak<Inner>| {
            let gesture = |name: &'static str| {
                let inner = inner.clone();
                // Any click or key will do, not only the one the page asks for.
                let again = move |_: &web_sys::Event| {
                    if let Some(inner) = inner.upgrade() {
                        inner.again();
                    }
                };
                window().map(|window| EventListener::new(&window, name, again))
            };
            let gestures = ["pointerup", "keydown"];
            Inner {
                feed,
                ringer: RefCell::default(),
                speaker: RefCell::default(),
                playing: RefCell::default(),
                start: RefCell::default(),
                is_blocked: Rc::default(),
                is_settled: Cell::new(false),
                _gestures: gestures.into_iter().filter_map(gesture).collect(),
            }
        }))
    }

    /// Plays this instead of what was played before.
    pub(super) fn play(&self, sound: Sound) {
        self.0.stop();
        if sound == Sound::Silence {
            return;
        }
        if window()
            .and_then(|window| window.document())
            .is_none_or(|page| page.hidden())
        {
            return self.0.begin(sound);
        }
        let player = self.0.clone();
        let start = Timeout::new(AFTER_PAINT, move || player.begin(sound));
        *self.0.start.borrow_mut() = Some(start);
    }

    /// By which devices from now on.
    pub(super) fn direct(&self, speaker: &str, ringer: &str) {
        speaker.clone_into(&mut self.0.speaker.borrow_mut());
        ringer.clone_into(&mut self.0.ringer.borrow_mut());
        self.0.is_settled.set(false);
        self.0.ask_for_ringer(false);
        if let Some(playing) = &*self.0.playing.borrow() {
            self.0.place(playing);
        }
    }

    /// A click has happened: the browser allows now what it refused before.
    pub(super) fn unlock(&self) {
        self.0.again();
    }

    /// Whether the browser allows sound is told.
    pub(super) fn try_sound(&self) {
        self.0.try_silence();
    }
}

impl Inner {
    fn stop(&self) {
        self.start.take();
        self.playing.take();
    }

    fn begin(&self, sound: Sound) {
        if let Ok(playing) = make(sound) {
            self.place(&playing);
            *self.playing.borrow_mut() = Some(playing);
            self.play();
        }
    }

    fn place(&self, playing: &Playing) {
        let device = match playing.sound {
            Sound::Ring => &self.ringer,
            _ => &self.speaker,
        };
        direct(&playing.element, &device.borrow());
    }

    /// What the browser refused, once more.
    fn again(self: &Rc<Self>) {
        self.play();
        if self.is_blocked.get() {
            self.try_silence();
        }
        self.ask_for_ringer(true);
    }

    /// Finds out whether it may ring where it is to ring.
    fn ask_for_ringer(self: &Rc<Self>, has_click: bool) {
        let ringer = self.ringer.borrow().clone();
        if ringer.is_empty() || self.is_settled.replace(true) {
            return;
        }
        let inner = self.clone();
        spawn_local(async move {
            let may = may_direct(&ringer, has_click).await;
            inner.is_settled.set(may || has_click);
            if let (true, Some(playing)) = (may, &*inner.playing.borrow()) {
                inner.place(playing);
            }
        });
    }

    fn play(&self) {
        if let Some(playing) = &*self.playing.borrow()
            && playing.element.paused()
        {
            self.begun(&playing.element);
        }
    }

    fn try_silence(&self) {
        // Its address is not given up: it is read later, and has 400 octets.
        if let Ok((element, _)) = file(&tones::silence(20)) {
            self.begun(&element);
        }
    }

    /// Plays it and tells whether the browser allows that.
    fn begun(&self, element: &HtmlAudioElement) {
        let Ok(began) = element.play() else { return };
        let (feed, is_blocked) = (self.feed.clone(), self.is_blocked.clone());
        spawn_local(async move {
            // AbortError only means that it was stopped meanwhile.
            let refused = match JsFuture::from(began).await {
                Ok(_) => false,
                Err(error) if is_refusal(&error) => true,
                Err(_) => return,
            };
            is_blocked.set(refused);
            feed(Input::SoundBlocked(refused));
        });
    }
}

pub(super) fn make(sound: Sound) -> Result<Playing, JsValue> {
    let (element, url) = file(&tones::wav(sound))?;
    element.set_loop(true);
    Ok(Playing {
        sound,
        element,
        url,
    })
}

/// An element that plays a file, and the address to be given up when it has done so.
pub(super) fn file(bytes: &[u8]) -> Result<(HtmlAudioElement, String), JsValue> {
    let bytes = Uint8Array::from(bytes);
    let blob = Blob::new_with_u8_array_sequence(&Array::of1(&bytes).into())?;
    let url = Url::create_object_url_with_blob(&blob)?;
    Ok((HtmlAudioElement::new_with_src(&url)?, url))
}

//! Plays the page's own tones.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use gloo::{events::EventListener, timers::callback::Timeout};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    AudioBufferSourceNode, AudioContext, AudioContextState, AudioNode, AudioScheduledSourceNode,
    window,
};

use super::Feed;
use crate::{
    machine::{Input, Sound},
    tones,
};

/// Milliseconds an audio context may take to start before it counts as blocked.
const START_WITHIN: u32 = 500;

/// Milliseconds a sound waits so that what it announces is painted first: the first audio context
/// of a page takes several frames to make. A hidden page paints nothing and its timers are slow, so
/// there it does not wait.
const AFTER_PAINT: u32 = 40;

#[derive(Clone)]
pub(super) struct Player(Rc<Inner>);

struct Inner {
    feed: Feed,
    output: RefCell<Option<Output>>,
    source: RefCell<Option<AudioBufferSourceNode>>,
    check: RefCell<Option<Timeout>>,
    start: RefCell<Option<Timeout>>,
}

/// The audio context, made with the first sound.
struct Output {
    context: AudioContext,
    /// A sound is wanted, so the context has to run.
    is_needed: Rc<Cell<bool>>,
    _listeners: Vec<EventListener>,
}

impl Player {
    pub(super) fn new(feed: Feed) -> Self {
        Self(Rc::new(Inner {
            feed,
            output: RefCell::default(),
            source: RefCell::default(),
            check: RefCell::default(),
            start: RefCell::default(),
        }))
    }

    /// Plays this instead of what was played before.
    pub(super) fn play(&self, sound: Sound) {
        self.0.stop();
        if sound == Sound::Silence {
            return self.0.rest();
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

    /// A click has happened: the browser allows now what it refused before.
    pub(super) fn unlock(&self) {
        if self.0.source.borrow().is_some() {
            self.0.wake();
        } else {
            (self.0.feed)(Input::SoundBlocked(false));
        }
    }
}

impl Inner {
    fn stop(&self) {
        self.start.take();
        self.check.take();
        if let Some(source) = self.source.take() {
            let _ = AudioScheduledSourceNode::stop(&source);
        }
    }

    fn begin(&self, sound: Sound) {
        self.wake();
        if let Some(output) = &*self.output.borrow() {
            *self.source.borrow_mut() = begin(&output.context, &tones::samples(sound)).ok();
        }
    }

    fn rest(&self) {
        if let Some(output) = &*self.output.borrow() {
            output.is_needed.set(false);
            let _ = output.context.suspend();
        }
    }

    fn wake(&self) {
        let mut output = self.output.borrow_mut();
        if output.is_none() {
            *output = Output::new(&self.feed).ok();
        }
        let Some(output) = &*output else { return };
        output.is_needed.set(true);
        let _ = output.context.resume();
        let (context, feed) = (output.context.clone(), self.feed.clone());
        *self.check.borrow_mut() = Some(Timeout::new(START_WITHIN, move || {
            feed(Input::SoundBlocked(
                context.state() != AudioContextState::Running,
            ));
        }));
    }
}

impl Output {
    fn new(feed: &Feed) -> Result<Self, JsValue> {
        let context = AudioContext::new()?;
        let is_needed = Rc::new(Cell::new(false));
        let mut listeners = vec![on_running(&context, feed.clone())];
        if let Some(window) = window() {
            // Any click or key will do, not only the one the page asks for.
            for gesture in ["pointerdown", "keydown"] {
                let (context, is_needed) = (context.clone(), is_needed.clone());
                listeners.push(EventListener::new(&window, gesture, move |_| {
                    if is_needed.get() {
                        let _ = context.resume();
                    }
                }));
            }
        }
        Ok(Self {
            context,
            is_needed,
            _listeners: listeners,
        })
    }
}

fn on_running(context: &AudioContext, feed: Feed) -> EventListener {
    let watched = context.clone();
    EventListener::new(context, "statechange", move |_| {
        if watched.state() == AudioContextState::Running {
            feed(Input::SoundBlocked(false));
        }
    })
}

fn begin(context: &AudioContext, samples: &[f32]) -> Result<AudioBufferSourceNode, JsValue> {
    let length = u32::try_from(samples.len()).unwrap_or(u32::MAX);
    let buffer = context.create_buffer(1, length, tones::RATE as f32)?;
    buffer.copy_to_channel(samples, 0)?;
    let source = context.create_buffer_source()?;
    source.set_buffer(Some(&buffer));
    source.set_loop(true);
    let speaker: AudioNode = context.destination().unchecked_into();
    source.connect_with_audio_node(&speaker)?;
    source.start()?;
    Ok(source)
}

//! Trying the devices out: how loud the microphone is, what it takes, how it rings. Beside a running
//! call as well as without one.

use std::cell::RefCell;

use gloo::timers::future::TimeoutFuture;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AnalyserNode, AudioContext, Blob, BlobEvent, HtmlAudioElement, MediaRecorder, MediaStream,
    MediaStreamTrack, Url, window,
};

use super::{
    denoise::{Clean, stream_of},
    devices::{direct, enumerate, name_of},
    microphone::request,
    player,
};
use crate::{Device, DeviceName, MicrophoneWish, Trouble, machine::Sound};

#[wasm_bindgen]
extern "C" {
    /// `MediaDevices.selectAudioOutput` (Audio Output Devices §3.3): Firefox.
    type Outputs;

    #[wasm_bindgen(method, catch, js_name = selectAudioOutput)]
    fn select(this: &Outputs) -> Result<Promise, JsValue>;
}

/// What is plugged in, as far as the browser tells.
pub async fn devices() -> Vec<Device> {
    enumerate().await
}

/// Whether sound can be sent to another device than the system's default.
#[must_use]
pub fn can_direct() -> bool {
    HtmlAudioElement::new().is_ok_and(|element| has(&element, "setSinkId"))
}

/// Whether the browser itself has people choose a speaker, and names no other before.
#[must_use]
pub fn has_chooser() -> bool {
    media_devices().is_some_and(|devices| has(&devices, "selectAudioOutput"))
}

/// Lets the person choose a speaker; after a click only.
pub async fn choose_speaker() -> Option<DeviceName> {
    let devices: Outputs = media_devices()?.unchecked_into();
    let chosen = JsFuture::from(devices.select().ok()?).await.ok()?;
    Some(name_of(&chosen))
}

fn media_devices() -> Option<JsValue> {
    let navigator = window()?.navigator();
    Reflect::get(&navigator, &"mediaDevices".into())
        .ok()
        .filter(|devices| !devices.is_undefined())
}

fn has(object: &JsValue, name: &str) -> bool {
    Reflect::has(object, &name.into()).unwrap_or_default()
}

/// A microphone of its own beside that of the calls. Dropping it lets it go.
pub struct Ear {
    /// What is recorded.
    stream: MediaStream,
    /// What it is made of.
    opened: MediaStream,
    _clean: Option<Clean>,
    context: AudioContext,
    analyser: AnalyserNode,
    samples: RefCell<Vec<f32>>,
}

impl Ear {
    /// Opens a microphone as the phone would.
    ///
    /// # Errors
    /// What is wrong with the microphone.
    pub async fn open(wish: &MicrophoneWish) -> Result<Self, Trouble> {
        let opened = request(wish).await?;
        let raw = opened.get_audio_tracks().get(0);
        let clean = match raw.dyn_ref() {
            Some(raw) if wish.processing.clean => Clean::of(raw).await,
            _ => None,
        };
        Self::listen(opened, clean).map_err(|_| Trouble::Unsupported)
    }

    fn listen(opened: MediaStream, clean: Option<Clean>) -> Result<Self, JsValue> {
        let stream = match &clean {
            Some(clean) => stream_of(&clean.track)?,
            // Another handle; the method of this name makes other tracks.
            None => Clone::clone(&opened),
        };
        let context = AudioContext::new()?;
        let analyser = context.create_analyser()?;
        analyser.set_fft_size(2_048);
        let source = context.create_media_stream_source(&stream)?;
        source.connect_with_audio_node(&analyser)?;
        let samples = RefCell::new(vec![0.0; 2_048]);
        Ok(Self {
            stream,
            opened,
            _clean: clean,
            context,
            analyser,
            samples,
        })
    }

    /// How loud the last 40 ms were, decibels below the loudest there is (0).
    pub fn level(&self) -> f32 {
        let mut samples = self.samples.borrow_mut();
        self.analyser.get_float_time_domain_data(&mut samples);
        let power = samples.iter().map(|x| x * x).sum::<f32>() / samples.len() as f32;
        10.0 * (power + 1e-10).log10()
    }

    /// Records for so many milliseconds.
    ///
    /// # Errors
    /// The browser cannot record.
    pub async fn record(&self, ms: u32) -> Result<Recording, JsValue> {
        let recorder = MediaRecorder::new_with_media_stream(&self.stream)?;
        let recorded = promise(|resolve| recorder.set_ondataavailable(Some(resolve)));
        recorder.start()?;
        TimeoutFuture::new(ms).await;
        recorder.stop()?;
        let event: BlobEvent = JsFuture::from(recorded).await?.unchecked_into();
        let blob = event.data().ok_or(JsValue::NULL)?;
        Recording::new(&blob)
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        for track in self.opened.get_tracks().iter() {
            track.unchecked_into::<MediaStreamTrack>().stop();
        }
        let _ = self.context.close();
    }
}

/// What was recorded. Dropping it forgets it.
pub struct Recording {
    url: String,
    element: HtmlAudioElement,
}

impl Recording {
    fn new(blob: &Blob) -> Result<Self, JsValue> {
        let url = Url::create_object_url_with_blob(blob)?;
        let element = HtmlAudioElement::new_with_src(&url)?;
        Ok(Self { url, element })
    }

    /// Plays it by a device to its end; empty: the system's default.
    pub async fn play(&self, device: &str) {
        direct(&self.element, device);
        let ended = promise(|resolve| self.element.set_onended(Some(resolve)));
        if let Ok(began) = self.element.play()
            && JsFuture::from(began).await.is_ok()
        {
            drop(JsFuture::from(ended).await);
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let _ = self.element.pause();
        let _ = Url::revoke_object_url(&self.url);
    }
}

fn promise(with: impl Fn(&Function)) -> Promise {
    Promise::new(&mut |resolve, _| with(&resolve))
}

/// Rings once by a device; empty: the system's default.
pub async fn ring(device: &str) {
    let Ok(ringing) = player::make(Sound::Ring) else {
        return;
    };
    ringing.element.set_loop(false);
    direct(&ringing.element, device);
    let ended = promise(|resolve| ringing.element.set_onended(Some(resolve)));
    if let Ok(began) = ringing.element.play()
        && JsFuture::from(began).await.is_ok()
    {
        drop(JsFuture::from(ended).await);
    }
}

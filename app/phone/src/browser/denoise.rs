//! Noise suppression of a track, fetched when it is first wanted.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MediaStream, MediaStreamTrack};

#[wasm_bindgen(
    inline_js = "export async function denoise(track) { return (await import('/only-voice.js')).denoise(track); }"
)]
extern "C" {
    fn denoise(track: &MediaStreamTrack) -> js_sys::Promise;
}

/// A track without noise; dropping it ends it, not the one it is made of.
pub(super) struct Clean {
    pub(super) track: MediaStreamTrack,
    made: JsValue,
}

impl Clean {
    /// `None`: the browser cannot, or the program could not be fetched.
    pub(super) async fn of(track: &MediaStreamTrack) -> Option<Self> {
        let made = JsFuture::from(denoise(track)).await.ok()?;
        let track = Reflect::get(&made, &"track".into()).ok()?.dyn_into().ok()?;
        Some(Self { track, made })
    }
}

impl Drop for Clean {
    fn drop(&mut self) {
        self.track.stop();
        let close = Reflect::get(&self.made, &"close".into()).unwrap_or_default();
        if let Some(close) = close.dyn_ref::<Function>() {
            let _ = close.call0(&self.made);
        }
    }
}

/// A stream of this track alone.
pub(super) fn stream_of(track: &MediaStreamTrack) -> Result<MediaStream, JsValue> {
    let stream = MediaStream::new()?;
    stream.add_track(track);
    Ok(stream)
}

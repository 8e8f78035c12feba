//! How loud a track is, for browsers whose statistics do not tell (Firefox).

use std::cell::Cell;

use web_sys::{
    AnalyserNode, AudioContext, AudioContextState, MediaStream, MediaStreamAudioSourceNode,
    MediaStreamTrack,
};

use crate::quality::Loudness;

/// Samples looked at: a third of a second at 48 kHz.
const SAMPLES: usize = 16_384;

/// Listens to a track. Dropping it ends that.
pub struct Ear {
    context: AudioContext,
    analyser: AnalyserNode,
    _source: MediaStreamAudioSourceNode,
    heard: Cell<Loudness>,
    at_ms: Cell<u64>,
}

impl Ear {
    /// `now_ms` is on the clock of [`Self::loudness`]. `None`: the browser will not.
    #[must_use]
    pub fn new(track: &MediaStreamTrack, now_ms: u64) -> Option<Self> {
        let context = AudioContext::new().ok()?;
        let analyser = context.create_analyser().ok()?;
        analyser.set_fft_size(SAMPLES as u32);
        let stream = MediaStream::new().ok()?;
        stream.add_track(track);
        let source = context.create_media_stream_source(&stream).ok()?;
        source.connect_with_audio_node(&analyser).ok()?;
        Some(Self {
            context,
            analyser,
            _source: source,
            heard: Cell::default(),
            at_ms: Cell::new(now_ms),
        })
    }

    /// All that was heard so far; `None` while the browser keeps the context still.
    #[must_use]
    pub fn loudness(&self, now_ms: u64) -> Option<Loudness> {
        if self.context.state() != AudioContextState::Running {
            return None;
        }
        let ms = now_ms.saturating_sub(self.at_ms.replace(now_ms));
        let mut samples = vec![0.0_f32; SAMPLES];
        self.analyser.get_float_time_domain_data(&mut samples);
        let squares: f32 = samples.iter().map(|sample| sample * sample).sum();
        let power = f64::from(squares) / SAMPLES as f64;
        let mut heard = self.heard.get();
        // Milliseconds in thousand-millionths of a second.
        heard.energy += (power * ms as f64 * 1e6) as u64;
        heard.ms += ms;
        self.heard.set(heard);
        Some(heard)
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        let _ = self.context.close();
    }
}

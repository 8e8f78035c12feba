//! What a finished recording holds.

use std::{fs::File, path::Path};

use media_core::tone::Detector;
use symphonia::core::{
    codecs::audio::AudioDecoderOptions,
    formats::{FormatOptions, TrackType, probe::Hint},
    io::MediaSourceStream,
    meta::MetadataOptions,
};

/// Milliseconds of each of the two tones, on the left and on the right of an mp3.
pub fn heard_ms(mp3: &Path, tones: [f32; 2]) -> [[u32; 2]; 2] {
    let source = MediaSourceStream::new(Box::new(File::open(mp3).unwrap()), Default::default());
    let (hint, format, meta) = (
        Hint::new(),
        FormatOptions::default(),
        MetadataOptions::default(),
    );
    let mut format = symphonia::default::get_probe()
        .probe(&hint, source, format, meta)
        .unwrap();
    let track = format.default_track(TrackType::Audio).unwrap();
    let parameters = track.codec_params.as_ref().unwrap().audio().unwrap();
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .unwrap();
    let mut ears = [(); 2].map(|()| Detector::new(&tones, 16_000));
    let mut samples: Vec<i16> = Vec::new();
    while let Some(packet) = format.next_packet().unwrap() {
        let audio = decoder.decode(&packet).unwrap();
        audio.copy_to_vec_interleaved(&mut samples);
        for pair in samples.chunks_exact(2) {
            ears[0].push(&pair[..1]);
            ears[1].push(&pair[1..]);
        }
    }
    ears.map(|ear| {
        let report = ear.report();
        [report[0].heard_ms, report[1].heard_ms]
    })
}

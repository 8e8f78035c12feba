//! The mp3: made by LAME, then measured frame by frame.
//!
//! MPEG-2 at 16 kHz (every player has it; the 8 kHz of MPEG-2.5 not), constant bit rate (a click on
//! the waveform lands where it should without an index), channels coded apart (nothing of one side
//! leaks into the other). LAME is LGPL; this module is all there is to replace.

use std::io::{self, Read, Seek, SeekFrom, Write};

use media_core::resample::Doubler;
use mp3lame_encoder::{Bitrate, Builder, DualPcm, Encoder, FlushGap, Mode, Quality};

/// Samples a second in the file.
pub(super) const RATE_HZ: u32 = 16_000;
/// Samples of a frame of MPEG-1/2 layer III below 32 kHz.
const FRAME_SAMPLES: u64 = 576;
/// LAME's delay and padding: at most this many frames more than the audio itself.
const EXTRA_FRAMES: u64 = 4;

/// LAME refused.
#[derive(Debug, thiserror::Error)]
pub enum Mp3Error {
    /// The file.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The encoder, in its words.
    #[error("the mp3 encoder refused: {0}")]
    Encoder(String),
}

/// Encodes 8 kHz stereo into `file`.
pub(super) struct Mp3<W> {
    encoder: Encoder,
    file: W,
    left: Upsampled,
    right: Upsampled,
    octets: Vec<u8>,
    /// Samples put in, at 8 kHz.
    samples: u64,
}

#[derive(Default)]
struct Upsampled {
    doubler: Doubler,
    samples: Vec<i16>,
}

impl Upsampled {
    fn take(&mut self, samples: &[i16]) -> &[i16] {
        self.samples.clear();
        self.doubler.push(samples, &mut self.samples);
        &self.samples
    }
}

impl<W: Write + Seek> Mp3<W> {
    pub(super) fn new(file: W) -> Result<Self, Mp3Error> {
        let encoder = encoder().map_err(|error| Mp3Error::Encoder(error.to_string()))?;
        let (left, right) = (Upsampled::default(), Upsampled::default());
        Ok(Self {
            encoder,
            file,
            left,
            right,
            octets: Vec::new(),
            samples: 0,
        })
    }

    /// Appends samples of both sides; both slices are equally long.
    pub(super) fn push(&mut self, left: &[i16], right: &[i16]) -> Result<(), Mp3Error> {
        self.samples += left.len() as u64;
        let pcm = DualPcm {
            left: self.left.take(left),
            right: self.right.take(right),
        };
        self.octets.clear();
        self.octets
            .reserve(mp3lame_encoder::max_required_buffer_size(pcm.left.len()));
        self.encoder
            .encode_to_vec(pcm, &mut self.octets)
            .map_err(|error| Mp3Error::Encoder(error.to_string()))?;
        Ok(self.file.write_all(&self.octets)?)
    }

    /// Writes the rest and, over the empty first frame, the tag that tells players the exact length.
    pub(super) fn finish(mut self) -> Result<(W, u64), Mp3Error> {
        self.octets.clear();
        self.octets
            .reserve(mp3lame_encoder::max_required_buffer_size(0));
        self.encoder
            .flush_to_vec::<FlushGap>(&mut self.octets)
            .map_err(|error| Mp3Error::Encoder(error.to_string()))?;
        self.file.write_all(&self.octets)?;
        let mut tag = Vec::with_capacity(self.encoder.lame_tag_size());
        if self.encoder.lame_tag_encode_to_vec(&mut tag).is_some() {
            self.file.seek(SeekFrom::Start(0))?;
            self.file.write_all(&tag)?;
        }
        self.file.flush()?;
        Ok((self.file, self.samples))
    }
}

fn encoder() -> Result<Encoder, mp3lame_encoder::BuildError> {
    let mut builder = Builder::new().ok_or(mp3lame_encoder::BuildError::NoMem)?;
    builder.set_num_channels(2)?;
    builder.set_sample_rate(RATE_HZ)?;
    builder.set_output_sample_rate(std::num::NonZeroU32::new(RATE_HZ))?;
    builder.set_brate(Bitrate::Kbps48)?;
    builder.set_mode(Mode::Stereo)?;
    builder.set_quality(Quality::Good)?;
    builder.set_to_write_vbr_tag(true)?;
    builder.build()
}

/// Whether an mp3 is whole frames from its beginning to its end and holds `samples` (at 8 kHz).
pub(super) fn is_whole(file: impl Read, samples: u64) -> io::Result<bool> {
    let wanted = samples * u64::from(RATE_HZ / 8000);
    let Some(frames) = count_frames(file)? else {
        return Ok(false);
    };
    // The first frame is the tag.
    let audio = frames.saturating_sub(1);
    let least = wanted.div_ceil(FRAME_SAMPLES);
    Ok((least..=least + EXTRA_FRAMES).contains(&audio))
}

/// Frames of a file that is nothing but frames; `None` if it is anything else.
fn count_frames(mut file: impl Read) -> io::Result<Option<u64>> {
    let (mut frames, mut header, mut rest) = (0, [0; 4], [0; 2048]);
    loop {
        match file.read(&mut header[..1])? {
            0 => return Ok(Some(frames)),
            _ => file.read_exact(&mut header[1..])?,
        }
        let Some(len) = frame_len(header).filter(|len| (4..rest.len()).contains(len)) else {
            return Ok(None);
        };
        match file.read_exact(&mut rest[4..len]) {
            Ok(()) => frames += 1,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
    }
}

/// Octets of a frame, if its header is one of MPEG-2 layer III.
fn frame_len(header: [u8; 4]) -> Option<usize> {
    const KBPS: [usize; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    const RATES: [usize; 3] = [22_050, 24_000, 16_000];
    // Eleven bits of sync, MPEG-2, layer III.
    if header[0] != 0xff || header[1] & 0xfe != 0xf2 {
        return None;
    }
    let bits = KBPS.get(usize::from(header[2] >> 4))? * 1000;
    let rate = RATES.get(usize::from((header[2] >> 2) & 3))?;
    let padding = usize::from((header[2] >> 1) & 1);
    (bits > 0).then_some(72 * bits / rate + padding)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn encode(samples: usize) -> Vec<u8> {
        let mut mp3 = Mp3::new(Cursor::new(Vec::new())).unwrap();
        let silence = vec![0; samples];
        silence
            .chunks(4000)
            .for_each(|chunk| mp3.push(chunk, chunk).unwrap());
        let (file, count) = mp3.finish().unwrap();
        assert_eq!(count, samples as u64);
        file.into_inner()
    }

    #[test]
    fn every_length_is_whole() {
        for samples in [1, 160, 287, 288, 289, 4000, 8000, 80_001] {
            let octets = encode(samples);
            assert!(is_whole(&octets[..], samples as u64).unwrap(), "{samples}");
        }
    }

    #[test]
    fn a_cut_or_foreign_file_is_not_whole() {
        let octets = encode(16_000);
        assert!(!is_whole(&octets[..octets.len() - 1], 16_000).unwrap());
        assert!(!is_whole(&octets[..], 24_000).unwrap(), "too short");
        assert!(!is_whole(&octets[..], 8000).unwrap(), "too long");
        assert!(!is_whole(&octets[1..], 16_000).unwrap());
    }

    #[test]
    fn the_first_frame_is_the_tag() {
        let octets = encode(16_000);
        assert!(
            octets[..200].windows(4).any(|word| word == b"Info"),
            "{:?}",
            &octets[..64]
        );
    }
}

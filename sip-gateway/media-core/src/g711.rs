//! G.711 (ITU-T G.711, arithmetic as in the software tool library G.191): A-law and µ-law to and
//! from 16-bit linear samples, by tables made at compile time.

/// RTP payload type of µ-law (RFC 3551 §6).
pub const PCMU: u8 = 0;
/// RTP payload type of A-law (RFC 3551 §6).
pub const PCMA: u8 = 8;
/// A µ-law octet of silence.
pub const ULAW_SILENCE: u8 = 0xff;
/// An A-law octet of silence.
pub const ALAW_SILENCE: u8 = 0xd5;
/// Samples a second.
pub const RATE_HZ: u32 = 8000;

static ALAW_DECODED: [i16; 256] = decode_table_alaw();
static ULAW_DECODED: [i16; 256] = decode_table_ulaw();
/// A-law looks at the upper 12 bits of a sample.
static ALAW_ENCODED: [u8; 4096] = alaw_table();
/// µ-law looks at the upper 14 bits of a sample.
static ULAW_ENCODED: [u8; 16384] = ulaw_table();
static ALAW_OF_ULAW: [u8; 256] = alaw_of_ulaw();
static ULAW_OF_ALAW: [u8; 256] = ulaw_of_alaw();

/// One A-law octet as a linear sample.
#[must_use]
pub fn alaw_to_linear(octet: u8) -> i16 {
    ALAW_DECODED[usize::from(octet)]
}

/// One µ-law octet as a linear sample.
#[must_use]
pub fn ulaw_to_linear(octet: u8) -> i16 {
    ULAW_DECODED[usize::from(octet)]
}

/// A linear sample as an A-law octet.
#[must_use]
pub fn linear_to_alaw(sample: i16) -> u8 {
    ALAW_ENCODED[usize::from(sample.cast_unsigned() >> 4)]
}

/// A linear sample as a µ-law octet.
#[must_use]
pub fn linear_to_ulaw(sample: i16) -> u8 {
    ULAW_ENCODED[usize::from(sample.cast_unsigned() >> 2)]
}

/// An A-law octet as µ-law.
#[must_use]
pub fn alaw_to_ulaw(octet: u8) -> u8 {
    ULAW_OF_ALAW[usize::from(octet)]
}

/// A µ-law octet as A-law.
#[must_use]
pub fn ulaw_to_alaw(octet: u8) -> u8 {
    ALAW_OF_ULAW[usize::from(octet)]
}

/// Decodes a payload of type [`PCMA`] or [`PCMU`] into `out`; returns the samples written, or
/// `None` for another payload type. What does not fit into `out` is left away.
pub fn decode(payload_type: u8, payload: &[u8], out: &mut [i16]) -> Option<usize> {
    let table = match payload_type {
        PCMA => &ALAW_DECODED,
        PCMU => &ULAW_DECODED,
        _ => return None,
    };
    for (sample, octet) in out.iter_mut().zip(payload) {
        *sample = table[usize::from(*octet)];
    }
    Some(payload.len().min(out.len()))
}

/// Encodes samples as payload type [`PCMA`] or [`PCMU`], appending to `out`; `false` for another
/// payload type.
pub fn encode(payload_type: u8, samples: &[i16], out: &mut Vec<u8>) -> bool {
    match payload_type {
        PCMA => out.extend(samples.iter().map(|sample| linear_to_alaw(*sample))),
        PCMU => out.extend(samples.iter().map(|sample| linear_to_ulaw(*sample))),
        _ => return false,
    }
    true
}

const fn decode_table_alaw() -> [i16; 256] {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = expand_alaw(octet as u8);
        octet += 1;
    }
    table
}

const fn decode_table_ulaw() -> [i16; 256] {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = expand_ulaw(octet as u8);
        octet += 1;
    }
    table
}

const fn alaw_table() -> [u8; 4096] {
    let mut table = [0; 4096];
    let mut upper = 0;
    while upper < 4096 {
        table[upper] = compress_alaw(((upper as u16) << 4).cast_signed());
        upper += 1;
    }
    table
}

const fn ulaw_table() -> [u8; 16384] {
    let mut table = [0; 16384];
    let mut upper = 0;
    while upper < 16384 {
        table[upper] = compress_ulaw(((upper as u16) << 2).cast_signed());
        upper += 1;
    }
    table
}

const fn alaw_of_ulaw() -> [u8; 256] {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = compress_alaw(expand_ulaw(octet as u8));
        octet += 1;
    }
    table
}

const fn ulaw_of_alaw() -> [u8; 256] {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = compress_ulaw(expand_alaw(octet as u8));
        octet += 1;
    }
    table
}

/// A-law: sign, three bits of segment, four bits of step; every other bit inverted.
const fn expand_alaw(octet: u8) -> i16 {
    let code = octet ^ 0x55;
    let segment = (code >> 4) & 0x07;
    let step = (code & 0x0f) as i16;
    let magnitude = match segment {
        0 => (step << 4) + 8,
        _ => ((step << 4) + 0x108) << (segment - 1),
    };
    if code & 0x80 != 0 {
        magnitude
    } else {
        -magnitude
    }
}

/// µ-law: sign, three bits of segment, four bits of step; all bits inverted; biased by 132.
const fn expand_ulaw(octet: u8) -> i16 {
    let code = !octet;
    let segment = (code >> 4) & 0x07;
    let step = (code & 0x0f) as i16;
    let magnitude = (((step << 3) + 0x84) << segment) - 0x84;
    if code & 0x80 != 0 {
        -magnitude
    } else {
        magnitude
    }
}

const fn compress_alaw(sample: i16) -> u8 {
    let negative = sample < 0;
    let magnitude = (if negative { !sample } else { sample }) >> 4; // 0–2047
    let mut segment = 0;
    let mut step = magnitude;
    if step > 15 {
        segment = 1;
        while step > 31 {
            step >>= 1;
            segment += 1;
        }
        step -= 16;
    }
    let sign = if negative { 0 } else { 0x80 };
    (sign | (segment << 4) | step as u8) ^ 0x55
}

const fn compress_ulaw(sample: i16) -> u8 {
    let negative = sample < 0;
    let magnitude = ((if negative { !sample } else { sample }) >> 2) + 33;
    let clipped = if magnitude > 0x1fff {
        0x1fff
    } else {
        magnitude
    };
    let mut segment = 0;
    while (clipped >> (segment + 6)) != 0 {
        segment += 1;
    }
    let step = ((clipped >> (segment + 1)) & 0x0f) as u8;
    let sign = if negative { 0x80 } else { 0 };
    !(sign | ((segment as u8) << 4) | step)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Positive output values and decision values of G.711 tables 1a/1b and 2a/2b, in 16-bit
    /// units, built segment by segment from the recommendation's step sizes.
    fn alaw_levels() -> Vec<(i32, i32)> {
        let mut levels = Vec::new();
        let mut low = 0;
        for segment in 0..8 {
            let step = if segment < 2 { 16 } else { 16 << (segment - 1) };
            for _ in 0..16 {
                levels.push((low, low + step / 2));
                low += step;
            }
        }
        levels
    }

    fn ulaw_levels() -> Vec<(i32, i32)> {
        // Decision values in 14-bit units: 0, 1, 3, 5 … 31, 35 …; outputs 0, 2, 4 … 30, 33 …
        let mut levels = vec![(0, 0)];
        let mut low = 1;
        for segment in 0..8 {
            let step = 2 << segment;
            for _ in if segment == 0 { 1..16 } else { 0..16 } {
                levels.push((low * 4, (low + step / 2) * 4));
                low += step;
            }
        }
        levels
    }

    fn nearest(levels: &[(i32, i32)], magnitude: i32) -> i32 {
        levels
            .iter()
            .rev()
            .find(|(low, _)| *low <= magnitude)
            .map_or(0, |(_, output)| *output)
    }

    #[test]
    fn alaw_follows_the_recommendation_for_every_sample() {
        let levels = alaw_levels();
        for sample in i16::MIN..=i16::MAX {
            let wide = i32::from(sample);
            let expected = if wide < 0 {
                -nearest(&levels, -wide - 1)
            } else {
                nearest(&levels, wide)
            };
            assert_eq!(
                i32::from(alaw_to_linear(linear_to_alaw(sample))),
                expected,
                "{sample}"
            );
        }
    }

    #[test]
    fn ulaw_follows_the_recommendation_for_every_sample() {
        let levels = ulaw_levels();
        for sample in i16::MIN..=i16::MAX {
            let magnitude = if sample < 0 { !sample } else { sample };
            let units = i32::from(magnitude >> 2) * 4;
            let expected = nearest(&levels, units);
            let expected = if sample < 0 { -expected } else { expected };
            assert_eq!(
                i32::from(ulaw_to_linear(linear_to_ulaw(sample))),
                expected,
                "{sample}"
            );
        }
    }

    #[test]
    fn every_code_survives_decoding_and_encoding() {
        for octet in 0..=255 {
            assert_eq!(linear_to_alaw(alaw_to_linear(octet)), octet);
            // µ-law has two zeros; the negative one becomes the positive one.
            let expected = if octet == 0x7f { 0xff } else { octet };
            assert_eq!(linear_to_ulaw(ulaw_to_linear(octet)), expected);
        }
    }

    #[test]
    fn known_octets_have_their_known_values() {
        assert_eq!(alaw_to_linear(0xd5), 8);
        assert_eq!(alaw_to_linear(0x55), -8);
        assert_eq!(alaw_to_linear(0xaa), 32256);
        assert_eq!(ulaw_to_linear(0xff), 0);
        assert_eq!(ulaw_to_linear(0x80), 32124);
        assert_eq!(ulaw_to_linear(0x00), -32124);
        assert_eq!(
            (linear_to_alaw(0), linear_to_ulaw(0)),
            (ALAW_SILENCE, ULAW_SILENCE)
        );
    }

    #[test]
    fn transcoding_stays_within_one_step() {
        for octet in 0..=255u8 {
            let before = i32::from(ulaw_to_linear(octet));
            let after = i32::from(alaw_to_linear(ulaw_to_alaw(octet)));
            assert!(
                (before - after).abs() <= 16 + before.abs() / 16,
                "{octet}: {before} {after}"
            );
            let before = i32::from(alaw_to_linear(octet));
            let after = i32::from(ulaw_to_linear(alaw_to_ulaw(octet)));
            assert!(
                (before - after).abs() <= 16 + before.abs() / 16,
                "{octet}: {before} {after}"
            );
        }
    }

    #[test]
    fn payloads_of_other_types_are_refused() {
        let mut out = [0; 4];
        assert_eq!(decode(101, &[1, 2], &mut out), None);
        assert_eq!(decode(PCMA, &[0xd5; 3], &mut out), Some(3));
        assert_eq!(decode(PCMU, &[0xff; 9], &mut out), Some(4));
        let mut octets = Vec::new();
        assert!(!encode(13, &[0], &mut octets));
        assert!(encode(PCMU, &[0, 0], &mut octets));
        assert_eq!(octets, [0xff, 0xff]);
    }
}

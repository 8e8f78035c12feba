//! The talking clock's voice: words made with espeak-ng (`assets/make.sh`), 8 kHz A-law.

use media_core::g711;

const INTRO: &[u8] = include_bytes!("../assets/intro.al");
const UNIVERSAL: &[u8] = include_bytes!("../assets/universal.al");
const DIGITS: [&[u8]; 10] = [
    include_bytes!("../assets/0.al"),
    include_bytes!("../assets/1.al"),
    include_bytes!("../assets/2.al"),
    include_bytes!("../assets/3.al"),
    include_bytes!("../assets/4.al"),
    include_bytes!("../assets/5.al"),
    include_bytes!("../assets/6.al"),
    include_bytes!("../assets/7.al"),
    include_bytes!("../assets/8.al"),
    include_bytes!("../assets/9.al"),
];
/// Silence between words, samples.
const GAP: usize = 800;
/// Silence between announcements, samples.
const PAUSE: usize = 12_000;

/// One announcement, digit by digit: "… The time is one four zero seven universal time", and a
/// pause. `unix_seconds` is what to tell.
pub fn announcement(unix_seconds: u64) -> Vec<i16> {
    let minutes = unix_seconds / 60 % 60;
    let hours = unix_seconds / 3600 % 24;
    let mut audio = Vec::new();
    speak(&mut audio, INTRO);
    for digit in [hours / 10, hours % 10, minutes / 10, minutes % 10] {
        if let Some(word) = DIGITS.get(digit as usize) {
            speak(&mut audio, word);
        }
    }
    speak(&mut audio, UNIVERSAL);
    audio.resize(audio.len() + PAUSE, 0);
    audio
}

fn speak(audio: &mut Vec<i16>, word: &[u8]) {
    audio.extend(word.iter().map(|octet| g711::alaw_to_linear(*octet)));
    audio.resize(audio.len() + GAP, 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_told_in_four_digits() {
        let at = |h: u64, m: u64| announcement(86_400 * 20_000 + h * 3600 + m * 60).len();
        let (ones, eights) = (at(11, 11), at(8, 8));
        let word = |digit: usize| DIGITS[digit].len();
        assert_eq!(ones - eights, 4 * word(1) - 2 * word(0) - 2 * word(8));
    }
}

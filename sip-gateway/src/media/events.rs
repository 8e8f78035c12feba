//! Keys of a peer that presses them by INFO, as telephone events for the other side (RFC 4733).

use std::collections::VecDeque;

use media_core::{
    dtmf::{Event, PAYLOAD_LEN, code_of},
    rtp::Packet,
};

use super::{leg::Received, player::FRAME_US, sdp::DTMF_PAYLOAD, sdp::session::Payload};

/// Ticks of 20 ms; the leg counts in its own clock.
const CLOCK_HZ: u32 = 8000;
const TICKS: u16 = 160;
/// 160 ms down, told every 20 ms (§2.5.1.4 sends the end three times), then 60 ms of nothing.
const DOWN: u16 = 8;
const ENDS: u16 = 3;
const PAUSE: u16 = 3;
/// RFC 4733 §2.3.3: -10 dBm0.
const VOLUME: u8 = 10;
/// Keys that wait.
const WAITING: usize = 32;

/// Keys on their way to one leg.
#[derive(Default)]
pub(super) struct KeyEvents {
    waiting: VecDeque<u8>,
    /// The key that is down, and how many frames of it were sent.
    playing: Option<(u8, u16)>,
    next_us: u64,
    sequence: u16,
    timestamp: u32,
    octets: [u8; PAYLOAD_LEN],
}

impl KeyEvents {
    /// A key to send; more than fit are lost, and so is what is no key.
    pub(super) fn press(&mut self, digit: char, now_us: u64) {
        if !self.is_playing() {
            self.next_us = now_us;
        }
        if let Some(code) = code_of(digit).filter(|_| self.waiting.len() < WAITING) {
            self.waiting.push_back(code);
        }
    }

    /// Whether other audio has to wait.
    pub(super) fn is_playing(&self) -> bool {
        self.playing.is_some() || !self.waiting.is_empty()
    }

    /// The next packet if it is due.
    pub(super) fn frame(&mut self, now_us: u64) -> Option<Received<'_>> {
        if now_us < self.next_us {
            return None;
        }
        let (code, done) = match self.playing {
            Some(playing) => playing,
            None => {
                // Each key has a timestamp of its own, by which it is told from the last.
                let all = u32::from((DOWN + ENDS + PAUSE) * TICKS);
                self.timestamp = self.timestamp.wrapping_add(all);
                (self.waiting.pop_front()?, 0)
            }
        };
        self.next_us = (self.next_us + FRAME_US).max(now_us.saturating_sub(FRAME_US));
        let done = done + 1;
        self.playing = (done < DOWN + ENDS + PAUSE).then_some((code, done));
        if done >= DOWN + ENDS {
            return None;
        }
        let event = Event {
            code,
            end: done >= DOWN,
            volume: VOLUME,
            duration: done.min(DOWN) * TICKS,
        };
        self.octets = event.encode();
        self.sequence = self.sequence.wrapping_add(1);
        Some(self.received(done == 1))
    }

    fn received(&self, begins: bool) -> Received<'_> {
        let packet = Packet {
            payload_type: DTMF_PAYLOAD,
            // §2.5.1.2: the first packet of an event.
            marker: begins,
            sequence: self.sequence,
            timestamp: self.timestamp,
            ssrc: 0,
            payload: &self.octets,
            header_len: 0,
        };
        Received {
            packet,
            payload: Payload::Dtmf(CLOCK_HZ),
        }
    }
}

#[cfg(test)]
mod tests {
    use media_core::dtmf::Receiver;

    use super::*;

    #[test]
    fn each_key_is_heard_once_in_its_order_and_let_go() {
        let (mut keys, mut ear) = (KeyEvents::default(), Receiver::default());
        for digit in "44#x".chars() {
            keys.press(digit, 0);
        }
        let mut heard = String::new();
        for frame in 0..100 {
            let now_us = frame * FRAME_US;
            if let Some(Received { packet, .. }) = keys.frame(now_us) {
                heard.extend(ear.push(now_us, packet.timestamp, packet.payload));
            }
        }
        assert_eq!(heard, "44#");
        assert!(!keys.is_playing() && !ear.is_pressed());
    }

    #[test]
    fn a_key_is_down_for_160_ms_and_its_end_is_sent_three_times() {
        let mut keys = KeyEvents::default();
        keys.press('5', 0);
        let mut seen = Vec::new();
        for frame in 0..20 {
            if let Some(received) = keys.frame(frame * FRAME_US) {
                seen.push(Event::parse(received.packet.payload).unwrap());
            }
        }
        let ends = seen.iter().filter(|event| event.end);
        assert_eq!(
            ends.map(|event| event.duration).collect::<Vec<_>>(),
            [1280; 3]
        );
        assert_eq!(seen.len(), usize::from(DOWN + ENDS) - 1);
    }
}

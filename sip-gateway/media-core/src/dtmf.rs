//! DTMF as telephone events (RFC 4733), for clocks of 8 kHz and 48 kHz.

pub mod in_band;

/// Octets of an event payload.
pub const PAYLOAD_LEN: usize = 4;

/// The payload of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Event code: 0–9, 10 `*`, 11 `#`, 12–15 `A`–`D`; others are no digits.
    pub code: u8,
    /// Whether the key was let go.
    pub end: bool,
    /// Level as -dBm0, 0 (loud) to 63.
    pub volume: u8,
    /// How long the key was down, in units of the RTP clock.
    pub duration: u16,
}

impl Event {
    /// Reads a payload; octets after the first four (RFC 2198 leftovers, padding) are ignored.
    #[must_use]
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let [code, flags, high, low, ..] = *payload else {
            return None;
        };
        Some(Self {
            code,
            end: flags & 0x80 != 0,
            volume: flags & 0x3f,
            duration: u16::from_be_bytes([high, low]),
        })
    }

    /// The payload.
    #[must_use]
    pub fn encode(&self) -> [u8; PAYLOAD_LEN] {
        let [high, low] = self.duration.to_be_bytes();
        [
            self.code,
            (u8::from(self.end) << 7) | (self.volume & 0x3f),
            high,
            low,
        ]
    }

    /// The digit, if the event is one.
    #[must_use]
    pub fn digit(&self) -> Option<char> {
        digit_of(self.code)
    }
}

/// Tells the duration of an event in ticks of another clock; a payload too short is left alone.
pub fn rescale(payload: &mut [u8], from_hz: u32, to_hz: u32) {
    if from_hz == to_hz || from_hz == 0 {
        return;
    }
    if let Some([_, _, high, low]) = payload.first_chunk_mut() {
        let ticks = u64::from(u16::from_be_bytes([*high, *low]));
        let scaled = ticks * u64::from(to_hz) / u64::from(from_hz);
        [*high, *low] = u16::try_from(scaled).unwrap_or(u16::MAX).to_be_bytes();
    }
}

/// The digit of an event code.
#[must_use]
pub fn digit_of(code: u8) -> Option<char> {
    match code {
        0..=9 => Some(char::from(b'0' + code)),
        10 => Some('*'),
        11 => Some('#'),
        12..=15 => Some(char::from(b'A' + code - 12)),
        _ => None,
    }
}

/// The event code of a digit; small letters are taken too.
#[must_use]
pub fn code_of(digit: char) -> Option<u8> {
    match digit {
        '0'..='9' => Some(digit as u8 - b'0'),
        '*' => Some(10),
        '#' => Some(11),
        'A'..='D' => Some(digit as u8 - b'A' + 12),
        'a'..='d' => Some(digit as u8 - b'a' + 12),
        _ => None,
    }
}

/// Digits that one input brought to an end: none, one or two.
pub type Digits = std::iter::Flatten<std::array::IntoIter<Option<char>, 2>>;

/// Turns event packets into digits, each told once, when the key is let go.
///
/// The marker bit is not needed. Lost end packets are survived: a digit also ends when the next one
/// begins or when nothing came for [`Receiver::SILENCE_US`]. An event is named by its timestamp, so
/// repeated and late packets of a digit already told are ignored.
#[derive(Clone, Debug, Default)]
pub struct Receiver {
    current: Option<Current>,
    told: [Option<u32>; 4],
    told_at: usize,
}

#[derive(Clone, Copy, Debug)]
struct Current {
    timestamp: u32,
    code: u8,
    duration: u16,
    heard_us: u64,
}

impl Receiver {
    /// A digit whose packets stop coming ends after this many microseconds.
    pub const SILENCE_US: u64 = 120_000;

    /// Takes the payload of an event packet that arrived at `now_us`.
    pub fn push(&mut self, now_us: u64, timestamp: u32, payload: &[u8]) -> Digits {
        let Some(event) = Event::parse(payload) else {
            return [None, None].into_iter().flatten();
        };
        if self.is_told(timestamp) {
            return [None, None].into_iter().flatten();
        }
        let before = self.begin_or_go_on(now_us, timestamp, event);
        let this = if event.end { self.end() } else { None };
        [before, this].into_iter().flatten()
    }

    /// The digit that ended because its packets stopped coming. Call it now and then, for example
    /// with every audio packet of the same source.
    pub fn timeout(&mut self, now_us: u64) -> Option<char> {
        let current = self.current?;
        if now_us.saturating_sub(current.heard_us) < Self::SILENCE_US {
            return None;
        }
        self.end()
    }

    /// Whether a key is down now.
    #[must_use]
    pub fn is_pressed(&self) -> bool {
        self.current.is_some()
    }

    /// Returns the digit that the beginning of another one ended.
    fn begin_or_go_on(&mut self, now_us: u64, timestamp: u32, event: Event) -> Option<char> {
        let mut before = None;
        if let Some(current) = self.current {
            if timestamp.wrapping_sub(current.timestamp).cast_signed() < 0 {
                return None; // a late packet of an event that was lost otherwise
            }
            if timestamp != current.timestamp && !continues(current, timestamp, event) {
                before = self.end();
            }
        }
        let duration = match self.current {
            Some(current) if current.timestamp == timestamp => current.duration.max(event.duration),
            _ => event.duration,
        };
        self.current = Some(Current {
            timestamp,
            code: event.code,
            duration,
            heard_us: now_us,
        });
        before
    }

    fn end(&mut self) -> Option<char> {
        let current = self.current.take()?;
        self.told[self.told_at] = Some(current.timestamp);
        self.told_at = (self.told_at + 1) % self.told.len();
        digit_of(current.code)
    }

    fn is_told(&self, timestamp: u32) -> bool {
        self.told.contains(&Some(timestamp))
    }
}

/// RFC 4733 §2.5.1.3: a key held longer than the duration field counts goes on as a new segment
/// whose timestamp follows the old one's end.
fn continues(current: Current, timestamp: u32, event: Event) -> bool {
    let since = timestamp.wrapping_sub(current.timestamp);
    // Segments need not be full, and the last packets of one may be lost: half the field is enough.
    event.code == current.code
        && current.duration >= 0x8000
        && since >= u32::from(current.duration)
        && since <= 0xffff
}

/// One packet of a digit to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// When to send it, milliseconds after the digit's beginning.
    pub at_ms: u32,
    /// RTP timestamp: the same for all packets of the digit.
    pub timestamp: u32,
    /// Marker bit: set on the first.
    pub marker: bool,
    /// Payload.
    pub payload: [u8; PAYLOAD_LEN],
}

/// The packets of one digit: one every 20 ms while the key is down, then three with the end bit.
#[derive(Clone, Debug)]
pub struct Sender {
    code: u8,
    timestamp: u32,
    units_per_ms: u32,
    duration_ms: u32,
    sent: u32,
    ends_sent: u32,
}

/// Milliseconds between packets of a digit.
pub const PACKET_MS: u32 = 20;
const END_PACKETS: u32 = 3;
/// -10 dBm0, what most telephones send.
const VOLUME: u8 = 10;

impl Sender {
    /// A digit that begins at RTP time `timestamp` and lasts `duration_ms` (40 ms to what the
    /// duration field holds: 8.1 s at 8 kHz, 1.3 s at 48 kHz); `None` for what is no digit.
    #[must_use]
    pub fn new(digit: char, timestamp: u32, clock_hz: u32, duration_ms: u32) -> Option<Self> {
        let units_per_ms = (clock_hz / 1000).max(1);
        let longest = u32::from(u16::MAX) / units_per_ms;
        let duration_ms = duration_ms.clamp(40, longest).next_multiple_of(PACKET_MS);
        let duration_ms = duration_ms.min(longest / PACKET_MS * PACKET_MS);
        let code = code_of(digit)?;
        Some(Self {
            code,
            timestamp,
            units_per_ms,
            duration_ms,
            sent: 0,
            ends_sent: 0,
        })
    }

    /// How long the digit occupies the source, in milliseconds, end packets included.
    #[must_use]
    pub fn busy_ms(&self) -> u32 {
        self.duration_ms + (END_PACKETS - 1) * PACKET_MS
    }
}

impl Iterator for Sender {
    type Item = Outgoing;

    fn next(&mut self) -> Option<Outgoing> {
        if self.ends_sent == END_PACKETS {
            return None;
        }
        // The first packet is sent after the first 20 ms and tells of them.
        let at_ms = (self.sent + 1) * PACKET_MS;
        let end = at_ms >= self.duration_ms;
        let duration = at_ms.min(self.duration_ms) * self.units_per_ms;
        let event = Event {
            code: self.code,
            end,
            volume: VOLUME,
            duration: u16::try_from(duration).unwrap_or(u16::MAX),
        };
        let marker = self.sent == 0;
        self.sent += 1;
        self.ends_sent += u32::from(end);
        Some(Outgoing {
            at_ms,
            timestamp: self.timestamp,
            marker,
            payload: event.encode(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MS: u64 = 1000;

    /// Sends digits with pauses through a channel that loses what `lost` says, and reads them.
    fn through(digits: &str, clock_hz: u32, mut lost: impl FnMut(usize) -> bool) -> String {
        let (mut receiver, mut heard) = (Receiver::default(), String::new());
        let (mut now_ms, mut count) = (0u32, 0);
        for digit in digits.chars() {
            let timestamp = now_ms
                .wrapping_mul(clock_hz / 1000)
                .wrapping_add(u32::MAX - 5000);
            for packet in Sender::new(digit, timestamp, clock_hz, 100).expect("a digit") {
                let now = u64::from(now_ms + packet.at_ms) * MS;
                if !lost(count) {
                    heard.extend(receiver.push(now, packet.timestamp, &packet.payload));
                }
                heard.extend(receiver.timeout(now));
                count += 1;
            }
            now_ms += 220;
        }
        heard.extend(receiver.timeout(u64::from(now_ms + 200) * MS));
        heard
    }

    #[test]
    fn every_digit_is_heard_once_at_both_clocks() {
        for clock in [8000, 48000] {
            assert_eq!(
                through("0123456789*#ABCD", clock, |_| false),
                "0123456789*#ABCD"
            );
            assert_eq!(through("1111", clock, |_| false), "1111");
        }
    }

    #[test]
    fn lost_end_packets_do_not_lose_the_digit() {
        assert_eq!(through("55#", 8000, |count| count % 7 >= 4), "55#");
    }

    #[test]
    fn one_end_packet_is_enough() {
        assert_eq!(through("1299", 48000, |count| count % 7 != 6), "1299");
    }

    #[test]
    fn a_digit_ends_when_the_next_begins() {
        let mut receiver = Receiver::default();
        let first = Event {
            code: 1,
            end: false,
            volume: 10,
            duration: 160,
        }
        .encode();
        let second = Event {
            code: 2,
            end: true,
            volume: 10,
            duration: 160,
        }
        .encode();
        assert_eq!(receiver.push(0, 1000, &first).count(), 0);
        assert!(receiver.is_pressed());
        assert_eq!(
            receiver.push(20 * MS, 1800, &second).collect::<String>(),
            "12"
        );
        assert!(!receiver.is_pressed());
    }

    #[test]
    fn late_packets_of_a_told_digit_are_ignored() {
        let mut receiver = Receiver::default();
        let down = Event {
            code: 7,
            end: false,
            volume: 10,
            duration: 160,
        }
        .encode();
        let up = Event {
            code: 7,
            end: true,
            volume: 10,
            duration: 800,
        }
        .encode();
        assert_eq!(receiver.push(0, 5, &up).collect::<String>(), "7");
        assert_eq!(receiver.push(1, 5, &down).count(), 0);
        assert_eq!(receiver.push(2, 5, &up).count(), 0);
        assert_eq!(receiver.timeout(1_000_000), None);
    }

    #[test]
    fn a_key_held_for_seconds_at_48_khz_is_one_digit() {
        let mut receiver = Receiver::default();
        let mut heard = String::new();
        for segment in 0..4u32 {
            let timestamp = 777 + segment * 0xffff;
            for step in 1..=68u32 {
                let duration = u16::try_from(step * 960).unwrap_or(u16::MAX);
                let end = segment == 3 && step == 68;
                let payload = Event {
                    code: 9,
                    end,
                    volume: 0,
                    duration,
                }
                .encode();
                let now = u64::from(segment * 68 + step) * 20 * MS;
                heard.extend(receiver.push(now, timestamp, &payload));
            }
        }
        assert_eq!(heard, "9");
    }

    #[test]
    fn events_that_are_no_digits_are_silent() {
        let mut receiver = Receiver::default();
        let flash = Event {
            code: 16,
            end: true,
            volume: 0,
            duration: 800,
        }
        .encode();
        assert_eq!(receiver.push(0, 1, &flash).count(), 0);
        assert_eq!(receiver.push(0, 2, &[1, 2]).count(), 0);
        assert_eq!(code_of('x'), None);
        assert!(Sender::new('x', 0, 8000, 100).is_none());
    }

    #[test]
    fn a_digit_is_packets_of_20_ms_with_three_ends() {
        let sender = Sender::new('5', 99, 8000, 100).expect("a digit");
        assert_eq!(sender.busy_ms(), 140);
        let packets: Vec<_> = sender.collect();
        let events: Vec<_> = packets
            .iter()
            .filter_map(|packet| Event::parse(&packet.payload))
            .collect();
        assert_eq!(packets.len(), 7);
        assert!(packets[0].marker && packets[1..].iter().all(|packet| !packet.marker));
        assert!(packets.iter().all(|packet| packet.timestamp == 99));
        assert_eq!(events.iter().filter(|event| event.end).count(), 3);
        assert_eq!(events.iter().map(|event| event.duration).max(), Some(800));
    }

    #[test]
    fn durations_fit_the_field() {
        for clock in [8000, 48000] {
            for asked in [0, 1, 55, 5000, u32::MAX] {
                let sender = Sender::new('1', 0, clock, asked).expect("a digit");
                let last = sender
                    .last()
                    .and_then(|packet| Event::parse(&packet.payload));
                assert!(last.is_some_and(|event| event.end && event.duration < u16::MAX));
            }
        }
    }

    proptest! {
        #[test]
        fn digits_survive_random_loss(seed in proptest::collection::vec(any::<bool>(), 70)) {
            // At least one packet of seven arrives; the loss is random otherwise.
            let lost = |count: usize| seed[count] && count % 7 != (count / 7) % 7;
            prop_assert_eq!(through("1002*#4479", 8000, lost), "1002*#4479");
        }

        #[test]
        fn what_is_encoded_is_parsed(code: u8, end: bool, volume in 0u8..64, duration: u16) {
            let event = Event { code, end, volume, duration };
            prop_assert_eq!(Event::parse(&event.encode()), Some(event));
        }
    }
}

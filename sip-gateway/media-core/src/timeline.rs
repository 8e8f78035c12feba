//! One direction's packets as continuous audio on the clock of their arrival.
//!
//! Position 0 is time 0 of the caller's clock. A packet's place follows from its RTP timestamp, so
//! jitter, reordering and duplicates do not matter; the link between timestamps and arrival is
//! corrected slowly as clocks drift, and made anew when the source changes or jumps. What is missing
//! is concealed for [`CONCEAL_MS`] by repeating the last pitch period while fading, then silent.
//!
//! ```text
//! push(arrival, packet) ─▶ place ─▶ window of WINDOW_MS ─▶ drain(until) ─▶ conceal ─▶ samples
//! ```

use crate::rtp::{Extender, TimestampExtender};

mod concealment;
mod window;

use concealment::Concealment;
use window::Window;

/// How far behind the newest arrival [`Timeline::drain`] should stay, so that late packets find
/// their place, in milliseconds.
pub const WINDOW_MS: u64 = 3000;
/// Missing audio is filled this long before it becomes silence, in milliseconds.
pub const CONCEAL_MS: u64 = 60;

/// Packets earlier than this against the source's link, with a timestamp their sequence number does
/// not explain, are a jump of the source's timestamps.
const EARLY_MS: i64 = 150;
/// Packets later than this cannot be placed any more: the link is made anew.
const LATE_MS: i64 = WINDOW_MS as i64 - 500;
/// The link is judged by the least late packet of this span: jitter only ever adds.
const DRIFT_SPAN_MS: u64 = 2000;
/// Drift below this is left alone.
const DRIFT_TOLERANCE_MS: i64 = 2;
/// A whole span later than this is a pause the timestamps did not count: corrected at once.
const PAUSE_MS: i64 = 60;

/// A packet's place in its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// When it arrived, microseconds after the timeline's zero.
    pub arrival_us: u64,
    /// RTP sequence number.
    pub sequence: u16,
    /// RTP timestamp at the timeline's sample rate.
    pub timestamp: u32,
    /// RTP source.
    pub ssrc: u32,
}

/// What became of the packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Placed.
    pub placed: u64,
    /// Came again, or after their time.
    pub dropped: u64,
    /// Times the link was made anew: a new source, a jump, a pause.
    pub relinked: u64,
    /// Samples filled by concealment.
    pub concealed_samples: u64,
}

/// Makes continuous audio of one direction.
#[derive(Clone, Debug)]
pub struct Timeline {
    rate: u64,
    window: Window,
    stream: Option<Stream>,
    concealment: Concealment,
    stretched: Vec<i16>,
    counts: Counts,
}

/// A source as it links to the timeline.
#[derive(Clone, Debug)]
struct Stream {
    ssrc: u32,
    sequences: Extender,
    timestamps: TimestampExtender,
    /// Position = timestamp + offset.
    offset: i64,
    newest: Newest,
    drift: Drift,
}

/// The packet with the highest sequence number.
#[derive(Clone, Copy, Debug)]
struct Newest {
    sequence: u64,
    timestamp: u64,
    samples: usize,
}

/// The least lateness of the span running and of the one before, in samples.
#[derive(Clone, Copy, Debug, Default)]
struct Drift {
    span_ends: u64,
    least: Option<i64>,
    /// Least lateness of the last whole span, reduced as it is corrected.
    error: i64,
}

impl Timeline {
    /// An empty timeline of `rate_hz` samples a second.
    #[must_use]
    pub fn new(rate_hz: u32) -> Self {
        let rate = u64::from(rate_hz);
        Self {
            rate,
            window: Window::new((rate * (WINDOW_MS + 1000) / 1000) as usize),
            stream: None,
            concealment: Concealment::new(rate_hz),
            stretched: Vec::with_capacity(rate_hz as usize / 5),
            counts: Counts::default(),
        }
    }

    /// Puts a packet's decoded samples in their place. Packets come in the order of arrival;
    /// [`Self::drain`] must have been called up to [`WINDOW_MS`] before this arrival.
    pub fn push(&mut self, place: Place, samples: &[i16]) {
        if samples.is_empty() {
            return;
        }
        let arrival = place.arrival_us * self.rate / 1_000_000;
        let position = match self.follow(arrival, place, samples.len()) {
            Some(position) => position,
            None => return,
        };
        let stretch = self.stretch();
        self.write(position, samples, stretch);
    }

    /// Appends all samples before `until_us` that were not drained yet, gaps concealed.
    pub fn drain(&mut self, until_us: u64, out: &mut Vec<i16>) {
        let until = until_us * self.rate / 1_000_000;
        while self.window.start() < until {
            let (samples, present) = self.window.front(until);
            let count = samples.len();
            let from = out.len();
            out.extend_from_slice(samples);
            if present {
                self.concealment.heard(&out[from..]);
            } else {
                self.counts.concealed_samples += self.concealment.fill(&mut out[from..]) as u64;
            }
            self.window.advance(count);
        }
    }

    /// Samples drained so far.
    #[must_use]
    pub fn drained(&self) -> u64 {
        self.window.start()
    }

    /// What became of the packets.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The position of a packet, the link kept or made anew; `None`: the packet is a duplicate.
    fn follow(&mut self, arrival: u64, place: Place, samples: usize) -> Option<i64> {
        let rate = self.rate as i64;
        if let Some(stream) = self
            .stream
            .as_mut()
            .filter(|stream| stream.ssrc == place.ssrc)
        {
            let sequence = stream.sequences.extend(place.sequence);
            let timestamp = stream.timestamps.extend(place.timestamp);
            if sequence == stream.newest.sequence {
                self.counts.dropped += 1;
                return None;
            }
            if !stream.has_jumped(arrival, sequence, timestamp, rate) {
                stream.take(arrival, sequence, timestamp, samples);
                let paused = stream.drift.pause(arrival, rate);
                stream.offset += paused;
                self.counts.relinked += u64::from(paused != 0);
                return Some(timestamp.cast_signed() + stream.offset);
            }
        }
        self.counts.relinked += 1;
        self.stream = Some(Stream::begin(arrival, place, samples));
        Some(arrival.cast_signed())
    }

    /// How many samples the next packet is lengthened (or shortened, negative) against drift.
    fn stretch(&mut self) -> i64 {
        let tolerance = DRIFT_TOLERANCE_MS * self.rate as i64 / 1000;
        let Some(stream) = &mut self.stream else {
            return 0;
        };
        let error = stream.drift.error;
        if error.abs() <= tolerance {
            return 0;
        }
        // A far-off link (its first packet was late itself) is worn off faster than true drift.
        let step = error.signum() * (error.abs() / (self.rate as i64 / 20) + 1).min(4);
        stream.drift.error -= step;
        stream.offset += step;
        step
    }

    fn write(&mut self, position: i64, samples: &[i16], stretch: i64) {
        let placed = if stretch == 0 || samples.len() < 40 {
            self.window.write(position, samples)
        } else {
            let len = samples.len().saturating_add_signed(stretch as isize);
            stretch_to(samples, len, &mut self.stretched);
            self.window.write(position, &self.stretched)
        };
        match placed {
            true => self.counts.placed += 1,
            false => self.counts.dropped += 1,
        }
    }
}

impl Stream {
    fn begin(arrival: u64, place: Place, samples: usize) -> Self {
        let (mut sequences, mut timestamps) = (Extender::default(), TimestampExtender::default());
        let sequence = sequences.extend(place.sequence);
        let timestamp = timestamps.extend(place.timestamp);
        Self {
            ssrc: place.ssrc,
            sequences,
            timestamps,
            offset: arrival.cast_signed() - timestamp.cast_signed(),
            newest: Newest {
                sequence,
                timestamp,
                samples,
            },
            drift: Drift::default(),
        }
    }

    /// How much later than its place a packet came, in samples.
    fn lateness(&self, arrival: u64, timestamp: u64) -> i64 {
        arrival.cast_signed() - (timestamp.cast_signed() + self.offset)
    }

    /// Whether the source's timestamps no longer mean what they did.
    fn has_jumped(&self, arrival: u64, sequence: u64, timestamp: u64, rate: i64) -> bool {
        let lateness = self.lateness(arrival, timestamp);
        if lateness > LATE_MS * rate / 1000 {
            return true;
        }
        let (newer, later) = (
            sequence > self.newest.sequence,
            timestamp > self.newest.timestamp,
        );
        if newer != later {
            return true; // sequence and time ran in different directions
        }
        lateness < -EARLY_MS * rate / 1000 && !self.explains(sequence, timestamp)
    }

    /// Whether the packets between this one and the newest, all of the same length, fill the time.
    fn explains(&self, sequence: u64, timestamp: u64) -> bool {
        let packets = sequence.abs_diff(self.newest.sequence);
        timestamp.abs_diff(self.newest.timestamp) <= packets * self.newest.samples as u64
    }

    fn take(&mut self, arrival: u64, sequence: u64, timestamp: u64, samples: usize) {
        let lateness = self.lateness(arrival, timestamp);
        self.drift.take(lateness);
        if sequence > self.newest.sequence {
            self.newest = Newest {
                sequence,
                timestamp,
                samples,
            };
        }
    }
}

impl Drift {
    fn take(&mut self, lateness: i64) {
        self.least = Some(self.least.map_or(lateness, |least| least.min(lateness)));
    }

    /// At the end of a span judges it. Returns the samples to move at once if the whole span was far
    /// too late: the source paused and its timestamps did not count the pause.
    fn pause(&mut self, arrival: u64, rate: i64) -> i64 {
        let span = DRIFT_SPAN_MS * rate as u64 / 1000;
        if self.span_ends == 0 || arrival > self.span_ends + span {
            // The first span, or one begun before a silence: start afresh.
            self.span_ends = arrival + span;
            return 0;
        }
        if arrival < self.span_ends {
            return 0;
        }
        self.span_ends = arrival + span;
        self.error = self.least.take().unwrap_or(0);
        if self.error > PAUSE_MS * rate / 1000 {
            return std::mem::take(&mut self.error);
        }
        0
    }
}

/// `samples` as `len` samples, linearly interpolated.
fn stretch_to(samples: &[i16], len: usize, out: &mut Vec<i16>) {
    out.clear();
    let last = samples.len() - 1;
    for at in 0..len {
        let scaled = at * last * 256 / (len - 1).max(1);
        let (index, part) = (scaled / 256, (scaled % 256) as i32);
        let (here, next) = (
            i32::from(samples[index]),
            i32::from(samples[(index + 1).min(last)]),
        );
        out.push((here + (next - here) * part / 256) as i16);
    }
}

#[cfg(test)]
mod tests;

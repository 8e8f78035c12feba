//! One look at the statistics of a peer connection.

/// The codec of the audio, as far as it bears on how loss sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Codec {
    /// Not known yet.
    #[default]
    Unknown,
    /// A-law or µ-law.
    G711,
    /// 16 kHz.
    G722,
    /// Opus.
    Opus,
}

impl Codec {
    /// From the `mimeType` of `RTCCodecStats`.
    #[must_use]
    pub fn of(mime_type: &str) -> Self {
        match mime_type.to_ascii_lowercase().as_str() {
            "audio/pcma" | "audio/pcmu" => Self::G711,
            "audio/g722" => Self::G722,
            "audio/opus" => Self::Opus,
            _ => Self::Unknown,
        }
    }

    /// A name for programs; empty: not known.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "",
            Self::G711 => "g711",
            Self::G722 => "g722",
            Self::Opus => "opus",
        }
    }
}

/// How loud it was so far: `totalAudioEnergy` and `totalSamplesDuration`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Loudness {
    /// In thousand-millionths of a second of full scale.
    pub energy: u64,
    /// Milliseconds.
    pub ms: u64,
}

/// What came in so far (`RTCInboundRtpStreamStats`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Heard {
    /// Packets.
    pub packets: u64,
    /// Packets that did not come; falls when late ones do.
    pub lost: i64,
    /// Interarrival jitter now, milliseconds.
    pub jitter_ms: u16,
    /// How long what was played had waited in the buffer: the sum, in milliseconds.
    pub buffered_ms: u64,
    /// How many samples that is.
    pub played: u64,
    /// How loud.
    pub loudness: Option<Loudness>,
}

/// How the gateway hears us (`RTCRemoteInboundRtpStreamStats`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReceiverReport {
    /// When it came; tells one report from the next.
    pub at_ms: u64,
    /// Packets that did not arrive so far.
    pub lost: i64,
    /// Interarrival jitter, milliseconds.
    pub jitter_ms: u16,
    /// Packets we had sent by then, as near as looks a second apart can tell.
    pub sent: u64,
}

/// What went out so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Said {
    /// Packets.
    pub packets: u64,
    /// How loud the microphone is, before it is coded.
    pub loudness: Option<Loudness>,
    /// The gateway's last report.
    pub report: Option<ReceiverReport>,
}

/// One look. Counters grow from the beginning of the peer connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// When, on a clock that never goes back, milliseconds.
    pub at_ms: u64,
    /// Codec.
    pub codec: Codec,
    /// In.
    pub heard: Heard,
    /// Out.
    pub said: Said,
    /// There and back to the gateway, milliseconds.
    pub round_trip_ms: Option<u16>,
}

impl Snapshot {
    /// Notes what only the look before knows.
    pub(super) fn follow(&mut self, before: &Self) {
        if self.codec == Codec::Unknown {
            self.codec = before.codec;
        }
        let packets = self.said.packets;
        if let Some(report) = &mut self.said.report {
            let known = before
                .said
                .report
                .filter(|known| known.at_ms == report.at_ms);
            report.sent = known.map_or(packets, |known| known.sent);
        }
    }
}

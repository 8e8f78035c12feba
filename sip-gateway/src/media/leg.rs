//! One leg as the media thread sees it: what arrives is understood here, what leaves is built here.

use std::time::Instant;

use media_core::{
    dtmf, g711, rtcp,
    rtp::{self, Packet},
};

use rtc_crypto::RTCCrypto;

use super::{
    Channel, Codec, LegId,
    browser::Browser,
    events::KeyEvents,
    gauge::Gauge,
    keys::Keys,
    line::Line,
    path::Path,
    player::Player,
    sdp::session::{Agreement, Payload, Peer},
    stream::{Arrival, OutStream},
};
use crate::{
    ports::{DtmfMode, LegFigures},
    recording::Sink,
};

/// Room for the largest packet with its protection.
pub(super) const BUFFER: usize = 2048;
/// Longest payload passed on.
const MAX_PAYLOAD: usize = BUFFER - rtp::HEADER_LEN - super::srtp::OVERHEAD;

/// The source of keys we play ourselves.
pub(super) const KEYS: LegId = LegId(u64::MAX - 1);
/// The source of what a conference of three hears.
pub(super) const ROOM: LegId = LegId(u64::MAX - 2);

/// How the leg reaches its peer.
pub(super) enum Transport {
    Browser(Box<Browser>),
    Line(Box<Line>),
}

/// One leg.
pub(super) struct Leg {
    pub id: LegId,
    pub transport: Transport,
    pub agreement: Option<Agreement>,
    pub joined: Option<LegId>,
    pub out: OutStream,
    pub reception: rtcp::Reception,
    /// NTP middle bits of the peer's last sender report, and when it came.
    pub last_report: Option<(u32, u64)>,
    /// What the peer said of our stream last.
    pub heard_as: Option<rtcp::ReportBlock>,
    pub dtmf: dtmf::Receiver,
    pub tap: Option<(Sink, Channel)>,
    pub player: Option<Player>,
    /// Its audio goes into a conference instead of to one other leg.
    pub in_room: bool,
    pub dtmf_mode: DtmfMode,
    /// Keys in the audio, of a leg that wants them so.
    pub keys: Option<Box<Keys>>,
    /// Keys on their way as telephone events.
    pub events: Option<Box<KeyEvents>>,
    pub connected: bool,
    pub next_report_us: u64,
    pub gauge: Gauge,
}

/// An arrived packet that the leg understands.
#[derive(Clone, Copy)]
pub(super) struct Received<'a> {
    pub packet: Packet<'a>,
    pub payload: Payload,
}

impl Leg {
    pub(super) fn new(id: LegId, transport: Transport, out: OutStream) -> Self {
        Self {
            id,
            transport,
            agreement: None,
            joined: None,
            out,
            reception: rtcp::Reception::default(),
            last_report: None,
            heard_as: None,
            dtmf: dtmf::Receiver::default(),
            tap: None,
            player: None,
            in_room: false,
            dtmf_mode: DtmfMode::Rfc4733,
            keys: None,
            events: None,
            connected: false,
            next_report_us: 0,
            gauge: Gauge::default(),
        }
    }

    /// Takes what offer and answer agreed on.
    pub(super) fn agree(&mut self, agreement: Agreement, crypto: &dyn RTCCrypto, now_us: u64) {
        if let (Transport::Line(line), Peer::Line { rtp, rtcp, keys }) =
            (&mut self.transport, &agreement.peer)
        {
            line.latch.describe(*rtp, now_us);
            line.rtcp_target = rtcp.or(line.rtcp_target);
            if let Err(error) = line.protection.agree(crypto, *keys, now_us) {
                tracing::error!(%error, "SRTP cannot be set up; the leg is silent");
            }
        }
        self.out.set_clock(agreement.codec.clock_hz());
        self.agreement = Some(agreement);
    }

    /// Understands a packet; `None`: a payload type nobody agreed on.
    pub(super) fn understand<'a>(&self, packet: Packet<'a>) -> Option<Received<'a>> {
        let agreement = self.agreement.as_ref()?;
        let known = |(number, _): &&(u8, Payload)| *number == packet.payload_type;
        let (_, payload) = agreement.receive.iter().find(known)?;
        Some(Received {
            packet,
            payload: *payload,
        })
    }

    /// Counts and records a packet of the peer; digits that ended go to `told`.
    pub(super) fn receive(
        &mut self,
        received: Received<'_>,
        now: Instant,
        now_us: u64,
        mut told: impl FnMut(char),
    ) {
        let Received { packet, payload } = received;
        let clock_hz = match payload {
            Payload::Audio(codec) => codec.clock_hz(),
            Payload::Dtmf(clock_hz) => clock_hz,
        };
        let now_ticks = now_us * u64::from(clock_hz) / 1_000_000;
        self.reception.push(now_ticks, &packet);
        // The journal wants the static numbers, whatever this peer calls them.
        let mut plain = packet;
        match payload {
            Payload::Audio(codec) => {
                plain.payload_type = codec.static_payload();
                self.dtmf.timeout(now_us).into_iter().for_each(&mut told);
                if let Some(keys) = self.keys.as_mut().filter(|_| codec.becomes(Codec::Pcma)) {
                    keys.hear(codec, packet.payload, &mut told);
                }
            }
            Payload::Dtmf(_) => {
                plain.payload_type = super::sdp::DTMF_PAYLOAD;
                let digits = self.dtmf.push(now_us, packet.timestamp, packet.payload);
                digits.for_each(&mut told);
            }
        }
        if let Some((sink, channel)) = &self.tap {
            sink.packet(*channel, now, &plain);
        }
    }

    /// Builds our packet out of one that came from `source`, and says where to send it. `None`: the
    /// peer does not want it, cannot take it, or nobody knows where it is.
    pub(super) fn forward(
        &mut self,
        source: LegId,
        received: Received<'_>,
        now_us: u64,
        buffer: &mut [u8],
    ) -> Option<(usize, Path)> {
        let Some(target) = self.wanted(now_us) else {
            self.out.interrupt();
            return None;
        };
        let agreement = self.agreement.as_ref()?;
        let Received { packet, payload } = received;
        let codec = agreement.codec;
        let payload_type = match payload {
            Payload::Audio(_) if source != KEYS && self.is_keying() => None,
            Payload::Audio(from) if from.becomes(codec) => Some(agreement.audio_payload),
            Payload::Audio(_) => None,
            Payload::Dtmf(_) if self.takes_events(codec) => {
                agreement.dtmf.map(|events| events.payload)
            }
            Payload::Dtmf(_) => None,
        };
        let to_clock = agreement.dtmf.map_or(0, |events| events.clock_hz);
        let Some(payload_type) = payload_type else {
            self.out.skip((source.0, packet.ssrc), packet.sequence);
            return None;
        };
        let len = packet.payload.len();
        if len > MAX_PAYLOAD {
            return None;
        }
        let place = self.out.place(Arrival {
            source: (source.0, packet.ssrc),
            sequence: packet.sequence,
            timestamp: packet.timestamp,
            is_event: matches!(payload, Payload::Dtmf(_)),
            now_us,
        })?;
        let header = rtp::Header {
            payload_type,
            marker: packet.marker || place.begins,
            sequence: place.sequence(),
            timestamp: place.timestamp,
            ssrc: self.out.ssrc,
        };
        write_header(buffer, &header);
        let end = rtp::HEADER_LEN + len;
        let body = &mut buffer[rtp::HEADER_LEN..end];
        body.copy_from_slice(packet.payload);
        match payload {
            Payload::Audio(from) => transcode(from, codec, body),
            Payload::Dtmf(from_clock) => dtmf::rescale(body, from_clock, to_clock),
        }
        let sent = self.protect(buffer, end, place.index)?;
        self.out.count(len);
        Some((sent, target))
    }

    /// Whether what the joined leg says is passed on, not something that is played.
    pub(super) fn listens(&mut self, now_us: u64) -> bool {
        let player = self.player.as_mut();
        player.is_none_or(|player| player.yields(now_us))
    }

    /// Whether keys go to the peer as telephone events.
    fn takes_events(&self, codec: Codec) -> bool {
        match self.dtmf_mode {
            DtmfMode::Rfc4733 => true,
            DtmfMode::Info => false,
            DtmfMode::InBand => !codec.becomes(Codec::Pcma),
        }
    }

    fn is_keying(&self) -> bool {
        self.keys.as_ref().is_some_and(|keys| keys.is_playing())
            || self.events.as_ref().is_some_and(|keys| keys.is_playing())
    }

    /// A key the other side pressed by INFO, the way this peer takes it; whether it will be played.
    pub(super) fn press_any(&mut self, digit: char, now_us: u64) -> bool {
        if self.press(digit, now_us) {
            return true;
        }
        let Some(agreement) = &self.agreement else {
            return false;
        };
        let takes = agreement.dtmf.is_some() && self.takes_events(agreement.codec);
        if takes {
            self.events.get_or_insert_default().press(digit, now_us);
        }
        takes
    }

    /// The next packets of keys that are due go to `send`; whether there are more.
    pub(super) fn play_keys(
        &mut self,
        now_us: u64,
        buffer: &mut [u8],
        mut send: impl FnMut(&Self, &[u8], Path),
    ) -> bool {
        let mut goes_on = false;
        if let Some(mut keys) = self.keys.take() {
            if let Some(frame) = keys.frame(now_us)
                && let Some((len, to)) = self.forward(KEYS, frame, now_us, buffer)
            {
                send(self, &buffer[..len], to);
            }
            goes_on |= keys.is_playing();
            self.keys = Some(keys);
        }
        if let Some(mut keys) = self.events.take() {
            if let Some(frame) = keys.frame(now_us)
                && let Some((len, to)) = self.forward(KEYS, frame, now_us, buffer)
            {
                send(self, &buffer[..len], to);
            }
            goes_on |= keys.is_playing();
            self.events = Some(keys);
        }
        goes_on
    }

    /// A key for a peer that wants it in the audio; whether it will be played.
    pub(super) fn press(&mut self, digit: char, now_us: u64) -> bool {
        let codec = self.agreement.as_ref().map(|agreement| agreement.codec);
        let audible = codec.is_some_and(|codec| codec.becomes(Codec::Pcma));
        match self.keys.as_mut().filter(|_| audible) {
            Some(keys) => {
                keys.press(digit, now_us);
                true
            }
            None => false,
        }
    }

    /// Where the peer wants our media now; `None`: nowhere, or it wants none.
    fn wanted(&self, now_us: u64) -> Option<Path> {
        let agreement = self.agreement.as_ref()?;
        self.media_target(now_us).filter(|_| agreement.may_send)
    }

    /// Where media goes now; `None`: nowhere.
    fn media_target(&self, now_us: u64) -> Option<Path> {
        match &self.transport {
            Transport::Browser(browser) => {
                browser.target(now_us).filter(|_| browser.keys.is_some())
            }
            Transport::Line(line) => line.latch.target().map(Path::Udp),
        }
    }

    fn protect(&mut self, buffer: &mut [u8], len: usize, index: u64) -> Option<usize> {
        match &mut self.transport {
            Transport::Browser(browser) => {
                browser.keys.as_mut()?.1.protect(buffer, len, index).ok()
            }
            Transport::Line(line) => line.protection.protect(buffer, len, index).ok(),
        }
    }

    /// Takes a plain compound of RTCP.
    pub(super) fn take_reports(&mut self, compound: &[u8], ntp: u64, now_us: u64) {
        for part in rtcp::parts(compound) {
            let rtcp::Part::Report(report) = part else {
                continue;
            };
            if let Some(sender) = report.sender {
                #[expect(clippy::cast_possible_truncation, reason = "RFC 3550: the middle bits")]
                let middle = (sender.ntp >> 16) as u32;
                self.last_report = Some((middle, now_us));
            }
            let about_us = report.blocks().find(|block| block.ssrc == self.out.ssrc);
            if let Some(block) = about_us {
                self.heard_as = Some(block);
                self.gauge.reported(&block, self.out.packets, ntp);
            }
        }
    }

    /// How packets travelled lately, if it is time to say so.
    pub(super) fn measure(&mut self, now_us: u64) -> Option<LegFigures> {
        let codec = self.agreement.as_ref()?.codec;
        self.gauge.read(codec, &self.reception, now_us)
    }

    /// Writes our report into `out` (RFC 3550 §6.4): what we sent and how we heard the peer.
    pub(super) fn write_report(&mut self, ntp: u64, now_us: u64, out: &mut Vec<u8>) {
        let mut block = None;
        if self.reception.received() > 0 {
            let mut heard = self.reception.report();
            if let Some((middle, at)) = self.last_report {
                heard.last_report = middle;
                let delay = now_us.saturating_sub(at) * 65_536 / 1_000_000;
                heard.delay = u32::try_from(delay).unwrap_or(u32::MAX);
            }
            block = Some(heard);
        }
        let sender = (self.out.packets > 0).then(|| rtcp::SenderInfo {
            ntp,
            timestamp: self.out.timestamp_at(now_us),
            packets: self.out.packets,
            octets: self.out.octets,
        });
        rtcp::write_report(self.out.ssrc, sender.as_ref(), block.as_slice(), out);
        // A source description with our name must be in every compound (RFC 3550 §6.1).
        out.extend_from_slice(&[0x81, 202, 0, 4]);
        out.extend_from_slice(&self.out.ssrc.to_be_bytes());
        out.extend_from_slice(b"\x01\x06trubka\0\0\0\0");
    }
}

fn write_header(buffer: &mut [u8], header: &rtp::Header) {
    if let Some(place) = buffer.first_chunk_mut() {
        rtp::write_header(place, header);
    }
}

fn transcode(from: Codec, to: Codec, body: &mut [u8]) {
    match (from, to) {
        (Codec::Pcma, Codec::Pcmu) => {
            body.iter_mut()
                .for_each(|octet| *octet = g711::alaw_to_ulaw(*octet));
        }
        (Codec::Pcmu, Codec::Pcma) => {
            body.iter_mut()
                .for_each(|octet| *octet = g711::ulaw_to_alaw(*octet));
        }
        // `Codec::becomes` lets nothing else through but what stays as it is.
        (Codec::Pcma | Codec::Pcmu | Codec::G722 | Codec::Opus, _) => {}
    }
}

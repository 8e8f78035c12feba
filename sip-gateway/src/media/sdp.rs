//! Session descriptions: what a peer's says about audio (this file), the text of ours (`write`),
//! and the offer/answer exchange of one leg ([`session`]). RFC 8866, 3264, 8829, 8839, 8842.

mod crypto;
mod line_protocol;
pub(super) mod session;
#[cfg(test)]
mod tests;
mod write;

use std::net::{IpAddr, SocketAddr};

use sdp_types::{Media, Session};

pub(super) use crypto::{Crypto, Master, SEED, SdesKeys, own_keys};
pub(super) use line_protocol::{LineProtocol, Policy};

use super::{Codec, LegKind, SdpError};
use crate::ports::SrtpMode;

/// More `m=` lines than any telephone sends.
const MAX_LINES: usize = 32;
/// Payload type of telephone-event at 8 kHz in our offers, and of all events in the journal.
pub(super) const DTMF_PAYLOAD: u8 = 101;
/// The same at 48 kHz.
pub(super) const DTMF_PAYLOAD_48: u8 = 110;

/// A payload type of telephone-event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Events {
    pub payload: u8,
    pub clock_hz: u32,
}

/// Direction of a stream as its describer sees it (RFC 3264 §5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

impl Direction {
    /// The answer to an offer of this direction, from a side that wants both (RFC 3264 §6.1).
    pub(super) fn answered(self) -> Self {
        match self {
            Self::SendRecv => Self::SendRecv,
            Self::SendOnly => Self::RecvOnly,
            Self::RecvOnly => Self::SendOnly,
            Self::Inactive => Self::Inactive,
        }
    }

    /// Whether its describer sends.
    pub(super) fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    /// Whether its describer wants to receive.
    pub(super) fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }

    fn without_receiving(self) -> Self {
        if self.sends() {
            Self::SendOnly
        } else {
            Self::Inactive
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }
}

/// Who starts DTLS (RFC 8842).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setup {
    ActPass,
    Active,
    Passive,
}

/// ICE user fragment and password.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct IceCredentials {
    pub ufrag: String,
    pub password: String,
}

impl std::fmt::Debug for IceCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IceCredentials({})", self.ufrag)
    }
}

/// What a browser adds to the description of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Secure {
    pub ice: IceCredentials,
    /// SHA-256 of the certificates it may use.
    pub fingerprints: Vec<[u8; 32]>,
    pub setup: Setup,
}

/// One `m=` line: each offered one is answered, in order (RFC 3264 §6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub media: String,
    pub protocol: String,
    pub formats: String,
    pub mid: Option<String>,
}

/// What a peer's description says about the one audio stream we use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remote {
    /// All its `m=` lines.
    pub lines: Vec<Line>,
    /// Which of them is the audio.
    pub audio: usize,
    /// Codecs we know with their payload types, in its order.
    pub codecs: Vec<(u8, Codec)>,
    /// Names of everything it listed, for people.
    pub listed: String,
    /// Its telephone-events, one for each clock.
    pub dtmf: Vec<Events>,
    /// Its direction; hold by `0.0.0.0` (RFC 3264 §8.4) counts as not receiving.
    pub direction: Direction,
    /// Where it wants RTP; `None`: a host name or nothing usable, so wait for its packets.
    pub address: Option<SocketAddr>,
    /// Where it wants RTCP.
    pub rtcp: Option<SocketAddr>,
    /// ICE and DTLS, for a browser.
    pub secure: Option<Secure>,
    /// Whether its audio line says SRTP.
    pub is_secured: bool,
    /// SDES keys it offers that we can use, in its order; of a line.
    pub cryptos: Vec<Crypto>,
}

impl Remote {
    /// Reads a description for a leg of this policy.
    pub(super) fn parse(policy: Policy, text: &str) -> Result<Self, SdpError> {
        let kind = policy.kind;
        let session = Session::parse(text.as_bytes())
            .map_err(|error| SdpError::Unreadable(error.to_string()))?;
        if session.medias.len() > MAX_LINES {
            return Err(SdpError::Unreadable("too many media lines".to_owned()));
        }
        let audio = audio_line(policy, &session)?;
        let media = &session.medias[audio];
        let secure = match kind {
            LegKind::Browser => Some(secure(&session, media)?),
            LegKind::Line => None,
        };
        let is_secured = LineProtocol::named(&media.proto).is_some_and(LineProtocol::is_secure);
        let cryptos = cryptos(policy, media);
        // RFC 4568 §5.1.1: SRTP without a key is nothing.
        if kind == LegKind::Line && is_secured && cryptos.is_empty() {
            return Err(SdpError::Missing("a=crypto with a suite we have"));
        }
        let formats = Formats::read(media);
        let ip = connection(&session, media);
        let mut direction = direction(&session, media);
        if kind == LegKind::Line && ip.is_some_and(|ip| ip.is_unspecified()) {
            direction = direction.without_receiving();
        }
        let ip = ip.filter(|ip| !ip.is_unspecified() && !ip.is_multicast());
        let address = ip.map(|ip| SocketAddr::new(ip, media.port));
        Ok(Self {
            lines: session.medias.iter().map(line).collect(),
            audio,
            codecs: formats.codecs,
            listed: formats.listed,
            dtmf: formats.dtmf,
            direction,
            address,
            rtcp: address.and_then(|address| rtcp(media, address)),
            secure,
            is_secured,
            cryptos,
        })
    }
}

/// The audio line that suits best; of equals the first.
fn audio_line(policy: Policy, session: &Session) -> Result<usize, SdpError> {
    let audio = || {
        let lines = session.medias.iter().enumerate();
        lines.filter(|(_, media)| is_live_audio(media))
    };
    let rank = |media: &Media| LineProtocol::named(&media.proto)?.rank(policy);
    let best = audio()
        .filter_map(|(at, media)| Some((rank(media)?, at)))
        .min();
    match best {
        Some((_, at)) => Ok(at),
        None if audio().next().is_some() => Err(SdpError::WrongProtection),
        None => Err(SdpError::NoAudio),
    }
}

fn is_live_audio(media: &Media) -> bool {
    let bundled = media.has_attribute("bundle-only");
    media.media.eq_ignore_ascii_case("audio") && (media.port != 0 || bundled)
}

fn cryptos(policy: Policy, media: &Media) -> Vec<Crypto> {
    match (policy.kind, policy.srtp) {
        (LegKind::Browser, _) | (LegKind::Line, SrtpMode::Off) => Vec::new(),
        (LegKind::Line, SrtpMode::Optional | SrtpMode::Required) => media
            .get_attribute_values("crypto")
            .flatten()
            .filter_map(Crypto::parse)
            .collect(),
    }
}

fn line(media: &Media) -> Line {
    let mid = media.get_first_attribute_value("mid").flatten();
    Line {
        media: media.media.clone(),
        protocol: media.proto.clone(),
        formats: media.fmt.clone(),
        mid: mid.map(str::to_owned),
    }
}

fn connection(session: &Session, media: &Media) -> Option<IpAddr> {
    let connection = media.connections.first().or(session.connection.as_ref())?;
    connection.try_address().ok().map(|address| address.ip)
}

/// `a=rtcp` (RFC 3605), else the next port (RFC 3550 §11).
fn rtcp(media: &Media, rtp: SocketAddr) -> Option<SocketAddr> {
    let Some(value) = media.get_first_attribute_value("rtcp").flatten() else {
        return Some(SocketAddr::new(rtp.ip(), rtp.port().checked_add(1)?));
    };
    let mut words = value.split_ascii_whitespace();
    let port = words.next()?.parse().ok()?;
    let ip = words.nth(2).and_then(|ip| ip.parse().ok());
    Some(SocketAddr::new(ip.unwrap_or(rtp.ip()), port))
}

fn direction(session: &Session, media: &Media) -> Direction {
    const ALL: [Direction; 4] = [
        Direction::SendRecv,
        Direction::SendOnly,
        Direction::RecvOnly,
        Direction::Inactive,
    ];
    let own = ALL
        .into_iter()
        .find(|direction| media.has_attribute(direction.name()));
    let inherited = || {
        ALL.into_iter()
            .find(|direction| session.has_attribute(direction.name()))
    };
    own.or_else(inherited).unwrap_or(Direction::SendRecv)
}

/// Attributes that stand in the media section or, for all of them, above it.
fn values<'a>(session: &'a Session, media: &'a Media, name: &'static str) -> Vec<&'a str> {
    let own: Vec<&str> = media.get_attribute_values(name).flatten().collect();
    if own.is_empty() {
        session.get_attribute_values(name).flatten().collect()
    } else {
        own
    }
}

fn secure(session: &Session, media: &Media) -> Result<Secure, SdpError> {
    let first = |name| {
        values(session, media, name)
            .first()
            .map(|value| value.trim().to_owned())
    };
    let ufrag = first("ice-ufrag").ok_or(SdpError::Missing("a=ice-ufrag"))?;
    let password = first("ice-pwd").ok_or(SdpError::Missing("a=ice-pwd"))?;
    let fingerprints: Vec<_> = values(session, media, "fingerprint")
        .into_iter()
        .filter_map(fingerprint)
        .collect();
    if fingerprints.is_empty() {
        return Err(SdpError::Missing("a=fingerprint with sha-256"));
    }
    if !media.has_attribute("rtcp-mux") {
        return Err(SdpError::Missing("a=rtcp-mux"));
    }
    let setup = match first("setup").as_deref() {
        Some("active") => Setup::Active,
        Some("passive") => Setup::Passive,
        _ => Setup::ActPass,
    };
    Ok(Secure {
        ice: IceCredentials { ufrag, password },
        fingerprints,
        setup,
    })
}

/// `sha-256 AB:CD:…` (RFC 8122 §5).
fn fingerprint(value: &str) -> Option<[u8; 32]> {
    let (hash, digest) = value.trim().split_once(' ')?;
    if !hash.eq_ignore_ascii_case("sha-256") {
        return None;
    }
    let digest = hex::decode(digest.trim().replace(':', "")).ok()?;
    digest.try_into().ok()
}

/// The formats of an audio line, read.
struct Formats {
    codecs: Vec<(u8, Codec)>,
    dtmf: Vec<Events>,
    listed: String,
}

impl Formats {
    fn read(media: &Media) -> Self {
        let mut found = Self {
            codecs: Vec::new(),
            dtmf: Vec::new(),
            listed: String::new(),
        };
        for payload in media
            .fmt
            .split_ascii_whitespace()
            .filter_map(|word| word.parse().ok())
        {
            let name = encoding(media, payload);
            if !found.listed.is_empty() {
                found.listed.push_str(", ");
            }
            found
                .listed
                .push_str(name.split('/').next().unwrap_or(&name));
            found.take(payload, &name);
        }
        found
    }

    fn take(&mut self, payload: u8, name: &str) {
        let mut parts = name.split('/');
        let (codec, clock, channels) = (parts.next(), parts.next(), parts.next());
        let (Some(codec), Some(clock_hz)) = (codec, clock.and_then(|clock| clock.parse().ok()))
        else {
            return;
        };
        let mono = matches!(channels, None | Some("1"));
        let known = match (codec.to_ascii_uppercase().as_str(), clock_hz) {
            ("PCMA", 8000) if mono => Codec::Pcma,
            ("PCMU", 8000) if mono => Codec::Pcmu,
            // 16000 is what it samples; RFC 3551 §4.5.2 says 8000, and some do not listen.
            ("G722", 8000 | 16_000) if mono => Codec::G722,
            ("OPUS", 48_000) => Codec::Opus,
            ("TELEPHONE-EVENT", 8000 | 48_000) if mono => {
                if self.dtmf.iter().all(|events| events.clock_hz != clock_hz) {
                    self.dtmf.push(Events { payload, clock_hz });
                }
                return;
            }
            _ => return,
        };
        if !self.codecs.iter().any(|(_, codec)| *codec == known) {
            self.codecs.push((payload, known));
        }
    }
}

/// `encoding/clock[/channels]` of a payload type, by its rtpmap or by RFC 3551 table 4.
fn encoding(media: &Media, payload: u8) -> String {
    let mapped = media
        .get_attribute_values("rtpmap")
        .flatten()
        .find_map(|value| {
            let (number, encoding) = value.trim().split_once(' ')?;
            (number.parse() == Ok(payload)).then(|| encoding.trim().to_owned())
        });
    mapped.unwrap_or_else(|| match payload {
        0 => "PCMU/8000".to_owned(),
        3 => "GSM/8000".to_owned(),
        8 => "PCMA/8000".to_owned(),
        9 => "G722/8000".to_owned(),
        13 => "CN/8000".to_owned(),
        18 => "G729/8000".to_owned(),
        other => format!("payload {other}"),
    })
}

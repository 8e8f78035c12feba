//! Session descriptions: reads what was offered, answers it (RFC 3264), offers ourselves.

use crate::{
    Quirk, Quirks,
    templates::{
        AUDIO_ANSWER, AUDIO_ANSWER_WITH_DIGITS, AUDIO_OFFER, FAX_OFFER, SDP, VIDEO_OFFER, fill,
    },
};
use media_core::g711::{PCMA, PCMU};
use std::net::{IpAddr, SocketAddr};

/// Our payload type for telephone-event.
pub const USUAL_DIGITS: u8 = 101;
/// The quirk's.
pub const OTHER_DIGITS: u8 = 96;

/// What the other side wants of the audio stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// Where its description says it listens; `None`: nowhere (0.0.0.0, a name, port 0).
    pub address: Option<SocketAddr>,
    /// The first payload type of its list that we speak.
    pub payload_type: u8,
    /// Its payload type for `telephone-event/8000`.
    pub digits: Option<u8>,
    /// Its direction attribute.
    pub direction: Direction,
    /// Position of the audio stream among its m-lines.
    index: usize,
    /// The first words of its m-lines, for zeroed answers.
    streams: Vec<String>,
}

/// A direction attribute, as its sender means it (RFC 3264 §5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

impl Direction {
    fn parse(attribute: &str) -> Option<Self> {
        match attribute {
            "sendrecv" => Some(Self::SendRecv),
            "sendonly" => Some(Self::SendOnly),
            "recvonly" => Some(Self::RecvOnly),
            "inactive" => Some(Self::Inactive),
            _ => None,
        }
    }

    /// RFC 3264 §6.1: what an answer says to it.
    fn answer(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "recvonly",
            Self::RecvOnly => "sendonly",
            Self::Inactive => "inactive",
        }
    }
}

impl Remote {
    /// Reads an offer or answer; `None` when there is no audio stream that we could join.
    pub fn parse(sdp: &str) -> Option<Self> {
        let mut sections = sdp.split("\nm=");
        let session = sections.next()?;
        let media: Vec<&str> = sections.collect();
        let (index, audio) = media
            .iter()
            .enumerate()
            .find(|(_, section)| usable(section))?;
        let mut words = audio.lines().next()?.split_whitespace().skip(1);
        let port: u16 = words.next()?.parse().ok()?;
        let types: Vec<u8> = words.skip(1).filter_map(|t| t.parse().ok()).collect();
        let payload_type = *types.iter().find(|t| [PCMA, PCMU].contains(t))?;
        let ip = connection(audio).or_else(|| connection(session));
        let address = ip.filter(|ip| !ip.is_unspecified() && port != 0);
        let direction = direction(audio).or_else(|| direction(session));
        Some(Self {
            address: address.map(|ip| SocketAddr::new(ip, port)),
            payload_type,
            digits: digits_type(audio).filter(|t| types.contains(t)),
            direction: direction.unwrap_or(Direction::SendRecv),
            index,
            streams: media.iter().map(|m| first_line(m).to_owned()).collect(),
        })
    }

    /// Whether the far end may send to it.
    pub fn wants_audio(&self) -> bool {
        let listens = matches!(self.direction, Direction::SendRecv | Direction::RecvOnly);
        listens && self.address.is_some()
    }

    /// `PCMA` or `PCMU`.
    pub fn codec(&self) -> &'static str {
        if self.payload_type == PCMA {
            "PCMA"
        } else {
            "PCMU"
        }
    }
}

/// Our side of the negotiation for one call.
#[derive(Debug)]
pub struct Local {
    address: SocketAddr,
    session: String,
    version: u32,
    /// Our payload type for keys where it is not theirs.
    digits: Option<u8>,
    latest: String,
}

/// What an offer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Audio in this direction.
    Directed(&'static str),
    /// Audio at 0.0.0.0.
    ZeroAddress,
    /// Audio and video.
    WithVideo,
    /// A fax in place of the audio.
    Fax,
}

impl Local {
    pub fn new(address: SocketAddr, session: u32, quirks: &Quirks) -> Self {
        Self {
            address,
            session: session.to_string(),
            version: 0,
            digits: quirks.has(Quirk::DtmfOtherType).then_some(OTHER_DIGITS),
            latest: String::new(),
        }
    }

    /// Another place for the same session.
    pub fn move_to(&mut self, address: SocketAddr) {
        self.address = address;
    }

    /// An offer of everything we can.
    pub fn offer(&mut self) -> String {
        self.offer_as(Shape::Directed("sendrecv"))
    }

    /// An offer of some shape.
    pub fn offer_as(&mut self, shape: Shape) -> String {
        let port = self.address.port().to_string();
        let direction = match shape {
            Shape::Directed(direction) => direction,
            Shape::ZeroAddress | Shape::WithVideo | Shape::Fax => "sendrecv",
        };
        let digits = self.digits.unwrap_or(USUAL_DIGITS).to_string();
        let values = [
            ("port", &*port),
            ("digits", &*digits),
            ("direction", direction),
        ];
        let media = match shape {
            Shape::Fax => fill(FAX_OFFER, &values),
            Shape::WithVideo => fill(AUDIO_OFFER, &values) + &fill(VIDEO_OFFER, &values),
            Shape::Directed(_) | Shape::ZeroAddress => fill(AUDIO_OFFER, &values),
        };
        let text = self.describe(&media);
        match shape {
            Shape::ZeroAddress => {
                let here = format!("c=IN IP4 {}", self.address.ip());
                text.replace(&here, "c=IN IP4 0.0.0.0")
            }
            Shape::Directed(_) | Shape::WithVideo | Shape::Fax => text,
        }
    }

    /// What we said last, unchanged (RFC 4028 §7.4).
    pub fn latest(&self) -> String {
        self.latest.clone()
    }

    /// The answer to an offer.
    pub fn answer(&mut self, remote: &Remote) -> String {
        let mut lines = String::new();
        for (index, stream) in remote.streams.iter().enumerate() {
            if index == remote.index {
                lines.push_str(&self.audio_answer(remote));
            } else {
                lines.push_str(&zeroed(stream));
            }
        }
        self.describe(&lines)
    }

    fn audio_answer(&self, remote: &Remote) -> String {
        let digits = remote.digits.map(|theirs| self.digits.unwrap_or(theirs));
        let digits = digits.map(|t| t.to_string()).unwrap_or_default();
        let template = if digits.is_empty() {
            AUDIO_ANSWER
        } else {
            AUDIO_ANSWER_WITH_DIGITS
        };
        let values = [
            ("port", &*self.address.port().to_string()),
            ("type", &*remote.payload_type.to_string()),
            ("codec", remote.codec()),
            ("digits", &digits),
            ("direction", remote.direction.answer()),
        ];
        fill(template, &values)
    }

    fn describe(&mut self, media_lines: &str) -> String {
        self.version += 1;
        let family = if self.address.is_ipv4() { "IP4" } else { "IP6" };
        let values = [
            ("session", &*self.session),
            ("version", &*self.version.to_string()),
            ("family", family),
            ("ip", &*self.address.ip().to_string()),
            ("media_lines", media_lines),
        ];
        self.latest = fill(SDP, &values);
        self.latest.clone()
    }
}

/// A plain RTP audio stream with G.711 that is not switched off.
fn usable(section: &str) -> bool {
    let mut words = first_line(section).split_whitespace();
    let audio = words.next() == Some("audio");
    let port_is_zero = words.next() == Some("0");
    let plain = words.next() == Some("RTP/AVP");
    audio && plain && !port_is_zero && words.any(|t| t == "0" || t == "8")
}

fn first_line(section: &str) -> &str {
    section.lines().next().unwrap_or_default().trim_end()
}

fn connection(section: &str) -> Option<IpAddr> {
    let line = section.lines().find_map(|l| l.strip_prefix("c="))?;
    line.split_whitespace().nth(2)?.parse().ok()
}

fn direction(section: &str) -> Option<Direction> {
    let mut attributes = section.lines().filter_map(|l| l.strip_prefix("a="));
    attributes.find_map(|a| Direction::parse(a.trim_end()))
}

fn digits_type(section: &str) -> Option<u8> {
    let mut maps = section.lines().filter_map(|l| l.strip_prefix("a=rtpmap:"));
    maps.find_map(|map| {
        let (number, codec) = map.trim_end().split_once(' ')?;
        let is_event = codec.eq_ignore_ascii_case("telephone-event/8000");
        is_event.then(|| number.parse().ok()).flatten()
    })
}

/// RFC 3264 §6: a stream that is not wanted is answered with port 0.
fn zeroed(stream: &str) -> String {
    let mut words: Vec<&str> = stream.split_whitespace().collect();
    if let Some(port) = words.get_mut(1) {
        *port = "0";
    }
    format!("m={}\r\n", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.9\r\ns=-\r\nc=IN IP4 127.0.0.9\r\nt=0 0\r\n\
        m=video 4000 RTP/AVP 96\r\na=sendonly\r\n\
        m=audio 4002 RTP/AVP 9 0 8 97\r\na=rtpmap:97 Telephone-Event/8000\r\na=sendonly\r\n";

    fn local() -> Local {
        Local::new("127.0.0.1:4444".parse().unwrap(), 7, &Quirks::default())
    }

    #[test]
    fn the_first_codec_we_know_is_taken_and_video_is_zeroed() {
        let remote = Remote::parse(OFFER).unwrap();
        assert_eq!(remote.address, Some("127.0.0.9:4002".parse().unwrap()));
        assert_eq!((remote.payload_type, remote.digits), (PCMU, Some(97)));
        assert!(!remote.wants_audio());
        let answer = local().answer(&remote);
        assert!(answer.contains("m=video 0 RTP/AVP 96\r\nm=audio 4444 RTP/AVP 0 97\r\n"));
        assert!(
            answer.ends_with("a=fmtp:97 0-15\r\na=ptime:20\r\na=recvonly\r\n"),
            "{answer}"
        );
    }

    #[test]
    fn a_call_without_g711_or_without_plain_rtp_has_no_audio_for_us() {
        assert!(Remote::parse(&OFFER.replace(" 0 8 97", "")).is_none());
        assert!(Remote::parse(&OFFER.replace("4002 RTP/AVP", "4002 RTP/SAVP")).is_none());
        assert!(Remote::parse(&OFFER.replace("audio 4002", "audio 0")).is_none());
    }

    #[test]
    fn an_old_style_hold_sends_nowhere() {
        let remote = Remote::parse(&OFFER.replace("c=IN IP4 127.0.0.9", "c=IN IP4 0.0.0.0"));
        assert_eq!(remote.unwrap().address, None);
    }

    #[test]
    fn versions_rise() {
        let mut local = local();
        assert!(local.offer().contains("o=- 7 1 IN IP4 127.0.0.1\r\n"));
        assert!(local.offer().contains("o=- 7 2 IN"));
    }
}

//! The text of our own descriptions.

use std::{
    fmt::Write as _,
    net::{IpAddr, SocketAddr},
};

use super::{Crypto, Direction, Events, IceCredentials, Line, Setup};
use crate::media::{Codec, addresses::Candidates};

/// What our description says.
pub(super) struct Local<'a> {
    /// `sess-id` and `sess-version` of `o=`.
    pub origin: (u64, u64),
    /// Address in `c=`.
    pub ip: IpAddr,
    /// RTP port.
    pub port: u16,
    /// The lines of the session, as first described; ours is number `audio`.
    pub lines: &'a [Line],
    pub audio: usize,
    pub codecs: &'a [(u8, Codec)],
    /// Telephone-event, when it is spoken.
    pub dtmf: &'a [Events],
    pub direction: Direction,
    pub secure: Option<LocalSecure<'a>>,
    /// SDES keys, for a line.
    pub cryptos: &'a [Crypto],
}

/// What we add for a browser.
pub(super) struct LocalSecure<'a> {
    pub ice: &'a IceCredentials,
    /// SHA-256 in colon form.
    pub fingerprint: &'a str,
    pub setup: Setup,
    pub candidates: &'a Candidates,
    /// Source of the RTP we send.
    pub ssrc: u32,
}

impl Local<'_> {
    /// The description; it begins with `v=` and ends with CRLF.
    pub(super) fn text(&self) -> String {
        let mut text = String::with_capacity(1024);
        self.put(&mut text);
        text
    }

    // Writing into a `String` cannot fail.
    fn put(&self, out: &mut String) {
        let (id, version) = self.origin;
        let address = address(self.ip);
        let _ = write!(out, "v=0\r\no=- {id} {version} {address}\r\ns=-\r\n");
        let _ = write!(out, "c={address}\r\nt=0 0\r\n");
        if self.secure.is_some() {
            if let Some(mid) = &self.lines[self.audio].mid {
                let _ = write!(out, "a=group:BUNDLE {mid}\r\n");
            }
            out.push_str("a=ice-lite\r\na=msid-semantic:WMS *\r\n");
        }
        for (index, line) in self.lines.iter().enumerate() {
            if index == self.audio {
                self.put_audio(out, line);
            } else {
                put_rejected(out, line);
            }
        }
    }

    fn put_audio(&self, out: &mut String, line: &Line) {
        let _ = write!(out, "m=audio {} {}", self.port, line.protocol);
        for (payload, _) in self.codecs {
            let _ = write!(out, " {payload}");
        }
        for events in self.dtmf {
            let _ = write!(out, " {}", events.payload);
        }
        out.push_str("\r\n");
        if let Some(mid) = &line.mid {
            let _ = write!(out, "a=mid:{mid}\r\n");
        }
        for (payload, codec) in self.codecs {
            let _ = write!(out, "a=rtpmap:{payload} {}\r\n", name(*codec));
            if *codec == Codec::Opus {
                let _ = write!(out, "a=fmtp:{payload} useinbandfec=1\r\n");
            }
        }
        for Events { payload, clock_hz } in self.dtmf {
            let _ = write!(out, "a=rtpmap:{payload} telephone-event/{clock_hz}\r\n");
            let _ = write!(out, "a=fmtp:{payload} 0-16\r\n");
        }
        let _ = write!(out, "a=ptime:20\r\na={}\r\n", self.direction.name());
        for crypto in self.cryptos {
            crypto.put(out);
        }
        if let Some(secure) = &self.secure {
            secure.put(out);
        }
    }
}

impl LocalSecure<'_> {
    fn put(&self, out: &mut String) {
        let setup = match self.setup {
            Setup::ActPass => "actpass",
            Setup::Active => "active",
            Setup::Passive => "passive",
        };
        let _ = write!(out, "a=rtcp-mux\r\na=ice-ufrag:{}\r\n", self.ice.ufrag);
        let _ = write!(out, "a=ice-pwd:{}\r\n", self.ice.password);
        let _ = write!(out, "a=fingerprint:sha-256 {}\r\n", self.fingerprint);
        let _ = write!(out, "a=setup:{setup}\r\na=msid:trubka audio\r\n");
        let _ = write!(out, "a=ssrc:{} cname:trubka\r\n", self.ssrc);
        let Candidates { udp, tcp } = self.candidates;
        for (index, candidate) in udp.iter().enumerate() {
            let foundation = index + 1;
            put_candidate(out, foundation, "udp", udp_priority(index), *candidate);
            out.push_str("\r\n");
        }
        for (index, candidate) in tcp.iter().enumerate() {
            let foundation = udp.len() + index + 1;
            put_candidate(out, foundation, "tcp", tcp_priority(index), *candidate);
            out.push_str(" tcptype passive\r\n");
        }
        out.push_str("a=end-of-candidates\r\n");
    }
}

fn put_candidate(
    out: &mut String,
    foundation: usize,
    protocol: &str,
    priority: u32,
    address: SocketAddr,
) {
    let (ip, port) = (address.ip(), address.port());
    let _ = write!(
        out,
        "a=candidate:{foundation} 1 {protocol} {priority} {ip} {port} typ host"
    );
}

/// Priority of our host candidates, the first the highest (RFC 8445 §5.1.2.1).
fn udp_priority(index: usize) -> u32 {
    let local = 65_535 - u32::try_from(index).unwrap_or(u32::MAX).min(65_535);
    (126 << 24) + (local << 8) + 255
}

/// RFC 6544 §4.2: TCP only where UDP does not get through, so a lower type preference; the direction
/// preference of passive host candidates is 4.
fn tcp_priority(index: usize) -> u32 {
    let other = 8191 - u32::try_from(index).unwrap_or(u32::MAX).min(8191);
    (90 << 24) + (((4 << 13) + other) << 8) + 255
}

/// A line we do not take: port zero, its formats repeated (RFC 3264 §6).
fn put_rejected(out: &mut String, line: &Line) {
    let _ = write!(
        out,
        "m={} 0 {} {}\r\n",
        line.media, line.protocol, line.formats
    );
    if let Some(mid) = &line.mid {
        let _ = write!(out, "a=mid:{mid}\r\n");
    }
}

fn address(ip: IpAddr) -> String {
    let family = if ip.is_ipv4() { "IP4" } else { "IP6" };
    format!("IN {family} {ip}")
}

fn name(codec: Codec) -> &'static str {
    match codec {
        Codec::Pcma => "PCMA/8000",
        Codec::Pcmu => "PCMU/8000",
        Codec::G722 => "G722/8000",
        Codec::Opus => "opus/48000/2",
    }
}

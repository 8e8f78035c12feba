//! The transport protocols of `m=` lines that we can speak.

use super::LegKind;

/// Transport of an `m=` line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::media) enum LineProtocol {
    /// Plain RTP (RFC 3551, 4585).
    Plain,
    /// RTP over DTLS-SRTP (RFC 5764).
    Secure,
}

impl LineProtocol {
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_uppercase();
        match name.as_str() {
            "RTP/AVP" | "RTP/AVPF" => Some(Self::Plain),
            // Old browsers write the last two; JSEP (RFC 8829 §5.1.2) says to take them all.
            "UDP/TLS/RTP/SAVPF" | "TCP/TLS/RTP/SAVPF" | "UDP/TLS/RTP/SAVP" | "RTP/SAVPF" => {
                Some(Self::Secure)
            }
            _ => None,
        }
    }

    pub(super) fn suits(self, kind: LegKind) -> bool {
        match kind {
            LegKind::Browser => self == Self::Secure,
            LegKind::Line => self == Self::Plain,
        }
    }
}

//! The transport protocols of `m=` lines that we can speak.

use crate::{media::LegKind, ports::SrtpMode};

/// What a leg may agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::media) struct Policy {
    pub kind: LegKind,
    /// SDES-SRTP (RFC 4568); of a line leg.
    pub srtp: SrtpMode,
}

/// Transport of an `m=` line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::media) enum LineProtocol {
    /// Plain RTP (RFC 3551, 4585).
    Plain,
    /// SRTP with keys from somewhere (RFC 3711).
    Secure,
    /// SRTP with feedback (RFC 5124), which old browsers name without DTLS.
    SecureFeedback,
    /// SRTP with keys from DTLS (RFC 5764).
    Dtls,
}

impl LineProtocol {
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_uppercase();
        match name.as_str() {
            "RTP/AVP" | "RTP/AVPF" => Some(Self::Plain),
            "RTP/SAVP" => Some(Self::Secure),
            "RTP/SAVPF" => Some(Self::SecureFeedback),
            // RFC 8829 §5.1.2 says to take them all.
            "UDP/TLS/RTP/SAVPF" | "TCP/TLS/RTP/SAVPF" | "UDP/TLS/RTP/SAVP" => Some(Self::Dtls),
            _ => None,
        }
    }

    /// Whether packets are encrypted.
    pub(super) fn is_secure(self) -> bool {
        self != Self::Plain
    }

    /// How well it suits, 0 best; `None`: not at all.
    pub(super) fn rank(self, policy: Policy) -> Option<u8> {
        match (policy.kind, self) {
            (LegKind::Browser, Self::Dtls | Self::SecureFeedback) => Some(0),
            (LegKind::Browser, Self::Plain | Self::Secure) | (LegKind::Line, Self::Dtls) => None,
            (LegKind::Line, Self::Plain) => match policy.srtp {
                SrtpMode::Off => Some(0),
                SrtpMode::Optional => Some(1),
                SrtpMode::Required => None,
            },
            (LegKind::Line, Self::Secure | Self::SecureFeedback) => match policy.srtp {
                SrtpMode::Off => None,
                SrtpMode::Optional | SrtpMode::Required => Some(0),
            },
        }
    }
}

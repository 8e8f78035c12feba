//! Which way the audio takes between the browser and the gateway.

/// The way of the audio, as the selected pair of candidates tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaWay {
    /// Straight to the gateway by UDP: the usual and the best one.
    Udp,
    /// Straight to the gateway by TCP, because UDP does not get through (RFC 6544).
    Tcp,
    /// Over a TURN server that is reached by UDP.
    TurnUdp,
    /// Over a TURN server that is reached by TCP.
    TurnTcp,
    /// Over a TURN server that is reached by TLS.
    TurnTls,
}

impl MediaWay {
    /// All of them, the best first.
    pub const ALL: [Self; 5] = [
        Self::Udp,
        Self::Tcp,
        Self::TurnUdp,
        Self::TurnTcp,
        Self::TurnTls,
    ];

    /// From `candidateType`, `protocol` and `relayProtocol` of the local `RTCIceCandidateStats`; what is
    /// missing there is empty here. `None`: words nobody knows.
    #[must_use]
    pub fn of(candidate_type: &str, protocol: &str, relay_protocol: &str) -> Option<Self> {
        match (candidate_type, protocol, relay_protocol) {
            ("relay", _, "tls") => Some(Self::TurnTls),
            ("relay", _, "tcp") => Some(Self::TurnTcp),
            ("relay", _, _) => Some(Self::TurnUdp),
            (_, "tcp", _) => Some(Self::Tcp),
            (_, "udp", _) => Some(Self::Udp),
            _ => None,
        }
    }

    /// A name for programs; it stays the same in all versions.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::TurnUdp => "turn-udp",
            Self::TurnTcp => "turn-tcp",
            Self::TurnTls => "turn-tls",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_is_told_by_how_it_is_reached_and_all_else_by_its_own_protocol() {
        assert_eq!(MediaWay::of("host", "udp", ""), Some(MediaWay::Udp));
        assert_eq!(MediaWay::of("prflx", "tcp", ""), Some(MediaWay::Tcp));
        assert_eq!(MediaWay::of("relay", "udp", "udp"), Some(MediaWay::TurnUdp));
        assert_eq!(MediaWay::of("relay", "udp", "tcp"), Some(MediaWay::TurnTcp));
        assert_eq!(MediaWay::of("relay", "udp", "tls"), Some(MediaWay::TurnTls));
        assert_eq!(MediaWay::of("host", "", ""), None);
    }
}

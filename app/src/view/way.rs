//! Which way the audio goes, in words.

use phone::MediaWay;

phrases! {
    /// The way in short.
    pub enum WayName {
        /// UDP to the gateway.
        Udp => way.udp.name,
        /// TCP to the gateway.
        Tcp => way.tcp.name,
        /// A relay by UDP.
        TurnUdp => way.turn_udp.name,
        /// A relay by TCP.
        TurnTcp => way.turn_tcp.name,
        /// A relay by TLS.
        TurnTls => way.turn_tls.name,
    }
}

phrases! {
    /// What the way means for the call.
    pub enum WayMeaning {
        /// UDP to the gateway.
        Udp => way.udp.meaning,
        /// TCP to the gateway.
        Tcp => way.tcp.meaning,
        /// A relay by UDP.
        TurnUdp => way.turn_udp.meaning,
        /// A relay by TCP.
        TurnTcp => way.turn_tcp.meaning,
        /// A relay by TLS.
        TurnTls => way.turn_tls.meaning,
    }
}

/// The words for a way.
pub fn words(way: MediaWay) -> (WayName, WayMeaning) {
    match way {
        MediaWay::Udp => (WayName::Udp, WayMeaning::Udp),
        MediaWay::Tcp => (WayName::Tcp, WayMeaning::Tcp),
        MediaWay::TurnUdp => (WayName::TurnUdp, WayMeaning::TurnUdp),
        MediaWay::TurnTcp => (WayName::TurnTcp, WayMeaning::TurnTcp),
        MediaWay::TurnTls => (WayName::TurnTls, WayMeaning::TurnTls),
    }
}

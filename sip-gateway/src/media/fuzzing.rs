//! Doors for the fuzzer: readers of the network that are private otherwise.

use std::net::{Ipv4Addr, SocketAddr};

use rtc_crypto::providers::RingCrypto;

use super::{
    LegKind,
    sdp::{Policy, Remote},
    streams::framing,
    stun,
};
use crate::ports::SrtpMode;

/// Reads a session description as a browser's and as a line's.
pub fn sdp(text: &str) {
    for (kind, srtp) in [
        (LegKind::Browser, SrtpMode::Off),
        (LegKind::Line, SrtpMode::Off),
        (LegKind::Line, SrtpMode::Optional),
    ] {
        let _ = Remote::parse(Policy { kind, srtp }, text);
    }
}

/// The packets in a stream that comes in these pieces, as a browser's connection is read; `None`: it
/// is closed.
#[must_use]
pub fn framing(pieces: &[&[u8]]) -> Option<Vec<Vec<u8>>> {
    framing::read(pieces, 576).ok()
}

/// Looks at a connectivity check as the media port does.
pub fn stun(datagram: &[u8]) {
    let source = SocketAddr::from((Ipv4Addr::LOCALHOST, 5000));
    let _ = stun::our_ufrag(datagram);
    let _ = stun::check(datagram, source, "password", &RingCrypto);
}

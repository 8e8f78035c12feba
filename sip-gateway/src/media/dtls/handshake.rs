//! The DTLS association of one leg: the `rtc-dtls` endpoint and what it needs around it.
//!
//! ```text
//!  Waiting ──(ClientHello, or we begin)──► Shaking ──(finished)──► Unproved ──(certificate is the
//!                                             │                        │       announced one)──► Proved
//!                                             └──► Ended ◄─────────────┘
//! ```
//! `rtc-dtls` stops its server timer for good once part of a flight has arrived, so the last
//! flight is kept here and sent again verbatim until the handshake is complete.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use bytes::BytesMut;
use rtc_dtls::{
    endpoint::{Endpoint, EndpointEvent},
    extension::extension_use_srtp::SrtpProtectionProfile,
    state::State as DtlsState,
};
use rtc_shared::{TransportProtocol, error::Error};

use super::{Configs, Output, sha256};
use crate::media::srtp::{Inbound, Outbound, Profile};

/// The endpoint knows one constant peer; paths may change without its noticing.
const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9);
/// What a peer may send before it is authenticated: fragments are reassembled recursively.
const MAX_DATAGRAMS: usize = 64;
const MAX_OCTETS: usize = 64 * 1024;
/// Datagrams a second after the handshake: a goodbye and repeated flights need no more.
const LATER_DATAGRAMS: u32 = 10;
const FIRST_RESEND: Duration = Duration::from_millis(100);
const LAST_RESEND: Duration = Duration::from_secs(2);
/// A handshake not complete after this has failed.
const TIMEOUT: Duration = Duration::from_secs(30);
const EXPORTER: &str = "EXTRACTOR-dtls_srtp";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing has come yet.
    Waiting,
    /// Flights go back and forth.
    Shaking,
    /// Complete; the SDP with the fingerprint has not come yet.
    Unproved,
    /// The keys are handed over.
    Proved,
    /// Failed or closed; nothing more is done.
    Ended,
}

/// The association of one leg.
pub(super) struct Handshake {
    configs: Configs,
    endpoint: Endpoint,
    state: State,
    is_client: bool,
    /// What the SDP says; empty: not known yet.
    fingerprints: Vec<[u8; 32]>,
    /// Everything received before our first flight, to start over with another SRTP profile.
    first_datagrams: Vec<Vec<u8>>,
    received: (usize, usize),
    deadline: Option<Instant>,
    last_flight: Vec<Vec<u8>>,
    resend: Option<(Instant, Duration)>,
    later: (Option<Instant>, u32),
    outputs: Vec<Output>,
}

impl Handshake {
    pub(super) fn new(configs: &Configs) -> Self {
        Self {
            endpoint: server(&configs.gcm),
            configs: configs.clone(),
            state: State::Waiting,
            is_client: false,
            fingerprints: Vec::new(),
            first_datagrams: Vec::new(),
            received: (0, 0),
            deadline: None,
            last_flight: Vec::new(),
            resend: None,
            later: (None, 0),
            outputs: Vec::new(),
        }
    }

    /// What there is to do for others.
    pub(super) fn outputs(&mut self) -> std::vec::Drain<'_, Output> {
        self.outputs.drain(..)
    }

    /// When [`Self::timeout`] wants to be called.
    pub(super) fn next_timeout(&self) -> Option<Instant> {
        if self.state != State::Shaking {
            return None;
        }
        let own = self.endpoint.poll_timeout(&PEER).filter(|_| self.is_client);
        let resend = self.resend.map(|(at, _)| at);
        [own, resend, self.deadline].into_iter().flatten().min()
    }

    /// The SDP names the peer's certificates. A new certificate is a new association (RFC 8842 §4).
    pub(super) fn announce(&mut self, fingerprints: Vec<[u8; 32]>) {
        let changed = !self.fingerprints.is_empty() && self.fingerprints != fingerprints;
        if changed {
            *self = Self {
                outputs: std::mem::take(&mut self.outputs),
                ..Self::new(&self.configs)
            };
        }
        self.fingerprints = fingerprints;
        if self.state == State::Unproved {
            self.prove();
        }
    }

    /// Begins as the client; nothing happens if the association has begun.
    pub(super) fn begin(&mut self, now: Instant) {
        if self.state != State::Waiting {
            return;
        }
        self.is_client = true;
        self.endpoint = Endpoint::new(PEER, TransportProtocol::UDP, None);
        self.shake(now);
        if let Err(error) = self
            .endpoint
            .connect(now, PEER, self.configs.client.clone(), None)
        {
            return self.end(format!("DTLS cannot begin: {error}"));
        }
        self.flush(now);
    }

    /// A datagram from the peer.
    pub(super) fn read(&mut self, now: Instant, datagram: &[u8]) {
        let admitted = match self.state {
            State::Ended => false,
            State::Waiting | State::Shaking => self.admit(datagram.len()),
            State::Unproved | State::Proved => self.admit_later(now),
        };
        if !admitted {
            return;
        }
        if self.state == State::Waiting {
            self.shake(now);
        }
        if self.last_flight.is_empty() && !self.is_client {
            self.first_datagrams.push(datagram.to_vec());
        }
        let result = self
            .endpoint
            .read(now, PEER, None, BytesMut::from(datagram));
        if matches!(result, Err(Error::ErrServerNoMatchingSrtpProfile)) {
            return self.start_over_without_gcm(now);
        }
        self.take(now, result);
    }

    /// Sends again what may have been lost.
    pub(super) fn timeout(&mut self, now: Instant) {
        if self.state != State::Shaking {
            return;
        }
        if self.deadline.is_some_and(|deadline| now >= deadline) {
            return self.end("DTLS did not complete within 30 s".to_owned());
        }
        if let Some((at, delay)) = self.resend.filter(|(at, _)| now >= *at) {
            let again = self.last_flight.iter().cloned().map(Output::Send);
            self.outputs.extend(again);
            let delay = (delay * 3 / 2).min(LAST_RESEND);
            self.resend = Some((at.max(now) + delay, delay));
        }
        if self.is_client
            && self
                .endpoint
                .poll_timeout(&PEER)
                .is_some_and(|at| now >= at)
        {
            if let Err(error) = self.endpoint.handle_timeout(PEER, now) {
                return self.end(format!("DTLS failed: {error}"));
            }
            self.flush(now);
        }
    }

    /// Says goodbye.
    pub(super) fn close(&mut self, now: Instant) {
        if matches!(self.state, State::Unproved | State::Proved) {
            let _ = self.endpoint.close(now);
            self.flush(now);
        }
        self.state = State::Ended;
    }

    fn shake(&mut self, now: Instant) {
        self.state = State::Shaking;
        self.deadline = Some(now + TIMEOUT);
    }

    fn admit(&mut self, octets: usize) -> bool {
        self.received.0 += 1;
        self.received.1 += octets;
        self.received.0 <= MAX_DATAGRAMS && self.received.1 <= MAX_OCTETS
    }

    fn admit_later(&mut self, now: Instant) -> bool {
        let (since, count) = self.later;
        if since.is_none_or(|since| now - since >= Duration::from_secs(1)) {
            self.later = (Some(now), 1);
            return true;
        }
        self.later = (since, count + 1);
        count < LATER_DATAGRAMS
    }

    /// `rtc-dtls` follows the client's order of profiles: GCM alone is offered first, to get GCM
    /// from a client that would prefer the slower one, and this is for the client that has none.
    fn start_over_without_gcm(&mut self, now: Instant) {
        if self.first_datagrams.is_empty() || !self.last_flight.is_empty() {
            return self.end("no common SRTP profile".to_owned());
        }
        self.endpoint = server(&self.configs.cm);
        for datagram in std::mem::take(&mut self.first_datagrams) {
            let result = self
                .endpoint
                .read(now, PEER, None, BytesMut::from(&datagram[..]));
            self.take(now, result);
        }
    }

    fn take(&mut self, now: Instant, result: Result<Vec<EndpointEvent>, Error>) {
        let alerted = self.flush(now);
        let events = match result {
            Ok(events) => events,
            Err(error) if self.state == State::Shaking && alerted => {
                return self.end(format!("DTLS failed: {error}"));
            }
            // An alert of the peer is echoed by the endpoint or carries this error.
            Err(Error::ErrAlertFatalOrClose) => return self.end("the peer ended DTLS".to_owned()),
            Err(error) => return tracing::debug!(%error, "DTLS datagram not taken"),
        };
        for event in events {
            match event {
                EndpointEvent::HandshakeComplete => self.complete(),
                EndpointEvent::PeerClosed => self.end("the peer closed DTLS".to_owned()),
                // No data channels: nobody reads it.
                _ => {}
            }
        }
    }

    fn complete(&mut self) {
        self.state = State::Unproved;
        self.resend = None;
        self.first_datagrams.clear();
        self.last_flight.clear();
        if !self.fingerprints.is_empty() {
            self.prove();
        }
    }

    /// Hands over the keys if the certificate is one the SDP announced (RFC 8122 §6.2).
    fn prove(&mut self) {
        let Some(state) = self.endpoint.get_connection_state(PEER) else {
            return self.end("DTLS lost its state".to_owned());
        };
        let certificate = state.peer_certificates.first().map(|der| sha256(der));
        if !certificate.is_some_and(|digest| self.fingerprints.contains(&digest)) {
            let _ = self.endpoint.close(Instant::now());
            self.flush(Instant::now());
            return self.end("the peer's certificate is not the announced one".to_owned());
        }
        match keys(&self.configs, state, self.is_client) {
            Ok(keys) => {
                self.state = State::Proved;
                self.outputs.push(Output::Keys(Box::new(keys)));
            }
            Err(reason) => self.end(reason),
        }
    }

    /// Takes what the endpoint wants sent; whether a fatal alert is in it.
    fn flush(&mut self, now: Instant) -> bool {
        let mut flight = Vec::new();
        while let Some(transmit) = self.endpoint.poll_transmit() {
            flight.push(transmit.message.to_vec());
        }
        if flight.is_empty() {
            return false;
        }
        // A plain alert record: type 21, epoch 0, two octets of which the first is the level.
        let alerted = flight
            .iter()
            .any(|datagram| datagram.first() == Some(&21) && datagram.get(3..5) == Some(&[0, 0]));
        if self.state == State::Shaking && !alerted {
            self.last_flight.clone_from(&flight);
            self.resend = Some((now + FIRST_RESEND, FIRST_RESEND));
        }
        self.outputs.extend(flight.into_iter().map(Output::Send));
        alerted
    }

    fn end(&mut self, reason: String) {
        if self.state != State::Ended {
            self.state = State::Ended;
            self.resend = None;
            self.outputs.push(Output::Ended(reason));
        }
    }
}

fn server(config: &std::sync::Arc<rtc_dtls::config::HandshakeConfig>) -> Endpoint {
    Endpoint::new(PEER, TransportProtocol::UDP, Some(config.clone()))
}

/// The SRTP keys of a complete handshake (RFC 5764 §4.2).
fn keys(
    configs: &Configs,
    state: &DtlsState,
    is_client: bool,
) -> Result<(Inbound, Outbound), String> {
    let profile = match state.srtp_protection_profile() {
        SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm => Profile::Gcm,
        SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80 => Profile::Cm80,
        _ => return Err("the peer agreed on no SRTP profile".to_owned()),
    };
    let salt_len = profile.salt();
    let material = state
        .export_keying_material(EXPORTER, &[], 2 * (Profile::KEY + salt_len))
        .map_err(|error| format!("no SRTP keys: {error}"))?;
    let (keys, salts) = material.as_ref().split_at(2 * Profile::KEY);
    let client = (&keys[..Profile::KEY], &salts[..salt_len]);
    let server = (&keys[Profile::KEY..], &salts[salt_len..]);
    let (ours, theirs) = if is_client {
        (client, server)
    } else {
        (server, client)
    };
    let failed = |error: rtc_crypto::CryptoError| format!("no SRTP keys: {error}");
    let crypto = configs.crypto();
    let inbound = Inbound::new(crypto, profile, theirs.0, theirs.1).map_err(failed)?;
    let outbound = Outbound::new(crypto, profile, ours.0, ours.1).map_err(failed)?;
    tracing::debug!(?profile, is_client, "SRTP keys agreed");
    Ok((inbound, outbound))
}

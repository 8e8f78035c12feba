//! What is done with a datagram.

use std::{io, net::SocketAddr, time::Instant};

use media_core::rtp::{self, Packet};
use mio::Token;

use super::{BROWSERS, Plane, chores::ntp_now};
use crate::media::{
    LegId, MediaEvent,
    doors::Doors,
    dtls::{self, Output},
    leg::{Leg, Transport},
    path::Path,
    streams::{self, Streams},
    stun,
};

/// Datagrams taken from one socket before the others have their turn.
const TURN: usize = 256;

impl Plane {
    /// Reads a socket that is ready.
    pub(super) fn read(&mut self, token: Token) {
        if let Some(stream) = Streams::of(token) {
            return self.read_stream(stream, token);
        }
        if token == streams::LISTENER {
            return self.accept();
        }
        let mut buffer = std::mem::take(&mut self.arrived);
        if self.read_turn(token, &mut buffer) {
            self.unread.push(token);
        }
        self.arrived = buffer;
    }

    /// Whether there may be more.
    fn read_turn(&mut self, token: Token, buffer: &mut [u8]) -> bool {
        for _ in 0..TURN {
            match self.receive(token, buffer) {
                Ok((len, from)) => {
                    self.packets += 1;
                    self.dispatch(token, &mut buffer[..len], from);
                }
                // ICMP errors of earlier packets say nothing of this one.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Err(error) => {
                    tracing::debug!(%error, "receiving failed");
                    return false;
                }
            }
        }
        true
    }

    fn receive(&self, token: Token, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        if token == BROWSERS {
            return self.doors.udp.receive(buffer);
        }
        let gone = || io::Error::from(io::ErrorKind::WouldBlock);
        let (id, is_rtcp) = leg_of(token);
        let leg = self.legs.get(&id).ok_or_else(gone)?;
        let Transport::Line(line) = &leg.transport else {
            return Err(gone());
        };
        let socket = if is_rtcp {
            &line.ports.rtcp
        } else {
            &line.ports.rtp
        };
        socket.receive(buffer)
    }

    fn dispatch(&mut self, token: Token, datagram: &mut [u8], from: SocketAddr) {
        let now = Instant::now();
        if token != BROWSERS {
            let (id, is_rtcp) = leg_of(token);
            return self.line_arrived(id, is_rtcp, datagram, from, now);
        }
        self.browser_arrived(datagram, Path::Udp(from), from, now);
    }

    /// A packet of a browser that came on `path`, from this address.
    pub(super) fn browser_arrived(
        &mut self,
        packet: &mut [u8],
        path: Path,
        from: SocketAddr,
        now: Instant,
    ) {
        // RFC 7983 §7.
        match packet.first() {
            Some(0..=3) => self.check(packet, path, from, now),
            Some(first) if dtls::is_dtls(*first) => self.dtls_arrived(packet, path, now),
            Some(128..=191) => self.media_arrived(packet, path, now),
            _ => {}
        }
    }

    /// A connectivity check, or something that looks like one.
    fn check(&mut self, datagram: &[u8], path: Path, from: SocketAddr, now: Instant) {
        let now_us = self.micros(now);
        let Some(ufrag) = stun::our_ufrag(datagram) else {
            return;
        };
        let Some(id) = self.by_ufrag.get(ufrag).copied() else {
            return;
        };
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let Transport::Browser(browser) = &mut leg.transport else {
            return;
        };
        let Some(password) = browser.password(ufrag) else {
            return;
        };
        let check = match stun::check(datagram, from, password, self.configs.crypto()) {
            Ok(check) => check,
            Err(error) => return tracing::trace!(leg = id.0, %error, "check refused"),
        };
        if check.valid {
            let is_first = !browser.has_path();
            let uses_new = browser.ice.ufrag == ufrag;
            let forgotten = browser.checked(path, check.nominated, now_us);
            if let Some(former) = browser.former_ice.take_if(|_| uses_new) {
                self.by_ufrag.remove(&former.ufrag);
            }
            self.by_path.insert(path, id);
            if let Path::Tcp(stream) = path {
                self.doors.streams.proven(stream);
            }
            if let Some(forgotten) = forgotten {
                self.drop_path(forgotten);
            }
            if is_first {
                self.to_dtls(id, dtls::Input::Ready);
            }
        }
        self.doors.transmit(&check.reply, path);
    }

    fn dtls_arrived(&mut self, datagram: &[u8], path: Path, now: Instant) {
        let now_us = self.micros(now);
        // Only from paths that passed a check: reassembly costs before anything is proved.
        let Some(id) = self.by_path.get(&path).copied() else {
            return;
        };
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let Transport::Browser(browser) = &mut leg.transport else {
            return;
        };
        if browser.admits_dtls(path, now_us) {
            self.to_dtls(id, dtls::Input::Datagram(datagram.to_vec()));
        }
    }

    fn media_arrived(&mut self, datagram: &mut [u8], path: Path, now: Instant) {
        let now_us = self.micros(now);
        let Some(id) = self.by_path.get(&path).copied() else {
            return;
        };
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let Transport::Browser(browser) = &mut leg.transport else {
            return;
        };
        let Some(keys) = browser.keys.as_mut() else {
            return;
        };
        let is_rtcp = datagram.get(1).is_some_and(|second| rtp::is_rtcp(*second));
        let plain = if is_rtcp {
            keys.0.unprotect_rtcp(datagram)
        } else {
            keys.0.unprotect(datagram)
        };
        let len = match plain {
            Ok(len) => len,
            Err(error) => return tracing::trace!(leg = id.0, %error, "SRTP refused"),
        };
        browser.heard(path, now_us);
        if is_rtcp {
            leg.take_reports(&datagram[..len], ntp_now(), now_us);
        } else if let Some(packet) = Packet::parse(&datagram[..len]) {
            self.pass_on(id, packet, now);
        }
    }

    fn line_arrived(
        &mut self,
        id: LegId,
        is_rtcp: bool,
        datagram: &mut [u8],
        from: SocketAddr,
        now: Instant,
    ) {
        let now_us = self.micros(now);
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let muxed = datagram.get(1).is_some_and(|second| rtp::is_rtcp(*second));
        if is_rtcp || muxed {
            // RTCP moves nothing: what a stranger writes here only spoils figures, so it is asked
            // to come from the peer's host at least.
            let Transport::Line(line) = &mut leg.transport else {
                return;
            };
            let target = line.latch.target();
            if target.is_some_and(|target| target.ip() == from.ip())
                && let Ok(len) = line.protection.unprotect_rtcp(datagram)
            {
                leg.take_reports(&datagram[..len], ntp_now(), now_us);
            }
            return;
        }
        let Transport::Line(line) = &mut leg.transport else {
            return;
        };
        // What does not prove itself must not move the latch either.
        let len = match line.protection.unprotect(datagram, now_us) {
            Ok(len) => len,
            Err(error) => return tracing::trace!(leg = id.0, %error, "SRTP refused"),
        };
        let Some(packet) = Packet::parse(&datagram[..len]) else {
            return;
        };
        // A payload type nobody agreed on is noise and must not move the latch.
        if leg.understand(packet).is_none() {
            return;
        }
        let Transport::Line(line) = &mut leg.transport else {
            return;
        };
        if line
            .latch
            .accepts(from, packet.ssrc, packet.sequence, now_us)
        {
            self.connected(id);
            self.pass_on(id, packet, now);
        }
    }

    /// Counts, records and forwards a packet that belongs to the leg.
    fn pass_on(&mut self, id: LegId, packet: Packet<'_>, now: Instant) {
        let now_us = self.micros(now);
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let Some(received) = leg.understand(packet) else {
            return;
        };
        let events = &self.events;
        // One that ended because another began, and that one.
        let mut digits = [None; 4];
        let mut places = digits.iter_mut();
        leg.receive(received, now, now_us, |digit| {
            let _ = events.send(MediaEvent::Digit { leg: id, digit });
            if let Some(place) = places.next() {
                *place = Some(digit);
            }
        });
        if leg.in_room {
            // Who holds is not heard.
            if !leg
                .agreement
                .as_ref()
                .is_some_and(|agreement| agreement.may_send)
            {
                return;
            }
            let room = self.rooms.iter_mut().find(|room| room.legs.contains(&id));
            return room.into_iter().for_each(|room| room.hear(id, received));
        }
        let Some(other) = leg.joined.and_then(|other| self.legs.get_mut(&other)) else {
            return;
        };
        if !other.listens(now_us) {
            return;
        }
        for digit in digits.into_iter().flatten() {
            if other.press(digit, now_us) && !self.keying.contains(&other.id) {
                self.keying.push(other.id);
            }
        }
        let forwarded = other.forward(id, received, now_us, &mut self.leaving);
        if let Some((len, to)) = forwarded {
            send_rtp(other, &mut self.doors, &self.leaving[..len], to);
            let other = other.id;
            self.connected(other);
        }
    }

    /// Plays the next frames of keys that are due.
    pub(super) fn play_keys(&mut self, now: Instant) {
        let now_us = self.micros(now);
        let (legs, doors, leaving) = (&mut self.legs, &mut self.doors, &mut self.leaving);
        self.keying.retain(|id| {
            let Some(leg) = legs.get_mut(id) else {
                return false;
            };
            leg.play_keys(now_us, leaving, |leg, packet, to| {
                send_rtp(leg, doors, packet, to);
            })
        });
    }

    /// A line leg whose first packet came or went is connected.
    fn connected(&mut self, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        if !leg.connected {
            leg.connected = true;
            self.tell(MediaEvent::Connected(id));
        }
    }

    /// What a DTLS thread has to say.
    pub(super) fn take_dtls(&mut self, id: LegId, output: Output) {
        if let Output::Goodbye(datagram, to) = &output {
            return self.doors.transmit(datagram, *to);
        }
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let Transport::Browser(browser) = &mut leg.transport else {
            return;
        };
        match output {
            Output::Send(datagram) => {
                if let Some(to) = browser.dtls_target() {
                    self.doors.transmit(&datagram, to);
                }
            }
            Output::Keys(keys) => {
                browser.begin(keys);
                self.connected(id);
            }
            Output::Ended(reason) => {
                tracing::debug!(leg = id.0, reason, "DTLS ended");
                browser.end();
                self.tell(MediaEvent::Closed { leg: id, reason });
            }
            Output::Goodbye(..) => {}
        }
    }
}

fn leg_of(token: Token) -> (LegId, bool) {
    (LegId(token.0 as u64 / 2), token.0 % 2 == 1)
}

/// Sends a leg's RTP by its own door.
pub(super) fn send_rtp(leg: &Leg, doors: &mut Doors, packet: &[u8], to: Path) {
    match (&leg.transport, to) {
        (Transport::Line(line), Path::Udp(address)) => line.ports.rtp.transmit(packet, address),
        (Transport::Line(_), Path::Tcp(_)) => {}
        (Transport::Browser(_), _) => doors.transmit(packet, to),
    }
}

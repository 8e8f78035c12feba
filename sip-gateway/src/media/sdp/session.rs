//! Offer and answer of one leg (RFC 3264). Pure: no socket, no clock; randomness is passed in.
//!
//! ```text
//!            offer()                    accept_answer()
//!   Idle ─────────────► our offer out ─────────────────► Agreed ──► (again, either way)
//!        accept_offer()                    answer()
//!   Idle ─────────────► their offer in ────────────────► Agreed
//! ```
//! An answer may come twice for one offer (183, then 200): the later one counts.

use std::net::{IpAddr, SocketAddr};

use super::{
    Crypto, DTMF_PAYLOAD, DTMF_PAYLOAD_48, Direction, Events, IceCredentials, Line, Master, Policy,
    Remote, SdesKeys, Secure, Setup,
    write::{Local, LocalSecure},
};
use crate::{
    media::{Codec, LegKind, SdpError, addresses::Candidates},
    ports::SrtpMode,
};

/// The addresses and names a leg describes itself with; they never change.
#[derive(Clone, Debug)]
pub(in crate::media) struct Identity {
    pub policy: Policy,
    /// Our SDES keys, best suite first.
    pub masters: Vec<Master>,
    /// `sess-id` of `o=`.
    pub session_id: u64,
    /// RTP port.
    pub port: u16,
    /// Source of the RTP we send.
    pub ssrc: u32,
    /// Our addresses towards browsers.
    pub candidates: Candidates,
    /// SHA-256 of our certificate in colon form.
    pub fingerprint: String,
}

/// What an agreement means for the packets of the leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::media) struct Agreement {
    /// What an arriving payload type is.
    pub receive: Vec<(u8, Payload)>,
    /// What we send audio as.
    pub codec: Codec,
    /// Payload type of the audio we send.
    pub audio_payload: u8,
    /// Telephone-event as we send it; `None`: the peer takes none.
    pub dtmf: Option<Events>,
    /// Whether the peer wants to hear us.
    pub may_send: bool,
    /// Whether the peer says it sends.
    pub peer_sends: bool,
    /// Where the peer is.
    pub peer: Peer,
}

/// What a payload type carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::media) enum Payload {
    Audio(Codec),
    /// Telephone-event with this clock.
    Dtmf(u32),
}

/// Where the peer is and how it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::media) enum Peer {
    /// A SIP peer's addresses for RTP and RTCP, and the keys where SRTP is spoken.
    Line {
        rtp: Option<SocketAddr>,
        rtcp: Option<SocketAddr>,
        keys: Option<SdesKeys>,
    },
    /// A browser: our ICE credentials it checks with, its certificates, whether we start DTLS.
    Browser {
        ice: IceCredentials,
        fingerprints: Vec<[u8; 32]>,
        active: bool,
    },
}

/// The exchange of one leg.
#[derive(Debug)]
pub(in crate::media) struct Exchange {
    identity: Identity,
    ice: IceCredentials,
    /// `sess-version` of `o=`; rises whenever the text changes (RFC 3264 §8).
    version: u64,
    last_text: String,
    /// The lines of the session: once there, always there (RFC 3264 §8).
    lines: Vec<Line>,
    audio: usize,
    /// Codecs of our open or last offer.
    offered: Vec<(u8, Codec)>,
    /// The peer's offer that waits for our answer.
    pending: Option<Remote>,
    /// The peer's description now in force.
    agreed: Option<Remote>,
    /// The codec now in force.
    codec: Option<Codec>,
    /// Whether we start DTLS, once that is settled.
    active: Option<bool>,
}

impl Exchange {
    pub(in crate::media) fn new(identity: Identity, ice: IceCredentials) -> Self {
        let line = Line {
            media: "audio".to_owned(),
            protocol: match (identity.policy.kind, identity.policy.srtp) {
                (LegKind::Browser, _) => "UDP/TLS/RTP/SAVPF".to_owned(),
                (LegKind::Line, SrtpMode::Required) => "RTP/SAVP".to_owned(),
                (LegKind::Line, SrtpMode::Off | SrtpMode::Optional) => "RTP/AVP".to_owned(),
            },
            formats: String::new(),
            mid: (identity.policy.kind == LegKind::Browser).then(|| "0".to_owned()),
        };
        Self {
            identity,
            ice,
            version: 1,
            last_text: String::new(),
            lines: vec![line],
            audio: 0,
            offered: Vec::new(),
            pending: None,
            agreed: None,
            codec: None,
            active: None,
        }
    }

    pub(in crate::media) fn kind(&self) -> LegKind {
        self.identity.policy.kind
    }

    /// Where the peer wants RTP, as last said.
    pub(in crate::media) fn peer_address(&self) -> Option<SocketAddr> {
        self.pending.as_ref().or(self.agreed.as_ref())?.address
    }

    /// Whether the peer does not want to hear us.
    pub(in crate::media) fn is_held(&self) -> bool {
        let agreed = self.agreed.as_ref();
        agreed.is_some_and(|remote| !remote.direction.receives())
    }

    /// What is spoken now.
    pub(in crate::media) fn codec(&self) -> Option<Codec> {
        self.codec
    }

    /// Our offer.
    pub(in crate::media) fn offer(&mut self, ip: IpAddr, codecs: &[Codec]) -> String {
        self.offered = codecs
            .iter()
            .map(|codec| (self.payload_of(*codec), *codec))
            .collect();
        let offered = self.offered.clone();
        let cryptos = self.offered_cryptos();
        self.describe(
            ip,
            &offered,
            &self.dtmf(),
            (Direction::SendRecv, Setup::ActPass),
            &cryptos,
        )
    }

    /// The peer's answer to our offer.
    pub(in crate::media) fn accept_answer(&mut self, text: &str) -> Result<Agreement, SdpError> {
        if self.offered.is_empty() {
            return Err(SdpError::Missing("an offer that this would answer"));
        }
        let remote = Remote::parse(self.identity.policy, text)?;
        let offered = |codec| self.offered.iter().any(|(_, offered)| *offered == codec);
        let (payload, codec) = remote
            .codecs
            .iter()
            .copied()
            .find(|(_, codec)| offered(*codec))
            .ok_or_else(|| SdpError::NoCommonCodec(remote.listed.clone()))?;
        let keys = self.keys(&remote)?;
        // RFC 8842 §5.3: the answer says who starts; a new association only with a new certificate.
        let active = self.settle_role(&remote, |secure| secure.setup == Setup::Passive);
        let mut receive: Vec<_> = self.offered.iter().map(audio).collect();
        receive.extend(self.dtmf().iter().map(events));
        let agreement = self.agreement(&remote, receive, (payload, codec), active, keys);
        self.codec = Some(codec);
        self.agreed = Some(remote);
        Ok(agreement)
    }

    /// The peer's offer; the codecs it has in common with `allowed`, in its order. `fresh` become
    /// our ICE credentials if the peer restarted ICE.
    pub(in crate::media) fn accept_offer(
        &mut self,
        text: &str,
        allowed: &[Codec],
        fresh: IceCredentials,
    ) -> Result<Vec<Codec>, SdpError> {
        let remote = Remote::parse(self.identity.policy, text)?;
        let codecs: Vec<Codec> = remote.codecs.iter().map(|(_, codec)| *codec).collect();
        let common: Vec<Codec> = codecs
            .into_iter()
            .filter(|codec| allowed.contains(codec))
            .collect();
        if common.is_empty() {
            return Err(SdpError::NoCommonCodec(remote.listed));
        }
        // RFC 8839 §4.4.3.1.1: changed credentials are a restart; ours must change in the answer.
        if let (Some(old), Some(new)) = (ice_of(self.agreed.as_ref()), ice_of(Some(&remote)))
            && old != new
            && ice_of(self.pending.as_ref()) != Some(new)
        {
            self.ice = fresh;
        }
        self.pending = Some(remote);
        Ok(common)
    }

    /// Our answer with one codec to the offer taken before.
    pub(in crate::media) fn answer(
        &mut self,
        ip: IpAddr,
        codec: Codec,
    ) -> Result<(String, Agreement), SdpError> {
        let remote = self
            .pending
            .clone()
            .or_else(|| self.agreed.clone())
            .ok_or(SdpError::Missing("an offer to answer"))?;
        let chosen = remote
            .codecs
            .iter()
            .copied()
            .find(|(_, offered)| *offered == codec)
            .ok_or_else(|| SdpError::NoCommonCodec(remote.listed.clone()))?;
        self.lines.clone_from(&remote.lines);
        self.audio = remote.audio;
        // RFC 8842 §5.2: we wait for the ClientHello unless the peer will only wait, too.
        let active = self.settle_role(&remote, |secure| secure.setup == Setup::Passive);
        let setup = if active {
            Setup::Active
        } else {
            Setup::Passive
        };
        let direction = remote.direction.answered();
        let keys = self.keys(&remote)?;
        // RFC 4568 §5.1.2: one line, with the tag of the one we took.
        let crypto = keys
            .zip(remote.cryptos.first())
            .map(|(keys, theirs)| Crypto {
                tag: theirs.tag,
                master: keys.send,
            });
        let text = self.describe(
            ip,
            &[chosen],
            remote.events_for(codec).as_slice(),
            (direction, setup),
            crypto.as_slice(),
        );
        let mut receive: Vec<_> = remote.codecs.iter().map(audio).collect();
        receive.extend(remote.dtmf.iter().map(events));
        let agreement = self.agreement(&remote, receive, chosen, active, keys);
        self.pending = None;
        self.codec = Some(codec);
        self.agreed = Some(remote);
        Ok((text, agreement))
    }

    /// The keys of both directions, by the peer's first line that we can use; a suite has one key of
    /// ours. `None`: plain audio.
    fn keys(&self, remote: &Remote) -> Result<Option<SdesKeys>, SdpError> {
        let Some(theirs) = remote.cryptos.first() else {
            return Ok(None);
        };
        let receive = theirs.master;
        let mut ours = self.identity.masters.iter();
        let send = ours.find(|master| master.profile == receive.profile);
        let send = send.ok_or(SdpError::Missing("a=crypto with a suite we have"))?;
        let send = *send;
        Ok(Some(SdesKeys { send, receive }))
    }

    /// What an offer of ours holds: all suites, or the one in use.
    fn offered_cryptos(&self) -> Vec<Crypto> {
        if self.identity.policy.srtp == SrtpMode::Off {
            return Vec::new();
        }
        let agreed = self
            .agreed
            .as_ref()
            .and_then(|remote| remote.cryptos.first());
        let used = agreed.map(|crypto| crypto.master.profile);
        let masters = self.identity.masters.iter();
        masters
            .filter(|master| used.is_none_or(|used| used == master.profile))
            .zip(1..)
            .map(|(master, tag)| Crypto {
                tag,
                master: *master,
            })
            .collect()
    }

    /// Keeps the DTLS role while the certificate stays; decides it anew otherwise.
    fn settle_role(&mut self, remote: &Remote, decide: impl Fn(&Secure) -> bool) -> bool {
        let Some(secure) = &remote.secure else {
            return false;
        };
        let old = self
            .agreed
            .as_ref()
            .and_then(|agreed| agreed.secure.as_ref());
        let kept = old.is_some_and(|old| old.fingerprints == secure.fingerprints);
        let active = match self.active {
            Some(active) if kept => active,
            _ => decide(secure),
        };
        self.active = Some(active);
        active
    }

    fn agreement(
        &self,
        remote: &Remote,
        mut receive: Vec<(u8, Payload)>,
        (audio_payload, codec): (u8, Codec),
        active: bool,
        keys: Option<SdesKeys>,
    ) -> Agreement {
        // Payload types may differ by direction; a peer that sends its own numbers is understood.
        let theirs = remote.codecs.iter().map(audio);
        for entry in theirs.chain(remote.dtmf.iter().map(events)) {
            if receive.iter().all(|(payload, _)| *payload != entry.0) {
                receive.push(entry);
            }
        }
        let peer = match &remote.secure {
            None => Peer::Line {
                rtp: remote.address,
                rtcp: remote.rtcp,
                keys,
            },
            Some(secure) => Peer::Browser {
                ice: self.ice.clone(),
                fingerprints: secure.fingerprints.clone(),
                active,
            },
        };
        Agreement {
            receive,
            codec,
            audio_payload,
            dtmf: remote.events_for(codec),
            may_send: remote.direction.receives(),
            peer_sends: remote.direction.sends(),
            peer,
        }
    }

    /// Our number for a codec: the one in use, else the static one.
    fn payload_of(&self, codec: Codec) -> u8 {
        let agreed = self.agreed.iter().flat_map(|remote| &remote.codecs);
        let used = agreed.into_iter().find(|(_, used)| *used == codec);
        used.map_or(codec.static_payload(), |(payload, _)| *payload)
    }

    /// Telephone-event for each clock of what we offer.
    fn dtmf(&self) -> Vec<Events> {
        let agreed = self.agreed.iter().flat_map(|remote| &remote.dtmf);
        let used = |clock_hz| agreed.clone().find(|events| events.clock_hz == clock_hz);
        let ours = [(DTMF_PAYLOAD, 8000), (DTMF_PAYLOAD_48, 48_000)];
        let wanted = |clock_hz| {
            let mut codecs = self.offered.iter();
            codecs.any(|(_, codec)| codec.clock_hz() == clock_hz)
        };
        let clocks = ours.into_iter().filter(|(_, clock_hz)| wanted(*clock_hz));
        clocks
            .map(|(payload, clock_hz)| {
                let fresh = Events { payload, clock_hz };
                used(clock_hz).copied().unwrap_or(fresh)
            })
            .collect()
    }

    fn describe(
        &mut self,
        ip: IpAddr,
        codecs: &[(u8, Codec)],
        dtmf: &[Events],
        (direction, setup): (Direction, Setup),
        cryptos: &[Crypto],
    ) -> String {
        let build = |version| {
            let secure = (self.kind() == LegKind::Browser).then_some(LocalSecure {
                ice: &self.ice,
                fingerprint: &self.identity.fingerprint,
                setup,
                candidates: &self.identity.candidates,
                ssrc: self.identity.ssrc,
            });
            Local {
                origin: (self.identity.session_id, version),
                ip,
                port: self.identity.port,
                lines: &self.lines,
                audio: self.audio,
                codecs,
                dtmf,
                direction,
                secure,
                cryptos,
            }
            .text()
        };
        let mut text = build(self.version);
        if !self.last_text.is_empty() && text != self.last_text {
            text = build(self.version + 1);
            self.version += 1;
        }
        self.last_text.clone_from(&text);
        text
    }
}

impl Remote {
    /// Events with the clock of the audio, else with another one: both streams share the timestamps
    /// (RFC 4733 §2.1), and some list 8000 beside Opus nevertheless.
    fn events_for(&self, codec: Codec) -> Option<Events> {
        let mut all = self.dtmf.iter();
        let same = all.find(|events| events.clock_hz == codec.clock_hz());
        same.or(self.dtmf.first()).copied()
    }
}

fn events(events: &Events) -> (u8, Payload) {
    (events.payload, Payload::Dtmf(events.clock_hz))
}

fn audio(&(payload, codec): &(u8, Codec)) -> (u8, Payload) {
    (payload, Payload::Audio(codec))
}

fn ice_of(remote: Option<&Remote>) -> Option<&IceCredentials> {
    remote?.secure.as_ref().map(|secure| &secure.ice)
}

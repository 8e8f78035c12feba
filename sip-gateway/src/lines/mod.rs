//! The lines: what is configured, where each registers, how each stands, and which of them an
//! INVITE came over. Pure; [`crate::agent_task`] sends and asks.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
};

use sha2::{Digest, Sha256};
use sip_core::{
    Flow, Millis, OutgoingHandle, RegistrationHandle, RegistrationState, StreamKind,
    header::NameAddr, uri::SipUri,
};

use crate::{
    config::SipAddress,
    ports::{Candidate, LineConfig, LineId, LineMode, LineState, LineTransport},
    resolver::Place,
};

/// Wait before a host that was not found is looked up again, ms.
pub(crate) const LOOK_UP_AGAIN: Millis = 15_000;

/// How a line reaches its provider now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// Not at all.
    Down,
    /// A connection with this number is being made.
    Connecting(u64),
    /// Over this.
    Up(Flow),
}

/// One line.
#[derive(Debug)]
pub(crate) struct Line {
    pub config: LineConfig,
    /// User part of our Contact at the provider: what a call over this line is addressed to.
    pub token: String,
    pub state: LineState,
    /// Where the provider may be, best first, once its name was looked up.
    pub candidates: Vec<Candidate>,
    /// Which of them is used or tried.
    pub chosen: usize,
    pub link: Link,
    pub registration: Option<RegistrationHandle>,
    /// What the registration was told to use.
    pub registered_over: Option<Flow>,
    /// Rises with each lookup, so that an outdated answer is told.
    pub attempt: u64,
    /// When the host is to be looked up again.
    pub look_up_at: Option<Millis>,
    /// Attempts to connect that failed in a row.
    pub failures: u32,
    /// What keeps the path open and tells whether it still is.
    pub alive: Alive,
}

/// Signs of life of a provider.
#[derive(Debug, Default)]
pub(crate) struct Alive {
    /// When it was pinged last.
    pub pinged: Option<Millis>,
    /// When it answered a ping last; `None`: it never did, and need not.
    pub ponged: Option<Millis>,
    /// The OPTIONS under way, and when it was sent.
    pub probe: Option<(OutgoingHandle, Millis)>,
    /// When the next one is due (IP trunks).
    pub probe_at: Millis,
}

impl Line {
    pub(crate) fn new(config: LineConfig) -> Self {
        Self {
            token: token(&config),
            config,
            state: LineState::Trying,
            candidates: Vec::new(),
            chosen: 0,
            link: Link::Down,
            registration: None,
            registered_over: None,
            attempt: 0,
            look_up_at: None,
            failures: 0,
            alive: Alive::default(),
        }
    }

    /// Whether it is registered.
    pub(crate) fn is_registered(&self) -> bool {
        matches!(self.state, LineState::Registered { .. })
    }

    /// Whether it has failed.
    pub(crate) fn has_failed(&self) -> bool {
        matches!(self.state, LineState::Failed { .. })
    }

    /// Whether it never registers.
    pub(crate) fn is_trunk(&self) -> bool {
        matches!(self.config.mode, LineMode::IpTrunk { .. })
    }

    /// Whom it speaks with, or tries to.
    pub(crate) fn candidate(&self) -> Option<&Candidate> {
        self.candidates.get(self.chosen)
    }

    /// Whether calls may come from there without being addressed to our Contact.
    pub(crate) fn admits(&self, ip: IpAddr) -> bool {
        let named = match &self.config.mode {
            LineMode::Register => false,
            LineMode::IpTrunk { sources } => sources.iter().any(|network| network.contains(&ip)),
        };
        named || self.candidates.iter().any(|c| c.address.ip() == ip)
    }

    /// The configured number that was called.
    pub(crate) fn did(&self, called: &str) -> Option<&String> {
        let digits = |text: &str| {
            text.chars()
                .filter(char::is_ascii_digit)
                .collect::<String>()
        };
        let wanted = digits(called);
        let numbers = || self.config.numbers.iter();
        numbers()
            .find(|number| *number == called)
            .or_else(|| numbers().find(|number| !wanted.is_empty() && digits(number) == wanted))
    }

    /// Names of the account that are no called number.
    pub(crate) fn own_names(&self) -> [&str; 3] {
        [&self.token, &self.config.user, &self.config.auth_user]
    }

    /// `sip:user@domain`, the port with it where the domain has one.
    pub(crate) fn uri(&self, user: &str) -> SipUri {
        let domain = address_of(&self.config.domain);
        SipUri::new(user, domain.host).with_port(domain.port)
    }

    /// `sip:user@domain` for From.
    pub(crate) fn own_uri(&self, user: &str) -> SipUri {
        match &self.config.from_domain {
            Some(domain) => {
                let domain = address_of(domain);
                SipUri::new(user, domain.host).with_port(domain.port)
            }
            None => self.uri(user),
        }
    }

    /// `sip:domain`.
    pub(crate) fn registrar(&self) -> SipUri {
        let domain = address_of(&self.config.domain);
        SipUri::from_host(domain.host).with_port(domain.port)
    }

    /// What Route begins with (RFC 3261 §8.1.2).
    pub(crate) fn routes(&self) -> Vec<NameAddr> {
        let Some(proxy) = self.config.outbound_proxy.as_deref() else {
            return Vec::new();
        };
        let proxy = address_of(proxy);
        let mut uri = SipUri::from_host(proxy.host)
            .with_port(proxy.port)
            .with_param("lr", None);
        if let Some(transport) = transport_word(self.config.transport) {
            uri = uri.with_param("transport", Some(transport));
        }
        vec![NameAddr::new(uri)]
    }

    /// Our Contact at the provider.
    pub(crate) fn contact(&self, user: &str, host: SipAddress) -> SipUri {
        let contact = SipUri::new(user, host.host).with_port(host.port);
        match transport_word(self.config.transport) {
            Some(word) => contact.with_param("transport", Some(word)),
            None => contact,
        }
    }
}

/// The `transport` parameter; UDP needs none.
fn transport_word(transport: LineTransport) -> Option<&'static str> {
    match transport {
        LineTransport::Udp => None,
        LineTransport::Tcp => Some("tcp"),
        LineTransport::Tls => Some("tls"),
    }
}

fn address_of(text: &str) -> SipAddress {
    text.parse().unwrap_or_else(|_| SipAddress {
        host: text.to_owned(),
        port: None,
    })
}

/// Where the line's requests go; `host:port` is understood in every field that takes a host.
pub(crate) fn place_of(config: &LineConfig) -> Place {
    let given = |text: &Option<String>| {
        let text = text.as_deref().map(str::trim);
        text.filter(|text| !text.is_empty()).map(address_of)
    };
    let (address, own_port) = match given(&config.outbound_proxy) {
        Some(proxy) => (proxy, None),
        None => (
            given(&config.host).unwrap_or_else(|| address_of(&config.domain)),
            config.port,
        ),
    };
    Place {
        host: address.host,
        port: own_port.or(address.port),
        transport: config.transport,
    }
}

/// The same over a restart, so that the provider's old Contact is ours; another when the account
/// changes; not to be guessed from outside.
fn token(config: &LineConfig) -> String {
    let place = place_of(config);
    let (host, port) = (place.host, place.port.unwrap_or(5060));
    let facts = format!(
        "{}|{}|{}|{host}|{port}",
        config.id, config.user, config.domain
    );
    hex::encode(&Sha256::digest(facts.as_bytes())[..8])
}

/// Whether two configurations register alike, so that nothing needs to be sent.
pub(crate) fn registers_alike(a: &LineConfig, b: &LineConfig) -> bool {
    token(a) == token(b)
        && a.auth_user == b.auth_user
        && a.password == b.password
        && a.expires_secs == b.expires_secs
        && a.transport == b.transport
        && a.mode == b.mode
        && a.outbound_proxy == b.outbound_proxy
        && a.tls_ca_pem == b.tls_ca_pem
}

/// What people are shown of a registration.
pub(crate) fn state_of(state: &RegistrationState) -> Option<LineState> {
    match state {
        RegistrationState::Trying => Some(LineState::Trying),
        RegistrationState::Registered {
            expires_secs,
            round_trip_ms,
            seen_as,
        } => Some(LineState::Registered {
            expires_secs: *expires_secs,
            round_trip_ms: *round_trip_ms,
            seen_as: *seen_as,
        }),
        RegistrationState::Failed { code, reason, .. } => Some(LineState::Failed {
            code: *code,
            reason: reason.clone(),
            trouble: None,
        }),
        RegistrationState::Removed => None,
    }
}

impl Candidate {
    /// Whether it needs a connection.
    pub(crate) fn kind(&self) -> Option<StreamKind> {
        match self.transport {
            LineTransport::Udp => None,
            LineTransport::Tcp => Some(StreamKind::Tcp),
            LineTransport::Tls => Some(StreamKind::Tls),
        }
    }
}

/// All lines.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    all: BTreeMap<LineId, Line>,
}

impl Lines {
    pub(crate) fn get(&self, id: LineId) -> Option<&Line> {
        self.all.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: LineId) -> Option<&mut Line> {
        self.all.get_mut(&id)
    }

    pub(crate) fn insert(&mut self, line: Line) {
        self.all.insert(line.config.id, line);
    }

    pub(crate) fn remove(&mut self, id: LineId) -> Option<Line> {
        self.all.remove(&id)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(crate) fn ids(&self) -> Vec<LineId> {
        self.all.keys().copied().collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Line> {
        self.all.values()
    }

    pub(crate) fn by_registration(&mut self, handle: RegistrationHandle) -> Option<&mut Line> {
        self.all
            .values_mut()
            .find(|line| line.registration == Some(handle))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Line> {
        self.all.values_mut()
    }

    pub(crate) fn by_link(&mut self, flow: Flow) -> Option<&mut Line> {
        self.all
            .values_mut()
            .find(|line| line.link == Link::Up(flow))
    }

    pub(crate) fn by_probe(&mut self, handle: OutgoingHandle) -> Option<&mut Line> {
        self.all
            .values_mut()
            .find(|line| line.alive.probe.is_some_and(|(probe, _)| probe == handle))
    }

    /// Whether an address is a provider's.
    pub(crate) fn knows(&self, ip: IpAddr) -> bool {
        self.all.values().any(|line| line.admits(ip))
    }

    /// The line an INVITE came over: its Contact's token (from whatever address the provider
    /// sends), else the provider's own address and what of the account the INVITE names. A trunk
    /// is known by its addresses alone: its Contact proves nothing.
    pub(crate) fn of_invite(
        &self,
        source: SocketAddr,
        target: &SipUri,
        to: &NameAddr,
    ) -> Option<&Line> {
        let user = target.user.as_deref().unwrap_or_default();
        let by_token = |line: &&Line| line.token == user && !line.is_trunk();
        if let Some(line) = self.all.values().find(by_token) {
            return Some(line);
        }
        let named = |line: &&Line| {
            let to_user = to.uri.user.as_deref().unwrap_or_default();
            let mut names = [
                Some(&line.config.user),
                Some(&line.token),
                line.config.number.as_ref(),
            ]
            .into_iter()
            .flatten()
            .chain(&line.config.numbers);
            names.any(|name| name == user || name == to_user)
        };
        let admitted = || self.all.values().filter(|line| line.admits(source.ip()));
        let exactly = |line: &&Line| line.candidates.iter().any(|c| c.address == source);
        admitted()
            .find(named)
            .or_else(|| admitted().find(exactly))
            .or_else(|| admitted().find(|line| line.is_trunk()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{Source, sip_secret::Secret};

    fn config(user: &str, domain: &str) -> LineConfig {
        let id = uuid::Uuid::from_u128(user.len() as u128);
        LineConfig::new(id, user, "x", domain)
    }

    fn lines() -> Lines {
        let mut lines = Lines::default();
        for user in ["a", "bb"] {
            let mut line = Line::new(config(user, "provider.test"));
            line.candidates = vec![Candidate {
                address: "192.0.2.1:5060".parse().unwrap(),
                transport: LineTransport::Udp,
                source: Source::Given,
            }];
            lines.insert(line);
        }
        lines
    }

    #[test]
    fn the_contacts_token_names_the_line_whatever_the_source() {
        let lines = lines();
        let token = lines.get(uuid::Uuid::from_u128(2)).unwrap().token.clone();
        let target = SipUri::new(token, "198.51.100.1");
        let found = lines.of_invite(
            "203.0.113.9:1".parse().unwrap(),
            &target,
            &"<sip:x@y>".parse().unwrap(),
        );
        assert_eq!(found.unwrap().config.user, "bb");
    }

    #[test]
    fn without_the_token_only_the_providers_address_counts() {
        let lines = lines();
        let target: SipUri = "sip:bb@198.51.100.1".parse().unwrap();
        let to: NameAddr = "<sip:bb@provider.test>".parse().unwrap();
        assert_eq!(
            lines
                .of_invite("192.0.2.1:9999".parse().unwrap(), &target, &to)
                .unwrap()
                .config
                .user,
            "bb"
        );
        assert!(
            lines
                .of_invite("203.0.113.9:5060".parse().unwrap(), &target, &to)
                .is_none()
        );
        let unknown: SipUri = "sip:4711@198.51.100.1".parse().unwrap();
        assert!(
            lines
                .of_invite(
                    "192.0.2.1:9999".parse().unwrap(),
                    &unknown,
                    &"<sip:z@y>".parse().unwrap()
                )
                .is_none()
        );
        assert!(
            lines
                .of_invite(
                    "192.0.2.1:5060".parse().unwrap(),
                    &unknown,
                    &"<sip:z@y>".parse().unwrap()
                )
                .is_some()
        );
    }

    #[test]
    fn a_port_is_understood_wherever_it_stands() {
        let mut line = config("a", "provider.test:5070");
        let place = |line: &LineConfig| {
            let place = place_of(line);
            (place.host, place.port)
        };
        assert_eq!(place(&line), ("provider.test".to_owned(), Some(5070)));
        line.host = Some("192.0.2.7:5080".to_owned());
        assert_eq!(place(&line), ("192.0.2.7".to_owned(), Some(5080)));
        line.port = Some(5090);
        assert_eq!(place(&line), ("192.0.2.7".to_owned(), Some(5090)));
        line.outbound_proxy = Some("proxy.test:5091".to_owned());
        assert_eq!(place(&line), ("proxy.test".to_owned(), Some(5091)));
    }

    #[test]
    fn a_new_label_sends_nothing_and_a_new_password_does() {
        let a = config("a", "provider.test");
        let mut b = LineConfig {
            label: "Other".to_owned(),
            ..a.clone()
        };
        assert!(registers_alike(&a, &b));
        b.password = Secret("y".to_owned());
        assert!(!registers_alike(&a, &b));
    }
}

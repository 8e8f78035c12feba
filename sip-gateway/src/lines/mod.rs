//! The lines: what is configured, where each registers, how each stands, and which of them an
//! INVITE came over. Pure; [`crate::agent_task`] sends and asks.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
};

use sha2::{Digest, Sha256};
use sip_core::{Millis, RegistrationHandle, RegistrationState, header::NameAddr, uri::SipUri};

use crate::{
    config::SipAddress,
    ports::{LineConfig, LineId, LineState},
};

/// Wait before a host that was not found is looked up again, ms.
pub(crate) const LOOK_UP_AGAIN: Millis = 15_000;

/// One line.
#[derive(Debug)]
pub(crate) struct Line {
    pub config: LineConfig,
    /// User part of our Contact at the provider: what a call over this line is addressed to.
    pub token: String,
    pub state: LineState,
    /// Where the registrar is, once its host was looked up.
    pub address: Option<SocketAddr>,
    pub registration: Option<RegistrationHandle>,
    /// Rises with each lookup, so that an outdated answer is told.
    pub attempt: u64,
    /// When the host is to be looked up again.
    pub look_up_at: Option<Millis>,
}

impl Line {
    pub(crate) fn new(config: LineConfig) -> Self {
        Self {
            token: token(&config),
            config,
            state: LineState::Trying,
            address: None,
            registration: None,
            attempt: 0,
            look_up_at: None,
        }
    }

    /// Whether calls can be made over it.
    pub(crate) fn is_registered(&self) -> bool {
        matches!(self.state, LineState::Registered { .. })
    }

    /// Names of the account that are no called number.
    pub(crate) fn own_names(&self) -> [&str; 3] {
        [&self.token, &self.config.user, &self.config.auth_user]
    }

    /// `sip:user@domain`, the port with it where the domain has one.
    pub(crate) fn uri(&self, user: &str) -> SipUri {
        let domain = domain(&self.config);
        SipUri::new(user, domain.host).with_port(domain.port)
    }

    /// `sip:domain`.
    pub(crate) fn registrar(&self) -> SipUri {
        let domain = domain(&self.config);
        SipUri::from_host(domain.host).with_port(domain.port)
    }
}

fn domain(config: &LineConfig) -> SipAddress {
    config.domain.parse().unwrap_or_else(|_| SipAddress {
        host: config.domain.clone(),
        port: None,
    })
}

/// Host and port to send to; `host:port` is understood in every field that takes a host.
pub(crate) fn peer_of(config: &LineConfig) -> (String, u16) {
    let text = config
        .host
        .as_deref()
        .filter(|host| !host.trim().is_empty())
        .unwrap_or(&config.domain);
    let address = text.parse::<SipAddress>().unwrap_or_else(|_| SipAddress {
        host: text.to_owned(),
        port: None,
    });
    (address.host, config.port.or(address.port).unwrap_or(5060))
}

/// The same over a restart, so that the provider's old Contact is ours; another when the account
/// changes; not to be guessed from outside.
fn token(config: &LineConfig) -> String {
    let (host, port) = peer_of(config);
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

    /// Whether an address is a provider's.
    pub(crate) fn knows(&self, ip: IpAddr) -> bool {
        self.all
            .values()
            .any(|line| line.address.is_some_and(|address| address.ip() == ip))
    }

    /// The line an INVITE came over: its Contact's token (from whatever address the provider
    /// sends), else the provider's own address and what of the account the INVITE names.
    pub(crate) fn of_invite(
        &self,
        source: SocketAddr,
        target: &SipUri,
        to: &NameAddr,
    ) -> Option<&Line> {
        let user = target.user.as_deref().unwrap_or_default();
        if let Some(line) = self.all.values().find(|line| line.token == user) {
            return Some(line);
        }
        let named = |line: &&Line| {
            let names = [
                Some(line.config.user.as_str()),
                line.config.number.as_deref(),
            ];
            let to_user = to.uri.user.as_deref().unwrap_or_default();
            names
                .into_iter()
                .flatten()
                .any(|name| name == user || name == to_user)
        };
        let at_ip = || {
            self.all
                .values()
                .filter(|line| line.address.is_some_and(|a| a.ip() == source.ip()))
        };
        at_ip()
            .find(named)
            .or_else(|| self.all.values().find(|line| line.address == Some(source)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::sip_secret::Secret;

    fn config(user: &str, domain: &str) -> LineConfig {
        let id = uuid::Uuid::from_u128(user.len() as u128);
        LineConfig::new(id, user, "x", domain)
    }

    fn lines() -> Lines {
        let mut lines = Lines::default();
        for user in ["a", "bb"] {
            let mut line = Line::new(config(user, "provider.test"));
            line.address = Some("192.0.2.1:5060".parse().unwrap());
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
        assert_eq!(peer_of(&line), ("provider.test".to_owned(), 5070));
        line.host = Some("192.0.2.7:5080".to_owned());
        assert_eq!(peer_of(&line), ("192.0.2.7".to_owned(), 5080));
        line.port = Some(5090);
        assert_eq!(peer_of(&line), ("192.0.2.7".to_owned(), 5090));
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

//! `Via` (RFC 3261 §20.42, RFC 3581).

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use super::{
    HeaderError,
    params::{self, parse_params, write_params},
};
use crate::uri::{split_host_port, write_host_port};

/// One hop of a `Via`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via {
    /// `UDP`, `TCP`, `TLS`, `WS`, `WSS` or an unknown word, in upper case.
    pub transport: String,
    /// Host of `sent-by`; IPv6 without brackets.
    pub host: String,
    /// Port of `sent-by`, if written.
    pub port: Option<u16>,
    /// Parameters, in order.
    pub params: Vec<(String, Option<String>)>,
}

const MALFORMED: HeaderError = HeaderError::Malformed("Via");

impl Via {
    /// The `branch`, if there is one.
    #[must_use]
    pub fn branch(&self) -> Option<&str> {
        self.param("branch").filter(|branch| !branch.is_empty())
    }

    /// Value of a parameter; an absent value reads as the empty string.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        params::find(&self.params, name)
    }

    /// `sent-by` in lower case with the port written out, for comparison.
    #[must_use]
    pub fn sent_by(&self) -> String {
        format!(
            "{}:{}",
            self.host.to_ascii_lowercase(),
            self.port.unwrap_or(5060)
        )
    }

    /// The sender's address as the receiver saw it (`received`, `rport`); `None` when the receiver
    /// did not say.
    #[must_use]
    pub fn seen_as(&self) -> Option<SocketAddr> {
        let received = self.param("received");
        let rport = self.param("rport").and_then(|port| port.parse().ok());
        if received.is_none() && rport.is_none() {
            return None;
        }
        let host = received.unwrap_or(&self.host).trim_matches(['[', ']']);
        let ip: IpAddr = host.parse().ok()?;
        Some(SocketAddr::new(ip, rport.or(self.port).unwrap_or(5060)))
    }

    /// RFC 3261 §18.2.1 and RFC 3581 §4: notes where a datagram came from.
    pub(crate) fn note_source(&mut self, source: SocketAddr) {
        let wants_port = self.param("rport").is_some();
        if wants_port {
            params::set(&mut self.params, "rport", Some(source.port().to_string()));
        }
        if wants_port || self.host.parse::<IpAddr>().ok() != Some(source.ip()) {
            params::set(&mut self.params, "received", Some(source.ip().to_string()));
        }
    }
}

impl FromStr for Via {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut words = text.splitn(3, '/');
        let protocol = words.next().map(str::trim);
        let (Some(_version), Some(rest)) = (words.next(), words.next()) else {
            return Err(MALFORMED);
        };
        if !protocol.is_some_and(|word| word.eq_ignore_ascii_case("SIP")) {
            return Err(MALFORMED);
        }
        let (transport, rest) = rest
            .trim_start()
            .split_once(|c: char| c.is_ascii_whitespace())
            .ok_or(MALFORMED)?;
        let (sent_by, params) = rest.split_once(';').unwrap_or((rest, ""));
        let (host, port) = split_host_port(sent_by)?;
        Ok(Self {
            transport: transport.to_ascii_uppercase(),
            host,
            port,
            params: parse_params(params),
        })
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SIP/2.0/{} ", self.transport)?;
        write_host_port(f, &self.host, self.port)?;
        write_params(f, &self.params)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_everywhere_is_tolerated() {
        let via: Via =
            "SIP / 2.0 / UDP first.example.com: 4000 ;ttl=16; branch=z9hG4bKa7c6a8dlze.1"
                .parse()
                .unwrap();
        assert_eq!(
            (via.host.as_str(), via.port),
            ("first.example.com", Some(4000))
        );
        assert_eq!(via.branch(), Some("z9hG4bKa7c6a8dlze.1"));
    }

    #[test]
    fn an_ipv6_received_is_not_quoted() {
        let mut via: Via = "SIP/2.0/UDP host;rport;branch=z9hG4bK1".parse().unwrap();
        via.note_source("[::1]:5070".parse().unwrap());
        assert_eq!(
            via.to_string(),
            "SIP/2.0/UDP host;rport=5070;branch=z9hG4bK1;received=::1"
        );
        assert_eq!(via.seen_as(), Some("[::1]:5070".parse().unwrap()));
    }

    #[test]
    fn without_received_and_rport_nobody_saw_us() {
        let via: Via = "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1"
            .parse()
            .unwrap();
        assert_eq!(via.seen_as(), None);
    }
}

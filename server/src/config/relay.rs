//! What is said of TCP for media and of a TURN server.

use std::{fmt, net::SocketAddr, str::FromStr};

/// Where browsers' media is taken over TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TcpDoor {
    /// Nowhere.
    Off,
    /// There.
    At(SocketAddr),
}

impl FromStr for TcpDoor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        let address = text.parse().map(Self::At);
        address.map_err(|_| format!("{text:?} is no address; write IP:PORT, or off"))
    }
}

/// A `turn:` or `turns:` URL (RFC 7065), as browsers take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnUrl(String);

impl TurnUrl {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TurnUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once(':').unwrap_or_default();
        let is_tls = match scheme {
            "turn" => false,
            "turns" => true,
            "stun" | "stuns" => {
                return Err(format!(
                    "{text:?} names a STUN server, which is not needed: give one of TURN"
                ));
            }
            _ => {
                return Err(format!(
                    "{text:?} does not begin with turn: or turns:; write for example turns:turn.example.com:443?transport=tcp"
                ));
            }
        };
        let (server, query) = rest.split_once('?').unwrap_or((rest, ""));
        check_server(text, server)?;
        match (query, is_tls) {
            ("", _) | ("transport=tcp", _) | ("transport=udp", false) => Ok(Self(text.to_owned())),
            ("transport=udp", true) => Err(format!(
                "{text:?}: browsers speak TLS over TCP only; write ?transport=tcp"
            )),
            _ => Err(format!(
                "{text:?}: after the ? stands transport=udp or transport=tcp"
            )),
        }
    }
}

/// A host with or without a port.
fn check_server(text: &str, server: &str) -> Result<(), String> {
    if server.starts_with("//") {
        return Err(format!("{text:?}: these URLs have no //"));
    }
    let (host, port) = match server.rsplit_once(':') {
        // Colons within brackets belong to an IPv6 address.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (server, None),
    };
    let is_name = |host: &str| {
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        !host.is_empty() && host.chars().all(known)
    };
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let is_v6 = bare.is_some_and(|host| host.parse::<std::net::Ipv6Addr>().is_ok());
    if !is_name(host) && !is_v6 {
        return Err(format!("{text:?} names no server"));
    }
    match port.map(str::parse::<u16>) {
        None | Some(Ok(1..)) => Ok(()),
        Some(_) => Err(format!("{text:?}: {:?} is no port", port.unwrap_or(""))),
    }
}

/// A secret that is not written into logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "" => Err("it is empty; give what stands in coturn's static-auth-secret".to_owned()),
            secret => Ok(Self(secret.to_owned())),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

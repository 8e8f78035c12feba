//! What the gateway is told at start, and why it may not start.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use crate::{media::MediaConfig, resolver::DnsServers, transport::tls::TlsIdentity};

/// Everything [`crate::Gateway::start`] needs.
#[derive(Clone, Debug)]
pub struct GatewayConfig {
    /// Where the SIP UDP socket is bound; port 0 takes a free one.
    pub sip_udp_bind: SocketAddr,
    /// Where SIP over TLS is listened for; `None`: nowhere. SIP over TCP shares address and port
    /// with UDP.
    pub sip_tls: Option<TlsDoor>,
    /// Who is asked for providers' addresses.
    pub dns: DnsServers,
    /// Address put into Via and Contact of datagrams; `None`: the bind address, or for a wildcard
    /// bind the local address that reaches the peer.
    pub sip_public: Option<SipAddress>,
    /// Media sockets and addresses.
    pub media: MediaConfig,
    /// Folder of finished recordings.
    pub recordings_dir: PathBuf,
    /// How much is served at once.
    pub limits: Limits,
    /// Value of `User-Agent` and `Server`, for example `Trubka/0.1`.
    pub product: String,
    /// How long [`crate::Gateway::shutdown`] waits for BYE and REGISTER to be answered.
    pub drain: Duration,
    /// How long calls wait for people.
    pub waits: Waits,
    /// Told when a part that everything depends on has failed.
    pub on_fatal: OnFatal,
}

/// How long calls wait for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    /// For a side whose page or network is gone.
    pub vanished: Duration,
    /// For somebody to pick a parked call up, before the one who parked it is rung.
    pub parked: Duration,
    /// For the one who parked it to answer.
    pub rung_back: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            vanished: Duration::from_secs(30),
            parked: Duration::from_secs(180),
            rung_back: Duration::from_secs(45),
        }
    }
}

/// The door for SIP over TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsDoor {
    /// Where it is bound; port 0 takes a free one.
    pub bind: SocketAddr,
    /// What it shows.
    pub identity: TlsIdentity,
}

/// What to do when a part of the gateway that everything depends on has panicked and nothing brings
/// it back: end the process, so that it is started anew. What was written is not lost by that.
/// Without one the fault is only logged.
#[derive(Clone, Default)]
pub struct OnFatal(Option<Arc<Act>>);

type Act = dyn Fn(&str) + Send + Sync;

impl OnFatal {
    /// Calls `act` with the name of the part, from any thread; perhaps more than once.
    pub fn new(act: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(act)))
    }

    /// Something has failed for good.
    pub(crate) fn tell(&self, part: &str) {
        tracing::error!(part, "a part of the gateway has failed and is gone");
        if let Some(act) = &self.0 {
            act(part);
        }
    }
}

impl fmt::Debug for OnFatal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OnFatal").field(&self.0.is_some()).finish()
    }
}

impl GatewayConfig {
    /// A gateway on `sip_udp_bind` with the usual limits.
    #[must_use]
    pub fn new(sip_udp_bind: SocketAddr, media: MediaConfig, recordings_dir: PathBuf) -> Self {
        Self {
            sip_udp_bind,
            sip_tls: None,
            dns: DnsServers::System,
            sip_public: None,
            media,
            recordings_dir,
            limits: Limits::default(),
            product: concat!("Trubka/", env!("CARGO_PKG_VERSION")).to_owned(),
            drain: Duration::from_secs(2),
            waits: Waits::default(),
            on_fatal: OnFatal::default(),
        }
    }
}

/// How much is served at once; more is refused with 503 and a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Conversations.
    pub calls: usize,
    /// Conversations one extension has begun.
    pub calls_per_extension: usize,
    /// Phones registered for one extension.
    pub bindings_per_extension: usize,
    /// WebSocket connections; beyond that new ones are closed at once.
    pub connections: usize,
    /// WebSocket connections of one address: a whole office may stand behind it.
    pub connections_per_address: usize,
    /// How long a WebSocket connection may stay over which nothing is registered.
    pub unregistered: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            calls: 1000,
            calls_per_extension: 10,
            bindings_per_extension: 10,
            connections: 5000,
            connections_per_address: 1000,
            unregistered: Duration::from_secs(30),
        }
    }
}

/// A host (name or IP) and perhaps a port, as written in Via and Contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SipAddress {
    /// Host name or IP address; IPv6 without brackets.
    pub host: String,
    /// Port; `None`: that of the socket.
    pub port: Option<u16>,
}

impl FromStr for SipAddress {
    type Err = String;

    /// Reads `host`, `host:port`, `1.2.3.4:5060`, `2001:db8::1` and `[2001:db8::1]:5060`.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Self {
                host: address.ip().to_string(),
                port: Some(address.port()),
            });
        }
        if let Ok(ip) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(Self {
                host: ip.to_string(),
                port: None,
            });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => {
                let port = port
                    .parse()
                    .map_err(|_| format!("{port:?} is not a port (1 to 65535)"))?;
                (host, Some(port))
            }
            None => (text, None),
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.' || c == '_';
        if host.is_empty() || !host.chars().all(plain) {
            return Err(format!("{host:?} is neither a host name nor an IP address"));
        }
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }
}

impl fmt::Display for SipAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// Addresses that may be changed while the gateway runs.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Addresses {
    /// See [`GatewayConfig::sip_public`].
    pub sip_public: Option<SipAddress>,
    /// See [`MediaConfig::browser_public`]; the first is also [`MediaConfig::line_public`].
    pub media_public: Vec<IpAddr>,
}

/// Why the gateway did not start. Each message is a sentence that says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The SIP socket.
    #[error(
        "SIP cannot listen on UDP {address}: {source}. Stop the program that uses this port, or set another one (sip.bind)"
    )]
    SipPort {
        /// What was tried.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The TCP door.
    #[error(
        "SIP cannot listen on TCP {address}: {source}. Stop the program that uses this port, or set another one (sip.bind)"
    )]
    SipTcpPort {
        /// What was tried.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The certificate of the TLS door.
    #[error(
        "the certificate for SIP over TLS cannot be used: {0}. Correct the files, or remove the setting and one is made"
    )]
    SipCertificate(String),
    /// The media sockets.
    #[error(
        "media cannot start: {0}. Stop the program that uses this port, or set another one (media.bind)"
    )]
    Media(#[source] io::Error),
    /// A folder.
    #[error("the folder {} cannot be used: {source}. Make it writable or set another one", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No randomness.
    #[error("the system gives no random numbers: {0}")]
    Random(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_in_every_spelling() {
        for (text, host, port) in [
            ("sip.example.com", "sip.example.com", None),
            ("sip.example.com:5061", "sip.example.com", Some(5061)),
            ("192.0.2.1", "192.0.2.1", None),
            ("192.0.2.1:5070", "192.0.2.1", Some(5070)),
            ("2001:db8::1", "2001:db8::1", None),
            ("[2001:db8::1]:5070", "2001:db8::1", Some(5070)),
        ] {
            let address: SipAddress = text.parse().unwrap();
            assert_eq!(
                (address.host.as_str(), address.port),
                (host, port),
                "{text}"
            );
        }
        assert_eq!(
            "[2001:db8::1]:5070"
                .parse::<SipAddress>()
                .unwrap()
                .to_string(),
            "[2001:db8::1]:5070"
        );
    }

    #[test]
    fn nonsense_is_refused_in_words() {
        assert!("a b".parse::<SipAddress>().is_err());
        assert!(
            "host:99999"
                .parse::<SipAddress>()
                .unwrap_err()
                .contains("not a port")
        );
        assert!("".parse::<SipAddress>().is_err());
    }
}

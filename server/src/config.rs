//! How the server is told what to do: the command line, else `TRUBKA_*` in the environment, else
//! the file named by `--config`, else what suits most.

use std::{
    fs, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket},
    path::PathBuf,
    str::FromStr,
};

use clap::{Args, Parser, Subcommand};
use serde::Deserialize;

/// Trubka: telephony and customers in the browser.
#[derive(Debug, Parser)]
#[command(name = "trubka", version, about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the app, the API and the telephony.
    Serve(Box<Options>),
    /// Fill a data folder with made-up contacts and calls, to see how it feels with many.
    DemoData(DemoData),
}

/// What `demo-data` may be told.
#[derive(Args, Clone, Debug)]
pub struct DemoData {
    /// Folder for the database.
    #[arg(long, env = "TRUBKA_DATA", value_name = "DIR")]
    pub data: PathBuf,
    /// Contacts to make.
    #[arg(long, default_value_t = 1000)]
    pub contacts: u32,
    /// Calls to make.
    #[arg(long, default_value_t = 0)]
    pub calls: u32,
}

/// What `serve` may be told. A value that is absent here is looked for further on.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Options {
    /// Run with the built-in test network, on this machine only.
    #[arg(long, env = "TRUBKA_DEMO")]
    pub demo: bool,
    /// Folder for the database and the recordings.
    #[arg(long, env = "TRUBKA_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Address of the app and the API.
    #[arg(long, env = "TRUBKA_HTTP", value_name = "IP:PORT")]
    pub http: Option<SocketAddr>,
    /// Address of SIP over UDP and TCP.
    #[arg(long, env = "TRUBKA_SIP_UDP", value_name = "IP:PORT")]
    pub sip_udp: Option<SocketAddr>,
    /// Address of SIP over TLS (TCP).
    #[arg(long, env = "TRUBKA_SIP_TLS", value_name = "IP:PORT")]
    pub sip_tls: Option<SocketAddr>,
    /// Certificate chain for SIP over TLS (PEM), with --sip-key; without it one is made.
    #[arg(
        long,
        env = "TRUBKA_SIP_CERT",
        value_name = "FILE",
        requires = "sip_key"
    )]
    pub sip_cert: Option<PathBuf>,
    /// Private key of --sip-cert (PEM).
    #[arg(long, env = "TRUBKA_SIP_KEY", value_name = "FILE")]
    pub sip_key: Option<PathBuf>,
    /// Address of the browsers' media (UDP).
    #[arg(long, env = "TRUBKA_MEDIA_UDP", value_name = "IP:PORT")]
    pub media_udp: Option<SocketAddr>,
    /// First and last port of the media towards lines (UDP).
    #[arg(long, env = "TRUBKA_RTP_PORTS", value_name = "FIRST-LAST")]
    pub rtp_ports: Option<PortRange>,
    /// Country whose way of dialling is used, two letters.
    #[arg(long, env = "TRUBKA_REGION", value_name = "CC")]
    pub region: Option<String>,
    /// Address people open, if it is another than that of --http (behind a proxy with HTTPS).
    #[arg(long, env = "TRUBKA_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Other origins that may open the SIP WebSocket, for example `https://crm.example.com`.
    #[arg(
        long,
        env = "TRUBKA_SIP_ORIGINS",
        value_name = "ORIGIN",
        value_delimiter = ','
    )]
    pub sip_origins: Vec<String>,
    /// Address of a reverse proxy whose X-Forwarded-For is believed; may be given several times.
    #[arg(
        long,
        env = "TRUBKA_TRUSTED_PROXY",
        value_name = "IP",
        value_delimiter = ','
    )]
    pub trusted_proxy: Vec<IpAddr>,
    /// Folder the app is served from instead of the one built in.
    #[arg(long, env = "TRUBKA_DIST", value_name = "DIR")]
    pub dist: Option<PathBuf>,
    /// A TOML file with these same names.
    #[arg(long, env = "TRUBKA_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
}

/// What the server runs with.
#[derive(Clone, Debug)]
pub struct Config {
    /// With the test network.
    pub demo: bool,
    /// Folder of the database and the recordings.
    pub data: PathBuf,
    /// Address of the app and the API.
    pub http: SocketAddr,
    /// Address of SIP over UDP and TCP.
    pub sip_udp: SocketAddr,
    /// Address of SIP over TLS.
    pub sip_tls: SocketAddr,
    /// Certificate chain and key for SIP over TLS; `None`: one is made.
    pub sip_certificate: Option<(PathBuf, PathBuf)>,
    /// Address of the browsers' media.
    pub media_udp: SocketAddr,
    /// Ports of the media towards lines.
    pub rtp_ports: PortRange,
    /// Country, two letters.
    pub region: String,
    /// Address people open, without a slash at the end.
    pub public_url: Option<String>,
    /// Origins that may open the SIP WebSocket besides our own.
    pub sip_origins: Vec<String>,
    /// Reverse proxies that say where a request comes from.
    pub trusted_proxy: Vec<IpAddr>,
    /// Folder the app is served from.
    pub dist: Option<PathBuf>,
}

/// First and last port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortRange {
    /// First.
    pub first: u16,
    /// Last.
    pub last: u16,
}

impl FromStr for PortRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a range of ports; write for example 40000-40999");
        let (first, last) = text.split_once('-').ok_or_else(wrong)?;
        let first: u16 = first.trim().parse().map_err(|_| wrong())?;
        let last: u16 = last.trim().parse().map_err(|_| wrong())?;
        if first == 0 || last < first.saturating_add(3) {
            return Err(format!(
                "{text:?} has no room for a call: four ports or more are needed"
            ));
        }
        Ok(Self { first, last })
    }
}

impl<'de> Deserialize<'de> for PortRange {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl std::fmt::Display for PortRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file.
    #[error("the configuration file {} cannot be read: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What is in it.
    #[error("the configuration file {} has an error: {message}", path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// What and where.
        message: String,
    },
    /// The country.
    #[error("{0:?} is no country; give two letters (--region RU)")]
    Region(String),
}

impl Options {
    /// Fills in what was not given from the file, then from the defaults.
    ///
    /// # Errors
    /// When the file cannot be used or a value makes no sense.
    pub fn resolve(self) -> Result<Config, ConfigError> {
        let file = match &self.config {
            Some(path) => read(path.clone())?,
            None => Self::default(),
        };
        let demo = self.demo || file.demo;
        let home: IpAddr = Ipv4Addr::LOCALHOST.into();
        let world: IpAddr = if demo {
            home
        } else {
            Ipv4Addr::UNSPECIFIED.into()
        };
        let region = self
            .region
            .or(file.region)
            .unwrap_or_else(|| "RU".to_owned())
            .to_uppercase();
        if crate::numbers::Numbers::new(&region).is_none() {
            return Err(ConfigError::Region(region));
        }
        // The demo takes other ports when the usual ones are taken.
        let usual = |port| match demo {
            true => free_or_any(SocketAddr::new(world, port)),
            false => SocketAddr::new(world, port),
        };
        let origins = if self.sip_origins.is_empty() {
            file.sip_origins
        } else {
            self.sip_origins
        };
        let proxies = if self.trusted_proxy.is_empty() {
            file.trusted_proxy
        } else {
            self.trusted_proxy
        };
        let sip = self.sip_udp.or(file.sip_udp);
        Ok(Config {
            demo,
            data: self
                .data
                .or(file.data)
                .unwrap_or_else(|| default_data(demo)),
            http: self
                .http
                .or(file.http)
                .unwrap_or_else(|| SocketAddr::new(home, 8080)),
            sip_udp: sip.unwrap_or_else(|| usual(5060)),
            sip_tls: self.sip_tls.or(file.sip_tls).unwrap_or_else(|| {
                // Beside the other when that was chosen; any will do when any did.
                sip.map_or_else(|| usual(5061), beside)
            }),
            sip_certificate: self
                .sip_cert
                .or(file.sip_cert)
                .zip(self.sip_key.or(file.sip_key)),
            media_udp: self
                .media_udp
                .or(file.media_udp)
                .unwrap_or_else(|| usual(3480)),
            rtp_ports: self.rtp_ports.or(file.rtp_ports).unwrap_or(PortRange {
                first: 40000,
                last: 40999,
            }),
            region,
            public_url: self
                .public_url
                .or(file.public_url)
                .map(|url| url.trim_end_matches('/').to_owned()),
            sip_origins: origins,
            trusted_proxy: proxies,
            dist: self.dist.or(file.dist),
        })
    }
}

fn read(path: PathBuf) -> Result<Options, ConfigError> {
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(source) => return Err(ConfigError::File { path, source }),
    };
    toml::from_str(&text).map_err(|error| ConfigError::Content {
        path,
        message: error.to_string(),
    })
}

/// The address, or one with any port if somebody has this one.
fn free_or_any(address: SocketAddr) -> SocketAddr {
    match (UdpSocket::bind(address), TcpListener::bind(address)) {
        (Ok(_), Ok(_)) => address,
        (Err(_), _) | (_, Err(_)) => SocketAddr::new(address.ip(), 0),
    }
}

/// The next port, unless it is taken; any for any.
fn beside(address: SocketAddr) -> SocketAddr {
    let next = match address.port() {
        0 => 0,
        port => port.saturating_add(1),
    };
    free_or_any(SocketAddr::new(address.ip(), next))
}

fn default_data(demo: bool) -> PathBuf {
    PathBuf::from(if demo { "data/demo" } else { "data" })
}

impl Config {
    /// Whether people reach the app over HTTPS.
    #[must_use]
    pub fn https(&self) -> bool {
        self.public_url
            .as_deref()
            .is_some_and(|url| url.starts_with("https://"))
    }

    /// The address people open, when the app listens at `http`.
    #[must_use]
    pub fn url(&self, http: SocketAddr) -> String {
        if let Some(url) = &self.public_url {
            return url.clone();
        }
        let local = http.ip().is_loopback() || http.ip().is_unspecified();
        let v6 = http.ip() == IpAddr::V6(Ipv6Addr::LOCALHOST);
        match local && !v6 {
            true => format!("http://localhost:{}", http.port()),
            false => format!("http://{http}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_wins_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("trubka.toml");
        fs::write(
            &file,
            "http = \"127.0.0.1:1\"\nregion = \"de\"\nrtp-ports = \"5000-5100\"\ntrusted-proxy = [\"::1\"]\n",
        )
        .unwrap();
        let options = Options {
            http: Some("127.0.0.1:2".parse().unwrap()),
            config: Some(file),
            ..Options::default()
        };
        let config = options.resolve().unwrap();
        assert_eq!(config.http.port(), 2);
        assert_eq!(config.region, "DE");
        assert_eq!(config.trusted_proxy, [Ipv6Addr::LOCALHOST]);
        assert_eq!(
            config.rtp_ports,
            PortRange {
                first: 5000,
                last: 5100
            }
        );
    }

    #[test]
    fn mistakes_are_named() {
        assert!("40000".parse::<PortRange>().is_err());
        assert!(
            "5-6"
                .parse::<PortRange>()
                .unwrap_err()
                .contains("four ports")
        );
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("trubka.toml");
        fs::write(&file, "htpp = 1").unwrap();
        let options = Options {
            config: Some(file),
            ..Options::default()
        };
        assert!(options.resolve().unwrap_err().to_string().contains("htpp"));
        let options = Options {
            region: Some("zz".into()),
            ..Options::default()
        };
        assert!(options.resolve().is_err());
    }
}

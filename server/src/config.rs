//! How the server is told what to do: the command line, else `TRUBKA_*` in the environment, else
//! the file named by `--config`, else what suits most.

use std::{
    convert::Infallible,
    ffi::OsString,
    net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket},
    path::PathBuf,
    str::FromStr,
};

use clap::{ArgMatches, Args, CommandFactory, Parser, Subcommand};

use self::reading::is_chosen;
pub use self::{
    database::DatabaseUrl,
    reading::ConfigError,
    relay::{Secret, TcpDoor, TurnUrl},
};

mod database;
mod reading;
mod relay;
#[cfg(test)]
mod tests;

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
    Serve(Box<Config>),
    /// Fill a data folder with made-up contacts and calls, to see how it feels with many.
    DemoData(DemoData),
}

/// What `demo-data` may be told.
#[derive(Args, Clone, Debug)]
pub struct DemoData {
    /// Folder for the database.
    #[arg(long, env = "TRUBKA_DATA", value_name = "DIR")]
    pub data: PathBuf,
    /// A PostgreSQL database, instead of the file in the folder.
    #[arg(
        long,
        env = "TRUBKA_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database: Option<DatabaseUrl>,
    /// Contacts to make.
    #[arg(long, default_value_t = 1000)]
    pub contacts: u32,
    /// Calls to make.
    #[arg(long, default_value_t = 0)]
    pub calls: u32,
}

/// What `serve` runs with: every option, once, with what it is when nobody says anything.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Run with the built-in test network, on this machine only.
    #[arg(long, env = "TRUBKA_DEMO")]
    pub demo: bool,
    /// Folder for the database and the recordings.
    #[arg(
        long,
        env = "TRUBKA_DATA",
        value_name = "DIR",
        default_value = "data",
        default_value_if("demo", "true", "data/demo")
    )]
    pub data: PathBuf,
    /// A PostgreSQL database for the tables, `postgres://USER:PASSWORD@HOST/DATABASE`, instead of the file
    /// in the data folder. Recordings, journals and the key stay in the folder.
    #[arg(
        long,
        env = "TRUBKA_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database: Option<DatabaseUrl>,
    /// Address of the app and the API.
    #[arg(
        long,
        env = "TRUBKA_HTTP",
        value_name = "IP:PORT",
        default_value = "127.0.0.1:8080"
    )]
    pub http: SocketAddr,
    /// Address of SIP over UDP and TCP.
    #[arg(
        long,
        env = "TRUBKA_SIP_UDP",
        value_name = "IP:PORT",
        default_value = "0.0.0.0:5060",
        default_value_if("demo", "true", "127.0.0.1:5060")
    )]
    pub sip_udp: SocketAddr,
    /// Address of SIP over TLS (TCP).
    #[arg(
        long,
        env = "TRUBKA_SIP_TLS",
        value_name = "IP:PORT",
        default_value = "0.0.0.0:5061",
        default_value_if("demo", "true", "127.0.0.1:5061")
    )]
    pub sip_tls: SocketAddr,
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
    #[arg(
        long,
        env = "TRUBKA_MEDIA_UDP",
        value_name = "IP:PORT",
        default_value = "0.0.0.0:3480",
        default_value_if("demo", "true", "127.0.0.1:3480")
    )]
    pub media_udp: SocketAddr,
    /// Address of the browsers' media over TCP, for networks that block UDP, or off; it is that of
    /// --media-udp when nothing is said.
    #[arg(long, env = "TRUBKA_MEDIA_TCP", value_name = "IP:PORT")]
    pub media_tcp: Option<TcpDoor>,
    /// TURN server for networks that let nothing else through, for example
    /// `turns:turn.example.com:443?transport=tcp`; may be given several times.
    #[arg(
        long,
        env = "TRUBKA_TURN_URL",
        value_name = "URL",
        value_delimiter = ',',
        requires = "turn_secret"
    )]
    pub turn_url: Vec<TurnUrl>,
    /// The secret shared with the TURN server (coturn: static-auth-secret).
    #[arg(
        long,
        env = "TRUBKA_TURN_SECRET",
        value_name = "SECRET",
        hide_env_values = true,
        requires = "turn_url"
    )]
    pub turn_secret: Option<Secret>,
    /// Seconds for which credentials for the TURN server are good.
    #[arg(
        long,
        env = "TRUBKA_TURN_LIFETIME",
        value_name = "SECONDS",
        default_value = "43200",
        value_parser = clap::value_parser!(u32).range(20..=31_536_000)
    )]
    pub turn_lifetime: u32,
    /// First and last port of the media towards lines (UDP).
    #[arg(
        long,
        env = "TRUBKA_RTP_PORTS",
        value_name = "FIRST-LAST",
        default_value = "40000-40999"
    )]
    pub rtp_ports: PortRange,
    /// Country whose way of dialling is used, two letters.
    #[arg(
        long,
        env = "TRUBKA_REGION",
        value_name = "CC",
        value_parser = country,
        default_value = "RU"
    )]
    pub region: String,
    /// Address people open, if it is another than that of --http (behind a proxy with HTTPS).
    #[arg(long, env = "TRUBKA_PUBLIC_URL", value_name = "URL", value_parser = bare_url)]
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
    pub config: Option<PathBuf>,
}

fn country(text: &str) -> Result<String, String> {
    let region = text.to_uppercase();
    match crate::numbers::Numbers::new(&region) {
        Some(_) => Ok(region),
        None => Err(format!("{text:?} is no country; give two letters")),
    }
}

/// Without a slash at the end.
#[expect(clippy::unnecessary_wraps, reason = "the shape of a parser of values")]
fn bare_url(text: &str) -> Result<String, Infallible> {
    Ok(text.trim_end_matches('/').to_owned())
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

impl std::fmt::Display for PortRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
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

impl Config {
    /// What it is by itself, but for these arguments of `serve`.
    ///
    /// # Errors
    /// As [`Cli::read`].
    pub fn with(args: impl IntoIterator<Item = OsString>) -> Result<Self, ConfigError> {
        let program = ["trubka", "serve"].map(OsString::from);
        match Cli::read(program.into_iter().chain(args))?.command {
            Command::Serve(config) => Ok(*config),
            Command::DemoData(_) => Err(Cli::command()
                .error(clap::error::ErrorKind::InvalidSubcommand, "not to serve")
                .into()),
        }
    }

    /// SIP over TLS is beside the other when that was chosen; the demo takes other ports when the
    /// usual ones are taken.
    fn settle_addresses(&mut self, given: &ArgMatches) {
        if is_chosen(given, "sip_udp") && !is_chosen(given, "sip_tls") {
            self.sip_tls = beside(self.sip_udp);
        }
        let addresses = [
            ("sip_udp", &mut self.sip_udp),
            ("sip_tls", &mut self.sip_tls),
            ("media_udp", &mut self.media_udp),
        ];
        for (id, address) in addresses {
            if self.demo && !is_chosen(given, id) {
                *address = free_or_any(*address);
            }
        }
    }

    /// Where browsers' media is taken over TCP, if it is.
    #[must_use]
    pub fn media_tcp(&self) -> Option<SocketAddr> {
        match self.media_tcp {
            None => Some(self.media_udp),
            Some(TcpDoor::At(address)) => Some(address),
            Some(TcpDoor::Off) => None,
        }
    }

    /// Certificate chain and key for SIP over TLS; `None`: one is made.
    #[must_use]
    pub fn sip_certificate(&self) -> Option<(PathBuf, PathBuf)> {
        self.sip_cert.clone().zip(self.sip_key.clone())
    }

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

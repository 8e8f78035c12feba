//! What a test network is started with, and what the robot is asked to do.

use crate::Quirks;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// How the provider is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where SIP over UDP is listened for; port 0 lets the system choose (see `TestNetwork::sip_addr`).
    pub sip_bind: SocketAddr,
    /// The address every call's RTP socket binds to and the SDP names; ports are the system's, even.
    pub rtp_bind: IpAddr,
    /// The provider's domain, which is also its digest realm.
    pub domain: String,
    /// Who may register and call.
    pub accounts: Vec<Account>,
    /// Where this provider differs from the plainest one.
    pub quirks: Quirks,
}

impl Config {
    /// A provider named `test.trubka` on loopback, on ports the system chooses, without quirks.
    pub fn local(accounts: Vec<Account>) -> Self {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Self {
            sip_bind: SocketAddr::new(loopback, 0),
            rtp_bind: loopback,
            domain: "test.trubka".to_owned(),
            accounts,
            quirks: Quirks::default(),
        }
    }
}

/// One subscriber of the provider.
#[derive(Clone)]
pub struct Account {
    /// The name in From, To, Contact and in the digest.
    pub user: String,
    /// The digest password.
    pub password: String,
    /// The number the world dials to reach this account; the robot puts it into To.
    pub number: String,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// A call the robot is to make to one of the accounts.
#[derive(Debug, Clone)]
pub struct RobotCall {
    /// The `user` of the account to call; it must be registered.
    pub to_account: String,
    /// The caller's number; `None` calls anonymously (RFC 3323).
    pub caller: Option<String>,
    /// The caller's display name.
    pub caller_name: Option<String>,
    /// What the robot plays once answered, Hz.
    pub tone_hz: f32,
    /// How long it talks before it hangs up, ms; `u64::MAX` leaves that to the other side.
    pub talk_ms: u64,
    /// How long it lets ring before it gives up with CANCEL, ms.
    pub ring_ms: u64,
    /// Digits it sends half a second after the answer (RFC 4733).
    pub dtmf: Option<String>,
}

impl RobotCall {
    /// A robot that plays 850 Hz for 20 s, rings for 30 s, and sends no digits.
    pub fn new(to_account: &str, caller: Option<&str>) -> Self {
        Self {
            to_account: to_account.to_owned(),
            caller: caller.map(str::to_owned),
            caller_name: None,
            tone_hz: 850.0,
            talk_ms: 20_000,
            ring_ms: 30_000,
            dtmf: None,
        }
    }
}

/// Why the robot did not even try.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RingError {
    /// The provider has no such account.
    #[error("the test network has no account with that name")]
    UnknownAccount,
    /// Nobody is registered for the account just now.
    #[error("nobody is registered for that account at the test network")]
    NotRegistered,
    /// No socket for the call's RTP.
    #[error("no port for the call's audio: {0}")]
    NoPort(String),
}

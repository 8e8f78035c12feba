//! The provider: one SIP socket, who may do what, and which call a message belongs to.

mod admission;
mod quirks;

use crate::{
    Config, FarCallId, Quirk, Quirks, RingError, RobotCall,
    call::{self, Call},
    digest::{Asker, Gate},
    dress::dress,
    log::{Log, lock},
    registrar::{MIN_EXPIRES, Outcome, Registrar},
    resend::Datagram,
    response::{Extra, Replies, respond, tag_for},
    wire::{self, Message, Start, user_of},
};
use quirks::Diary;
use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    net::UdpSocket,
    sync::{mpsc, watch},
    time::Instant,
};

const ALLOW: &str = "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, REGISTER";
/// Where the quirk claims to see everybody (RFC 5737 addresses reach nobody).
const SEEN_AT: &str = "received=198.51.100.7;rport=40000";

/// What a call's task is told.
pub enum Input {
    /// A message with its Call-ID came.
    Message(Box<Message>, SocketAddr),
    /// The owner of the network wants it over.
    HangUp,
}

type Inboxes = HashMap<String, (FarCallId, mpsc::UnboundedSender<Input>)>;

/// Everything the calls and the receiving loop share.
pub struct Network {
    config: Config,
    socket: UdpSocket,
    address: SocketAddr,
    pub log: Arc<Log>,
    gate: Mutex<Gate>,
    registrar: Mutex<Registrar>,
    calls: Mutex<Inboxes>,
    replies: Mutex<Replies>,
    diary: Mutex<Diary>,
    calls_left: watch::Sender<usize>,
    stop: watch::Sender<bool>,
}

impl Network {
    /// Binds the socket. Addresses that name no interface cannot be told to others.
    ///
    /// # Errors
    /// When the address cannot be bound or is the unspecified one.
    pub async fn bind(config: Config) -> io::Result<Arc<Self>> {
        if config.sip_bind.ip().is_unspecified() || config.rtp_bind.is_unspecified() {
            let reason = "the test network needs a real address to name in its messages";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        let socket = UdpSocket::bind(config.sip_bind).await?;
        let address = socket.local_addr()?;
        let gate = Gate::new(&config.domain, &config.quirks);
        Ok(Arc::new(Self {
            config,
            socket,
            address,
            log: Arc::new(Log::new()),
            gate: Mutex::new(gate),
            registrar: Mutex::default(),
            calls: Mutex::default(),
            replies: Mutex::default(),
            diary: Mutex::default(),
            calls_left: watch::channel(0).0,
            stop: watch::channel(false).0,
        }))
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn quirks(&self) -> &Quirks {
        &self.config.quirks
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Becomes true when everything must end.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// Receives until stopped.
    pub async fn serve(self: Arc<Self>) {
        let mut stop = self.stopping();
        let mut datagram = vec![0; 65_536];
        loop {
            let received = tokio::select! {
                _ = stop.changed() => return,
                received = self.socket.recv_from(&mut datagram) => received,
            };
            // ICMP errors of earlier sends come back here; they concern nobody.
            if let Ok((len, source)) = received {
                self.receive(datagram.get(..len).unwrap_or_default(), source)
                    .await;
            }
        }
    }

    async fn receive(self: &Arc<Self>, datagram: &[u8], source: SocketAddr) {
        let Some(message) = Message::parse(datagram) else {
            tracing::debug!(octets = datagram.len(), "not a SIP message");
            return;
        };
        if matches!(message.start, Start::Response { .. }) {
            self.pass_on(message, source);
        } else if !self.answered_before(&message).await {
            self.request(message, source).await;
        }
    }

    async fn request(self: &Arc<Self>, request: Message, source: SocketAddr) {
        let known = self.knows(request.call_id());
        let in_dialog = request.tag("to").is_some();
        match request.method() {
            _ if known => self.pass_on(request, source),
            "ACK" => {}
            "CANCEL" => {
                self.refuse(&request, source, "481 Call/Transaction Does Not Exist")
                    .await
            }
            _ if in_dialog => {
                self.refuse(&request, source, "481 Call/Transaction Does Not Exist")
                    .await
            }
            "REGISTER" => self.register(&request, source).await,
            "INVITE" => self.invite(request, source).await,
            "OPTIONS" => self.allow(&request, source, "200 OK").await,
            _ => self.allow(&request, source, "405 Method Not Allowed").await,
        }
    }

    /// RFC 3261 §10.3.
    async fn register(&self, request: &Message, source: SocketAddr) {
        if self.first(Quirk::RetryAfter) {
            self.meet(Quirk::RetryAfter);
            return self.unavailable(request, source).await;
        }
        let asker = if self.shows(Quirk::RegisterAsks407) {
            Asker::Proxy
        } else {
            Asker::Registrar
        };
        let Some(user) = self.authenticate(asker, request, source).await else {
            return;
        };
        if user_of(wire::uri_of(request.header("to").unwrap_or_default())) != user {
            return self.refuse(request, source, "403 Not Your Account").await;
        }
        let now = Instant::now();
        let outcome = lock(&self.registrar).register(&user, request, source, self.quirks(), now);
        let mut extra = Extra::default();
        let status = match outcome {
            Outcome::Granted(bindings) => {
                self.list(&bindings, &mut extra);
                "200 OK"
            }
            Outcome::TooBrief => {
                self.meet(Quirk::MinExpires);
                extra.lines = format!("Min-Expires: {MIN_EXPIRES}");
                "423 Interval Too Brief"
            }
            Outcome::Malformed => "400 Malformed Contact Or Expires",
        };
        self.log.touch();
        self.reply(request, source, status, &tag_for(request), &extra)
            .await;
    }

    /// A call to one of the numbers.
    async fn invite(self: &Arc<Self>, invite: Message, source: SocketAddr) {
        if let Some(required) = invite.header("require") {
            let extra = Extra {
                lines: format!("Unsupported: {required}"),
                ..Extra::default()
            };
            let tag = tag_for(&invite);
            return self
                .reply(&invite, source, "420 Bad Extension", &tag, &extra)
                .await;
        }
        let Some(user) = self.authenticate(Asker::Proxy, &invite, source).await else {
            return;
        };
        if !self.admits(&invite, source, &user).await {
            return;
        }
        let call_id = invite.call_id().to_owned();
        match Call::answering(self.clone(), invite.clone(), source, &user).await {
            Ok(call) => self.run(&call_id, call),
            Err(_) => self.refuse(&invite, source, "503 No Port For Audio").await,
        }
    }

    /// The robot's call to an account.
    ///
    /// # Errors
    /// See [`RingError`].
    pub async fn ring(self: &Arc<Self>, order: RobotCall) -> Result<FarCallId, RingError> {
        let accounts = &self.config.accounts;
        let account = accounts
            .iter()
            .find(|account| account.user == order.to_account);
        let account = account.ok_or(RingError::UnknownAccount)?;
        let binding = lock(&self.registrar).newest(&account.user, Instant::now());
        let binding = binding.ok_or(RingError::NotRegistered)?;
        let call = Call::calling(self.clone(), account, &binding, order).await;
        let call = call.map_err(|error| RingError::NoPort(error.to_string()))?;
        let id = call.id();
        let call_id = call.call_id().to_owned();
        self.run(&call_id, call);
        Ok(id)
    }

    /// How many contacts an account has.
    pub fn contacts(&self, user: &str) -> usize {
        lock(&self.registrar).count(user, Instant::now())
    }

    fn run(self: &Arc<Self>, call_id: &str, call: Call) {
        let (inbox, messages) = mpsc::unbounded_channel();
        let mut calls = lock(&self.calls);
        calls.insert(call_id.to_owned(), (call.id(), inbox));
        self.calls_left.send_replace(calls.len());
        drop(calls);
        tokio::spawn(call::run(call, messages));
    }

    /// A call's task has ended.
    pub fn forget(&self, call_id: &str, id: FarCallId) {
        let mut calls = lock(&self.calls);
        if calls.get(call_id).is_some_and(|(owner, _)| *owner == id) {
            calls.remove(call_id);
        }
        self.calls_left.send_replace(calls.len());
    }

    /// Tells one call, or all of them, to end.
    pub fn hang_up(&self, which: Option<FarCallId>) {
        let calls = lock(&self.calls);
        let chosen = calls
            .values()
            .filter(|(id, _)| which.is_none_or(|wanted| wanted == *id));
        chosen.for_each(|(_, inbox)| {
            let _ = inbox.send(Input::HangUp);
        });
    }

    /// How many call tasks run.
    pub fn calls_left(&self) -> watch::Receiver<usize> {
        self.calls_left.subscribe()
    }

    /// Ends the receiving loop and the tasks that are left.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    fn knows(&self, call_id: &str) -> bool {
        lock(&self.calls).contains_key(call_id)
    }

    fn pass_on(&self, message: Message, source: SocketAddr) {
        if let Some((_, inbox)) = lock(&self.calls).get(message.call_id()) {
            let _ = inbox.send(Input::Message(Box::new(message), source));
        }
    }

    async fn refuse(&self, request: &Message, source: SocketAddr, status: &str) {
        self.reply(
            request,
            source,
            status,
            &tag_for(request),
            &Extra::default(),
        )
        .await;
    }

    async fn allow(&self, request: &Message, source: SocketAddr, status: &str) {
        let extra = Extra {
            lines: ALLOW.to_owned(),
            ..Extra::default()
        };
        self.reply(request, source, status, &tag_for(request), &extra)
            .await;
    }

    /// Answers a request; the same request again gets the same answer.
    pub async fn reply(
        &self,
        request: &Message,
        source: SocketAddr,
        status: &str,
        tag: &str,
        extra: &Extra,
    ) {
        let datagram = self.answer(request, source, status, tag, extra);
        lock(&self.replies).remember(request, &datagram);
        self.send(&datagram).await;
    }

    /// A response as it is sent.
    pub fn answer(
        &self,
        request: &Message,
        source: SocketAddr,
        status: &str,
        tag: &str,
        extra: &Extra,
    ) -> Datagram {
        let mut datagram = respond(request, source, status, tag, extra);
        let seen = format!("rport={}", source.port());
        if self.has(Quirk::SeenElsewhere) && datagram.text.contains(&seen) {
            self.meet(Quirk::SeenElsewhere);
            let text = datagram.text.replacen(&seen, SEEN_AT, 1);
            let truth = format!(";received={}", source.ip());
            datagram.text = text.replacen(&truth, "", 1);
        }
        datagram
    }

    /// Repeats the answer to a retransmitted request.
    pub async fn answered_before(&self, request: &Message) -> bool {
        let Some(datagram) = lock(&self.replies).find(request) else {
            return false;
        };
        self.send(&datagram).await;
        true
    }

    /// Sends; what the network refuses is lost, as UDP is.
    pub async fn send(&self, datagram: &Datagram) {
        let (text, used) = dress(&datagram.text, self.quirks());
        used.into_iter().for_each(|quirk| self.meet(quirk));
        let copies = if self.shows(Quirk::Twice) { 2 } else { 1 };
        for _ in 0..copies {
            if let Err(error) = self.socket.send_to(text.as_bytes(), datagram.to).await {
                tracing::debug!(%error, "a SIP datagram was not sent");
            }
        }
    }
}

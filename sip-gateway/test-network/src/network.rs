//! The provider: one SIP socket, who may do what, and which call a message belongs to.

use crate::{
    Config, FarCallId, Quirks, RingError, RobotCall,
    call::{self, Call},
    digest::{Asker, Gate, Verdict},
    log::{Log, lock},
    registrar::{Outcome, Registrar},
    resend::Datagram,
    response::{Extra, Replies, respond, tag_for},
    wire::{Message, Start, user_of},
};
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

    /// Our Record-Route value.
    pub fn route(&self) -> String {
        format!("<sip:{};lr>", self.address)
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
        let Some(user) = self.authenticate(Asker::Registrar, request, source).await else {
            return;
        };
        if user_of(crate::wire::uri_of(
            request.header("to").unwrap_or_default(),
        )) != user
        {
            return self.refuse(request, source, "403 Not Your Account").await;
        }
        let now = Instant::now();
        let outcome = lock(&self.registrar).register(&user, request, source, self.quirks(), now);
        let mut extra = Extra::default();
        let status = match outcome {
            Outcome::Granted(bindings) => {
                let line = |(uri, left): &(String, u64)| format!("Contact: <{uri}>;expires={left}");
                extra.contact = bindings.iter().map(line).collect::<Vec<_>>().join("\r\n");
                "200 OK"
            }
            Outcome::TooBrief => {
                extra.lines = format!("Min-Expires: {}", self.quirks().min_expires);
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

    /// The user whose credentials a request carries; otherwise it has been answered.
    async fn authenticate(
        &self,
        asker: Asker,
        request: &Message,
        source: SocketAddr,
    ) -> Option<String> {
        let Start::Request { uri, .. } = &request.start else {
            return None;
        };
        let password = |user: &str| {
            let account = self
                .config
                .accounts
                .iter()
                .find(|account| account.user == user);
            account.map(|account| account.password.clone())
        };
        let challenge = {
            let mut gate = lock(&self.gate);
            match gate.check(asker, request, uri, password) {
                Verdict::Good(user) => return Some(user),
                Verdict::Ask { stale } => Some(gate.challenge(asker, stale)),
                Verdict::Wrong => None,
            }
        };
        let status = match (&challenge, asker) {
            (None, _) => "403 Forbidden",
            (Some(_), Asker::Registrar) => "401 Unauthorized",
            (Some(_), Asker::Proxy) => "407 Proxy Authentication Required",
        };
        let extra = Extra {
            lines: challenge.unwrap_or_default(),
            ..Extra::default()
        };
        self.reply(request, source, status, &tag_for(request), &extra)
            .await;
        None
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
        let datagram = respond(request, source, status, tag, extra);
        lock(&self.replies).remember(request, &datagram);
        self.send(&datagram).await;
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
        let sent = self
            .socket
            .send_to(datagram.text.as_bytes(), datagram.to)
            .await;
        if let Err(error) = sent {
            tracing::debug!(%error, "a SIP datagram was not sent");
        }
    }
}

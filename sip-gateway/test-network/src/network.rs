//! The provider: one SIP socket, who may do what, and which call a message belongs to.

use crate::{
    Config, FarCallId, Quirk, Quirks, RingError, RobotCall,
    call::{self, Call},
    digest::{Asker, Gate, Verdict},
    dress::dress,
    log::{Log, lock},
    registrar::{MIN_EXPIRES, Outcome, Registrar, SHORT},
    resend::Datagram,
    response::{Extra, Replies, respond, tag_for},
    wire::{self, Message, Start, user_of},
};
use std::{
    collections::{BTreeSet, HashMap},
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
/// The session interval the 422 asks for, seconds.
const MIN_SE: u32 = 3600;
/// Where the quirk claims to see everybody (RFC 5737 addresses reach nobody).
const SEEN_AT: &str = "received=198.51.100.7;rport=40000";

/// What a call's task is told.
pub enum Input {
    /// A message with its Call-ID came.
    Message(Box<Message>, SocketAddr),
    /// The owner of the network wants it over.
    HangUp,
}

/// What became of the quirks.
#[derive(Default)]
struct Diary {
    met: BTreeSet<Quirk>,
    once: BTreeSet<Quirk>,
    complaints: Vec<String>,
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

    /// Whether a quirk is on.
    pub fn has(&self, quirk: Quirk) -> bool {
        self.config.quirks.has(quirk)
    }

    /// Whether a quirk is on; if so it has come to bear.
    pub fn shows(&self, quirk: Quirk) -> bool {
        let on = self.has(quirk);
        if on {
            self.meet(quirk);
        }
        on
    }

    /// True once, if the quirk is on.
    pub fn first(&self, quirk: Quirk) -> bool {
        self.has(quirk) && lock(&self.diary).once.insert(quirk)
    }

    /// A quirk came to bear and was taken as it should.
    pub fn meet(&self, quirk: Quirk) {
        lock(&self.diary).met.insert(quirk);
        self.log.touch();
    }

    /// Meets the quirk, or notes what was wrong.
    pub fn judge(&self, quirk: Quirk, right: bool, what: &str) {
        if right {
            return self.meet(quirk);
        }
        let complaint = format!("{}: {what}", quirk.name());
        tracing::debug!(complaint, "the other side erred");
        lock(&self.diary).complaints.push(complaint);
        self.log.touch();
    }

    pub fn met(&self) -> Vec<Quirk> {
        lock(&self.diary).met.iter().copied().collect()
    }

    pub fn complaints(&self) -> Vec<String> {
        lock(&self.diary).complaints.clone()
    }

    /// Our Record-Route values in the order of the route; empty: we do not stay in it.
    pub fn routes(&self) -> Vec<String> {
        let address = self.address;
        if self.has(Quirk::SeveralRecordRoutes) {
            let hop = |n| format!("<sip:{address};lr;hop={n}>");
            return (1..=3).map(hop).collect();
        }
        let table = [
            (Quirk::RecordRoute, ";lr"),
            (Quirk::StrictRouter, ""),
            (Quirk::LrWithValue, ";lr=on"),
        ];
        let loose = self.config.quirks.choose(&table);
        loose
            .map(|lr| format!("<sip:{address}{lr}>"))
            .into_iter()
            .collect()
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

    async fn unavailable(&self, request: &Message, source: SocketAddr) {
        let extra = Extra {
            lines: "Retry-After: 1 (be patient)".to_owned(),
            ..Extra::default()
        };
        let tag = tag_for(request);
        self.reply(request, source, "503 Service Unavailable", &tag, &extra)
            .await;
    }

    /// The Contact and Expires lines of a 200 to REGISTER.
    fn list(&self, bindings: &[(String, u64)], extra: &mut Extra) {
        let bare = self.shows(Quirk::NoExpires) || self.shows(Quirk::ExpiresHeader);
        self.shows(Quirk::ShortExpires);
        let line = |(uri, left): &(String, u64)| {
            if bare {
                return format!("Contact: <{uri}>");
            }
            match self.shows(Quirk::RewrittenContact) {
                true => format!(
                    "Contact: <sip:{}@198.51.100.7:40000;nat=yes>;expires={left}",
                    user_of(uri)
                ),
                false => format!("Contact: <{uri}>;expires={left}"),
            }
        };
        let mut lines: Vec<String> = bindings.iter().map(line).collect();
        if self.shows(Quirk::ManyContacts) {
            let others = "Contact: \"Desk, left\" <sip:line1@192.0.2.1>;expires=7;q=0.5, \
                          <sip:line1@192.0.2.2:5070;transport=tcp>;q=1.0;expires=9";
            lines.insert(0, others.to_owned());
            lines.insert(0, "Contact: <sip:other@192.0.2.3>;expires=11".to_owned());
        }
        extra.contact = lines.join("\r\n");
        if self.has(Quirk::ExpiresHeader) {
            extra.lines = format!("Expires: {SHORT}");
        }
    }

    /// What the provider wants of an INVITE before it passes it on.
    async fn admits(&self, invite: &Message, source: SocketAddr, user: &str) -> bool {
        let from = wire::uri_of(invite.header("from").unwrap_or_default());
        if self.has(Quirk::WantsAccount) {
            let vouched = ["p-preferred-identity", "p-asserted-identity"];
            let has_caller = vouched.iter().any(|name| invite.header(name).is_some());
            if user_of(from) != user || !has_caller {
                self.refuse(invite, source, "403 Who Are You").await;
                return false;
            }
            self.meet(Quirk::WantsAccount);
        }
        if self.has(Quirk::WantsFromDomain) {
            let ours = format!("accounts.{}", self.config.domain);
            if wire::host_port(from).is_none_or(|(host, _)| host != ours) {
                self.refuse(invite, source, "403 Not From Here").await;
                return false;
            }
            self.meet(Quirk::WantsFromDomain);
        }
        !self.has(Quirk::MinSe) || self.long_enough(invite, source).await
    }

    /// RFC 4028 §8.1.
    async fn long_enough(&self, invite: &Message, source: SocketAddr) -> bool {
        let seconds = |name| -> Option<u32> {
            let value = invite.header(name)?;
            value.split(';').next()?.trim().parse().ok()
        };
        if seconds("session-expires").is_some_and(|asked| asked >= MIN_SE) {
            let told = seconds("min-se") == Some(MIN_SE);
            self.judge(Quirk::MinSe, told, "the second INVITE lacks Min-SE");
            return true;
        }
        let extra = Extra {
            lines: format!("Min-SE: {MIN_SE}"),
            ..Extra::default()
        };
        let tag = tag_for(invite);
        self.reply(
            invite,
            source,
            "422 Session Interval Too Small",
            &tag,
            &extra,
        )
        .await;
        false
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

    /// The user whose credentials a request carries; otherwise it has been answered.
    pub async fn authenticate(
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
                .find(|account| self.digest_name(account) == user);
            account.map(|account| account.password.clone())
        };
        let challenge = {
            let mut gate = lock(&self.gate);
            match gate.check(asker, request, uri, password) {
                Verdict::Good(user) => return Some(self.authenticated(request, user)),
                Verdict::Ask { stale } => Some(gate.challenge(asker, request, stale)),
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

    fn digest_name(&self, account: &crate::Account) -> String {
        match self.has(Quirk::AuthName) {
            true => format!("auth-{}", account.user),
            false => account.user.clone(),
        }
    }

    /// Right credentials: every quirk of the digest has been mastered.
    fn authenticated(&self, request: &Message, name: String) -> String {
        let always = [
            Quirk::NoQop,
            Quirk::AuthInt,
            Quirk::AuthAndAuthInt,
            Quirk::UpperCaseScheme,
            Quirk::Sha256,
            Quirk::Sha512,
            Quirk::Md5Sess,
            Quirk::NoAlgorithm,
            Quirk::SeveralChallenges,
            Quirk::Opaque,
            Quirk::SameCall,
            Quirk::StrictDigestUri,
            Quirk::OtherRealm,
            Quirk::AuthName,
        ];
        always.into_iter().for_each(|quirk| {
            self.shows(quirk);
        });
        if request.tag("to").is_some() {
            for quirk in [
                Quirk::ChallengesInDialog,
                Quirk::OneTimeNonce,
                Quirk::NoStale,
            ] {
                self.shows(quirk);
            }
        }
        let prefix = if self.has(Quirk::AuthName) {
            "auth-"
        } else {
            ""
        };
        name.trim_start_matches(prefix).to_owned()
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

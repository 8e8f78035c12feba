//! One call of the far end: a task that owns it.
//!
//! ```text
//! number dialled:  Alerting ──answer──► Talking ──BYE──► Closing ──► Over
//!                     └──refuse, CANCEL──► Refused ──ACK──► Over
//! robot:  Calling ──1xx──► Proceeding ──2xx──► Talking …
//!            └────────┬────────┴──3xx…6xx──► Settled ──32 s──► Over
//!                     └──gives up──► Cancelling ──487──► Settled; ──2xx──► Closing
//! ```

mod answering;
mod established;
mod invitation;
mod judging;
mod offering;
mod robot;

use crate::{
    Quirk, RobotCall,
    dialog::{Dialog, address_of},
    digest::Asker,
    log::SharedReport,
    media::Media,
    network::{Input, Network},
    plan::Plan,
    random,
    report::{EndedBy, FarCallId},
    resend::{Datagram, Due, GIVE_UP, Resender, What},
    response::Extra,
    sdp,
    wire::{Message, Start},
};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

/// The To tag of the quirk's second answer.
const SECOND_TAG: &str = "second-answer";

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The robot's INVITE is out, nothing came back.
    Calling,
    /// A provisional response came to the robot.
    Proceeding,
    /// The robot gives up: CANCEL is out, or goes out with the first provisional response.
    Cancelling,
    /// The number rings at our end, or plays early media.
    Alerting,
    /// Answered; until the ACK the 2xx is repeated.
    Talking,
    /// The number refused; the response is repeated until its ACK.
    Refused,
    /// Our BYE is out.
    Closing,
    /// The robot's call was refused; the refusal is ACKed again when it is repeated.
    Settled,
    /// Nothing more to do.
    Over,
}

/// What is to be done at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Answer,
    GiveUp,
    HangUp,
    Dial(String),
    Ring,
    Change(Quirk, offering::Change),
    Forget,
}

/// What only one kind of call has.
enum Role {
    /// An account dialled one of the numbers.
    Number {
        invite: Box<Message>,
        source: SocketAddr,
        plan: Plan,
    },
    /// The robot calls an account.
    Robot {
        order: Box<RobotCall>,
        /// The INVITE as sent; ACK to a refusal and CANCEL take its branch and way.
        invite: Datagram,
        branch: String,
        /// The last ACK, for repeated responses.
        ack: Option<Datagram>,
        /// CANCEL is out.
        cancelled: bool,
        /// The branch of the INVITE's second way.
        second_way: Option<String>,
    },
}

/// A call.
pub struct Call {
    net: Arc<Network>,
    id: FarCallId,
    report: SharedReport,
    dialog: Dialog,
    contact: String,
    session: sdp::Local,
    media: Option<Media>,
    resend: Resender,
    agenda: Vec<(Instant, Step)>,
    stage: Stage,
    role: Role,
    /// Our 2xx carried an offer; the answer comes with the ACK.
    awaits_answer: bool,
    /// The RSeq of a reliable response that waits for its PRACK.
    awaits_prack: bool,
    /// A request of ours inside the call.
    pending: Option<offering::Pending>,
    /// The number of our last INVITE inside the call, and its ACK.
    acknowledged: Option<(u32, Datagram)>,
    /// Packets heard when we held them.
    held_since: Option<u64>,
    /// The second answer of the quirk has its ACK.
    second_acknowledged: bool,
}

/// Runs a call to its end.
pub async fn run(mut call: Call, mut inbox: mpsc::UnboundedReceiver<Input>) {
    let mut stop = call.net.stopping();
    call.begin().await;
    while call.stage != Stage::Over {
        let due = call.next_due();
        tokio::select! {
            _ = stop.changed() => break,
            () = sleep_until(due) => call.work_off(Instant::now()).await,
            input = inbox.recv() => match input {
                Some(Input::Message(message, source)) => call.take(&message, source).await,
                Some(Input::HangUp) => call.hang_up().await,
                None => break,
            },
        }
    }
    call.net
        .log
        .end(call.id, None, None, "the test network stopped");
    call.net.forget(&call.dialog.call_id, call.id);
}

impl Call {
    pub fn id(&self) -> FarCallId {
        self.id
    }

    pub fn call_id(&self) -> &str {
        &self.dialog.call_id
    }

    fn assemble(
        net: Arc<Network>,
        id: FarCallId,
        report: SharedReport,
        user: &str,
        parts: Parts,
    ) -> Self {
        let mut address = net.address();
        if !net.routes().is_empty() {
            // The discard port: only the route leads to us.
            address.set_port(9);
        }
        let session = sdp::Local::new(parts.media.address(), random::number(), net.quirks());
        Self {
            contact: format!("Contact: <sip:{user}@{address}>"),
            session,
            media: Some(parts.media),
            dialog: parts.dialog,
            resend: Resender::default(),
            agenda: Vec::new(),
            stage: parts.stage,
            role: parts.role,
            awaits_answer: false,
            awaits_prack: false,
            pending: None,
            acknowledged: None,
            held_since: None,
            second_acknowledged: false,
            net,
            id,
            report,
        }
    }

    async fn begin(&mut self) {
        match &self.role {
            Role::Number { .. } => self.begin_answering().await,
            Role::Robot { .. } => self.begin_calling().await,
        }
    }

    /// The only writer of the stage.
    fn enter(&mut self, stage: Stage, why: &str) {
        tracing::debug!(far_call = self.id.0, from = ?self.stage, to = ?stage, why, "far end's call");
        self.stage = stage;
    }

    async fn take(&mut self, message: &Message, source: SocketAddr) {
        match &message.start {
            Start::Request { method, .. } => {
                // Its first copy may have been answered while this one waited.
                if !self.net.answered_before(message).await {
                    self.request(&method.clone(), message, source).await;
                }
            }
            Start::Response { code, reason } => {
                self.response(*code, &reason.clone(), message, source).await;
            }
        }
    }

    async fn request(&mut self, method: &str, request: &Message, source: SocketAddr) {
        match (method, self.stage) {
            ("CANCEL", _) => self.cancelled(request, source).await,
            ("ACK", Stage::Refused) => self.enter(Stage::Over, "the refusal is acknowledged"),
            _ if request.tag("to") == Some(SECOND_TAG) => self.second_fork(request, source).await,
            ("INVITE", _) if request.tag("to").is_none() => self.merged(request, source).await,
            _ if !self.is_ours(request) => {
                self.decline(request, source, "481 Call/Transaction Does Not Exist")
                    .await;
            }
            _ if !self.came_by_route(request) => {
                self.decline(request, source, "403 Route Is Missing").await;
            }
            ("ACK", _) => self.acknowledged(request),
            ("PRACK", _) => self.pracked(request, source).await,
            _ if !self.admits(request, source).await => {}
            ("BYE", _) if self.net.shows(Quirk::ByeUnknown) => {
                self.decline(request, source, "481 Call/Transaction Does Not Exist")
                    .await;
                self.over_by_them();
            }
            ("BYE", _) => self.closed(request, source).await,
            ("INVITE" | "UPDATE", Stage::Talking) => self.reoffered(request, source).await,
            ("INFO", Stage::Talking) => self.informed(request, source).await,
            ("OPTIONS", _) => {
                self.reply(request, source, "200 OK", Extra::default())
                    .await
            }
            ("INVITE" | "UPDATE" | "INFO", _) => {
                self.decline(request, source, "491 Request Pending").await
            }
            _ => {
                self.decline(request, source, "405 Method Not Allowed")
                    .await
            }
        }
    }

    async fn response(&mut self, code: u16, reason: &str, response: &Message, source: SocketAddr) {
        if self.answers_change(code, response, source).await {
            return;
        }
        match response.method() {
            "INVITE" => self.invite_answered(code, reason, response, source).await,
            "CANCEL" if self.resend.repeats(What::Cancel) => {
                // Received; now the INVITE's own response is due (RFC 3261 §9.1).
                self.resend.stop(What::Cancel);
                self.after(GIVE_UP, Step::Forget);
            }
            "BYE" if code >= 200 && self.stage == Stage::Closing => {
                self.enter(Stage::Over, "the BYE is answered");
            }
            _ => {}
        }
    }

    /// What somebody outside asked for; the way depends on where the call stands.
    async fn hang_up(&mut self) {
        match self.stage {
            Stage::Alerting => {
                self.refuse("480 Temporarily Unavailable", EndedBy::Us)
                    .await;
            }
            Stage::Calling | Stage::Proceeding => self.give_up().await,
            Stage::Talking => self.bye("hung up").await,
            Stage::Settled => self.enter(Stage::Over, "nobody asks any more"),
            Stage::Cancelling | Stage::Refused | Stage::Closing | Stage::Over => {}
        }
    }

    fn after(&mut self, delay: Duration, step: Step) {
        let now = Instant::now();
        // "Never" is further away than the clock can count.
        if let Some(at) = now.checked_add(delay) {
            self.agenda.push((at, step));
        }
    }

    /// When to wake up next; at the latest in an hour.
    fn next_due(&self) -> Instant {
        let far = Instant::now() + Duration::from_secs(3600);
        let steps = self.agenda.iter().map(|(at, _)| *at);
        let next = steps.chain(self.resend.next()).min();
        next.map_or(far, |at| at.min(far))
    }

    async fn work_off(&mut self, now: Instant) {
        while let Some(at) = self.agenda.iter().position(|(at, _)| *at <= now) {
            let (_, step) = self.agenda.remove(at);
            self.perform(step).await;
        }
        while let Some(due) = self.resend.due(now) {
            match due {
                Due::Send(datagram) => self.net.send(&datagram).await,
                Due::GaveUp(what) => self.unanswered(what).await,
            }
        }
    }

    async fn perform(&mut self, step: Step) {
        match (step, self.stage) {
            (Step::Answer, Stage::Alerting) => self.answer().await,
            (Step::GiveUp, Stage::Calling | Stage::Proceeding) => self.give_up().await,
            (Step::HangUp, Stage::Talking) => self.bye("talked enough").await,
            (Step::Dial(digits), Stage::Talking) => {
                if let Some(media) = &self.media {
                    media.dial(&digits);
                }
            }
            (Step::Change(quirk, change), Stage::Talking) => self.change(quirk, change).await,
            (Step::Ring, Stage::Alerting) => self.ring().await,
            (Step::Forget, _) => {
                self.net.log.end(self.id, None, None, "no response");
                self.enter(Stage::Over, "nobody asks any more");
            }
            (
                Step::Answer
                | Step::GiveUp
                | Step::HangUp
                | Step::Dial(_)
                | Step::Ring
                | Step::Change(..),
                _,
            ) => {}
        }
    }

    /// RFC 3261 §17: a transaction has failed.
    async fn unanswered(&mut self, what: What) {
        match what {
            // §13.3.1.4: a 2xx without ACK ends the session.
            What::Final if self.stage == Stage::Talking => {
                self.bye("the answer was never acknowledged").await
            }
            What::Change => self.pending = None,
            What::Final | What::Bye => self.enter(Stage::Over, "nobody answers"),
            What::Invite | What::Cancel => {
                self.net.log.end(self.id, None, None, "no response");
                self.enter(Stage::Over, "nobody answers the INVITE");
            }
        }
    }

    /// Whether a request is for this dialog (RFC 3261 §12.2.2).
    fn is_ours(&self, request: &Message) -> bool {
        let theirs = request.tag("from").unwrap_or_default();
        request.tag("to") == Some(&self.dialog.local_tag) && theirs == self.dialog.remote_tag()
    }

    /// With us in the route, what does not come along the route does not arrive.
    fn came_by_route(&self, request: &Message) -> bool {
        let mut wanted = self.net.routes();
        if wanted.is_empty() {
            return true;
        }
        if matches!(self.role, Role::Number { .. }) {
            // RFC 3261 §12.1.2: who called has the route reversed.
            wanted.reverse();
        }
        let routes = request.values("route");
        let right = if self.net.has(Quirk::StrictRouter) {
            self.came_strictly(request, &routes)
        } else {
            routes == wanted
        };
        let quirks = [
            Quirk::RecordRoute,
            Quirk::SeveralRecordRoutes,
            Quirk::StrictRouter,
            Quirk::LrWithValue,
        ];
        let quirks = quirks.into_iter().filter(|quirk| self.net.has(*quirk));
        quirks.for_each(|quirk| {
            let what = format!("{} came by {routes:?}", request.method());
            self.net.judge(quirk, right, &what);
        });
        right
    }

    /// RFC 3261 §12.2.1.1: the route is the Request-URI, our Contact the last Route.
    fn came_strictly(&self, request: &Message, routes: &[&str]) -> bool {
        let Start::Request { uri, .. } = &request.start else {
            return false;
        };
        let contact = self.contact.split_once(": ").map(|(_, value)| value);
        address_of(uri) == Some(self.net.address()) && routes.last().copied() == contact
    }

    /// With the quirk, requests inside the call need credentials, too.
    async fn admits(&self, request: &Message, source: SocketAddr) -> bool {
        let strict = self.net.has(Quirk::ChallengesInDialog);
        !strict
            || self
                .net
                .authenticate(Asker::Proxy, request, source)
                .await
                .is_some()
    }

    /// The second branch that answered: its ACK and its BYE.
    async fn second_fork(&mut self, request: &Message, source: SocketAddr) {
        match request.method() {
            "ACK" => self.second_acknowledged = true,
            "BYE" => {
                let right = self.second_acknowledged;
                self.net
                    .judge(Quirk::SeveralAnswers, right, "BYE came before ACK");
                self.net
                    .reply(request, source, "200 OK", SECOND_TAG, &Extra::default())
                    .await;
            }
            _ => {}
        }
    }

    fn over_by_them(&mut self) {
        self.end(EndedBy::Them, None, "BYE");
        self.enter(Stage::Over, "they hung up");
    }

    /// A refusal within the call; an ACK is never answered.
    async fn decline(&mut self, request: &Message, source: SocketAddr, status: &str) {
        if request.method() != "ACK" {
            self.net
                .reply(
                    request,
                    source,
                    status,
                    &self.dialog.local_tag,
                    &Extra::default(),
                )
                .await;
        }
    }

    /// A response with Contact.
    async fn reply(&mut self, request: &Message, source: SocketAddr, status: &str, extra: Extra) {
        let extra = Extra {
            contact: self.contact.clone(),
            ..extra
        };
        self.net
            .reply(request, source, status, &self.dialog.local_tag, &extra)
            .await;
    }

    fn end(&mut self, by: EndedBy, code: Option<u16>, reason: &str) {
        self.media = None;
        self.net.log.end(self.id, Some(by), code, reason);
    }
}

/// What the two kinds of call begin with.
struct Parts {
    dialog: Dialog,
    media: Media,
    stage: Stage,
    role: Role,
}

async fn media_for(net: &Arc<Network>, report: &SharedReport) -> io::Result<Media> {
    Media::start(net, report.clone()).await
}

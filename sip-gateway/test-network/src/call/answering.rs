//! An account dials one of the numbers.

use super::{Call, Parts, Role, Stage, Step, media_for};
use crate::{
    Quirk,
    dialog::Dialog,
    mouth::Source,
    network::Network,
    plan::Plan,
    report::{Direction, EndedBy, FarState},
    resend::What,
    response::Extra,
    sdp::Remote,
    wire::{self, Message, Start},
};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::time::Instant;

/// How long a number that answers rings.
const RINGS: Duration = Duration::from_millis(200);
/// How long 605 plays before it answers.
const EARLY: Duration = Duration::from_secs(3);
/// The number of the reliable response.
const RSEQ: u32 = 7;
/// What 605 plays before it answers, Hz.
const EARLY_TONE: f32 = 620.0;

impl Call {
    /// A call from an authenticated account.
    ///
    /// # Errors
    /// When there is no port for its audio.
    pub async fn answering(
        net: Arc<Network>,
        invite: Message,
        source: SocketAddr,
        user: &str,
    ) -> io::Result<Self> {
        let number = match &invite.start {
            Start::Request { uri, .. } => wire::user_of(uri),
            Start::Response { .. } => String::new(),
        };
        let call_id = invite.call_id().to_owned();
        let log = &net.log;
        let (id, report) = log.open(Direction::FromAccount, &call_id, user, Some(number.clone()));
        let media = media_for(&net, &report).await?;
        let dialog = Dialog::answering(&invite, source);
        let plan = Plan::of(&number);
        let role = Role::Number {
            invite: Box::new(invite),
            source,
            plan,
        };
        let parts = Parts {
            dialog,
            media,
            stage: Stage::Alerting,
            role,
        };
        Ok(Self::assemble(net, id, report, &number, parts))
    }

    pub(super) async fn begin_answering(&mut self) {
        let Role::Number { invite, plan, .. } = &self.role else {
            return;
        };
        let (plan, offer) = (*plan, invite.sdp().map(Remote::parse));
        self.respond("100 Trying", None).await;
        if let Some(refusal) = plan.refusal() {
            return self.refuse(refusal, EndedBy::Us).await;
        }
        match offer {
            Some(None) => return self.refuse("488 Not Acceptable Here", EndedBy::Us).await,
            Some(Some(remote)) => self.agree(remote),
            None => {}
        }
        self.alert(plan).await;
    }

    /// Rings, or plays early media where there was an offer to answer.
    async fn alert(&mut self, plan: Plan) {
        let early = plan == Plan::EarlyMedia;
        let answer = if early { self.early_answer() } else { None };
        if answer.is_some() {
            self.respond("183 Session Progress", answer).await;
            if !self.net.shows(Quirk::SilentEarly) {
                self.play(Source::tone(EARLY_TONE));
            }
            if self.net.has(Quirk::RingsAfterEarly) {
                self.after(RINGS, Step::Ring);
            }
        } else if self.net.shows(Quirk::Early183NoSdp) {
            self.respond("183 Session Progress", None).await;
        } else if !self.net.shows(Quirk::No180) {
            self.ring().await;
        }
        self.net
            .log
            .update(self.id, |call| call.state = FarState::Ringing);
        match plan {
            Plan::NeverAnswers => {}
            Plan::EarlyMedia => self.after(EARLY, Step::Answer),
            _ => self.after(RINGS, Step::Answer),
        }
    }

    pub(super) async fn ring(&mut self) {
        self.net.shows(Quirk::RingsAfterEarly);
        if self.net.shows(Quirk::RingsAsForks) {
            for tag in ["first-branch", "second-branch"] {
                let own = std::mem::replace(&mut self.dialog.local_tag, tag.to_owned());
                self.respond("180 Ringing", None).await;
                self.dialog.local_tag = own;
            }
        }
        self.respond("180 Ringing", None).await;
    }

    fn early_answer(&mut self) -> Option<String> {
        let Role::Number { invite, .. } = &self.role else {
            return None;
        };
        let remote = invite.sdp().and_then(Remote::parse)?;
        Some(self.session.answer(&remote))
    }

    /// 200, repeated until the ACK (RFC 3261 §13.3.1.4).
    pub(super) async fn answer(&mut self) {
        let Role::Number {
            invite,
            source,
            plan,
        } = &self.role
        else {
            return;
        };
        let (invite, source, plan) = (invite.clone(), *source, *plan);
        if self.awaits_prack {
            return self.after(Duration::from_millis(50), Step::Answer);
        }
        let early = plan == Plan::EarlyMedia;
        if early && self.net.shows(Quirk::AnswerElsewhere) && self.replace_media().await {
            self.fresh_session();
            if let Some(remote) = invite.sdp().and_then(Remote::parse) {
                self.agree(remote);
            }
        }
        self.accept(&invite, source).await;
        self.answer_again(&invite, source).await;
        self.plan_changes();
        self.play(plan.source());
        self.enter(Stage::Talking, "answered");
        self.net.log.update(self.id, |call| {
            call.state = FarState::Answered;
            call.final_code = Some(200);
            call.reason = "OK".to_owned();
        });
    }

    /// A 2xx to an INVITE or re-INVITE: with the answer to its offer, or with an offer of ours.
    pub(super) async fn accept(&mut self, invite: &Message, source: SocketAddr) {
        let remote = invite.sdp().and_then(Remote::parse);
        let sdp = match &remote {
            Some(remote) if self.stage == Stage::Alerting && self.is_described() => {
                self.session.answer(remote);
                None
            }
            Some(remote) => Some(self.session.answer(remote)),
            None => Some(self.session.offer()),
        };
        self.awaits_answer = remote.is_none();
        let mut extra = self.invite_extra(invite, sdp);
        extra.lines = self.session_timer();
        let tag = self.dialog.local_tag.clone();
        self.net.reply(invite, source, "200 OK", &tag, &extra).await;
        let datagram = self.net.answer(invite, source, "200 OK", &tag, &extra);
        self.resend.repeat(What::Final, datagram, Instant::now());
    }

    /// A final refusal of the INVITE, repeated until its ACK.
    pub(super) async fn refuse(&mut self, status: &str, by: EndedBy) {
        let Role::Number { invite, source, .. } = &self.role else {
            return;
        };
        let (invite, source) = (invite.clone(), *source);
        let tag = self.dialog.local_tag.clone();
        self.net
            .reply(&invite, source, status, &tag, &Extra::default())
            .await;
        let datagram = self
            .net
            .answer(&invite, source, status, &tag, &Extra::default());
        self.resend.repeat(What::Final, datagram, Instant::now());
        let (code, reason) = status.split_once(' ').unwrap_or((status, ""));
        self.end(by, code.parse().ok(), reason);
        self.enter(Stage::Refused, "refused");
    }

    /// RFC 3261 §9.2.
    pub(super) async fn cancelled(&mut self, cancel: &Message, source: SocketAddr) {
        let Role::Number { invite, .. } = &self.role else {
            return self
                .decline(cancel, source, "481 Call/Transaction Does Not Exist")
                .await;
        };
        if cancel.branch() != invite.branch() {
            return self
                .decline(cancel, source, "481 Call/Transaction Does Not Exist")
                .await;
        }
        self.decline(cancel, source, "200 OK").await;
        if self.stage != Stage::Alerting {
            return;
        }
        if self.net.shows(Quirk::AnswersDespiteCancel) {
            return self.answer().await;
        }
        self.refuse("487 Request Terminated", EndedBy::Them).await;
    }

    /// Whether the 183 described the session already, so that the 200 leaves it out.
    fn is_described(&self) -> bool {
        let early = matches!(
            self.role,
            Role::Number {
                plan: Plan::EarlyMedia,
                ..
            }
        );
        early && (self.net.shows(Quirk::Bare200) || self.net.has(Quirk::ReliableBare200))
    }

    /// The second branch of the quirk answers, too.
    async fn answer_again(&mut self, invite: &Message, source: SocketAddr) {
        if !self.net.has(Quirk::SeveralAnswers) {
            return;
        }
        let extra = self.invite_extra(invite, Some(self.session.latest()));
        let second = self
            .net
            .answer(invite, source, "200 OK", super::SECOND_TAG, &extra);
        self.net.send(&second).await;
    }

    /// RFC 3262 §3.
    pub(super) async fn pracked(&mut self, prack: &Message, source: SocketAddr) {
        let Role::Number { invite, .. } = &self.role else {
            return self
                .decline(prack, source, "481 Call/Transaction Does Not Exist")
                .await;
        };
        let number = invite.cseq().map_or(0, |(number, _)| number);
        let wanted = format!("{RSEQ} {number} INVITE");
        let rack = prack.header("rack").unwrap_or_default().to_owned();
        self.reply(prack, source, "200 OK", Extra::default()).await;
        self.awaits_prack = false;
        for quirk in [Quirk::Reliable, Quirk::ReliableBare200] {
            if self.net.has(quirk) {
                let what = format!("RAck is {rack:?}");
                self.net.judge(quirk, rack == wanted, &what);
            }
        }
    }

    /// An INVITE without To tag while its call exists: itself again, or by another way (§8.2.2.2).
    pub(super) async fn merged(&mut self, request: &Message, source: SocketAddr) {
        let same = match &self.role {
            Role::Number { invite, .. } => invite.branch() == request.branch(),
            Role::Robot { .. } => false,
        };
        if !same {
            self.decline(request, source, "482 Loop Detected").await;
        }
    }

    async fn respond(&mut self, status: &str, sdp: Option<String>) {
        let Role::Number { invite, source, .. } = &self.role else {
            return;
        };
        let mut extra = match status {
            "100 Trying" => Extra::default(),
            _ => self.invite_extra(invite, sdp),
        };
        let reliable = [Quirk::Reliable, Quirk::ReliableBare200];
        if status != "100 Trying" && self.net.quirks().any(&reliable) {
            extra.lines = format!("Require: 100rel\r\nRSeq: {RSEQ}");
            self.awaits_prack = true;
        }
        self.net
            .reply(invite, *source, status, &self.dialog.local_tag, &extra)
            .await;
    }

    /// Contact and the route set (§12.1.1); our own place in the route comes first.
    fn invite_extra(&self, invite: &Message, sdp: Option<String>) -> Extra {
        let theirs = invite.values("record-route").into_iter().map(str::to_owned);
        let routes = self
            .net
            .routes()
            .into_iter()
            .chain(theirs)
            .map(|route| format!("Record-Route: {route}"));
        Extra {
            record_route: routes.collect::<Vec<_>>().join("\r\n"),
            contact: self.contact.clone(),
            allow: Some(self.allow()),
            lines: String::new(),
            sdp,
        }
    }
}

//! The robot calls an account.

use super::{
    Call, Parts, Role, Stage, Step,
    invitation::{dialog, way_to, write_invite},
    media_for,
};
use crate::{
    Account, Quirk, RobotCall,
    dialog::Content,
    mouth::Source,
    network::Network,
    random,
    registrar::Binding,
    report::{Direction, EndedBy, FarState},
    resend::{Datagram, GIVE_UP, What},
    sdp::{Remote, Shape},
    wire::Message,
};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::time::Instant;

/// From the answer to the first digit.
const BEFORE_DIGITS: Duration = Duration::from_millis(500);

impl Call {
    /// A call to the contact of an account.
    ///
    /// # Errors
    /// When there is no port for its audio.
    pub async fn calling(
        net: Arc<Network>,
        account: &Account,
        binding: &Binding,
        order: RobotCall,
    ) -> io::Result<Self> {
        let call_id = format!("{}@{}", random::token(12), net.config().domain);
        let caller = order.caller.clone();
        let (id, report) = net
            .log
            .open(Direction::ToAccount, &call_id, &account.user, caller);
        let media = media_for(&net, &report).await?;
        let dialog = dialog(&net, account, binding, &order, call_id);
        // Written when it is sent.
        let invite = Datagram {
            text: String::new(),
            to: way_to(&net, binding),
        };
        let role = Role::Robot {
            order: Box::new(order),
            invite,
            branch: random::branch(),
            ack: None,
            cancelled: false,
            second_way: None,
        };
        let parts = Parts {
            dialog,
            media,
            stage: Stage::Calling,
            role,
        };
        Ok(Self::assemble(net, id, report, "robot", parts))
    }

    pub(super) async fn begin_calling(&mut self) {
        let offer = self.opening_offer();
        let allow = self.allow();
        self.dialog.cseq = 1;
        let Role::Robot {
            order,
            invite,
            branch,
            second_way,
            ..
        } = &mut self.role
        else {
            return;
        };
        invite.text = write_invite(
            &self.net,
            &self.dialog,
            order,
            branch,
            &[&self.contact, allow, &offer],
        );
        if self.net.has(Quirk::ForkedToUs) {
            let other = random::branch();
            let second = Datagram {
                text: invite.text.replace(&**branch, &other),
                to: invite.to,
            };
            self.net.send(invite).await;
            self.net.send(&second).await;
            *second_way = Some(other);
        }
        let (invite, ring) = (invite.clone(), Duration::from_millis(order.ring_ms));
        self.net.send(&invite).await;
        self.resend.repeat(What::Invite, invite, Instant::now());
        self.after(ring, Step::GiveUp);
    }

    pub(super) async fn invite_answered(
        &mut self,
        code: u16,
        reason: &str,
        response: &Message,
        source: SocketAddr,
    ) {
        if self.is_second_way(response) {
            if code >= 200 {
                self.merge_answered(code).await;
            }
            return;
        }
        self.resend.stop(What::Invite);
        match (code, self.stage) {
            (100..200, Stage::Calling | Stage::Proceeding) => self.progress(code, response),
            (100..200, Stage::Cancelling) => self.send_cancel().await,
            (200..300, Stage::Calling | Stage::Proceeding) => self.connect(response, source).await,
            (200..300, Stage::Cancelling) => self.too_late(response, source).await,
            (200..300, Stage::Talking | Stage::Closing) => self.again(response, source).await,
            (300.., Stage::Calling | Stage::Proceeding | Stage::Cancelling) => {
                self.refused(code, reason, response).await;
            }
            (300.., Stage::Settled) => self.repeat_ack().await,
            _ => {}
        }
    }

    /// The description of the first INVITE; with the quirk none.
    fn opening_offer(&mut self) -> String {
        if self.net.shows(Quirk::LateOffer) {
            return String::new();
        }
        match self.net.shows(Quirk::VideoOffer) {
            true => self.session.offer_as(Shape::WithVideo),
            false => self.session.offer(),
        }
    }

    fn is_second_way(&self, response: &Message) -> bool {
        let Role::Robot { second_way, .. } = &self.role else {
            return false;
        };
        second_way.is_some() && second_way.as_deref() == response.branch()
    }

    /// RFC 3261 §8.2.2.2: the copy of an INVITE is refused, and the refusal acknowledged.
    async fn merge_answered(&mut self, code: u16) {
        let what = format!("the second copy got {code}");
        self.net.judge(Quirk::ForkedToUs, code == 482, &what);
        let Role::Robot {
            second_way: Some(branch),
            invite,
            ..
        } = &self.role
        else {
            return;
        };
        let ack = self.dialog.request(&self.net, "ACK", 1, branch);
        let datagram = Datagram {
            text: ack.text,
            to: invite.to,
        };
        self.net.send(&datagram).await;
    }

    fn progress(&mut self, code: u16, response: &Message) {
        self.enter(Stage::Proceeding, "a provisional response");
        if code > 100 {
            self.net
                .log
                .update(self.id, |call| call.state = FarState::Ringing);
        }
        if let Some(remote) = response.sdp().and_then(Remote::parse) {
            self.agree(remote);
        }
    }

    async fn connect(&mut self, response: &Message, source: SocketAddr) {
        let late = self.late_answer(response);
        self.acknowledge_with(response, source, &late).await;
        self.enter(Stage::Talking, "they answered");
        self.net.log.update(self.id, |call| {
            call.state = FarState::Answered;
            call.final_code = Some(200);
            call.reason = "OK".to_owned();
        });
        let Some(remote) = response.sdp().and_then(Remote::parse) else {
            return self.bye("the answer has no audio for us").await;
        };
        self.agree(remote);
        let Role::Robot { order, .. } = &self.role else {
            return;
        };
        let (tone, talk) = (order.tone_hz, Duration::from_millis(order.talk_ms));
        let digits = order.dtmf.clone();
        self.play(Source::tone(tone));
        self.after(talk, Step::HangUp);
        self.plan_changes();
        if let Some(digits) = digits {
            self.after(BEFORE_DIGITS, Step::Dial(digits));
        }
    }

    /// RFC 3261 §13.2.2.4: the ACK to a 2xx is a request of its own along the route set.
    async fn acknowledge(&mut self, response: &Message, source: SocketAddr) {
        self.acknowledge_with(response, source, &Content::default())
            .await;
    }

    /// With a late offer the answer goes into the ACK.
    fn late_answer(&mut self, response: &Message) -> Content {
        let mut content = Content::default();
        if self.net.has(Quirk::LateOffer)
            && let Some(remote) = response.sdp().and_then(Remote::parse)
        {
            content.kind = "application/sdp";
            content.body = self.session.answer(&remote);
        }
        content
    }

    async fn acknowledge_with(
        &mut self,
        response: &Message,
        source: SocketAddr,
        content: &Content,
    ) {
        self.resend.stop(What::Cancel);
        self.dialog.confirm(response, source, &self.net.routes());
        let (cseq, branch) = (self.dialog.cseq, random::branch());
        let datagram = self
            .dialog
            .request_with(&self.net, "ACK", cseq, &branch, content);
        self.net.send(&datagram).await;
        self.keep_ack(datagram);
    }

    /// RFC 3261 §9.1: the answer crossed the CANCEL.
    async fn too_late(&mut self, response: &Message, source: SocketAddr) {
        self.acknowledge(response, source).await;
        self.bye("gave up as they answered").await;
    }

    /// The 2xx once more, or of another fork, whose call ends at once.
    async fn again(&mut self, response: &Message, source: SocketAddr) {
        if response.tag("to") == Some(self.dialog.remote_tag()) {
            return self.repeat_ack().await;
        }
        let mut fork = self.dialog.clone();
        fork.cseq = 1;
        fork.confirm(response, source, &self.net.routes());
        for (method, cseq) in [("ACK", 1), ("BYE", 2)] {
            let datagram = fork.request(&self.net, method, cseq, &random::branch());
            self.net.send(&datagram).await;
        }
    }

    /// RFC 3261 §17.1.1.3: the ACK to a refusal belongs to the INVITE's transaction.
    async fn refused(&mut self, code: u16, reason: &str, response: &Message) {
        self.resend.stop(What::Cancel);
        let by = match self.stage {
            Stage::Cancelling => EndedBy::Us,
            _ => EndedBy::Them,
        };
        response
            .header("to")
            .unwrap_or_default()
            .clone_into(&mut self.dialog.remote);
        if let Some(ack) = self.same_transaction("ACK") {
            self.net.send(&ack).await;
            self.keep_ack(ack);
        }
        self.end(by, Some(code), reason);
        self.enter(Stage::Settled, "they refused");
        self.after(GIVE_UP, Step::Forget);
    }

    /// Stops ringing: CANCEL, once a provisional response allows it (§9.1).
    pub(super) async fn give_up(&mut self) {
        let may = self.stage == Stage::Proceeding;
        self.enter(Stage::Cancelling, "gives up");
        if may {
            self.send_cancel().await;
        }
    }

    async fn send_cancel(&mut self) {
        let Role::Robot { cancelled, .. } = &mut self.role else {
            return;
        };
        if std::mem::replace(cancelled, true) {
            return;
        }
        if let Some(cancel) = self.same_transaction("CANCEL") {
            self.net.send(&cancel).await;
            self.resend.repeat(What::Cancel, cancel, Instant::now());
        }
    }

    /// A request with the INVITE's branch, on the INVITE's way.
    fn same_transaction(&self, method: &str) -> Option<Datagram> {
        let Role::Robot { invite, branch, .. } = &self.role else {
            return None;
        };
        let request = self
            .dialog
            .request(&self.net, method, self.dialog.cseq, branch);
        Some(Datagram {
            text: request.text,
            to: invite.to,
        })
    }

    fn keep_ack(&mut self, datagram: Datagram) {
        if let Role::Robot { ack, .. } = &mut self.role {
            *ack = Some(datagram);
        }
    }

    async fn repeat_ack(&mut self) {
        if let Role::Robot { ack: Some(ack), .. } = &self.role {
            self.net.send(ack).await;
        }
    }
}

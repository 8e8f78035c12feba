//! The robot calls an account.

use super::{Call, Parts, Role, Stage, Step, media_for};
use crate::{
    Account, Quirk, RobotCall,
    dialog::{Content, Dialog, address_of},
    mouth::Source,
    network::Network,
    random,
    registrar::Binding,
    report::{Direction, EndedBy, FarState},
    resend::{Datagram, GIVE_UP, What},
    sdp::{Remote, Shape},
    templates::{self, fill},
    wire::Message,
};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::time::Instant;

/// Who passes calls on.
const DIVERTED_BY: &str = "74957654321";
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

fn dialog(
    net: &Network,
    account: &Account,
    binding: &Binding,
    order: &RobotCall,
    call_id: String,
) -> Dialog {
    let domain = &net.config().domain;
    let trunk = [Quirk::CallerInAsserted, Quirk::CallerInRemotePartyId];
    let local = match net.quirks().any(&trunk) {
        true => format!("\"Trunk\" <sip:trunk-7@{domain}>"),
        false => caller(net, order, "anonymous.invalid"),
    };
    Dialog {
        call_id,
        local,
        local_tag: random::token(6),
        remote: identity(net, &account.number, domain),
        target: binding.contact.clone(),
        routes: Vec::new(),
        cseq: 0,
        peer: way_to(net, binding),
    }
}

/// From: name and number, or anonymous (RFC 3323 §4.1.1.3).
fn caller(net: &Network, order: &RobotCall, nowhere: &str) -> String {
    let Some(number) = &order.caller else {
        return format!("\"Anonymous\" <sip:anonymous@{nowhere}>");
    };
    let uri = identity(net, number, &net.config().domain);
    match &order.caller_name {
        Some(name) => format!(
            "\"{}\" {uri}",
            name.replace('\\', "\\\\").replace('"', "\\\"")
        ),
        None => uri,
    }
}

fn identity(net: &Network, number: &str, domain: &str) -> String {
    match net.shows(Quirk::TelUris) {
        true => format!("<tel:{}>", uri_safe(number)),
        false => format!("<sip:{}@{domain}>", uri_safe(number)),
    }
}

/// The header lines that say who calls and who passed the call on.
fn identity_lines(net: &Network, order: &RobotCall) -> String {
    let domain = &net.config().domain;
    if order.caller.is_none() {
        // RFC 3325: only who shows the number asserts it.
        return "Privacy: id".to_owned();
    }
    let who = caller(net, order, domain);
    let mut lines = vec![match net.shows(Quirk::CallerInRemotePartyId) {
        true => format!("Remote-Party-ID: {who};party=calling;screen=yes;privacy=off"),
        false => format!("P-Asserted-Identity: {who}"),
    }];
    net.shows(Quirk::CallerInAsserted);
    if net.shows(Quirk::Diverted) {
        lines.push(format!(
            "Diversion: \"Front desk\" <sip:{DIVERTED_BY}@{domain}>;reason=no-answer;counter=1"
        ));
    }
    if net.shows(Quirk::History) {
        lines.push(format!(
            "History-Info: <sip:{DIVERTED_BY}@{domain}?Reason=SIP%3Bcause%3D486>;index=1, \
             <sip:line1@{domain};cause=486>;index=1.1"
        ));
    }
    lines.join("\r\n")
}

/// A number as the user part of a URI.
fn uri_safe(number: &str) -> String {
    let allowed = |c: &char| c.is_ascii_alphanumeric() || "-_.!~*'()&=+$,;?/#".contains(*c);
    number
        .chars()
        .filter(allowed)
        .collect::<String>()
        .replace('#', "%23")
}

/// Where the INVITE goes: the Contact, or behind NAT where the REGISTER came from.
fn way_to(net: &Network, binding: &Binding) -> SocketAddr {
    match address_of(&binding.contact) {
        Some(address) if net.shows(Quirk::TrustsContact) || address.ip() == binding.source.ip() => {
            address
        }
        _ => binding.source,
    }
}

/// The INVITE; `extras` are the Contact line, the Allow line and the description.
fn write_invite(
    net: &Network,
    dialog: &Dialog,
    order: &RobotCall,
    branch: &str,
    [contact, allow, offer]: &[&str; 3],
) -> String {
    let identity = identity_lines(net, order);
    let routes = net.routes();
    // RFC 3261 §16.6: each hop puts itself on top.
    let routes: Vec<String> = routes
        .iter()
        .map(|route| format!("Record-Route: {route}"))
        .collect();
    let kind = match offer.is_empty() {
        true => "",
        false => "Content-Type: application/sdp",
    };
    fill(
        templates::INVITE,
        &[
            ("target", &dialog.target),
            ("our_address", &net.address().to_string()),
            ("branch", branch),
            ("record_route_lines", &routes.join("\r\n")),
            (
                "from",
                &format!("{};tag={}", dialog.local, dialog.local_tag),
            ),
            ("to", &dialog.remote),
            ("call_id", &dialog.call_id),
            ("cseq", &dialog.cseq.to_string()),
            ("contact_lines", contact),
            ("allow_lines", allow),
            ("identity_lines", &identity),
            ("type_lines", kind),
            ("length", &offer.len().to_string()),
            ("sdp", offer),
        ],
    )
}

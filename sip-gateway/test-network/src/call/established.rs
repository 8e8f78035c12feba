//! What happens inside an answered call: ACK, hold and other offers, digits by INFO, BYE.

use super::{Call, Role, Stage, Step};
use crate::{
    log::lock,
    media::add_digit,
    mouth::Source,
    random,
    report::EndedBy,
    resend::What,
    response::Extra,
    sdp::{Direction, Remote},
    wire::Message,
};
use std::{net::SocketAddr, time::Duration};
use tokio::time::Instant;

/// RFC 3261 §15: who was called may not send BYE before the ACK came; look again after this.
const ACK_WAIT: Duration = Duration::from_millis(100);

impl Call {
    /// Takes a session description over.
    pub(super) fn agree(&mut self, remote: Remote) {
        let away = matches!(remote.direction, Direction::SendOnly | Direction::Inactive);
        let held = away || remote.address.is_none();
        self.net.log.update(self.id, |call| call.held = held);
        if let Some(media) = &self.media {
            media.talk_to(remote);
        }
    }

    /// Plays again what was played, from a new socket.
    pub(super) fn play_on(&mut self) {
        self.play(self.source());
    }

    fn source(&self) -> Source {
        match &self.role {
            Role::Number { plan, .. } => plan.source(),
            Role::Robot { order, .. } => Source::tone(order.tone_hz),
        }
    }

    pub(super) fn play(&mut self, source: Source) {
        if let Some(media) = &self.media {
            media.play(source);
        }
    }

    /// The ACK to a 2xx; with a late offer it carries the answer.
    pub(super) fn acknowledged(&mut self, ack: &Message) {
        self.resend.stop(What::Final);
        if std::mem::take(&mut self.awaits_answer)
            && let Some(remote) = ack.sdp().and_then(Remote::parse)
        {
            self.agree(remote);
        }
    }

    /// A re-INVITE (RFC 3261 §14.2) or UPDATE (RFC 3311), with or without an offer.
    pub(super) async fn reoffered(&mut self, request: &Message, source: SocketAddr) {
        let offer = request.sdp().map(Remote::parse);
        if offer == Some(None) {
            return self
                .decline(request, source, "488 Not Acceptable Here")
                .await;
        }
        if self.refreshed(request, source).await {
            return;
        }
        self.dialog.refresh_target(request);
        self.dialog.peer = source;
        if request.method() == "INVITE" {
            self.accept(request, source).await;
        } else {
            let answer = offer
                .iter()
                .flatten()
                .next()
                .map(|remote| self.session.answer(remote));
            let extra = Extra {
                sdp: answer,
                lines: self.session_timer(),
                ..Extra::default()
            };
            self.reply(request, source, "200 OK", extra).await;
        }
        if let Some(Some(remote)) = offer {
            self.net.log.update(self.id, |call| call.reoffers += 1);
            self.agree(remote);
        }
    }

    /// Digits by INFO: `application/dtmf-relay` and `application/dtmf`.
    pub(super) async fn informed(&mut self, request: &Message, source: SocketAddr) {
        let kind = request
            .header("content-type")
            .unwrap_or_default()
            .to_ascii_lowercase();
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let signal = match kind.as_str() {
            "application/dtmf" => Some(body.trim()),
            "application/dtmf-relay" => body
                .lines()
                .filter_map(|line| line.split_once('='))
                .find(|(name, _)| name.trim().eq_ignore_ascii_case("signal"))
                .map(|(_, value)| value.trim()),
            _ => None,
        };
        let Some(digit) = signal.and_then(|s| s.chars().next()) else {
            return self
                .decline(request, source, "415 Unsupported Media Type")
                .await;
        };
        add_digit(&mut lock(&self.report).digits, digit);
        self.net.log.touch();
        self.reply(request, source, "200 OK", Extra::default())
            .await;
    }

    /// Their BYE. Before the answer it also ends the INVITE (RFC 3261 §15.1.2).
    pub(super) async fn closed(&mut self, bye: &Message, source: SocketAddr) {
        self.reply(bye, source, "200 OK", Extra::default()).await;
        match self.stage {
            Stage::Alerting => self.refuse("487 Request Terminated", EndedBy::Them).await,
            // Both hung up at once: our BYE needs no answer any more.
            Stage::Talking | Stage::Closing => self.over_by_them(),
            Stage::Calling
            | Stage::Proceeding
            | Stage::Cancelling
            | Stage::Refused
            | Stage::Settled
            | Stage::Over => {}
        }
    }

    /// Our BYE, repeated until it is answered.
    pub(super) async fn bye(&mut self, why: &str) {
        let is_number = matches!(self.role, Role::Number { .. });
        if is_number && self.resend.repeats(What::Final) {
            return self.after(ACK_WAIT, Step::HangUp);
        }
        self.end(EndedBy::Us, None, why);
        self.enter(Stage::Closing, why);
        self.dialog.cseq += 1;
        let bye = self
            .dialog
            .request(&self.net, "BYE", self.dialog.cseq, &random::branch());
        self.net.send(&bye).await;
        self.resend.repeat(What::Bye, bye, Instant::now());
    }
}

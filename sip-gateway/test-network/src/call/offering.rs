//! What the far end begins by itself inside an answered call: holds, other offers, refreshes,
//! keys by INFO, a stray BYE. All of it comes from quirks.

use super::{Call, Step, media_for};
use crate::{
    Quirk,
    dialog::Content,
    random,
    resend::{Datagram, What},
    sdp::{self, Remote, Shape},
    templates::{ALLOW, ALLOW_NO_UPDATE},
    wire::{Message, Start},
};
use std::{net::SocketAddr, time::Duration};
use tokio::time::Instant;

/// From the answer to the first thing we begin.
const SOON: Duration = Duration::from_millis(800);
/// How long a hold lasts.
const HELD: Duration = Duration::from_millis(700);
/// The keys of the quirks.
const KEYS: &str = "42#";
/// A session of ten minutes that we refresh.
const WE_REFRESH: &str = "Supported: timer\r\nSession-Expires: 600;refresher=uac";

/// Something the far end does in mid-call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Asks the other side for an offer.
    Offerless,
    /// Offers.
    Offer(Shape),
    /// The same by UPDATE.
    Update(Shape),
    /// Offers what it said last.
    Repeat,
    /// An UPDATE without a description.
    Refresh,
    /// Takes another port and offers it.
    Move,
    /// Takes another port.
    MoveSilently,
    /// A BYE that is not the call's.
    StrayBye,
    /// A key in the words of this type.
    Info(char, &'static str),
}

/// A request of ours that waits for its answer.
pub struct Pending {
    quirk: Quirk,
    pub(super) change: Change,
    branch: String,
    cseq: u32,
    request: Datagram,
}

const HOLDS: [(Quirk, Change); 6] = [
    (
        Quirk::HoldSendonly,
        Change::Offer(Shape::Directed("sendonly")),
    ),
    (
        Quirk::HoldInactive,
        Change::Offer(Shape::Directed("inactive")),
    ),
    (
        Quirk::HoldRecvonly,
        Change::Offer(Shape::Directed("recvonly")),
    ),
    (Quirk::HoldZeroAddress, Change::Offer(Shape::ZeroAddress)),
    (Quirk::HoldOfferless, Change::Offerless),
    (
        Quirk::HoldByUpdate,
        Change::Update(Shape::Directed("sendonly")),
    ),
];
const ONCE: [(Quirk, Change); 7] = [
    (Quirk::VideoReoffer, Change::Offer(Shape::WithVideo)),
    (Quirk::FaxReoffer, Change::Offer(Shape::Fax)),
    (Quirk::RefreshByReinvite, Change::Repeat),
    (Quirk::RefreshByUpdate, Change::Refresh),
    (Quirk::RtpMoves, Change::Move),
    (Quirk::RtpMovesSilently, Change::MoveSilently),
    (Quirk::StrayBye, Change::StrayBye),
];
const KEYS_BY_INFO: [(Quirk, &str); 2] = [
    (Quirk::DtmfInfoRelay, "application/dtmf-relay"),
    (Quirk::DtmfInfo, "application/dtmf"),
];

impl Call {
    /// Plans what the quirks do in an answered call.
    pub(super) fn plan_changes(&mut self) {
        let quirks = self.net.quirks().clone();
        let resume = Change::Offer(Shape::Directed("sendrecv"));
        for (quirk, change) in HOLDS.into_iter().filter(|(quirk, _)| quirks.has(*quirk)) {
            self.after(SOON, Step::Change(quirk, change));
            let resume = match change {
                Change::Update(_) => Change::Update(Shape::Directed("sendrecv")),
                _ => resume,
            };
            self.after(SOON + HELD, Step::Change(quirk, resume));
        }
        for (quirk, change) in ONCE.into_iter().filter(|(quirk, _)| quirks.has(*quirk)) {
            self.after(SOON, Step::Change(quirk, change));
        }
        if let Some((quirk, kind)) = KEYS_BY_INFO.into_iter().find(|(q, _)| quirks.has(*q)) {
            for (key, wait) in KEYS.chars().zip([0, 150, 300]) {
                let at = SOON + Duration::from_millis(wait);
                self.after(at, Step::Change(quirk, Change::Info(key, kind)));
            }
        }
        let by_rtp = [
            Quirk::DtmfNoMarker,
            Quirk::DtmfLostEnds,
            Quirk::DtmfOtherType,
        ];
        if quirks.any(&by_rtp) {
            by_rtp.into_iter().for_each(|quirk| {
                self.net.shows(quirk);
            });
            self.after(SOON, Step::Dial(KEYS.to_owned()));
        }
    }

    /// Does one of them.
    pub(super) async fn change(&mut self, quirk: Quirk, change: Change) {
        if self.pending.is_some() {
            return self.after(Duration::from_millis(50), Step::Change(quirk, change));
        }
        let offer = |sdp: String| Content {
            kind: "application/sdp",
            body: sdp,
            lines: self.contact.clone(),
        };
        match change {
            Change::Offerless => {
                let lines = self.contact.clone();
                let content = Content {
                    lines,
                    ..Content::default()
                };
                self.ask("INVITE", quirk, change, content).await;
            }
            Change::Offer(shape) => {
                let content = offer(self.session.offer_as(shape));
                self.ask("INVITE", quirk, change, content).await;
            }
            Change::Update(shape) => {
                let content = offer(self.session.offer_as(shape));
                self.ask("UPDATE", quirk, change, content).await;
            }
            Change::Repeat => {
                let mut content = offer(self.session.latest());
                content.lines = format!("{}\r\n{WE_REFRESH}", self.contact);
                self.ask("INVITE", quirk, change, content).await;
            }
            Change::Refresh => {
                let lines = format!("{}\r\n{WE_REFRESH}", self.contact);
                let content = Content {
                    lines,
                    ..Content::default()
                };
                self.ask("UPDATE", quirk, change, content).await;
            }
            Change::Move => self.move_audio(quirk).await,
            Change::MoveSilently => {
                if let Some(media) = &self.media {
                    media.move_silently();
                    self.net.meet(quirk);
                }
            }
            Change::StrayBye => self.stray_bye(quirk).await,
            Change::Info(key, kind) => self.press(quirk, change, key, kind).await,
        }
    }

    async fn ask(&mut self, method: &str, quirk: Quirk, change: Change, content: Content) {
        self.dialog.cseq += 1;
        let (cseq, branch) = (self.dialog.cseq, random::branch());
        let request = self
            .dialog
            .request_with(&self.net, method, cseq, &branch, &content);
        self.net.send(&request).await;
        self.resend
            .repeat(What::Change, request.clone(), Instant::now());
        self.pending = Some(Pending {
            quirk,
            change,
            branch,
            cseq,
            request,
        });
    }

    async fn press(&mut self, quirk: Quirk, change: Change, key: char, kind: &'static str) {
        let body = match kind {
            "application/dtmf" => key.to_string(),
            _ => format!("Signal={key}\r\nDuration=160\r\n"),
        };
        let content = Content {
            kind,
            body,
            lines: String::new(),
        };
        self.ask("INFO", quirk, change, content).await;
    }

    /// The audio goes on from another socket, which the offer names.
    async fn move_audio(&mut self, quirk: Quirk) {
        if !self.replace_media().await {
            return;
        }
        let content = Content {
            kind: "application/sdp",
            body: self.session.offer(),
            lines: self.contact.clone(),
        };
        self.ask("INVITE", quirk, Change::Move, content).await;
    }

    /// Another socket for the audio; false when there is none.
    pub(super) async fn replace_media(&mut self) -> bool {
        let Ok(media) = media_for(&self.net, &self.report).await else {
            return false;
        };
        self.session.move_to(media.address());
        self.media = Some(media);
        true
    }

    async fn stray_bye(&mut self, quirk: Quirk) {
        let mut stranger = self.dialog.clone();
        "nobody".clone_into(&mut stranger.local_tag);
        let branch = random::branch();
        let cseq = self.dialog.cseq + 100;
        let request = stranger.request(&self.net, "BYE", cseq, &branch);
        self.net.send(&request).await;
        self.pending = Some(Pending {
            quirk,
            change: Change::StrayBye,
            branch,
            cseq,
            request,
        });
    }

    /// Whether a response is to a request of ours that waits; then it was taken.
    pub(super) async fn answers_change(
        &mut self,
        code: u16,
        response: &Message,
        source: SocketAddr,
    ) -> bool {
        let ours = |pending: &Pending| {
            Some(&*pending.branch) == response.branch() && !pending.branch.is_empty()
        };
        if !self.pending.as_ref().is_some_and(ours) {
            return self.is_late_answer(code, response).await;
        }
        if code < 200 {
            self.resend.stop(What::Change);
            return true;
        }
        self.resend.stop(What::Change);
        if let Some(pending) = self.pending.take() {
            self.conclude(pending, code, response, source).await;
        }
        true
    }

    /// A 2xx that came again, whose ACK was lost or crossed it.
    async fn is_late_answer(&mut self, code: u16, response: &Message) -> bool {
        let (cseq, method) = response.cseq().unwrap_or_default();
        let late = self.acknowledged.as_ref().filter(|(n, _)| *n == cseq);
        let Some((_, ack)) = late.filter(|_| method == "INVITE" && code >= 200) else {
            return false;
        };
        self.net.send(&ack.clone()).await;
        true
    }

    async fn conclude(
        &mut self,
        pending: Pending,
        code: u16,
        response: &Message,
        source: SocketAddr,
    ) {
        let answer = response.sdp().and_then(Remote::parse);
        if pending.request.text.starts_with("INVITE ") {
            self.acknowledge_change(&pending, code, response, source)
                .await;
        }
        let verdict = self.verdict(&pending, code, response, answer.as_ref());
        if let Some(remote) = answer {
            self.agree(remote);
        }
        if pending.change == Change::Move {
            // The new socket plays what the old one played.
            self.play_on();
        }
        match verdict {
            Ok(true) => self.net.meet(pending.quirk),
            Ok(false) => {}
            Err(what) => self.net.judge(pending.quirk, false, &what),
        }
    }

    async fn acknowledge_change(
        &mut self,
        pending: &Pending,
        code: u16,
        response: &Message,
        source: SocketAddr,
    ) {
        let ack = if code < 300 {
            self.dialog.peer = source;
            self.dialog.refresh_target(response);
            let mut content = Content::default();
            if pending.change == Change::Offerless
                && let Some(remote) = response.sdp().and_then(Remote::parse)
            {
                content.kind = "application/sdp";
                content.body = self.session.answer(&remote);
            }
            self.dialog
                .request_with(&self.net, "ACK", pending.cseq, &random::branch(), &content)
        } else {
            // RFC 3261 §17.1.1.3: the INVITE's way and branch.
            let ack = self
                .dialog
                .request(&self.net, "ACK", pending.cseq, &pending.branch);
            Datagram {
                text: ack.text,
                to: pending.request.to,
            }
        };
        self.net.send(&ack).await;
        self.acknowledged = Some((pending.cseq, ack));
    }

    /// The Allow line of this provider.
    pub(super) fn allow(&self) -> &'static str {
        match self.net.has(Quirk::NoUpdate) {
            true => ALLOW_NO_UPDATE,
            false => ALLOW,
        }
    }

    /// The session timer of a 200 to their INVITE.
    pub(super) fn session_timer(&self) -> String {
        // After a 491 there must be time for another attempt.
        let table = [
            (Quirk::RefresherUac, 10),
            (Quirk::NoUpdate, 10),
            (Quirk::Glare, 30),
        ];
        let seconds: Option<u32> = self.net.quirks().choose(&table);
        seconds.map_or_else(String::new, |seconds| {
            format!("Require: timer\r\nSession-Expires: {seconds};refresher=uac")
        })
    }

    /// Whether an INVITE or UPDATE is the refresh a quirk waits for; true when it was answered.
    pub(super) async fn refreshed(&mut self, request: &Message, source: SocketAddr) -> bool {
        if self.net.first(Quirk::Glare) {
            self.decline(request, source, "491 Request Pending").await;
            return true;
        }
        let by_invite =
            matches!(&request.start, Start::Request { method, .. } if method == "INVITE");
        if self.net.has(Quirk::NoUpdate) {
            let right = by_invite && request.sdp().is_some();
            self.net.judge(
                Quirk::NoUpdate,
                right,
                "refreshed by UPDATE, which is not allowed",
            );
        }
        self.net.shows(Quirk::Glare);
        self.net.shows(Quirk::RefresherUac);
        false
    }

    /// The description of our session as an answer with our own address.
    pub(super) fn fresh_session(&mut self) -> bool {
        let Some(media) = &self.media else {
            return false;
        };
        self.session = sdp::Local::new(media.address(), random::number(), self.net.quirks());
        true
    }
}

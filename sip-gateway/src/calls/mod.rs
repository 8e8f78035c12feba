//! Conversations: the back-to-back user agent.
//!
//! One task per conversation ([`conversation`]). It owns the legs, speaks SDP with the media plane
//! and sends [`LegOrder`]s to the agent task, which answers with [`Input`]s. The one who calls is
//! leg 0; everyone rung for this call is a further leg. Direction changes only who of them is the
//! employee, who may answer, and what a refusal means ([`outcome`]).
//!
//! The machine itself is drawn in [`state`].

mod conversation;
pub(crate) mod early;
mod hearing;
pub(crate) mod identity;
mod joining;
mod leg;
mod line_audio;
pub(crate) mod outcome;
mod parking;
mod path;
mod refusing;
mod reoffer;
mod ringing;
mod setup;
mod state;
mod taking;
mod talking;
mod transfer;

pub(crate) use conversation::{Conversation, Services};
pub(crate) use joining::{Handed, Purpose};
pub(crate) use transfer::{Referral, Wanted};

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use sip_core::{EndedBy, Flow, SipCause, agent::RequestHandle, message::Request, uri::SipUri};

use crate::{
    media::{LegKind, MediaEvent},
    ports::{CallId, LineAttempt, LineId},
};

/// Number of a leg within its conversation; 0 is the one who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LegNo(pub u32);

impl LegNo {
    /// The one who calls.
    pub(crate) const CALLER: Self = Self(0);
}

/// Gives the legs of one conversation their numbers; the conversation and the agent task draw from
/// the same ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct LegNumbers(Arc<AtomicU32>);

impl LegNumbers {
    /// The next number.
    pub(crate) fn take(&self) -> LegNo {
        LegNo(self.0.fetch_add(1, Ordering::Relaxed))
    }

    /// What [`Self::take`] will give, or a later one.
    pub(crate) fn peek(&self) -> LegNo {
        LegNo(self.0.load(Ordering::Relaxed))
    }
}

/// Names a leg for the agent task.
pub(crate) type LegKey = (CallId, LegNo);

/// A phone that can be rung.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The extension it stands for.
    pub extension: String,
    /// Its Contact: the Request-URI.
    pub contact: SipUri,
    /// The way to it.
    pub flow: Flow,
    /// `+sip.instance`, by which it is found again on another connection.
    pub instance: Option<String>,
    /// What media it speaks.
    pub kind: LegKind,
    /// Call-ID of its registrations: another one after it was started anew (RFC 3261 §10.2.4).
    pub boot: String,
}

impl Target {
    /// By what it is found again on another connection.
    pub(crate) fn identity(&self) -> String {
        self.instance
            .clone()
            .unwrap_or_else(|| self.contact.to_string())
    }
}

/// Whom an INVITE goes to.
#[derive(Clone, Debug)]
pub(crate) enum Destination {
    /// A phone of ours.
    Phone(Target),
    /// The network behind a line.
    Line(LineAttempt),
}

/// Who is shown as caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Number or extension; `None`: withheld.
    pub number: Option<String>,
    /// Display name.
    pub name: Option<String>,
}

/// A phone of ours, or somebody out there, that takes a place in a conversation by an INVITE of its
/// own.
#[derive(Debug)]
pub(crate) struct Arrival {
    /// Whose place.
    pub takes: Takes,
    /// The extension; `None`: the network behind a line.
    pub extension: Option<String>,
    /// Media of a phone; of a line the line.
    pub from: ArrivalFrom,
    /// The offer, if the INVITE has one.
    pub sdp: Option<String>,
}

/// What an arriving leg speaks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ArrivalFrom {
    /// A phone with this kind of media.
    Phone(LegKind),
    /// A line.
    Line(LineId),
}

/// Whose place is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// That of this leg (`Replaces`).
    Leg(LegNo),
    /// The empty one beside whoever is parked.
    Parked,
}

/// News of the connection of a phone's leg.
#[derive(Clone, Debug)]
pub(crate) enum Contact {
    /// It is gone.
    Lost,
    /// The phone is back on another one.
    Back,
    /// The phone is back and knows nothing of its calls: the page was loaded again.
    Anew(Box<Target>),
}

/// An INVITE the agent task is to send.
#[derive(Clone, Debug)]
pub(crate) struct Invitation {
    /// Whom to.
    pub to: Destination,
    /// Who is shown as caller.
    pub from: Shown,
    /// The number of ours that was called and the line's label (RFC 7315 §4.2), for phones.
    pub called: Option<(String, String)>,
    /// The offer.
    pub sdp: String,
    /// No limit of ours stops it.
    pub emergency: bool,
    /// The phone is to answer by itself, for it has made this call (RFC 5373).
    pub answers_itself: bool,
}

/// What a conversation has the agent task do with one leg.
#[derive(Debug)]
pub(crate) enum LegOrder {
    /// Send an INVITE; the leg exists from now on.
    Invite(Box<Invitation>),
    /// Answer provisionally.
    Ring { code: u16, sdp: Option<String> },
    /// Answer 200.
    Accept { sdp: String },
    /// Refuse.
    Reject { code: u16, reason: String },
    /// End it, whatever its state.
    HangUp { code: u16, reason: String },
    /// Answer a re-INVITE (or UPDATE).
    AcceptReoffer { sdp: String },
    /// Refuse a re-INVITE; the session stays.
    RejectReoffer { code: u16, reason: &'static str },
    /// Offer a changed session (re-INVITE).
    ReOffer { sdp: String },
    /// Press a key, by INFO.
    Press { digit: char },
    /// Answer another request inside the call.
    Respond {
        handle: RequestHandle,
        code: u16,
        reason: String,
    },
    /// Accept a transfer the peer asked for (202).
    AcceptRefer(RequestHandle),
    /// Tell the peer how the transfer it asked for goes.
    NotifyRefer {
        handle: RequestHandle,
        code: u16,
        reason: String,
    },
}

/// What a conversation has the agent task do.
#[derive(Debug)]
pub(crate) enum CallOrder {
    /// Something with a leg.
    Leg(LegNo, LegOrder),
    /// Tell the phones of these extensions as [`Input::Targets`], now and as they register.
    Find(Vec<String>),
    /// Stop telling phones.
    FindNoMore,
    /// The media leg belongs to this conversation.
    Media(crate::media::LegId),
    /// Ask another conversation for the party that `of`, a leg of an employee there, talks with.
    TakeFrom { of: LegKey, asker: Asker },
    /// Pass a leg with everything to another conversation.
    HandOver {
        leg: LegNo,
        to: CallId,
        handed: Box<Handed>,
    },
    /// Nothing is handed over to another conversation that asked.
    Keep {
        from: CallId,
        code: u16,
        reason: &'static str,
    },
    /// What another conversation is to hear: it came for a leg it was given.
    Forward(CallId, Box<Input>),
    /// Put it into a free slot; the answer is [`Input::ParkedIn`].
    Park,
    /// Out of its slot.
    Unpark,
    /// The conversation is over: forget it.
    Over,
    /// Its task has failed: end what it left.
    Abandon,
}

/// Who asks another conversation for a party.
#[derive(Clone, Debug)]
pub(crate) struct Asker {
    /// The conversation, and the employee's leg in it.
    pub leg: LegKey,
    /// The employee: only who is in both may join them.
    pub extension: String,
    /// Nobody from outside is in it.
    pub is_internal: bool,
    /// What for.
    pub purpose: Purpose,
}

/// What happened to a leg.
#[derive(Debug)]
pub(crate) enum LegInput {
    /// A provisional answer to our INVITE.
    Progress { code: u16, sdp: Option<String> },
    /// Our INVITE was answered.
    Answered { sdp: Option<String> },
    /// An INVITE to us that takes a place in this conversation.
    Arrives(Box<Arrival>),
    /// Our re-INVITE was answered.
    ReOfferAnswered { sdp: Option<String> },
    /// Our re-INVITE was refused; the session stays.
    ReOfferRefused,
    /// Our 200 was acknowledged; with SDP if our 200 held the offer.
    Confirmed { sdp: Option<String> },
    /// The peer changes the session; `None` asks us for an offer.
    ReOffer { sdp: Option<String> },
    /// INFO and the like.
    Request {
        handle: RequestHandle,
        request: Box<Request>,
    },
    /// The peer wants the other side transferred.
    Refer(Referral),
    /// The leg is over.
    Ended { by: EndedBy, cause: SipCause },
}

/// What a conversation hears.
#[derive(Debug)]
pub(crate) enum Input {
    /// About a leg.
    Leg(LegNo, LegInput),
    /// Phones to ring: those known now (perhaps none), later each new one.
    Targets(Vec<Target>),
    /// From the media plane.
    Media(MediaEvent),
    /// The connection of a phone's leg.
    Connection(LegNo, Contact),
    /// The slot it is parked in; `None`: all are taken.
    ParkedIn(Option<u8>),
    /// Another conversation wants the party that this leg talks with.
    GiveAway { leg: LegNo, asker: Asker },
    /// A leg of ours belongs to another conversation now, under this name; `None`: that one is gone.
    HandedOver(Option<LegKey>),
    /// What was asked of another conversation: a leg of this number from now on.
    Given(LegNo, Box<Handed>),
    /// It was refused.
    NotGiven { code: u16, reason: &'static str },
    /// Someone outside ends the conversation.
    HangUp { reason: &'static str },
}

/// How a conversation begins.
#[derive(Debug)]
pub(crate) enum Beginning {
    /// A line rings us.
    FromLine(FromLine),
    /// A phone of ours dials.
    FromPhone(FromPhone),
}

/// A call that came over a line.
#[derive(Debug)]
pub(crate) struct FromLine {
    /// The line.
    pub line: LineId,
    /// Its label.
    pub label: String,
    /// Whether it is recorded.
    pub record: bool,
    /// Who calls.
    pub caller: Shown,
    /// The number called.
    pub called: String,
    /// Which of the line's configured numbers that is.
    pub did: Option<String>,
    /// Who passed the call on.
    pub redirected_by: Option<String>,
    /// The offer, if the INVITE has one.
    pub sdp: Option<String>,
}

/// A call one of our phones makes.
#[derive(Debug)]
pub(crate) struct FromPhone {
    /// Its extension.
    pub extension: String,
    /// The user's name.
    pub name: String,
    /// What media the phone speaks.
    pub kind: LegKind,
    /// As dialled.
    pub dialled: String,
    /// By which line and number it is to go out, if the phone says.
    pub preferred: identity::Preferred,
    /// The extension has as many calls as it may; only an emergency call is made.
    pub over_limit: bool,
    /// The offer, if the INVITE has one.
    pub sdp: Option<String>,
}

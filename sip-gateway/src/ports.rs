//! The two ports between the gateway and the server: questions ([`CallDirector`]) and facts
//! ([`CallEvent`]).

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::SystemTime,
};

use async_trait::async_trait;
use sip_core::digest::Ha1;
use uuid::Uuid;

/// A conversation. The `Session-ID` (RFC 7989) of every leg is this UUID without hyphens.
pub type CallId = Uuid;
/// A line (SIP account at a provider).
pub type LineId = Uuid;

mod check;
mod figures;
mod line;
mod plan;

pub use check::{Candidate, Certificate, CheckReport, CheckStep, Seen, Source, Trouble};
pub use figures::{LegFigures, Travel};
pub use ipnet::IpNet;
pub use line::{
    CallerIdHeader, DtmfMode, LineCodec, LineConfig, LineMode, LineTransport, SrtpMode, sip_secret,
};
pub use plan::{
    ForwardTo, IncomingPlan, LineAttempt, OutgoingPlan, PathStep, RingOrder, RingStage, StageEnd,
};

/// A call that arrives from a line.
#[derive(Clone, Debug)]
pub struct IncomingCall {
    /// Names the conversation.
    pub id: CallId,
    /// The line it came over.
    pub line: LineId,
    /// The caller's number as the provider spelled it; `None`: withheld.
    pub caller: Option<String>,
    /// The caller's display name as sent, if any.
    pub caller_name: Option<String>,
    /// The number called, as the provider spelled it.
    pub called: String,
    /// Which of [`LineConfig::numbers`] that is, as it is written there; `None`: none of them.
    pub did: Option<String>,
    /// Who passed the call on to us (Diversion, RFC 5806; History-Info, RFC 7044), as spelled.
    pub redirected_by: Option<String>,
}

/// A call an extension wants to make.
#[derive(Clone, Debug)]
pub struct OutgoingCall {
    /// Names the conversation.
    pub id: CallId,
    /// The user who calls.
    pub extension: String,
    /// As typed, for example `8 (495) 123-45-67`, `600`, `102`.
    pub dialled: String,
    /// The line the caller chose for this call: the parameter `line` of P-Preferred-Identity.
    pub line: Option<LineId>,
    /// The number the caller wants to be shown by (P-Preferred-Identity, RFC 3325 §9.2), as spelled.
    pub number: Option<String>,
}

/// What the gateway asks. Answers come from memory or a fast index: a SIP response waits for them.
#[async_trait]
pub trait CallDirector: Send + Sync + 'static {
    /// The stored hashes of a SIP user (an extension's secret or a browser's short-lived
    /// credential) and the extension it stands for; `None`: unknown, expired or disabled.
    async fn sip_user(&self, username: &str) -> Option<SipUser>;
    /// Whom to ring.
    async fn route_incoming(&self, call: &IncomingCall) -> IncomingPlan;
    /// May this be dialled, and how.
    async fn authorize_outgoing(&self, call: &OutgoingCall) -> OutgoingPlan;
    /// Whether no conversation, now or ever, has had this id. A phone may propose the id of a call
    /// it begins; one that is not new is not taken.
    async fn is_new_call(&self, _id: CallId) -> bool {
        true
    }
    /// Someone has just proved to be this SIP user (of [`Self::sip_user`]).
    async fn sip_user_proven(&self, _username: &str) {}
}

/// A SIP user the registrar knows.
#[derive(Clone, Debug)]
pub struct SipUser {
    /// Extension, for example `101`.
    pub extension: String,
    /// Display name.
    pub name: String,
    /// Hashes for the gateway's realm ([`REALM`]).
    pub ha1: HiddenHa1,
    /// Conversations the extension may have begun at once; `None`: as many as
    /// [`crate::Limits::calls_per_extension`] says. Emergency calls are not counted.
    pub most_calls: Option<u32>,
}

/// Realm of the gateway's registrar.
pub const REALM: &str = "trubka";

/// HA1 hashes; `Debug` hides them.
#[derive(Clone)]
pub struct HiddenHa1(pub Ha1);
impl std::fmt::Debug for HiddenHa1 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// Direction of a conversation, seen from the company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From a line to an extension.
    Incoming,
    /// From an extension to a line.
    Outgoing,
    /// Between extensions.
    Internal,
}

/// How a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// Was answered.
    Answered,
    /// The far end was busy (486, 600).
    Busy,
    /// Nobody answered in time, or the caller gave up before an answer.
    NoAnswer,
    /// The called side declined (603, 403 …).
    Rejected,
    /// The calling side hung up before an answer.
    Cancelled,
    /// Could not be made (404, 5xx, no line, no route, media failure).
    Failed,
}

/// Who ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HungUpBy {
    /// The employee.
    Agent,
    /// The other side.
    Client,
    /// Trubka itself: timeout, lost leg, shutdown.
    System,
}

/// What happened, in order, per conversation. Delivery is never awaited by the packet path; the
/// receiver keeps up through a bounded queue and its own journal.
#[derive(Clone, Debug)]
pub enum CallEvent {
    /// A conversation began: its record exists from now on.
    CallStarted {
        /// The conversation.
        id: CallId,
        /// When.
        at: SystemTime,
        /// Which way.
        direction: Direction,
        /// The line, if one is involved.
        line: Option<LineId>,
        /// The other side's number as spelled on the wire or typed; `None`: withheld.
        number: Option<String>,
        /// The display name the network sent.
        network_name: Option<String>,
        /// The number of ours that was called (incoming) or is shown (outgoing).
        our_number: String,
        /// The extension that calls (outgoing).
        extension: Option<String>,
    },
    /// Someone is being rung (incoming: these extensions; outgoing: the far end, list empty).
    CallRinging {
        /// The conversation.
        id: CallId,
        /// When.
        at: SystemTime,
        /// Extensions that ring.
        extensions: Vec<String>,
    },
    /// Both sides talk.
    CallAnswered {
        /// The conversation.
        id: CallId,
        /// When.
        at: SystemTime,
        /// The extension that talks.
        extension: String,
    },
    /// An employee handed the other side over to somebody else, who answered.
    CallTransferred {
        /// The conversation.
        id: CallId,
        /// When the new one answered.
        at: SystemTime,
        /// The extension that transferred.
        from: String,
        /// The extension that talks now; `None`: somebody outside.
        to: Option<String>,
        /// What was dialled for it; of an attended transfer whom the employee had called.
        dialled: String,
        /// Of an attended transfer: the conversation the new one was in until now.
        joined: Option<CallId>,
    },
    /// An employee hands the other side over; the new one is rung.
    CallOffered {
        /// The conversation.
        id: CallId,
        /// When.
        at: SystemTime,
        /// The extension that hands over.
        from: String,
        /// The extension that is rung.
        to: String,
    },
    /// A side put the call on hold, or took it off.
    CallHeld {
        /// The conversation.
        id: CallId,
        /// When.
        at: SystemTime,
        /// The extension that did; `None`: the other side.
        by: Option<String>,
        /// On hold from now on.
        held: bool,
    },
    /// The page or the network of a side is gone; it is waited for.
    CallVanished {
        /// The conversation.
        id: CallId,
        /// When.
        at: SystemTime,
        /// Whose it is; `None`: the other side's.
        extension: Option<String>,
    },
    /// That side is back, or went on with another phone or page.
    CallReattached {
        /// The conversation.
        id: CallId,
        /// When.
        at: SystemTime,
        /// Whose it is; `None`: the other side's.
        extension: Option<String>,
    },
    /// An employee parked the call.
    CallParked {
        /// The conversation.
        id: CallId,
        /// When.
        at: SystemTime,
        /// The extension that did.
        by: String,
        /// Picked up by dialling `*` and this.
        slot: u8,
    },
    /// Somebody picked it up.
    CallUnparked {
        /// The conversation.
        id: CallId,
        /// When.
        at: SystemTime,
        /// The extension that talks now.
        by: String,
    },
    /// An employee took the party of another call of theirs into this one.
    ThirdJoined {
        /// The conversation.
        id: CallId,
        /// When.
        at: SystemTime,
        /// The employee.
        by: String,
        /// Extension or number of the third.
        with: String,
        /// The conversation the third comes from.
        from: CallId,
    },
    /// One of the three has left; two go on.
    ThirdLeft {
        /// The conversation.
        id: CallId,
        /// When.
        at: SystemTime,
    },
    /// The party of this conversation went on in another one. [`CallEvent::CallEnded`] follows.
    CallJoined {
        /// The conversation that ends.
        id: CallId,
        /// When.
        at: SystemTime,
        /// Where its party talks now.
        into: CallId,
    },
    /// A recording was begun; its journal lies at `journal`.
    RecordingStarted {
        /// The conversation.
        id: CallId,
        /// Journal file.
        journal: PathBuf,
    },
    /// The conversation is over. Exactly once.
    CallEnded {
        /// The conversation.
        id: CallId,
        /// When.
        at: SystemTime,
        /// How.
        disposition: Disposition,
        /// By whom.
        by: HungUpBy,
        /// SIP code that ended or refused it.
        code: u16,
        /// SIP reason phrase.
        reason: String,
    },
    /// mp3 and peaks of a conversation are complete on disk; the journal is gone.
    RecordingReady {
        /// The conversation.
        id: CallId,
        /// What was made.
        files: crate::recording::Finished,
    },
    /// The recording could not be made or kept; the audio went on.
    RecordingFailed {
        /// The conversation.
        id: CallId,
        /// In words, for people.
        reason: String,
    },
    /// A DTMF digit, from either side.
    Digit {
        /// The conversation.
        id: CallId,
        /// `0`–`9`, `*`, `#`, `A`–`D`.
        digit: char,
        /// Whether the employee sent it (else the other side).
        from_agent: bool,
    },
    /// A step of the call's path: which rule rang whom, which line was tried, and what came of it.
    PathStep {
        /// The conversation.
        id: CallId,
        /// When.
        at: SystemTime,
        /// What.
        step: PathStep,
    },
    /// How packets travelled on a leg of a conversation lately.
    LegMeasured {
        /// The conversation.
        id: CallId,
        /// When: the end of what was measured.
        at: SystemTime,
        /// Whose leg; `None`: that of the network behind a line.
        extension: Option<String>,
        /// What was measured.
        figures: LegFigures,
    },
    /// Another number of a line's channels is in use.
    LineUsage {
        /// The line.
        line: LineId,
        /// Calls that go over it now, in either direction.
        in_use: u32,
    },
    /// A line's registration changed.
    LineChanged {
        /// The line.
        line: LineId,
        /// Its state.
        state: LineState,
    },
    /// The phones of an extension changed.
    BindingsChanged {
        /// Extension.
        extension: String,
        /// Phones registered and alive now.
        reachable: u32,
    },
    /// Too many wrong SIP passwords: somebody is refused from now on.
    LockedOut {
        /// When.
        at: SystemTime,
        /// Until when.
        until: SystemTime,
        /// Where the last wrong password came from.
        address: IpAddr,
        /// The SIP user it was for, as it was written.
        username: String,
        /// Who is refused.
        whom: LockedOut,
    },
}

/// Who is refused after too many wrong SIP passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockedOut {
    /// The address, at this user.
    AddressAtUser,
    /// The address, altogether: it tried many users.
    Address,
    /// The user, from every address it was not used from before: it is tried from many.
    User,
}

/// State of a line, for people and the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineState {
    /// REGISTER is under way.
    Trying,
    /// Registered.
    Registered {
        /// Seconds granted.
        expires_secs: u32,
        /// Milliseconds to the registrar and back.
        round_trip_ms: u32,
        /// Our address as the provider saw it.
        seen_as: Option<SocketAddr>,
    },
    /// It does not register (an IP trunk), and the provider answers our OPTIONS.
    Reachable {
        /// Milliseconds to the provider and back.
        round_trip_ms: u32,
    },
    /// Not registered. Calls over an IP trunk are tried nevertheless.
    Failed {
        /// SIP code; 408 when nothing came, 503 when there was nobody to ask.
        code: u16,
        /// Reason phrase, or words of ours where no answer came.
        reason: String,
        /// What is wrong, where it is not the provider's answer.
        trouble: Option<Trouble>,
    },
}

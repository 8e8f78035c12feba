//! What the director decides about a call, and the steps that come of it.

use super::LineId;

/// What to do with an incoming call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IncomingPlan {
    /// Ring these one stage after the other, then forward.
    ///
    /// A stage ends when its time is over, when everyone in it has declined, or, unless it is the
    /// last chance, after 3 s in which none of its extensions has a phone that answers.
    Ring {
        /// In order; may be empty if there is a `forward`.
        stages: Vec<RingStage>,
        /// Where the call goes when nobody has answered.
        forward: Option<ForwardTo>,
    },
    /// Refuse with this SIP code.
    Refuse {
        /// Status code.
        code: u16,
        /// Reason phrase.
        reason: String,
    },
}

impl IncomingPlan {
    /// Ring these extensions all at once, for at most `ring_secs`.
    #[must_use]
    pub fn ring(extensions: Vec<String>, ring_secs: u32) -> Self {
        Self::Ring {
            stages: vec![RingStage {
                extensions,
                how: RingOrder::AtOnce,
                ring_secs,
                rule: String::new(),
            }],
            forward: None,
        }
    }
}

/// One stage of ringing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingStage {
    /// Extensions; an extension without a phone is passed over.
    pub extensions: Vec<String>,
    /// All together or one by one.
    pub how: RingOrder,
    /// Seconds: for all of them at once; for each of them in turn.
    pub ring_secs: u32,
    /// The director's own name of the rule. The gateway hands it back in [`PathStep`] and nothing
    /// more, so it may be a key that is put into words when it is shown.
    pub rule: String,
}

/// How the extensions of a stage are rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RingOrder {
    /// All together; who answers first has the call.
    AtOnce,
    /// One after the other, in the order given.
    InTurn,
}

/// Where a call nobody answered goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardTo {
    /// Lines to call the number over, in failover order. The caller's number is shown where an
    /// attempt names none.
    pub attempts: Vec<LineAttempt>,
    /// Seconds it is rung.
    pub ring_secs: u32,
    /// As in [`RingStage::rule`].
    pub rule: String,
}

/// One way to call a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineAttempt {
    /// Over this line.
    pub line: LineId,
    /// User part of the Request-URI towards the provider.
    pub number: String,
    /// Number shown as caller; `None`: the line's own.
    pub caller_id: Option<String>,
}

impl LineAttempt {
    /// Over `line`, with the line's own number as caller.
    #[must_use]
    pub fn new(line: LineId, number: impl Into<String>) -> Self {
        Self {
            line,
            number: number.into(),
            caller_id: None,
        }
    }
}

/// Whether and how an outgoing call is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutgoingPlan {
    /// Over the first of these lines that carries it.
    ///
    /// The next one is tried when the line is not registered, all its channels are in use, its
    /// provider does not answer, or answers 408, 5xx, or 401 and 407 to good credentials. Never
    /// after an answer about the number or the person (404, 486, 603 and the like), and never once
    /// the far end has rung (18x): what fails then is the call, not the line.
    Lines {
        /// In failover order.
        attempts: Vec<LineAttempt>,
        /// An emergency call: no limit of ours stops it.
        emergency: bool,
    },
    /// To a colleague.
    Extension(String),
    /// Not at all; the sentence is shown to the caller.
    Refuse {
        /// Status code.
        code: u16,
        /// Reason phrase.
        reason: String,
    },
}

impl OutgoingPlan {
    /// Over one line.
    #[must_use]
    pub fn line(line: LineId, number: impl Into<String>) -> Self {
        Self::Lines {
            attempts: vec![LineAttempt::new(line, number)],
            emergency: false,
        }
    }
}

/// A step of a call's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathStep {
    /// A rule rings these extensions (in turn: one of them).
    Rings {
        /// [`RingStage::rule`].
        rule: String,
        /// Whom.
        extensions: Vec<String>,
        /// Those of them that have a phone now.
        reachable: Vec<String>,
        /// Seconds it may take.
        ring_secs: u32,
    },
    /// What came of that.
    RangOut {
        /// [`RingStage::rule`].
        rule: String,
        /// Whom it rang.
        extensions: Vec<String>,
        /// The result.
        end: StageEnd,
    },
    /// A line is tried.
    LineTried {
        /// [`ForwardTo::rule`] when a call is forwarded.
        rule: Option<String>,
        /// Which line.
        line: LineId,
        /// User part of the Request-URI.
        number: String,
    },
    /// It did not carry the call.
    LineFailed {
        /// Which line.
        line: LineId,
        /// SIP code; 503 when nothing was sent.
        code: u16,
        /// Reason phrase, or words of ours.
        reason: String,
        /// Whether another line is tried.
        next: bool,
    },
}

/// How a stage of ringing ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StageEnd {
    /// This extension answered.
    Answered(String),
    /// Nobody answered in time.
    NoAnswer,
    /// All that rang declined or were busy.
    Declined {
        /// The best of their answers.
        code: u16,
    },
    /// None of them has a phone that answers.
    Unreachable,
    /// The caller hung up.
    CallerGone,
}

//! The state of a conversation.
//!
//! ```text
//!            director answers            someone answers
//!  Routing ───────────────────► Ringing ─────────────────► Talking ◄───────────┐
//!     │                           │                         │    │ page closed │ it is back
//!     │ refused, caller gave up   │ refused by all, time    │    ▼             │
//!     │                           │ out, caller gave up     │  Waiting ────────┘
//!     ▼                           ▼                         ▼    │ 30 s, other side hung up
//!    Over ◄─────────────────────────────────────────────────┴────┘
//! ```
//! `Talking` becomes `Transferring` by REFER, and again `Talking`, with somebody new or, if nobody
//! took the call, with whom it was. Where REFER names another call, `Talking` becomes `Joining` until
//! that one has handed its party over; that one becomes `Leaving`, and `Over`. REFER to `park` makes
//! it `Parked`, until somebody picks it up. `Ringing` becomes `Waiting` when the called side answers
//! while the caller's page is being loaded again. `Over` is entered once; entering it emits [`crate::ports::CallEvent::CallEnded`].

use tokio::time::Instant;

use super::LegNo;

/// Where a conversation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// The director is asked. The caller has a 100; nobody rings.
    Routing,
    /// The called side rings (or is about to: nobody has registered yet). The caller hears ringing
    /// or the network's early media.
    Ringing {
        /// When the call counts as not answered.
        until: Instant,
        /// When it is given up because the caller's own connection is gone.
        alone: Option<Instant>,
    },
    /// Both sides hear each other, and perhaps a third.
    Talking {
        /// The called leg that answered.
        called: LegNo,
        /// Of a conference.
        third: Option<Third>,
    },
    /// One side's page or network is gone; the other side is kept waiting for it.
    Waiting {
        /// The called leg that answered.
        called: LegNo,
        /// Of a conference.
        third: Option<Third>,
        /// Who is gone.
        gone: LegNo,
        /// When the conversation ends without it.
        until: Instant,
        /// Why it is gone, in words.
        why: &'static str,
    },
    /// One side asked for the other to be handed over; somebody new is rung, the other side hears
    /// ringing.
    Transferring {
        /// The called leg that answered.
        called: LegNo,
        /// Who transfers: the caller or `called`.
        by: LegNo,
        /// When it is given up.
        until: Instant,
    },
    /// Another call of the same employee is asked for its party.
    Joining {
        /// The called leg that answered.
        called: LegNo,
        /// The employee's leg: the caller or `called`.
        by: LegNo,
        /// When that is given up.
        until: Instant,
    },
    /// One side waits in a slot for somebody to pick the call up.
    Parked {
        /// The called leg that answered.
        called: LegNo,
        /// The leg of the one who parked it, which is over: the caller or `called`.
        gone: LegNo,
        /// The slot.
        slot: u8,
        /// Whether the one who parked it is being rung again.
        rings_back: bool,
        /// When that begins or ends.
        until: Instant,
    },
    /// Its party has gone into another conversation.
    Leaving,
    /// Nothing happens any more.
    Over,
}

/// The third in a conference, and whose conference it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Third {
    /// The third.
    pub leg: LegNo,
    /// The employee: the caller or the called.
    pub host: LegNo,
}

impl State {
    /// Two talk.
    pub(super) fn talking(called: LegNo) -> Self {
        Self::Talking {
            called,
            third: None,
        }
    }

    /// The third in a conference.
    pub(super) fn third(&self) -> Option<Third> {
        match self {
            Self::Talking { third, .. } | Self::Waiting { third, .. } => *third,
            Self::Routing
            | Self::Ringing { .. }
            | Self::Transferring { .. }
            | Self::Joining { .. }
            | Self::Parked { .. }
            | Self::Leaving
            | Self::Over => None,
        }
    }

    /// When something must happen by itself.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Ringing { until, alone } => Some(alone.map_or(*until, |alone| alone.min(*until))),
            Self::Waiting { until, .. }
            | Self::Transferring { until, .. }
            | Self::Joining { until, .. }
            | Self::Parked { until, .. } => Some(*until),
            Self::Routing | Self::Talking { .. } | Self::Leaving | Self::Over => None,
        }
    }

    /// The called leg that talks.
    pub(super) fn answered(&self) -> Option<LegNo> {
        match self {
            Self::Talking { called, .. }
            | Self::Waiting { called, .. }
            | Self::Transferring { called, .. }
            | Self::Joining { called, .. }
            | Self::Parked { called, .. } => Some(*called),
            Self::Routing | Self::Ringing { .. } | Self::Leaving | Self::Over => None,
        }
    }

    /// A word for the log.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Routing => "routing",
            Self::Ringing { .. } => "ringing",
            Self::Talking { .. } => "talking",
            Self::Waiting { .. } => "waiting",
            Self::Transferring { .. } => "transferring",
            Self::Joining { .. } => "joining",
            Self::Parked { .. } => "parked",
            Self::Leaving => "leaving",
            Self::Over => "over",
        }
    }

    /// Whether the drawing above has an arrow to `next`.
    pub(super) fn may_become(&self, next: &State) -> bool {
        match self {
            Self::Routing => matches!(next, Self::Ringing { .. } | Self::Over),
            // To itself: the caller's connection is gone, or back.
            Self::Ringing { .. } => {
                matches!(
                    next,
                    Self::Ringing { .. } | Self::Talking { .. } | Self::Waiting { .. } | Self::Over
                )
            }
            Self::Talking { .. } => matches!(
                next,
                Self::Waiting { .. }
                    | Self::Transferring { .. }
                    | Self::Joining { .. }
                    | Self::Parked { .. }
                    | Self::Leaving
                    // To itself: a third comes or goes, or a leg is moved to another phone.
                    | Self::Talking { .. }
                    | Self::Over
            ),
            Self::Waiting { .. } => matches!(next, Self::Talking { .. } | Self::Over),
            // To itself: a leg is moved to another phone.
            Self::Transferring { .. } => matches!(
                next,
                Self::Transferring { .. } | Self::Talking { .. } | Self::Over
            ),
            Self::Joining { .. } => {
                matches!(next, Self::Talking { .. } | Self::Leaving | Self::Over)
            }
            // To itself: the one who parked it is rung again, or no longer; or a leg is moved.
            Self::Parked { .. } => {
                matches!(
                    next,
                    Self::Parked { .. } | Self::Talking { .. } | Self::Over
                )
            }
            Self::Leaving => matches!(next, Self::Over),
            Self::Over => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_follows_over() {
        assert!(!State::Over.may_become(&State::Routing));
        assert!(!State::Over.may_become(&State::Over));
    }

    #[tokio::test]
    async fn what_ends_by_itself_has_a_deadline_and_talk_has_none() {
        let until = Instant::now();
        let ringing = |alone| State::Ringing { until, alone };
        assert_eq!(ringing(None).deadline(), Some(until));
        let sooner = until.checked_sub(std::time::Duration::from_millis(1));
        assert_eq!(ringing(sooner).deadline(), sooner);
        assert_eq!(State::talking(LegNo(1)).deadline(), None);
    }
}

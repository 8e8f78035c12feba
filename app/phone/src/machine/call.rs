//! One call as the machine keeps it.
//!
//! ```text
//!  outgoing: NeedsMicrophone ─► NeedsOffer ─► Inviting ──────────────┐
//!  incoming: Ringing ─► AnswerNeedsMicrophone ─► AnswerNeedsDescription ─► AwaitingAck
//!                                                                    └────────┴─► Talking ─► Over
//!  a page that comes back: Returning ─► Talking; AwaitsCallBack ─► AnswerNeedsMicrophone ─► …
//! ```
//! Every state but the last leads to `Over`.

use sip_core::CallHandle;

use super::{
    Machine, MediaAction, Output,
    refer::Referring,
    repair::{Inflow, Repair},
    returning::Returning,
};
use crate::{CallKey, CallPhase, CallView, EndReason, PhoneEvent, Side, quality::Quality};

/// How far a call is, with what only that state knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Outgoing: the microphone is being opened; nothing was sent.
    NeedsMicrophone,
    /// Outgoing: the browser makes the offer; nothing was sent.
    NeedsOffer,
    /// Outgoing: the INVITE waits for its final answer.
    Inviting,
    /// Incoming: rings here. `offer` is missing if the caller wants one from us.
    Ringing { offer: Option<String> },
    /// Incoming: answered by the person, the microphone is being opened.
    AnswerNeedsMicrophone { offer: Option<String> },
    /// Incoming: the browser makes our description.
    AnswerNeedsDescription,
    /// Incoming: 200 is sent.
    AwaitingAck,
    /// Talk went on without the page, which takes the call up again.
    Returning(Returning),
    /// Outgoing, and the page was gone while it rang: the gateway will call us for it.
    AwaitsCallBack { until: u64 },
    /// People talk; a change of the session may be under way.
    Talking(Change),
    /// Ended; stays on the screen until dismissed.
    Over,
}

/// A change of the session in the middle of talk (RFC 3264 §8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// None.
    None,
    /// The far end offered; the browser makes the answer.
    Answering,
    /// Hold, resume or ICE restart: the browser makes the offer.
    Offering,
    /// The far end has our offer.
    Offered,
}

/// One call.
pub(super) struct Call {
    pub(super) view: CallView,
    pub(super) step: Step,
    /// The SIP leg, once there is one.
    pub(super) leg: Option<CallHandle>,
    /// The far end's description in force.
    pub(super) remote_sdp: Option<String>,
    /// Packets could flow once.
    pub(super) was_connected: bool,
    /// The interruption of the media that goes on now.
    pub(super) repair: Option<Repair>,
    /// What comes in.
    pub(super) inflow: Inflow,
    /// Whether the other side is to wait; the view says whether it does.
    pub(super) wants_hold: bool,
    /// What our offer under way says.
    pub(super) offers_hold: bool,
    /// ICE is to be restarted with the next offer.
    pub(super) wants_restart: bool,
    /// A transfer of ours under way.
    pub(super) referring: Option<Referring>,
    /// The dialog as a `Replaces` to the far end names it.
    pub(super) dialog: Option<String>,
    /// Taken up again while it rang: the far end answers later.
    pub(super) is_early: bool,
    /// Has become part of another call: its card goes with its leg.
    pub(super) is_merged: bool,
    /// When talk began, monotonic milliseconds.
    pub(super) talk_began: Option<u64>,
    /// How it sounds.
    pub(super) quality: Quality,
    /// When that was told last, monotonic milliseconds.
    pub(super) quality_told: u64,
    published: Option<CallView>,
}

impl Call {
    pub(super) fn key(&self) -> CallKey {
        self.view.key
    }

    pub(super) fn is_over(&self) -> bool {
        self.step == Step::Over
    }

    pub(super) fn deadline(&self) -> Option<u64> {
        let coming_back = match &self.step {
            Step::Returning(returning) => Some(returning.until),
            Step::AwaitsCallBack { until } => Some(*until),
            _ => None,
        };
        let repair = self.repair.map(Repair::deadline);
        [repair, coming_back, self.inflow.deadline()]
            .into_iter()
            .flatten()
            .min()
    }
}

impl Machine {
    pub(super) fn add_call(&mut self, side: Side, number: String, step: Step) -> &mut Call {
        let key = CallKey(self.next_key);
        self.next_key += 1;
        let phase = match side {
            Side::Incoming => CallPhase::RingingIn,
            Side::Outgoing => CallPhase::Dialling,
        };
        let view = CallView {
            key,
            call_id: None,
            side,
            number,
            display_name: String::new(),
            line: None,
            phase,
            muted: false,
            began_at: self.now.wall,
            answered_at: None,
            digits: String::new(),
            held: false,
            returning: false,
            consults_for: None,
            transfer: None,
            members: Vec::new(),
            way: None,
            quality: None,
        };
        self.add_view(view, step)
    }

    pub(super) fn add_view(&mut self, view: CallView, step: Step) -> &mut Call {
        let at = self.calls.len();
        self.calls.push(Call {
            view,
            step,
            leg: None,
            remote_sdp: None,
            was_connected: false,
            repair: None,
            inflow: Inflow::default(),
            wants_hold: false,
            offers_hold: false,
            wants_restart: false,
            referring: None,
            dialog: None,
            is_early: false,
            is_merged: false,
            talk_began: None,
            quality: Quality::default(),
            quality_told: 0,
            published: None,
        });
        &mut self.calls[at]
    }

    /// A call that is not over.
    pub(super) fn live_call(&mut self, key: CallKey) -> Option<&mut Call> {
        self.calls
            .iter_mut()
            .find(|call| call.key() == key && !call.is_over())
    }

    /// The call of a SIP leg, unless it is over.
    pub(super) fn call_of(&mut self, leg: CallHandle) -> Option<&mut Call> {
        self.calls
            .iter_mut()
            .find(|call| call.leg == Some(leg) && !call.is_over())
    }

    pub(super) fn has_live_calls(&self) -> bool {
        self.calls.iter().any(|call| !call.is_over())
    }

    /// People talk from now on.
    pub(super) fn talk_begins(&mut self, key: CallKey) {
        let now = self.now;
        if let Some(call) = self.live_call(key) {
            call.step = Step::Talking(Change::None);
            call.view.returning = false;
            if call.is_early {
                call.view.phase = CallPhase::EarlyMedia;
                return;
            }
            call.view.phase = CallPhase::Talking;
            call.view.answered_at.get_or_insert(now.wall);
            call.talk_began.get_or_insert(now.mono);
        }
    }

    /// The far end of a call that was taken up again while it rang has answered.
    pub(super) fn far_answered(&mut self, key: CallKey) {
        let now = self.now;
        let Some(call) = self.live_call(key).filter(|call| call.is_early) else {
            return;
        };
        call.is_early = false;
        if matches!(call.step, Step::Talking(_)) {
            call.view.phase = CallPhase::Talking;
            call.view.answered_at.get_or_insert(now.wall);
            call.talk_began.get_or_insert(now.mono);
        }
    }

    /// The other side put the call into another one: the same dialog, another conversation.
    pub(super) fn put_into(&mut self, key: CallKey, into: String) {
        if let Some(call) = self.live_call(key) {
            call.view.call_id = Some(into);
        }
    }

    /// The call is over, whatever its leg still has to say. Without a code it takes the usual one:
    /// 200 after talk, 487 before.
    pub(super) fn end_call(&mut self, key: CallKey, by_us: bool, code: Option<u16>, reason: &str) {
        let now = self.now.mono;
        let Some(call) = self.live_call(key) else {
            return;
        };
        let code = code.unwrap_or(if call.talk_began.is_some() { 200 } else { 487 });
        let talk_ms = call.talk_began.map_or(0, |began| now.saturating_sub(began));
        let reason = reason.to_owned();
        call.view.phase = CallPhase::Ended(EndReason {
            by_us,
            code,
            reason,
            talk_ms,
        });
        call.step = Step::Over;
        call.view.returning = false;
        call.view.held = false;
        call.repair = None;
        call.inflow = Inflow::default();
        let is_merged = call.is_merged;
        self.closing.push(key);
        self.tell_quality(key, true);
        if is_merged {
            self.absorbed(key);
            self.dismiss(key);
        }
    }

    /// Closes the media of calls that ended, after BYE is on its way: DTLS must not be faster.
    pub(super) fn close_media(&mut self) {
        for key in std::mem::take(&mut self.closing) {
            let action = Output::Media(key, MediaAction::Close);
            self.outputs.push_back(action);
        }
    }

    pub(super) fn dismiss(&mut self, key: CallKey) {
        let before = self.calls.len();
        self.calls
            .retain(|call| call.key() != key || !call.is_over());
        if self.calls.len() < before {
            self.tell(PhoneEvent::CallRemoved(key));
        }
    }

    /// Tells the screen of every call that changed.
    pub(super) fn publish_calls(&mut self) {
        for call in &mut self.calls {
            if call.published.as_ref() != Some(&call.view) {
                call.published = Some(call.view.clone());
                let event = PhoneEvent::CallChanged(Box::new(call.view.clone()));
                self.outputs.push_back(Output::Event(event));
            }
        }
    }
}

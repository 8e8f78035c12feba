//! Handing a call on: blind and attended transfer, three-way calls, parking (RFC 3515, 3891, 3911).
//!
//! ```text
//!  REFER ─► Trying ─► Ringing ─► Done: the leg ends (transfer, park) or becomes the call of three
//!                        └─────► Failed: the call is ours still
//! ```

use sip_core::{
    OutgoingHandle, ReferRequest, SipCause,
    header::{NameAddr, ReferTo},
    message::Response,
    uri::SipUri,
};

use super::{Machine, call::Step, party::target_of};
use crate::{CallKey, CallView, Member, Transfer, TransferKind, TransferProgress};

/// Where parked calls wait.
const PARK: &str = "park";

/// A transfer of ours under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Referring {
    handle: OutgoingHandle,
    kind: TransferKind,
    /// The other call, of two that are put together.
    other: Option<CallKey>,
}

impl Machine {
    /// Hands the other side over to a number.
    pub(super) fn transfer(&mut self, key: CallKey, typed: &str) {
        let target = target_of(typed, self.domain());
        match target {
            Some(target) => {
                let to = typed.trim().to_owned();
                self.refer(key, TransferKind::Blind, None, to, ReferTo::new(target));
            }
            None => {
                self.transfer_failed(key, TransferKind::Blind, typed, 484, "Address Incomplete")
            }
        }
    }

    /// Calls somebody about a call, which waits.
    pub(super) fn consult(&mut self, key: CallKey, typed: &str) {
        let talks = self
            .live_call(key)
            .is_some_and(|call| matches!(call.step, Step::Talking(_)));
        if !talks {
            return;
        }
        let newest = self.next_key;
        self.dial(typed);
        if let Some(asked) = self.live_call(CallKey(newest)) {
            asked.view.consults_for = Some(key);
        }
    }

    /// Puts the other sides of two calls together and leaves.
    pub(super) fn connect(&mut self, key: CallKey, to: CallKey) {
        self.refer_to_call(key, to, TransferKind::Attended);
    }

    /// Makes one call of three out of two.
    pub(super) fn join(&mut self, key: CallKey, other: CallKey) {
        self.refer_to_call(key, other, TransferKind::Join);
    }

    /// Parks the other side.
    pub(super) fn park(&mut self, key: CallKey) {
        let target = SipUri::new(PARK, self.domain());
        self.refer(
            key,
            TransferKind::Park,
            None,
            String::new(),
            ReferTo::new(target),
        );
    }

    fn refer_to_call(&mut self, key: CallKey, other: CallKey, kind: TransferKind) {
        let Some(named) = self.live_call(other) else {
            return;
        };
        let (number, leg) = (named.view.number.clone(), named.leg);
        let dialog = leg.and_then(|leg| self.agent.dialog_id(leg));
        let target = target_of(&number, self.domain()).unwrap_or_else(|| self.own_address());
        let Some(dialog) = dialog.filter(|_| key != other) else {
            return;
        };
        let refer_to = match kind {
            TransferKind::Join => ReferTo::joining(target, &dialog),
            _ => ReferTo::replacing(target, &dialog),
        };
        self.refer(key, kind, Some(other), number, refer_to);
    }

    fn refer(
        &mut self,
        key: CallKey,
        kind: TransferKind,
        other: Option<CallKey>,
        to: String,
        refer_to: ReferTo,
    ) {
        let now = self.now.mono;
        let by = NameAddr::new(self.own_address());
        let is_ready = self.link.is_ready();
        let Some(call) = self.live_call(key) else {
            return;
        };
        let (Step::Talking(_), Some(leg), None) = (&call.step, call.leg, call.referring) else {
            return;
        };
        if !is_ready {
            let reason = "The phone is not connected";
            return self.transfer_failed(key, kind, &to, 503, reason);
        }
        let request = ReferRequest {
            refer_to,
            referred_by: Some(by),
            notify: true,
        };
        let handle = self.agent.refer(now, leg, request);
        if let Some(call) = self.live_call(key) {
            call.referring = Some(Referring {
                handle,
                kind,
                other,
            });
            let progress = TransferProgress::Trying;
            call.view.transfer = Some(Transfer { kind, to, progress });
        }
        // Its leg may end before the NOTIFY that says why.
        if kind == TransferKind::Join {
            self.set_merged(other, true);
        }
    }

    fn set_merged(&mut self, other: Option<CallKey>, is_merged: bool) {
        if let Some(other) = other.and_then(|other| self.live_call(other)) {
            other.is_merged = is_merged;
        }
    }

    fn transfer_failed(
        &mut self,
        key: CallKey,
        kind: TransferKind,
        to: &str,
        code: u16,
        reason: &str,
    ) {
        if let Some(call) = self.live_call(key) {
            call.referring = None;
            call.view.transfer = Some(Transfer {
                kind,
                to: to.to_owned(),
                progress: TransferProgress::Failed {
                    code,
                    reason: reason.to_owned(),
                },
            });
        }
    }

    /// The answer to a REFER; a refusal is its end.
    pub(super) fn refer_answered(&mut self, handle: OutgoingHandle, response: &Response) {
        if let Some(key) = self.referring(handle).filter(|_| !response.is_success()) {
            let cause = SipCause::new(response.code, &response.reason);
            self.refer_progressed(key, &cause, true);
        }
    }

    fn referring(&self, handle: OutgoingHandle) -> Option<CallKey> {
        let is_it =
            |call: &&super::Call| call.referring.is_some_and(|known| known.handle == handle);
        self.calls.iter().find(is_it).map(super::Call::key)
    }

    /// NOTIFY, or the refusal of the REFER.
    pub(super) fn refer_progressed(&mut self, key: CallKey, cause: &SipCause, done: bool) {
        let Some(call) = self.live_call(key) else {
            return;
        };
        let (Some(referring), Some(view)) = (call.referring, &mut call.view.transfer) else {
            return;
        };
        view.progress = match cause.code {
            code if !done && code < 180 => TransferProgress::Trying,
            code if !done && code < 200 => TransferProgress::Ringing,
            200..=299 => TransferProgress::Done {
                note: cause.reason.clone(),
            },
            // A subscription that ends without a word about the call: it is on its way (RFC 5589 §5).
            code if code < 200 => TransferProgress::Done {
                note: String::new(),
            },
            code => TransferProgress::Failed {
                code,
                reason: cause.reason.clone(),
            },
        };
        let progress = view.progress.clone();
        if !matches!(
            progress,
            TransferProgress::Trying | TransferProgress::Ringing
        ) {
            call.referring = None;
        }
        match progress {
            TransferProgress::Done { .. } => self.handed_on(key, referring),
            TransferProgress::Failed { .. } => self.set_merged(referring.other, false),
            TransferProgress::Trying | TransferProgress::Ringing => {}
        }
    }

    fn handed_on(&mut self, key: CallKey, referring: Referring) {
        match (referring.kind, referring.other) {
            (TransferKind::Join, Some(other)) => self.merge(key, other),
            (_, other) => {
                self.hang_up(key);
                if let Some(other) = other {
                    self.hang_up(other);
                }
            }
        }
    }

    /// The gateway has put the other call's far end into this call and ends the other leg.
    fn merge(&mut self, key: CallKey, other: CallKey) {
        self.absorb(key, other);
        if let Some(call) = self.live_call(key) {
            call.view.transfer = None;
            call.view.consults_for = None;
        }
        self.hold(key, false);
    }

    /// The leg of a call that was to become part of another has ended.
    pub(super) fn absorbed(&mut self, other: CallKey) {
        let takes = |call: &&super::Call| {
            let other_of = call.referring.and_then(|referring| referring.other);
            other_of == Some(other) && !call.is_over()
        };
        if let Some(key) = self.calls.iter().find(takes).map(super::Call::key) {
            self.absorb(key, other);
        }
    }

    /// Moves whoever was in the other call here.
    fn absorb(&mut self, key: CallKey, other: CallKey) {
        let is_other = |call: &&mut super::Call| call.key() == other;
        let Some(found) = self.calls.iter_mut().find(is_other) else {
            return;
        };
        let mut members = vec![member(&found.view)];
        members.append(&mut found.view.members);
        found.is_merged = true;
        if let Some(call) = self.live_call(key) {
            call.view.members.append(&mut members);
        }
    }

    fn domain(&self) -> &str {
        let config = self.link.config.as_ref();
        config.map_or("", |config| &config.domain)
    }

    /// Our address of record.
    pub(super) fn own_address(&self) -> SipUri {
        let config = self.link.config.as_ref();
        let extension = config.map_or("", |config| &config.extension);
        SipUri::new(extension, self.domain())
    }
}

fn member(view: &CallView) -> Member {
    Member {
        number: view.number.clone(),
        display_name: view.display_name.clone(),
        call_id: view.call_id.clone(),
    }
}

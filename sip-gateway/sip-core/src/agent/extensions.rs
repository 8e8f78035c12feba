//! Commands beyond RFC 3261: session timers, UPDATE, early offers, transfers.

use super::UserAgent;
use crate::{
    CallHandle, CallOptions, Millis, OutgoingHandle, ReferRequest, Replaced,
    agent::RequestHandle,
    dtmf::{Key, KeyStyle},
    header::Replaces,
};

impl UserAgent {
    /// How calls that begin from now on are run; [`CallOptions::default`] until then.
    pub fn set_call_options(&mut self, options: CallOptions) {
        self.stack.call_options = options;
    }

    /// How this call is run: after [`Self::invite_with`] or [`crate::Event::IncomingInvite`] and
    /// before the first answer.
    pub fn set_options_of(&mut self, now: Millis, call: CallHandle, options: CallOptions) {
        self.with_call(now, call, |call, _| call.options = options);
    }

    /// Offers a changed session with UPDATE (RFC 3311): also before the call is answered, once a
    /// reliable provisional answer has settled the first offer. In an answered call with a peer
    /// that has no UPDATE it is a re-INVITE. Ends like [`Self::reinvite`].
    pub fn update(&mut self, now: Millis, call: CallHandle, sdp: String) {
        self.with_call(now, call, |call, stack| call.update(sdp, stack));
    }

    /// Sends re-INVITE without an offer: the peer's comes as [`crate::Event::LateOffer`].
    pub fn reinvite_for_offer(&mut self, now: Millis, call: CallHandle) {
        self.with_call(now, call, |call, stack| call.reinvite_for_offer(stack));
    }

    /// Answers [`crate::Event::EarlyOffer`], in the PRACK that has been held back.
    pub fn answer_early_offer(&mut self, now: Millis, call: CallHandle, sdp: String) {
        self.with_call(now, call, |call, stack| {
            call.answer_early_offer(sdp, stack);
        });
    }

    /// Presses a key in INFO, for peers that want it so. The answer comes as
    /// [`crate::Event::Response`]. Keys of the peer come as [`crate::Event::InCallRequest`]:
    /// [`Key::of_info`] reads them.
    pub fn send_key(
        &mut self,
        now: Millis,
        call: CallHandle,
        key: Key,
        style: KeyStyle,
    ) -> OutgoingHandle {
        let body = key.to_info(style);
        self.call_request(now, call, "INFO", Vec::new(), Some(body))
    }

    /// Asks the peer to call somebody else (RFC 3515). Its answer comes as
    /// [`crate::Event::Response`] (202 when it agrees), what becomes of it as
    /// [`crate::Event::ReferProgress`]. The call itself stays until it is hung up.
    pub fn refer(
        &mut self,
        now: Millis,
        call: CallHandle,
        request: ReferRequest,
    ) -> OutgoingHandle {
        self.tick(now);
        let handle = OutgoingHandle(self.stack.next_id());
        self.with_call_or_481(handle, call, |call, stack| {
            call.refer(handle, request, stack);
        });
        handle
    }

    /// Answers [`crate::Event::Refer`] with 202 and tells the peer 100 Trying, if it wants to know.
    pub fn accept_refer(&mut self, now: Millis, call: CallHandle, refer: RequestHandle) {
        self.with_call(now, call, |call, stack| call.accept_refer(refer, stack));
    }

    /// Tells the peer how the transfer it asked for goes: the code of the third party's answer.
    /// One of 200 or above is the last.
    pub fn notify_refer(
        &mut self,
        now: Millis,
        call: CallHandle,
        refer: RequestHandle,
        code: u16,
        reason: &str,
    ) {
        self.with_call(now, call, |call, stack| {
            call.notify_refer(refer, code, reason, stack);
        });
    }

    /// Which of our calls a dialog is that a peer names in `Refer-To` (with `Replaces` or `Join`).
    #[must_use]
    pub fn dialog_named(&self, dialog: &Replaces) -> Replaced {
        self.calls.named_by(dialog)
    }

    /// How the peer of this call knows the dialog: for [`crate::header::ReferTo::replacing`], or a
    /// `Replaces` in an INVITE to that peer. `None` while an outgoing call is not answered.
    #[must_use]
    pub fn dialog_id(&self, call: CallHandle) -> Option<Replaces> {
        self.calls.get(call)?.dialog_id()
    }
}

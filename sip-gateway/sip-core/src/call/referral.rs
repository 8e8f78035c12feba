//! What a transfer looks like from outside (RFC 3515).

use crate::{
    CallHandle,
    agent::RequestHandle,
    header::{NameAddr, ReferTo},
    message::Request,
};

/// A transfer we ask the peer for, with [`crate::UserAgent::refer`].
#[derive(Debug, Clone)]
pub struct ReferRequest {
    /// Whom the peer is to call; for an attended transfer made with [`ReferTo::replacing`] and
    /// [`crate::UserAgent::dialog_id`] of the other call.
    pub refer_to: ReferTo,
    /// Who transfers (RFC 3892), told to the third party.
    pub referred_by: Option<NameAddr>,
    /// Whether the peer is to tell how it goes; `false` sends `Refer-Sub: false` (RFC 4488).
    pub notify: bool,
}

/// The peer asks us to call somebody else. Answer with [`crate::UserAgent::accept_refer`], then
/// tell with [`crate::UserAgent::notify_refer`] how it goes; or refuse with
/// [`crate::UserAgent::respond`] (603, 403, …).
#[derive(Debug, Clone)]
pub struct IncomingRefer {
    /// The call it came in.
    pub call: CallHandle,
    /// Names the transfer from now on.
    pub handle: RequestHandle,
    /// Whom to call, and which of its calls to take over.
    pub refer_to: ReferTo,
    /// Who transfers (`Referred-By`, RFC 3892).
    pub referred_by: Option<NameAddr>,
    /// Whether the peer wants to hear how it goes (no `Refer-Sub: false`).
    pub wants_notify: bool,
    /// The whole request.
    pub request: Request,
}

/// What `Replaces` in an INVITE means here (RFC 3891 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaced {
    /// The new call is to take the place of this one. Who may do that is the shell's decision;
    /// after [`crate::UserAgent::accept`] it hangs the old one up.
    Call(CallHandle),
    /// Nothing can be replaced; refuse with this code: 481 no such dialog (or an early one we did
    /// not begin), 486 answered already though `early-only` was asked for, 603 already over,
    /// 400 cannot be read or comes twice.
    Refuse(u16),
}

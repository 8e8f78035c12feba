//! Lock-outs after wrong SIP passwords.

pub(super) mod lift;
pub(super) mod list;

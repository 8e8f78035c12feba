//! Lock-outs after wrong SIP passwords.

pub(super) mod list;

//! Typed header values that rsip lacks or reads wrongly.

use crate::uri::SipUri;

/// `"Display" <sip:…>;params` (RFC 3261 §20.10, §20.20, §20.39).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameAddr {
    /// Display name, unquoted.
    pub display: Option<String>,
    /// The URI in angle brackets.
    pub uri: SipUri,
    /// Header parameters (`tag`, `expires`, …), in order.
    pub params: Vec<(String, Option<String>)>,
}

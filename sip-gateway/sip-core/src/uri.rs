//! `sip:`, `sips:` and `tel:` URIs (RFC 3261 §19.1, RFC 3966).

/// A SIP or tel URI. Unknown parameters are kept in order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SipUri {
    /// `sip`, `sips` or `tel`.
    pub scheme: String,
    /// User part, percent-decoded; the number of a `tel:` URI.
    pub user: Option<String>,
    /// Host or IP address; IPv6 without brackets; empty for `tel:`.
    pub host: String,
    /// Port, if written.
    pub port: Option<u16>,
    /// Parameters after `;`, in order; a value may be absent.
    pub params: Vec<(String, Option<String>)>,
    /// Headers after `?`, percent-decoded.
    pub headers: Vec<(String, String)>,
}

//! Typed header values that rsip lacks or reads wrongly.

mod auth;
mod cseq;
mod name_addr;
mod params;
mod rack;
mod refer_to;
mod replaces;
mod session_expires;
mod session_id;
mod sip_fragment;
mod subscription_state;
mod via;

pub use auth::AuthValue;
pub use cseq::CSeq;
pub use name_addr::NameAddr;
pub(crate) use params::parse_params;
pub use params::split_list;
pub use rack::RAck;
pub use refer_to::ReferTo;
pub use replaces::Replaces;
pub use session_expires::{MinSe, Refresher, SessionExpires};
pub use session_id::SessionId;
pub use sip_fragment::{SIP_FRAGMENT, read_sip_fragment, write_sip_fragment};
pub use subscription_state::SubscriptionState;
pub use via::Via;

/// A header value that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// The header field is not there.
    #[error("the header field {0} is missing")]
    Missing(&'static str),
    /// The value does not follow the grammar.
    #[error("the header field {0} cannot be read")]
    Malformed(&'static str),
    /// The URI inside does not follow the grammar.
    #[error(transparent)]
    Uri(#[from] crate::uri::UriError),
}

/// Expands the one-letter names of RFC 3261 §7.3.3 and its successors; other names come back as
/// they are.
#[must_use]
pub fn full_name(name: &str) -> &str {
    let [letter] = name.as_bytes() else {
        return name;
    };
    match letter.to_ascii_lowercase() {
        b'a' => "Accept-Contact",
        b'b' => "Referred-By",
        b'c' => "Content-Type",
        b'e' => "Content-Encoding",
        b'f' => "From",
        b'i' => "Call-ID",
        b'j' => "Reject-Contact",
        b'k' => "Supported",
        b'l' => "Content-Length",
        b'm' => "Contact",
        b'o' => "Event",
        b'r' => "Refer-To",
        b's' => "Subject",
        b't' => "To",
        b'u' => "Allow-Events",
        b'v' => "Via",
        b'x' => "Session-Expires",
        b'y' => "Identity",
        _ => name,
    }
}

/// Whether two header names mean the same field: case and compact form do not matter.
#[must_use]
pub fn same_name(left: &str, right: &str) -> bool {
    full_name(left).eq_ignore_ascii_case(full_name(right))
}

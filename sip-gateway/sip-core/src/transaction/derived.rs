//! Requests that copy most of another one.

use crate::{
    header::same_name,
    message::{Request, Response},
};

/// The ACK to a final response of 300 or above (RFC 3261 §17.1.1.3).
pub fn ack_for(invite: &Request, response: &Response) -> Request {
    let mut ack = copy(invite, "ACK");
    if let Some(to) = response.header("To") {
        ack.set_header("To", to);
    }
    ack
}

/// The CANCEL of an INVITE (§9.1).
pub fn cancel_for(invite: &Request, reason: Option<&str>) -> Request {
    let mut cancel = copy(invite, "CANCEL");
    if let Some(reason) = reason {
        cancel.add_header("Reason", reason);
    }
    cancel
}

/// Same Request-URI, topmost Via, Route, From, To, Call-ID and CSeq number.
fn copy(invite: &Request, method: &str) -> Request {
    let mut request = Request::new(method, invite.uri.clone());
    request.headers = invite
        .headers
        .iter()
        .filter(|(name, _)| is_kept(name))
        .cloned()
        .collect();
    if let Ok(cseq) = invite.cseq() {
        request.set_header("CSeq", format!("{} {method}", cseq.number));
    }
    request
}

fn is_kept(name: &str) -> bool {
    [
        "Via",
        "Max-Forwards",
        "Route",
        "From",
        "To",
        "Call-ID",
        "CSeq",
    ]
    .iter()
    .any(|kept| same_name(kept, name))
}

//! Dialogs (RFC 3261 §12): tags, sequence numbers, remote target and route set.

use crate::{
    header::NameAddr,
    message::{Request, Response},
    uri::SipUri,
};

pub struct Dialog {
    pub call_id: String,
    /// We, with our tag.
    local: NameAddr,
    /// The peer, with its tag (peers of RFC 2543 have none).
    remote: NameAddr,
    local_seq: u32,
    remote_seq: Option<u32>,
    /// The peer's Contact.
    target: SipUri,
    routes: Vec<NameAddr>,
}

impl Dialog {
    /// The caller's side, from a response to its INVITE (§12.1.2).
    pub fn as_caller(invite: &Request, response: &Response) -> Option<Self> {
        let mut routes = record_routes(response.header_values("Record-Route"));
        routes.reverse();
        Some(Self {
            call_id: invite.call_id()?.to_owned(),
            local: invite.from_header().ok()?,
            remote: response.to_header().ok()?,
            local_seq: invite.cseq().ok()?.number,
            remote_seq: None,
            // A 2xx must have a Contact. Without one the INVITE's own target is the best guess.
            target: response
                .contact()
                .map_or_else(|| invite.uri.clone(), |contact| contact.uri),
            routes,
        })
    }

    /// The callee's side, from an INVITE (§12.1.1).
    pub fn as_callee(invite: &Request, local_tag: &str) -> Option<Self> {
        let remote = invite.from_header().ok()?;
        Some(Self {
            call_id: invite.call_id()?.to_owned(),
            local: invite.to_header().ok()?.with_tag(local_tag),
            // §8.1.1.8 demands a Contact; some send none, their From may be reachable.
            target: invite
                .contact()
                .map_or_else(|| remote.uri.clone(), |contact| contact.uri),
            remote,
            local_seq: 0,
            remote_seq: Some(invite.cseq().ok()?.number),
            routes: record_routes(invite.header_values("Record-Route")),
        })
    }

    /// Takes over the numbers of the early dialog it was (§13.2.2.4 recomputes only the route set).
    pub fn continue_from(&mut self, early: &Self) {
        self.local_seq = self.local_seq.max(early.local_seq);
        self.remote_seq = early.remote_seq;
    }

    pub fn remote_tag(&self) -> &str {
        self.remote.tag().unwrap_or_default()
    }

    /// Builds the next request (§12.2.1.1).
    pub fn request(&mut self, method: &str) -> Request {
        self.local_seq = self.local_seq.wrapping_add(1);
        self.build(method, self.local_seq)
    }

    /// Takes the next sequence number for sending a request again.
    pub fn next_seq(&mut self) -> u32 {
        self.local_seq = self.local_seq.wrapping_add(1);
        self.local_seq
    }

    /// The ACK to the 2xx of the INVITE with this number (§13.2.2.4).
    pub fn ack(&self, seq: u32) -> Request {
        self.build("ACK", seq)
    }

    fn build(&self, method: &str, seq: u32) -> Request {
        let mut request = routed(method, &self.target, &self.routes);
        request.add_header("From", self.local.to_string());
        request.add_header("To", self.remote.to_string());
        request.add_header("Call-ID", &self.call_id);
        request.add_header("CSeq", format!("{seq} {method}"));
        request
    }

    /// Checks the order of the peer's requests (§12.2.2): a number below the last is out of order.
    pub fn accept_seq(&mut self, seq: u32) -> bool {
        let in_order = self.remote_seq.is_none_or(|last| seq >= last);
        if in_order {
            self.remote_seq = Some(seq);
        }
        in_order
    }

    /// Target refresh (§12.2.2): the peer moved its Contact.
    pub fn refresh_target(&mut self, contact: Option<NameAddr>) {
        if let Some(contact) = contact {
            self.target = contact.uri;
        }
    }
}

fn record_routes<'a>(values: impl Iterator<Item = &'a str>) -> Vec<NameAddr> {
    values.filter_map(|value| value.parse().ok()).collect()
}

/// A request with Request-URI and Route for this route set (§12.2.1.1, §16.12.1.1).
pub fn routed(method: &str, target: &SipUri, routes: &[NameAddr]) -> Request {
    match routes {
        // Strict routing: the first hop is the Request-URI, the target closes the list.
        [first, rest @ ..] if first.uri.param("lr").is_none() => {
            let mut request = Request::new(method, first.uri.clone());
            rest.iter()
                .for_each(|route| request.add_header("Route", route.to_string()));
            request.add_header("Route", NameAddr::new(target.clone()).to_string());
            request
        }
        routes => {
            let mut request = Request::new(method, target.clone());
            routes
                .iter()
                .for_each(|route| request.add_header("Route", route.to_string()));
            request
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialog(record_routes: &[&str]) -> Dialog {
        let mut invite = Request::new("INVITE", "sip:bob@proxy".parse().unwrap());
        for (name, value) in [
            ("From", "<sip:alice@a>;tag=1"),
            ("To", "<sip:bob@proxy>"),
            ("Call-ID", "c"),
            ("CSeq", "7 INVITE"),
        ] {
            invite.add_header(name, value);
        }
        let mut ok = Response::to_request(&invite, 200, "", Some("2"));
        ok.add_header("Contact", "<sip:bob@10.0.0.2:5070>");
        record_routes
            .iter()
            .for_each(|route| ok.add_header("Record-Route", *route));
        Dialog::as_caller(&invite, &ok).unwrap()
    }

    #[test]
    fn loose_routes_go_in_reverse_order_to_the_contact() {
        let mut dialog = dialog(&["<sip:p2;lr>, <sip:p1;lr>"]);
        let bye = dialog.request("BYE");
        assert_eq!(bye.uri.to_string(), "sip:bob@10.0.0.2:5070");
        let routes: Vec<&str> = bye.header_all("Route").collect();
        assert_eq!(routes, ["<sip:p1;lr>", "<sip:p2;lr>"]);
        assert_eq!(bye.header("CSeq"), Some("8 BYE"));
        assert_eq!(dialog.ack(7).header("CSeq"), Some("7 ACK"));
    }

    #[test]
    fn a_strict_router_becomes_the_request_uri() {
        let mut dialog = dialog(&["<sip:p2;lr>", "<sip:p1>"]);
        let bye = dialog.request("BYE");
        assert_eq!(bye.uri.to_string(), "sip:p1");
        let routes: Vec<&str> = bye.header_all("Route").collect();
        assert_eq!(routes, ["<sip:p2;lr>", "<sip:bob@10.0.0.2:5070>"]);
    }

    #[test]
    fn requests_out_of_order_are_seen() {
        let mut dialog = dialog(&[]);
        assert!(dialog.accept_seq(5));
        assert!(dialog.accept_seq(5));
        assert!(!dialog.accept_seq(4));
    }
}

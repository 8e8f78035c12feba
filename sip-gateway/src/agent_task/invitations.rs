//! How an INVITE of ours is worded.

use std::net::SocketAddr;

use sip_core::{Flow, InviteRequest, header::NameAddr, uri::SipUri};

use super::registering::credentials;
use crate::{
    calls::{Invitation, Shown, Target, identity::session_id},
    config::SipAddress,
    lines::Line,
    ports::{CallId, REALM},
};

/// To one of our phones.
pub(super) fn to_phone(
    call: CallId,
    target: &Target,
    invitation: &Invitation,
    host: SipAddress,
) -> InviteRequest {
    let mut headers = vec![("Session-ID".to_owned(), session_id(call))];
    if let Some((number, label)) = &invitation.called {
        // RFC 7315 §4.2: which of our numbers was called; the line's label stands as its name.
        let called = NameAddr::new(SipUri::new(number.clone(), REALM)).with_display(label.clone());
        headers.push(("P-Called-Party-ID".to_owned(), called.to_string()));
    }
    let mut contact = SipUri::new(call.simple().to_string(), host.host).with_port(host.port);
    if target.flow.is_reliable() {
        contact = contact.with_param("transport", Some("ws"));
    }
    InviteRequest {
        flow: target.flow,
        target: target.contact.clone(),
        from: from_shown(&invitation.from),
        to: NameAddr::new(SipUri::new(target.extension.clone(), REALM)),
        contact,
        routes: Vec::new(),
        headers,
        sdp: Some(invitation.sdp.clone()),
        credentials: None,
        ring_timeout_ms: None,
    }
}

fn from_shown(shown: &Shown) -> NameAddr {
    match &shown.number {
        Some(number) => NameAddr::new(SipUri::new(number.clone(), REALM))
            .with_display(shown.name.clone().unwrap_or_default()),
        // RFC 3323 §4.1.1.3.
        None => {
            NameAddr::new(SipUri::new("anonymous", "anonymous.invalid")).with_display("Anonymous")
        }
    }
}

/// To the network over a line.
pub(super) fn to_network(
    line: &Line,
    address: SocketAddr,
    number: &str,
    invitation: &Invitation,
    host: SipAddress,
) -> InviteRequest {
    let own = invitation
        .from
        .number
        .as_deref()
        .unwrap_or(&line.config.user);
    InviteRequest {
        flow: Flow::Udp { remote: address },
        target: line.uri(number),
        from: NameAddr::new(line.uri(own)),
        to: NameAddr::new(line.uri(number)),
        contact: SipUri::new(line.token.clone(), host.host).with_port(host.port),
        routes: Vec::new(),
        headers: Vec::new(),
        sdp: Some(invitation.sdp.clone()),
        credentials: Some(credentials(&line.config)),
        ring_timeout_ms: None,
    }
}

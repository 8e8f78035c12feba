//! How an INVITE of ours is worded.

use sip_core::{Flow, InviteRequest, StreamKind, header::NameAddr, uri::SipUri};

use super::registering::credentials;
use crate::{
    calls::{Invitation, Shown, Target, identity::session_id},
    config::SipAddress,
    lines::Line,
    ports::{CallId, CallerIdHeader, LineAttempt, REALM},
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
    if invitation.answers_itself {
        headers.push(("Answer-Mode".to_owned(), "Auto".to_owned()));
    }
    let mut contact = SipUri::new(call.simple().to_string(), host.host).with_port(host.port);
    if let Some(word) = transport_param(target.flow) {
        contact = contact.with_param("transport", Some(word));
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

/// What a Contact of ours says about the transport (RFC 3261 §19.1.1, RFC 7118 §5.2.1).
pub(super) fn transport_param(flow: Flow) -> Option<&'static str> {
    match flow {
        Flow::Udp { .. } => None,
        Flow::Stream { kind, .. } => Some(match kind {
            StreamKind::Tcp => "tcp",
            StreamKind::Tls => "tls",
            StreamKind::Ws | StreamKind::Wss => "ws",
        }),
    }
}

/// To the network over a line.
pub(super) fn to_network(
    line: &Line,
    flow: Flow,
    attempt: &LineAttempt,
    invitation: &Invitation,
    host: SipAddress,
) -> InviteRequest {
    let config = &line.config;
    let own = attempt
        .caller_id
        .as_deref()
        .or(config.number.as_deref())
        .unwrap_or(&config.user);
    let (from, headers) = caller_id(line, own);
    InviteRequest {
        flow,
        target: line.uri(&attempt.number),
        from: NameAddr::new(from),
        to: NameAddr::new(line.uri(&attempt.number)),
        contact: line.contact(&line.token, host),
        routes: line.routes(),
        headers,
        sdp: Some(invitation.sdp.clone()),
        credentials: Some(credentials(config)).filter(|c| !c.password.is_empty()),
        ring_timeout_ms: None,
    }
}

/// From, and the header fields that name the caller where From names the account.
fn caller_id(line: &Line, own: &str) -> (SipUri, Vec<(String, String)>) {
    let account = line.own_uri(&line.config.user);
    let asserted = format!("<{}>", line.own_uri(own));
    match line.config.caller_id {
        CallerIdHeader::From => (line.own_uri(own), Vec::new()),
        // RFC 3325 §9: a trusted peer takes the first, a provider that checks takes the second.
        CallerIdHeader::PAssertedIdentity => (
            account,
            vec![
                ("P-Asserted-Identity".to_owned(), asserted.clone()),
                ("P-Preferred-Identity".to_owned(), asserted),
            ],
        ),
        CallerIdHeader::RemotePartyId => (
            account,
            vec![(
                "Remote-Party-ID".to_owned(),
                format!("{asserted};party=calling;screen=yes;privacy=off"),
            )],
        ),
    }
}

//! The robot's INVITE: who it says calls whom, and where it goes.

use crate::{
    Account, Quirk, RobotCall,
    dialog::{Dialog, address_of},
    network::Network,
    random,
    registrar::Binding,
    templates::{self, fill},
};
use std::net::SocketAddr;

/// Who passes calls on.
const DIVERTED_BY: &str = "74957654321";

pub(super) fn dialog(
    net: &Network,
    account: &Account,
    binding: &Binding,
    order: &RobotCall,
    call_id: String,
) -> Dialog {
    let domain = &net.config().domain;
    let trunk = [Quirk::CallerInAsserted, Quirk::CallerInRemotePartyId];
    let local = match net.quirks().any(&trunk) {
        true => format!("\"Trunk\" <sip:trunk-7@{domain}>"),
        false => caller(net, order, "anonymous.invalid"),
    };
    Dialog {
        call_id,
        local,
        local_tag: random::token(6),
        remote: identity(net, &account.number, domain),
        target: binding.contact.clone(),
        routes: Vec::new(),
        cseq: 0,
        peer: way_to(net, binding),
    }
}

/// From: name and number, or anonymous (RFC 3323 §4.1.1.3).
fn caller(net: &Network, order: &RobotCall, nowhere: &str) -> String {
    let Some(number) = &order.caller else {
        return format!("\"Anonymous\" <sip:anonymous@{nowhere}>");
    };
    let uri = identity(net, number, &net.config().domain);
    match &order.caller_name {
        Some(name) => format!(
            "\"{}\" {uri}",
            name.replace('\\', "\\\\").replace('"', "\\\"")
        ),
        None => uri,
    }
}

fn identity(net: &Network, number: &str, domain: &str) -> String {
    match net.shows(Quirk::TelUris) {
        true => format!("<tel:{}>", uri_safe(number)),
        false => format!("<sip:{}@{domain}>", uri_safe(number)),
    }
}

/// The header lines that say who calls and who passed the call on.
fn identity_lines(net: &Network, order: &RobotCall) -> String {
    let domain = &net.config().domain;
    if order.caller.is_none() {
        // RFC 3325: only who shows the number asserts it.
        return "Privacy: id".to_owned();
    }
    let who = caller(net, order, domain);
    let mut lines = vec![match net.shows(Quirk::CallerInRemotePartyId) {
        true => format!("Remote-Party-ID: {who};party=calling;screen=yes;privacy=off"),
        false => format!("P-Asserted-Identity: {who}"),
    }];
    net.shows(Quirk::CallerInAsserted);
    if net.shows(Quirk::Diverted) {
        lines.push(format!(
            "Diversion: \"Front desk\" <sip:{DIVERTED_BY}@{domain}>;reason=no-answer;counter=1"
        ));
    }
    if net.shows(Quirk::History) {
        lines.push(format!(
            "History-Info: <sip:{DIVERTED_BY}@{domain}?Reason=SIP%3Bcause%3D486>;index=1, \
             <sip:line1@{domain};cause=486>;index=1.1"
        ));
    }
    lines.join("\r\n")
}

/// A number as the user part of a URI.
fn uri_safe(number: &str) -> String {
    let allowed = |c: &char| c.is_ascii_alphanumeric() || "-_.!~*'()&=+$,;?/#".contains(*c);
    number
        .chars()
        .filter(allowed)
        .collect::<String>()
        .replace('#', "%23")
}

/// Where the INVITE goes: the Contact, or behind NAT where the REGISTER came from.
pub(super) fn way_to(net: &Network, binding: &Binding) -> SocketAddr {
    match address_of(&binding.contact) {
        Some(address) if net.shows(Quirk::TrustsContact) || address.ip() == binding.source.ip() => {
            address
        }
        _ => binding.source,
    }
}

/// The INVITE; `extras` are the Contact line, the Allow line and the description.
pub(super) fn write_invite(
    net: &Network,
    dialog: &Dialog,
    order: &RobotCall,
    branch: &str,
    [contact, allow, offer]: &[&str; 3],
) -> String {
    let identity = identity_lines(net, order);
    let routes = net.routes();
    // RFC 3261 §16.6: each hop puts itself on top.
    let routes: Vec<String> = routes
        .iter()
        .map(|route| format!("Record-Route: {route}"))
        .collect();
    let kind = match offer.is_empty() {
        true => "",
        false => "Content-Type: application/sdp",
    };
    fill(
        templates::INVITE,
        &[
            ("target", &dialog.target),
            ("our_address", &net.address().to_string()),
            ("branch", branch),
            ("record_route_lines", &routes.join("\r\n")),
            (
                "from",
                &format!("{};tag={}", dialog.local, dialog.local_tag),
            ),
            ("to", &dialog.remote),
            ("call_id", &dialog.call_id),
            ("cseq", &dialog.cseq.to_string()),
            ("contact_lines", contact),
            ("allow_lines", allow),
            ("identity_lines", &identity),
            ("type_lines", kind),
            ("length", &offer.len().to_string()),
            ("sdp", offer),
        ],
    )
}

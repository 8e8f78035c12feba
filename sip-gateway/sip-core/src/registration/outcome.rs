//! What a registrar's 200 says.

use std::net::SocketAddr;

use super::{Binding, RegistrationRequest, failure::flow_timer};
use crate::{header::NameAddr, message::Response};

/// Seconds granted to our Contact.
pub struct Granted {
    pub secs: u32,
}

impl Granted {
    /// RFC 3261 §10.2.4: `expires` of our Contact among those listed, else `Expires`. `None` when
    /// the registrar says nothing about it.
    pub fn read(response: &Response, wanted: &RegistrationRequest) -> Option<Self> {
        let contacts = response.contacts();
        let ours =
            contacts
                .iter()
                .find(|contact| is_ours(contact, wanted))
                .or(if contacts.len() == 1 {
                    contacts.first()
                } else {
                    None
                });
        ours.and_then(|contact| contact.param("expires")?.parse().ok())
            .or_else(|| response.expires())
            .map(|secs| Self { secs })
    }
}

fn is_ours(contact: &NameAddr, wanted: &RegistrationRequest) -> bool {
    if contact.uri.same_address(&wanted.contact) {
        return true;
    }
    // Behind some proxies the address is rewritten, the instance is not (RFC 5626 §4.2).
    wanted
        .contact_params
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("+sip.instance"))
        .and_then(|(_, value)| value.as_deref())
        .is_some_and(|ours| {
            contact
                .param("+sip.instance")
                .is_some_and(|theirs| theirs.trim_matches('"') == ours.trim_matches('"'))
        })
}

/// Our address as the registrar saw it: `received` and `rport` of our own Via.
pub fn seen_as(response: &Response) -> Option<SocketAddr> {
    response.via().ok()?.seen_as()
}

/// Routes and keepalives the registrar asks for.
pub fn binding(response: &Response) -> Binding {
    Binding {
        service_route: response
            .header_values("Service-Route")
            .filter_map(|value| value.parse().ok())
            .collect(),
        flow_timer_secs: flow_timer(response),
    }
}

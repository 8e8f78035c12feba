//! A dialog (RFC 3261 §12): who the two are to each other, and the way to the other side.

use crate::{
    Quirk,
    network::Network,
    random,
    resend::Datagram,
    templates::{REQUEST, fill},
    wire::{self, Message},
};
use std::net::{IpAddr, SocketAddr};

/// What a request carries besides.
#[derive(Debug, Default)]
pub struct Content {
    /// Header lines.
    pub lines: String,
    /// The type of the body; empty: none.
    pub kind: &'static str,
    /// The body.
    pub body: String,
}

/// Our side of a dialog.
#[derive(Debug, Clone)]
pub struct Dialog {
    /// Call-ID.
    pub call_id: String,
    /// Our From (or To) without tag.
    pub local: String,
    pub local_tag: String,
    /// Their To (or From) as it came, with their tag if they have one by now.
    pub remote: String,
    /// The Request-URI of what we send: their Contact.
    pub target: String,
    /// The Route headers of what we send.
    pub routes: Vec<String>,
    /// The number of our last request.
    pub cseq: u32,
    /// Where their last message came from.
    pub peer: SocketAddr,
}

impl Dialog {
    /// The dialog an INVITE to one of our numbers makes (§12.1.1).
    pub fn answering(invite: &Message, peer: SocketAddr) -> Self {
        let contact = invite
            .values("contact")
            .first()
            .map(|c| wire::uri_of(c).to_owned());
        Self {
            call_id: invite.call_id().to_owned(),
            local: invite.header("to").unwrap_or_default().to_owned(),
            local_tag: random::token(6),
            remote: invite.header("from").unwrap_or_default().to_owned(),
            target: contact.unwrap_or_else(|| format!("sip:{peer}")),
            routes: invite
                .values("record-route")
                .into_iter()
                .map(str::to_owned)
                .collect(),
            cseq: 0,
            peer,
        }
    }

    /// What a 2xx to the robot's INVITE adds (§12.1.2). `ours` are our own Record-Route values.
    pub fn confirm(&mut self, response: &Message, peer: SocketAddr, ours: &[String]) {
        response
            .header("to")
            .unwrap_or_default()
            .clone_into(&mut self.remote);
        self.peer = peer;
        let routes = response.values("record-route").into_iter().rev();
        self.routes = routes
            .filter(|route| !ours.iter().any(|own| own == route))
            .map(str::to_owned)
            .collect();
        self.refresh_target(response);
    }

    /// A re-INVITE, UPDATE or its answer may move the remote target (§12.2).
    pub fn refresh_target(&mut self, message: &Message) {
        if let Some(contact) = message.values("contact").first() {
            wire::uri_of(contact).clone_into(&mut self.target);
        }
    }

    /// Their tag, empty before they gave one.
    pub fn remote_tag(&self) -> &str {
        wire::header_parameter(&self.remote, "tag").unwrap_or_default()
    }

    /// A request in the dialog without body, its number and its branch given.
    pub fn request(&self, net: &Network, method: &str, cseq: u32, branch: &str) -> Datagram {
        self.request_with(net, method, cseq, branch, &Content::default())
    }

    /// A request in the dialog.
    pub fn request_with(
        &self,
        net: &Network,
        method: &str,
        cseq: u32,
        branch: &str,
        content: &Content,
    ) -> Datagram {
        let routes: Vec<String> = self.routes.iter().map(|r| format!("Route: {r}")).collect();
        let kind = match content.kind {
            "" => String::new(),
            kind => format!("Content-Type: {kind}"),
        };
        let text = fill(
            REQUEST,
            &[
                ("method", method),
                ("target", &self.target),
                ("our_address", &net.address().to_string()),
                ("branch", branch),
                ("route_lines", &routes.join("\r\n")),
                ("from", &format!("{};tag={}", self.local, self.local_tag)),
                ("to", &self.remote),
                ("call_id", &self.call_id),
                ("cseq", &cseq.to_string()),
                ("extra_lines", &content.lines),
                ("type_lines", &kind),
                ("length", &content.body.len().to_string()),
                ("sdp", &content.body),
            ],
        );
        Datagram {
            text,
            to: self.next_hop(net.has(Quirk::TrustsContact)),
        }
    }

    /// Where requests go: the first route, or the target. A target whose address is not the one
    /// their messages come from is behind NAT: then back to where they came from, as providers do,
    /// unless told to trust it.
    fn next_hop(&self, trust_contact: bool) -> SocketAddr {
        if let Some(route) = self.routes.first() {
            return address_of(wire::uri_of(route)).unwrap_or(self.peer);
        }
        match address_of(&self.target) {
            Some(address) if trust_contact || address.ip() == self.peer.ip() => address,
            _ => self.peer,
        }
    }
}

/// The address a URI names in digits.
pub fn address_of(uri: &str) -> Option<SocketAddr> {
    let (host, port) = wire::host_port(uri)?;
    Some(SocketAddr::new(host.parse::<IpAddr>().ok()?, port))
}

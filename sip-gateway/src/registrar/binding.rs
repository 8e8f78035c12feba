//! One registered phone.

use std::net::SocketAddr;

use sip_core::{
    Flow, Millis, OutgoingHandle, StreamKind, header::NameAddr, message::Request, uri::SipUri,
};

use super::{Origin, PROBE, PROBE_PATIENCE, is_browser};
use crate::{calls::Target, gateway::BindingInfo, media::LegKind, ports::SipUser};

/// Where a phone can be reached, until when.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    pub extension: String,
    pub username: String,
    pub contact: SipUri,
    /// `+sip.instance` (RFC 5626 §4.1) without quotes.
    pub instance: Option<String>,
    /// `reg-id` (RFC 5626 §4.2).
    pub reg_id: Option<String>,
    pub flow: Flow,
    pub peer: SocketAddr,
    pub user_agent: Option<String>,
    pub expires_at: Millis,
    pub call_id: String,
    pub cseq: u32,
    /// Whether it could be rung when that was asked last.
    pub rang: bool,
    /// The OPTIONS under way to it.
    pub probe: Option<OutgoingHandle>,
    /// When the next is due.
    pub probe_at: Millis,
    /// It did not answer the last one.
    pub mute: bool,
}

impl Binding {
    pub(super) fn read(
        now: Millis,
        origin: Origin,
        request: &Request,
        user: &SipUser,
        username: &str,
        contact: &NameAddr,
    ) -> Self {
        let param = |name| {
            contact
                .param(name)
                .map(|value| value.trim_matches('"').to_owned())
        };
        Self {
            extension: user.extension.clone(),
            username: username.to_owned(),
            contact: contact.uri.clone(),
            instance: param("+sip.instance"),
            reg_id: param("reg-id"),
            flow: origin.flow,
            peer: origin.peer,
            user_agent: request.header("User-Agent").map(str::to_owned),
            expires_at: now,
            call_id: request.call_id().unwrap_or_default().to_owned(),
            cseq: request.cseq().map(|cseq| cseq.number).unwrap_or_default(),
            rang: false,
            probe: None,
            probe_at: now,
            mute: false,
        }
    }

    /// Whether `new` replaces this one: same instance (RFC 5626 §6), same address (RFC 3261
    /// §10.3), or the same user on the same connection (a connection is one phone).
    pub(super) fn is_same_phone(&self, new: &Self) -> bool {
        let same_instance =
            self.instance.is_some() && self.instance == new.instance && self.reg_id == new.reg_id;
        let same_connection = self.flow.is_reliable() && self.flow == new.flow;
        same_instance || same_connection || self.contact.same_address(&new.contact)
    }

    /// Whether an answer is awaited for too long.
    pub(super) fn is_overdue(&self, now: Millis) -> bool {
        let asked_at = self.probe_at.saturating_sub(PROBE);
        self.probe.is_some() && now.saturating_sub(asked_at) > PROBE_PATIENCE
    }

    /// What is rung.
    pub(super) fn target(&self) -> Target {
        Target {
            extension: self.extension.clone(),
            contact: self.contact.clone(),
            flow: self.flow,
            instance: self.instance.clone(),
            boot: self.call_id.clone(),
            kind: if is_browser(self.flow) {
                LegKind::Browser
            } else {
                LegKind::Line
            },
        }
    }

    /// For people.
    pub(crate) fn info(&self, reachable: bool) -> BindingInfo {
        BindingInfo {
            extension: self.extension.clone(),
            username: self.username.clone(),
            instance: self.instance.clone(),
            user_agent: self.user_agent.clone(),
            transport: match self.flow {
                Flow::Udp { .. } => "udp",
                Flow::Stream { kind, .. } => match kind {
                    StreamKind::Tcp => "tcp",
                    StreamKind::Tls => "tls",
                    StreamKind::Ws | StreamKind::Wss => "ws",
                },
            },
            peer: self.peer,
            reachable,
        }
    }

    /// The `Contact` value of a 200 to REGISTER.
    pub(super) fn contact_value(&self, now: Millis) -> String {
        let left = self.expires_at.saturating_sub(now).div_ceil(1000);
        let mut value = format!("<{}>;expires={left}", self.contact);
        if let Some(instance) = &self.instance {
            value.push_str(&format!(";+sip.instance=\"{instance}\""));
        }
        if let Some(reg_id) = &self.reg_id {
            value.push_str(&format!(";reg-id={reg_id}"));
        }
        value
    }
}

//! How conversations begin: an INVITE comes, and it is told whose it is.

use std::time::SystemTime;

use sip_core::{Flow, IncomingInvite, header::NameAddr};
use uuid::Uuid;

use super::{
    AgentTask,
    admission::Asked,
    call_table::{Entry, Route},
};
use crate::{
    calls::{Beginning, Conversation, FromLine, FromPhone, identity},
    gateway::ActiveCall,
    lines::Line,
    media::LegKind,
    ports::{CallId, Direction, SipUser},
};

impl AgentTask {
    pub(super) fn incoming_invite(&mut self, invite: Box<IncomingInvite>) {
        let full = self.calls.entries.len() >= self.limits.calls;
        if full || self.ending.is_some() {
            let headers = vec![("Retry-After".to_owned(), "10".to_owned())];
            return self.ua.reject(
                self.clock.now(),
                invite.call,
                503,
                "All channels are in use",
                headers,
            );
        }
        let line = match invite.flow {
            Flow::Udp { remote } if !self.registrar.knows(invite.flow) => {
                self.lines.of_invite(remote, &invite.target, &invite.to)
            }
            Flow::Udp { .. } | Flow::Stream { .. } => None,
        };
        match line.map(|line| from_line(line, &invite)) {
            Some(beginning) => self.begin(
                Uuid::now_v7(),
                &invite,
                beginning,
                Direction::Incoming,
                None,
            ),
            // Nobody calls at the company's cost who may not: everyone else proves who he is.
            None => self.admit(invite.flow, invite.request.clone(), Asked::Call(invite)),
        }
    }

    /// An INVITE of one of our phones, whose user has been proved. `proposed`: the id it asks for,
    /// which no conversation of the past has.
    pub(super) fn call_from_phone(
        &mut self,
        invite: IncomingInvite,
        user: SipUser,
        proposed: Option<CallId>,
    ) {
        if self.calls.begun_by(&user.extension) >= self.limits.calls_per_extension {
            return self.ua.reject(
                self.clock.now(),
                invite.call,
                503,
                "Too many calls of one extension",
                Vec::new(),
            );
        }
        let id = proposed
            .filter(|id| !self.calls.is_used(*id))
            .unwrap_or_else(Uuid::now_v7);
        let instance = instance_of(&invite).or_else(|| self.registrar.instance_at(invite.flow));
        let phone = instance.map(|instance| (user.extension.clone(), instance));
        let beginning = Beginning::FromPhone(FromPhone {
            extension: user.extension,
            name: user.name,
            kind: kind_of(&invite),
            dialled: invite.target.user.clone().unwrap_or_default(),
            sdp: invite.sdp.clone(),
        });
        self.begin(id, &invite, beginning, Direction::Outgoing, phone);
    }

    fn begin(
        &mut self,
        id: CallId,
        invite: &IncomingInvite,
        beginning: Beginning,
        direction: Direction,
        phone: Option<(String, String)>,
    ) {
        let extension = match &beginning {
            Beginning::FromPhone(call) => Some(call.extension.clone()),
            Beginning::FromLine(_) => None,
        };
        let mailbox = Conversation::spawn(id, beginning, self.services.clone());
        let entry = Entry {
            mailbox,
            direction,
            started: SystemTime::now(),
            extension,
            finding: Vec::new(),
        };
        self.calls.begin(
            id,
            entry,
            Route {
                handle: invite.call,
                flow: invite.flow,
                phone,
            },
        );
        self.show_calls();
    }

    pub(super) fn show_calls(&self) {
        let call = |(id, entry): (&CallId, &Entry)| ActiveCall {
            id: *id,
            direction: entry.direction,
            started: entry.started,
        };
        self.shown
            .calls
            .send_replace(self.calls.entries.iter().map(call).collect());
    }
}

fn from_line(line: &Line, invite: &IncomingInvite) -> Beginning {
    let config = &line.config;
    let number = config.number.as_deref().unwrap_or(&config.user);
    Beginning::FromLine(FromLine {
        line: config.id,
        label: config.label.clone(),
        record: config.record,
        caller: identity::caller(&invite.request, &invite.from),
        called: identity::called(
            &invite.request,
            &invite.target,
            &invite.to,
            &line.own_names(),
            number,
        ),
        sdp: invite.sdp.clone(),
    })
}

fn instance_of(invite: &IncomingInvite) -> Option<String> {
    let contact: NameAddr = invite.request.contact()?;
    contact
        .param("+sip.instance")
        .map(|value| value.trim_matches('"').to_owned())
}

/// A peer that speaks DTLS-SRTP says so in its offer; without one the transport tells.
fn kind_of(invite: &IncomingInvite) -> LegKind {
    let browser = match &invite.sdp {
        Some(sdp) => sdp.contains("UDP/TLS/RTP/SAVP"),
        None => invite.flow.is_reliable(),
    };
    if browser {
        LegKind::Browser
    } else {
        LegKind::Line
    }
}

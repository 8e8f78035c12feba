//! How conversations begin: an INVITE comes, and it is told whose it is.

use std::time::SystemTime;

use sip_core::{Flow, IncomingInvite, StreamKind, header::NameAddr};
use uuid::Uuid;

use super::{
    AgentTask,
    admission::Asked,
    arrivals::slot_of,
    call_table::{Entry, Phone, Route},
};
use crate::{
    calls::{Beginning, Conversation, FromLine, FromPhone, LegNumbers, identity},
    gateway::ActiveCall,
    lines::Line,
    media::LegKind,
    ports::{CallId, Direction, LineId, SipUser},
};

/// Conversations beyond the limits that are let in far enough to see whether they are emergency
/// calls.
const EMERGENCY_ROOM: usize = 8;

/// Where an INVITE came from.
enum Place {
    Line(LineId),
    /// The phone of an extension.
    Phone(String, Option<Phone>),
}

impl AgentTask {
    pub(super) fn incoming_invite(&mut self, invite: Box<IncomingInvite>) {
        // An emergency call still finds room; whether it is one is known later.
        let full = self.calls.entries.len() >= self.limits.calls + EMERGENCY_ROOM;
        let full = full || (self.is_full() && !self.registrar.knows(invite.flow));
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
        let line = match (invite.flow, self.transports.peer(invite.flow)) {
            (_, None) => None,
            _ if self.registrar.knows(invite.flow) => None,
            (
                Flow::Stream {
                    kind: StreamKind::Ws | StreamKind::Wss,
                    ..
                },
                _,
            ) => None,
            (_, Some(peer)) => self.lines.of_invite(peer, &invite.target, &invite.to),
        };
        match line.map(|line| (from_line(line, &invite), line.config.id)) {
            Some((_, line)) if invite.replaces.is_some() => self.line_takes_over(*invite, line),
            Some((beginning, line)) => {
                let place = Place::Line(line);
                self.begin(Uuid::now_v7(), &invite, beginning, place)
            }
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
        if invite.replaces.is_some() {
            return self.phone_takes_over(invite, &user);
        }
        if let Some(slot) = invite.target.user.as_deref().and_then(slot_of) {
            return self.phone_picks_up(invite, &user, slot);
        }
        let own = self.limits.calls_per_extension;
        let most = user.most_calls.map_or(own, |most| own.min(most as usize));
        let begun = self.calls.begun_by(&user.extension);
        let over_limit = begun >= most || self.is_full();
        // Whether it is an emergency call is asked next, unless there are too many for that as well.
        if begun >= own + EMERGENCY_ROOM {
            let reason = "Too many calls of one extension";
            let now = self.clock.now();
            return self.ua.reject(now, invite.call, 503, reason, Vec::new());
        }
        let id = proposed
            .filter(|id| !self.calls.is_used(*id))
            .unwrap_or_else(Uuid::now_v7);
        let phone = self.phone_of(&invite, &user.extension);
        let owner = user.extension.clone();
        let beginning = Beginning::FromPhone(FromPhone {
            extension: user.extension,
            name: user.name,
            kind: kind_of(&invite),
            dialled: invite.target.user.clone().unwrap_or_default(),
            preferred: identity::preferred(&invite.request),
            sdp: invite.sdp.clone(),
            over_limit,
        });
        self.begin(id, &invite, beginning, Place::Phone(owner, phone));
    }

    /// By what the phone that calls is found again.
    pub(super) fn phone_of(&self, invite: &IncomingInvite, extension: &str) -> Option<Phone> {
        let registered = self.registrar.phone_at(invite.flow);
        let boot = registered.as_ref().map(|target| target.boot.clone());
        let identity = instance_of(invite).or(registered.map(|target| target.identity()))?;
        Some(Phone {
            extension: extension.to_owned(),
            identity,
            boot,
        })
    }

    fn is_full(&self) -> bool {
        self.calls.entries.len() >= self.limits.calls
    }

    fn begin(&mut self, id: CallId, invite: &IncomingInvite, beginning: Beginning, place: Place) {
        let (direction, owner, phone, line) = match place {
            Place::Line(line) => (Direction::Incoming, None, None, Some(line)),
            Place::Phone(owner, phone) => (Direction::Outgoing, Some(owner), phone, None),
        };
        let extension = match &beginning {
            Beginning::FromPhone(call) => Some(call.extension.clone()),
            Beginning::FromLine(_) => None,
        };
        let numbers = LegNumbers::default();
        let services = self.services.clone();
        let mailbox = Conversation::spawn(id, beginning, services, numbers.clone());
        let entry = Entry {
            mailbox,
            numbers,
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
                owner,
                phone,
                line,
            },
        );
        self.tell_usage(line);
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
    let called = identity::called(
        &invite.request,
        &invite.target,
        &invite.to,
        &line.own_names(),
        number,
    );
    Beginning::FromLine(FromLine {
        line: config.id,
        label: config.label.clone(),
        record: config.record,
        caller: identity::caller(&invite.request, &invite.from),
        did: line.did(&called).cloned(),
        redirected_by: identity::redirected_by(&invite.request),
        called,
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
pub(super) fn kind_of(invite: &IncomingInvite) -> LegKind {
    let browser = match &invite.sdp {
        Some(sdp) => sdp.contains("UDP/TLS/RTP/SAVP"),
        None => crate::registrar::is_browser(invite.flow),
    };
    if browser {
        LegKind::Browser
    } else {
        LegKind::Line
    }
}

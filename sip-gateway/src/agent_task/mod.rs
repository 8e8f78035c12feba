//! The one task that owns the [`UserAgent`]: sockets, timers and orders go in, bytes and news go
//! out. Everything that needs to know a SIP handle lives here, split by subject:
//!
//! - [`requests`]: REGISTER, OPTIONS and other requests outside calls;
//! - [`admission`]: who may do what (digest, patience with strangers);
//! - [`connections`]: what others opened, and how long strangers may keep one;
//! - [`links`], [`large`], [`targets`]: our connections to providers, and which of their servers;
//! - [`registering`]: our lines at their providers;
//! - [`beginnings`]: whose an INVITE is; [`arrivals`]: one that takes a place in a call;
//! - [`call_table`], [`legs`]: the calls' legs, from handles to conversations and back;
//! - [`invitations`]: how an INVITE of ours is worded.

mod admission;
mod arrivals;
mod beginnings;
mod beside;
mod call_table;
mod checks;
mod connections;
mod invitations;
mod large;
mod legs;
mod links;
mod probing;
mod registering;
mod requests;
mod targets;

pub(crate) use requests::ALLOW;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sip_core::{Event, Flow, Millis, OutgoingHandle, Output, UserAgent, digest::Authenticator};
use tokio::{
    net::UdpSocket,
    sync::{mpsc, oneshot, watch},
    time::{MissedTickBehavior, interval, sleep_until},
};

use crate::{
    calls::Services,
    config::Limits,
    gateway::{ActiveCall, BindingInfo},
    lines::Lines,
    media::MediaEvent,
    orders::Order,
    ports::{CallEvent, LineConfig, LineId, LineState},
    registrar::{
        Registrar,
        guard::{Guard, Payer, is_scanner},
        lockout::Lockout,
    },
    resolver::Resolver,
    transport::{Locals, MAX_MESSAGE, StreamIds, StreamInput, Transports},
};

/// Datagrams taken in a row before anything else has its turn.
const BATCH: usize = 64;

/// Monotonic milliseconds since the start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn now(self) -> Millis {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(Millis::MAX)
    }

    fn at(self, when: Millis) -> tokio::time::Instant {
        tokio::time::Instant::from_std(self.0 + Duration::from_millis(when))
    }
}

/// What the handle shows of the inside, as it is now.
#[derive(Debug)]
pub(crate) struct Shown {
    pub lines: watch::Sender<Vec<(LineId, LineState)>>,
    pub line_configs: watch::Sender<Arc<Vec<LineConfig>>>,
    pub bindings: watch::Sender<Vec<BindingInfo>>,
    pub calls: watch::Sender<Vec<ActiveCall>>,
}

/// Where the task hears from.
pub(crate) struct Sources {
    pub orders: mpsc::UnboundedReceiver<Order>,
    pub streams: mpsc::Receiver<StreamInput>,
    pub media: mpsc::UnboundedReceiver<MediaEvent>,
}

/// What the task is made of.
pub(crate) struct Parts {
    pub ua: UserAgent,
    pub authenticator: Authenticator,
    pub udp: Arc<UdpSocket>,
    pub locals: Locals,
    pub limits: Limits,
    pub drain: Duration,
    pub services: Services,
    pub shown: Shown,
    pub clock: Clock,
    pub resolver: Resolver,
    /// Where connections of ours report to.
    pub streams: mpsc::Sender<StreamInput>,
    pub stream_ids: StreamIds,
}

/// The task's data.
pub(crate) struct AgentTask {
    ua: UserAgent,
    clock: Clock,
    udp: Arc<UdpSocket>,
    transports: Transports,
    locals: Locals,
    limits: Limits,
    drain: Duration,
    services: Services,
    shown: Shown,
    registrar: Registrar,
    guard: Guard,
    lockout: Lockout,
    authenticator: Authenticator,
    waiting: admission::Waiting,
    lines: Lines,
    checks: checks::Checks,
    calls: call_table::CallTable,
    resolver: Resolver,
    streams: mpsc::Sender<StreamInput>,
    stream_ids: StreamIds,
    links: links::Links,
    large: large::LargePaths,
    besides: beside::Besides,
    attempts: targets::Attempts,
    /// Connections of lines that are gone, and when they are closed.
    leaving: Vec<(Millis, u64)>,
    /// Set while ending: when to stop, and whom to tell.
    ending: Option<(Millis, Option<oneshot::Sender<()>>)>,
}

impl AgentTask {
    pub(crate) fn new(parts: Parts) -> Self {
        Self {
            ua: parts.ua,
            clock: parts.clock,
            transports: Transports::new(Arc::clone(&parts.udp)),
            udp: parts.udp,
            locals: parts.locals,
            limits: parts.limits,
            drain: parts.drain,
            services: parts.services,
            shown: parts.shown,
            registrar: Registrar::new(parts.limits.bindings_per_extension),
            guard: Guard::default(),
            lockout: Lockout::default(),
            authenticator: parts.authenticator,
            waiting: admission::Waiting::default(),
            lines: Lines::default(),
            checks: checks::Checks::default(),
            calls: call_table::CallTable::default(),
            resolver: parts.resolver,
            streams: parts.streams,
            stream_ids: parts.stream_ids,
            links: links::Links::new(),
            large: large::LargePaths::new(),
            besides: beside::Besides::new(),
            attempts: targets::Attempts::new(),
            leaving: Vec::new(),
            ending: None,
        }
    }

    /// Serves until a shutdown order.
    pub(crate) async fn run(mut self, mut sources: Sources) {
        let mut second = interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut buffer = vec![0; MAX_MESSAGE];
        let udp = Arc::clone(&self.udp);
        loop {
            let timeout = self.ua.poll_timeout().map(|at| self.clock.at(at));
            tokio::select! {
                ready = udp.readable() => match ready {
                    Ok(()) => self.read_datagrams(&mut buffer),
                    Err(error) => tracing::error!(%error, "the SIP socket"),
                },
                Some(input) = sources.streams.recv() => self.stream_input(input),
                Some(order) = sources.orders.recv() => self.order(order),
                Some(event) = sources.media.recv() => self.calls.media_event(event),
                () = sleep_until(timeout.unwrap_or_else(tokio::time::Instant::now)), if timeout.is_some() => {
                    self.ua.handle_timeout(self.clock.now());
                }
                _ = second.tick() => self.every_second(),
            }
            self.drain();
            if self.has_ended() {
                return;
            }
        }
    }

    fn read_datagrams(&mut self, buffer: &mut [u8]) {
        for _ in 0..BATCH {
            let Ok((length, remote)) = self.udp.try_recv_from(buffer) else {
                return;
            };
            let Some(datagram) = buffer.get(..length) else {
                continue;
            };
            let flow = Flow::Udp { remote };
            if !self.lines.knows(remote.ip()) && !self.registrar.knows(flow) {
                // Strangers whose patience is used up, and scanners, get no answer.
                let now = self.clock.now();
                let payer = Payer::datagrams(remote.ip());
                let heard = self.lockout.hears(now, remote.ip())
                    && self.guard.admits(now, payer)
                    && !is_scanner(datagram)
                    && self.guard.has_room(now);
                if !heard {
                    continue;
                }
            }
            self.turn_to(flow);
            self.take_bytes(flow, datagram);
            self.drain();
        }
    }

    fn stream_input(&mut self, input: StreamInput) {
        match input {
            StreamInput::Opened {
                id,
                kind,
                peer,
                sender,
            } => self.connection_opened(id, (kind, peer), sender),
            StreamInput::Connected { id, stands } => self.link_stands(id, &stands),
            StreamInput::NotConnected { id, trouble } => self.link_fails(id, trouble),
            StreamInput::Received { id, bytes } => self.connection_said(id, &bytes),
            StreamInput::Closed { id } => self.connection_closed(id),
        }
    }

    fn order(&mut self, order: Order) {
        match order {
            Order::Call(call, order) => self.call_order(call, order),
            Order::UserFound { ticket, user, call } => self.user_found(ticket, user, call),
            Order::Resolved {
                line,
                attempt,
                found,
            } => self.resolved(line, attempt, found),
            Order::SetLines(lines) => self.set_lines(lines),
            Order::SetAddresses(addresses) => self.set_addresses(addresses),
            Order::DropBindings(username) => {
                self.registrar.drop_user(&username);
                self.phones_changed();
            }
            Order::Unlock {
                address,
                username,
                whom,
                done,
            } => {
                self.lockout.forgive(address, &username, whom);
                // Whoever asked may have gone.
                let _ = done.send(());
            }
            Order::HangUp { call, reason } => self.calls.hang_up(call, reason),
            Order::Check { line, reply } => self.check(*line, reply),
            Order::CheckResolved { check, found } => self.check_resolved(check, found),
            Order::Shutdown { reply } => self.begin_ending(reply),
        }
    }

    /// What came from a peer.
    fn take_bytes(&mut self, flow: Flow, bytes: &[u8]) {
        let now = self.clock.now();
        self.checks.heard(now, flow, bytes);
        self.target_heard(flow);
        self.ua.handle_bytes(now, flow, bytes);
    }

    /// Takes everything the user agent has to say.
    fn drain(&mut self) {
        while let Some(output) = self.ua.poll_output() {
            match output {
                Output::Transmit { flow, bytes } => {
                    self.checks.said(self.clock.now(), flow, &bytes);
                    self.transports.send(flow, bytes);
                }
                Output::Event(event) => self.event(event),
            }
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::RegistrationChanged {
                registration,
                state,
            } => self.registration_changed(registration, state),
            Event::IncomingInvite(invite) => self.incoming_invite(invite),
            Event::Request {
                handle,
                flow,
                request,
            } => self.request(handle, flow, *request),
            Event::Pong { flow } => {
                self.line_ponged(flow);
                if self.registrar.ponged(self.clock.now(), flow) {
                    self.phones_changed();
                }
            }
            Event::Malformed { flow, reason } => self.malformed(flow, &reason),
            Event::Response { handle, response } => self.answered(handle, response.code),
            Event::Ping { .. } => {}
            about_a_leg => self.leg_event(about_a_leg),
        }
    }

    fn malformed(&mut self, flow: Flow, reason: &str) {
        tracing::debug!(reason, "something that is no SIP message came");
        if let Some(payer) = self.payer(flow) {
            self.guard.charge(self.clock.now(), payer);
        }
    }

    fn every_second(&mut self) {
        let now = self.clock.now();
        for flow in self.registrar.browsers() {
            self.ua.ping(now, flow);
        }
        let known = self.registrar.streams();
        self.close_strangers(&known);
        self.probe_phones();
        self.phones_changed();
        self.keep_lines_alive();
        self.look_up_due();
        self.hurry_large();
        self.tend_besides();
        self.leave_silent_targets();
        self.give_up_checks();
        for (_, id) in self
            .leaving
            .extract_if(.., |(at, _)| *at <= now)
            .collect::<Vec<_>>()
        {
            self.leave(id);
        }
    }

    /// Tells what changed about the registered phones, and rings those that appeared.
    fn phones_changed(&mut self) {
        let now = self.clock.now();
        let changes = self.registrar.changes(now);
        for (extension, reachable) in changes.counts {
            self.services.events.emit(CallEvent::BindingsChanged {
                extension,
                reachable,
            });
        }
        self.calls.phones_appeared(&changes.appeared);
        let infos: Vec<BindingInfo> = self
            .registrar
            .all_with_reach(now)
            .into_iter()
            .map(|(binding, reachable)| binding.info(reachable))
            .collect();
        self.shown.bindings.send_if_modified(|old| {
            let changed = *old != infos;
            *old = infos;
            changed
        });
    }

    /// The final answer to a request of ours outside any call.
    fn answered(&mut self, handle: OutgoingHandle, code: u16) {
        if self.line_answered(handle, code) || self.check_answered(handle, code) {
            return;
        }
        if self.registrar.probed(handle, code) {
            self.phones_changed();
        }
    }

    fn begin_ending(&mut self, reply: oneshot::Sender<()>) {
        self.calls.hang_up_all("Trubka is shutting down");
        self.unregister_all();
        let until = self.clock.now() + u64::try_from(self.drain.as_millis()).unwrap_or(0);
        self.ending = Some((until, Some(reply)));
    }

    fn has_ended(&mut self) -> bool {
        let Some((until, reply)) = &mut self.ending else {
            return false;
        };
        let quiet = self.calls.is_empty() && self.checks.is_empty() && self.lines.is_empty();
        if !quiet && self.clock.now() < *until {
            return false;
        }
        if let Some(reply) = reply.take() {
            let _ = reply.send(());
        }
        true
    }
}

//! Who hears of a timer or of a request's outcome.

use super::UserAgent;
use crate::{
    Event, Millis, OutgoingHandle,
    call::{Call, CallHandle},
    message::Response,
    stack::Stack,
    timers::Timer,
    transaction::{Outcome, Owner},
};

impl UserAgent {
    /// The clock never goes back, whatever the shell says.
    pub(super) fn tick(&mut self, now: Millis) {
        self.stack.now = self.stack.now.max(now);
    }

    pub(super) fn with_call(
        &mut self,
        now: Millis,
        handle: CallHandle,
        command: impl FnOnce(&mut Call, &mut Stack),
    ) {
        self.tick(now);
        if let Some(call) = self.calls.get_mut(handle) {
            command(call, &mut self.stack);
        }
        self.calls.sweep(handle);
    }

    /// The same for a request of the shell; a call that is gone answers 481.
    pub(super) fn with_call_or_481(
        &mut self,
        handle: OutgoingHandle,
        call: CallHandle,
        command: impl FnOnce(&mut Call, &mut Stack),
    ) {
        if self.calls.contains(call) {
            self.with_call(0, call, command);
        } else {
            let response = Box::new(Response::new(481, ""));
            self.stack.emit(Event::Response { handle, response });
        }
    }

    pub(super) fn on_timer(&mut self, timer: Timer) {
        match timer {
            Timer::Client(id, timer) => {
                if let Some((owner, outcome)) = self.stack.client_timer(id, timer) {
                    self.deliver(owner, outcome);
                }
            }
            Timer::Server(id, timer) => self.stack.server_timer(id, timer),
            Timer::Call(handle, timer) => {
                self.with_call(0, handle, |call, stack| call.on_timer(timer, stack));
            }
            Timer::Registration(handle) => {
                if let Some(registration) = self.registrations.get_mut(&handle) {
                    registration.on_timer(&mut self.stack);
                }
            }
            Timer::Keepalive(handle) => {
                if let Some(registration) = self.registrations.get_mut(&handle) {
                    registration.on_keepalive(&mut self.stack);
                }
            }
            Timer::Waiting(handle) => self.stack.forget_waiting(handle),
        }
    }

    pub(super) fn deliver(&mut self, owner: Owner, outcome: Outcome) {
        match owner {
            Owner::Registration(handle) => {
                let found = self.registrations.get_mut(&handle);
                if found.is_some_and(|found| !found.on_outcome(outcome, &mut self.stack)) {
                    self.registrations.remove(&handle);
                }
            }
            Owner::Invite(call)
            | Owner::Reinvite(call)
            | Owner::Bye(call)
            | Owner::InCall(call, _)
            | Owner::Quiet(call, _) => {
                self.with_call(0, call, |call, stack| {
                    call.on_outcome(owner, outcome, stack)
                });
            }
            Owner::Request(handle) => {
                let response = match outcome {
                    Outcome::Response(response) if response.is_provisional() => return,
                    Outcome::Response(response) => response,
                    Outcome::Timeout => Box::new(Response::new(408, "")),
                    Outcome::FlowClosed => Box::new(Response::new(503, "Connection closed")),
                };
                self.stack.emit(Event::Response { handle, response });
            }
            Owner::Nobody => {}
        }
    }
}

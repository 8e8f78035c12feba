//! What `sip-core` tells, handed to the part it concerns.

use sip_core::{CallHandle, EndedBy, Event, SipCause, agent::RequestHandle};

use super::Machine;
use crate::CallKey;

impl Machine {
    pub(super) fn signalled(&mut self, event: Event) {
        match event {
            Event::RegistrationChanged {
                registration,
                state,
            } => {
                self.registration_changed(registration, state);
            }
            Event::IncomingInvite(invite) => self.invited(*invite),
            Event::Ping { flow } => self.pinged(flow),
            Event::Request { handle, .. } | Event::InCallRequest { handle, .. } => {
                self.decline_request(handle);
            }
            Event::Progress {
                call, code, sdp, ..
            } => {
                self.with(call, |phone, key| phone.progressed(key, code, sdp));
            }
            Event::Answered {
                call,
                sdp,
                response,
            } => {
                self.with(call, |phone, key| phone.answered(key, sdp, &response));
            }
            Event::Confirmed { call, sdp } => {
                self.with(call, |phone, key| phone.confirmed(key, sdp));
            }
            Event::ReOffer { call, sdp } => self.with(call, |phone, key| phone.reoffered(key, sdp)),
            Event::ReOfferAnswered { call, sdp } => {
                self.with(call, |phone, key| phone.change_answered(key, sdp));
            }
            Event::ReOfferRefused { call, .. } => self.with(call, Self::change_refused),
            Event::Ended { call, by, cause } => {
                self.with(call, |phone, key| phone.leg_ended(key, by, &cause));
            }
            Event::Refer(refer) => self.decline_request(refer.handle),
            Event::Response { handle, response } => self.responded(handle, &response),
            Event::ReferProgress {
                call, cause, done, ..
            } => self.with(call, |phone, key| phone.refer_progressed(key, &cause, done)),
            Event::Pong { .. }
            | Event::Malformed { .. }
            | Event::EarlyOffer { .. }
            | Event::EarlyAnswer { .. }
            | Event::LateOffer { .. }
            | Event::Refreshed { .. }
            | Event::Refused { .. } => {}
        }
    }

    fn with(&mut self, leg: CallHandle, then: impl FnOnce(&mut Self, CallKey)) {
        if let Some(key) = self.call_of(leg).map(|call| call.key()) {
            then(self, key);
        }
    }

    fn leg_ended(&mut self, key: CallKey, by: EndedBy, cause: &SipCause) {
        if !self.return_failed(key, by, cause) {
            self.end_call(key, by == EndedBy::Local, Some(cause.code), &cause.reason);
        }
    }

    /// RFC 3261 §8.2.1: INVITE, BYE, CANCEL, UPDATE and OPTIONS never come here.
    fn decline_request(&mut self, handle: RequestHandle) {
        let reason = "Method Not Allowed";
        self.agent
            .respond(self.now.mono, handle, 405, reason, Vec::new(), None);
    }
}

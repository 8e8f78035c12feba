//! Requests outside any call.

use sip_core::{Flow, agent::RequestHandle, message::Request};

use super::{AgentTask, admission::Asked};
use crate::registrar::Origin;

/// Methods the gateway takes.
pub(crate) const ALLOW: [&str; 10] = [
    "INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "REGISTER", "INFO", "UPDATE", "REFER", "NOTIFY",
];

impl AgentTask {
    pub(super) fn request(&mut self, handle: RequestHandle, flow: Flow, request: Request) {
        if request.method != "REGISTER" {
            self.charge_stranger(flow);
        }
        match request.method.as_str() {
            "REGISTER" => self.admit(flow, request, Asked::Register(handle)),
            // RFC 3261 §11: what INVITE would be answered here, without authentication.
            "OPTIONS" => {
                let headers = vec![
                    ("Allow".to_owned(), ALLOW.join(", ")),
                    ("Accept".to_owned(), "application/sdp".to_owned()),
                ];
                self.answer(handle, 200, "OK", headers);
            }
            // RFC 3261 §8.2.1.
            _ => self.answer(
                handle,
                405,
                "Method Not Allowed",
                vec![("Allow".to_owned(), ALLOW.join(", "))],
            ),
        }
    }

    /// An answer costs a stranger a chance, so that nobody is flooded through us.
    fn charge_stranger(&mut self, flow: Flow) {
        let Some(peer) = self.transports.peer(flow) else {
            return;
        };
        if !self.lines.knows(peer.ip())
            && !self.registrar.knows(flow)
            && let Some(payer) = self.payer(flow)
        {
            self.guard.charge(self.clock.now(), payer);
        }
    }

    pub(super) fn answer(
        &mut self,
        handle: RequestHandle,
        code: u16,
        reason: &str,
        headers: Vec<(String, String)>,
    ) {
        self.ua
            .respond(self.clock.now(), handle, code, reason, headers, None);
    }

    /// A REGISTER whose sender has proved who it is.
    pub(super) fn register(
        &mut self,
        handle: RequestHandle,
        flow: Flow,
        request: &Request,
        user: &crate::ports::SipUser,
        username: &str,
    ) {
        let Some(peer) = self.transports.peer(flow) else {
            return;
        };
        let now = self.clock.now();
        match self
            .registrar
            .register(now, Origin { flow, peer }, request, user, username)
        {
            Ok(contacts) => {
                self.answer(handle, 200, "OK", contacts);
                self.follow_instance(flow);
            }
            Err(refusal) => self.answer(handle, refusal.code, refusal.reason, refusal.headers),
        }
        self.phones_changed();
    }

    /// A phone that came back on another connection takes its running calls along.
    fn follow_instance(&mut self, flow: Flow) {
        let Some(phone) = self.registrar.phone_at(flow) else {
            return;
        };
        let now = self.clock.now();
        for handle in self.calls.follow(&phone) {
            self.ua.move_call(now, handle, flow);
        }
    }
}

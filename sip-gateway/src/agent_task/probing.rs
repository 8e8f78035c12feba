//! Phones that are no pages of ours are asked now and then whether they are there.

use sip_core::message::Request;

use super::AgentTask;

impl AgentTask {
    pub(super) fn probe_phones(&mut self) {
        let now = self.clock.now();
        for target in self.registrar.due_for_probe(now) {
            self.turn_to(target.flow);
            let request = Request::new("OPTIONS", target.contact.clone());
            let handle = self.ua.request(now, target.flow, request);
            self.registrar.probing(&target, handle);
        }
    }
}

//! Requests inside a call, both ways (RFC 3261 §12.2).

use super::{
    SipCause,
    leg::{Call, Draft, State, as_response},
};
use crate::{
    EndedBy, Event, OutgoingHandle,
    message::{Request, Response},
    stack::Stack,
    transaction::{Outcome, Owner, ServerId},
};

impl Call {
    /// A request of the peer inside the call; its transaction is new.
    pub fn on_request(&mut self, server: ServerId, request: Request, stack: &mut Stack) {
        let Some(code) = self.obstacle(&request) else {
            self.on_valid_request(server, request, stack);
            return;
        };
        self.refuse_clash(server, &request, code, stack);
    }

    /// Why a request is not looked at.
    fn obstacle(&mut self, request: &Request) -> Option<u16> {
        let from = request.from_header().ok();
        let tag = from
            .as_ref()
            .and_then(|from| from.tag())
            .unwrap_or_default();
        let seq = request.cseq().map(|cseq| cseq.number).unwrap_or_default();
        // A transfer goes on telling after the call is over (RFC 5057 §4.1).
        let late = matches!(request.method.as_str(), "BYE" | "NOTIFY");
        if self.over && !late {
            return Some(481);
        }
        if let State::Calling(calling) = &mut self.state
            && (request.method == "BYE" || !calling.turn_to(tag))
        {
            return Some(481);
        }
        match self.dialog() {
            Some(dialog) if dialog.remote_tag() == tag => {
                // §12.2.2.
                (!dialog.accept_seq(seq)).then_some(500)
            }
            Some(_) | None => Some(481),
        }
    }

    fn on_valid_request(&mut self, server: ServerId, request: Request, stack: &mut Stack) {
        match request.method.as_str() {
            "INVITE" | "UPDATE" => self.on_reoffer(server, request, stack),
            "BYE" => self.on_bye(server, &request, stack),
            "OPTIONS" => {
                let mut response = self.response(&request, 200, "", stack);
                response.headers.extend(stack.allow_field());
                response.add_header("Accept", "application/sdp");
                stack.respond(server, &response);
            }
            "PRACK" if cfg!(feature = "gateway") => self.on_prack(server, request, stack),
            // Without the feature no provisional answer is sent reliably.
            "PRACK" => self.reply(server, &request, 481, stack),
            "REFER" if cfg!(feature = "gateway") => self.on_refer(server, request, stack),
            "NOTIFY" => self.on_notify(server, request, stack),
            _ => self.ask_shell(server, request, stack),
        }
    }

    fn on_notify(&mut self, server: ServerId, request: Request, stack: &mut Stack) {
        match self.refer_notified(&request) {
            Some(refer) => self.on_refer_notify(refer, server, &request, stack),
            None if self.over => self.reply(server, &request, 481, stack),
            None => self.ask_shell(server, request, stack),
        }
    }

    fn ask_shell(&mut self, server: ServerId, request: Request, stack: &mut Stack) {
        let handle = stack.wait_for_shell(server, request.clone());
        let event = Event::InCallRequest {
            call: self.handle,
            handle,
            request: Box::new(request),
        };
        self.report(event, stack);
    }

    /// Sends a request of the shell inside the call. Keys come in INFO, which a proxy with several
    /// workers may let overtake each other, so one waits for the answer to the one before.
    pub fn send_for_shell(&mut self, handle: OutgoingHandle, draft: Draft, stack: &mut Stack) {
        let is_info = draft.method.eq_ignore_ascii_case("INFO");
        if is_info && self.requests.iter().any(|(_, sent)| sent.method == "INFO") {
            return self.infos.push((handle, draft));
        }
        self.send_draft(handle, draft, stack);
    }

    fn send_draft(&mut self, handle: OutgoingHandle, draft: Draft, stack: &mut Stack) {
        let over = self.over;
        let Some(dialog) = self.dialog().filter(|_| !over) else {
            let response = Box::new(Response::new(481, ""));
            stack.emit(Event::Response { handle, response });
            return;
        };
        let mut request = dialog.request(&draft.method.to_ascii_uppercase());
        request.headers.extend(draft.headers);
        if let Some((content_type, body)) = draft.body {
            request = request.with_body(&content_type, body);
        }
        // RFC 3261 table 2 wants Contact only where the target may be refreshed.
        if matches!(
            request.method.as_str(),
            "UPDATE" | "REFER" | "SUBSCRIBE" | "NOTIFY"
        ) {
            request.headers.push(self.contact_field());
        }
        self.send(&mut request, Owner::InCall(self.handle, handle), stack);
        self.requests.insert(handle, request);
    }

    /// Sends a request of the core's own whose answer nobody waits for.
    pub(super) fn send_quietly(&mut self, mut request: Request, stack: &mut Stack) {
        let handle = OutgoingHandle(stack.next_id());
        self.send(&mut request, Owner::Quiet(self.handle, handle), stack);
        self.requests.insert(handle, request);
    }

    pub(super) fn on_quiet_outcome(
        &mut self,
        handle: OutgoingHandle,
        response: &Response,
        stack: &mut Stack,
    ) {
        if response.is_provisional() {
            return;
        }
        if let Some(mut request) = self.requests.remove(&handle)
            && self.authorized(response, &mut request, stack)
        {
            self.send_again(handle, request, Owner::Quiet(self.handle, handle), stack);
        }
    }

    /// Sends a request with the next number, its credentials renewed.
    fn send_again(
        &mut self,
        handle: OutgoingHandle,
        mut request: Request,
        owner: Owner,
        stack: &mut Stack,
    ) {
        if let Some(dialog) = self.dialog() {
            let seq = dialog.next_seq();
            request.set_header("CSeq", format!("{seq} {}", request.method));
        }
        stack.send_request(self.flow, request.clone(), owner);
        self.requests.insert(handle, request);
    }

    pub(super) fn on_request_outcome(
        &mut self,
        handle: OutgoingHandle,
        outcome: Outcome,
        stack: &mut Stack,
    ) {
        let response = as_response(outcome);
        if response.is_provisional() {
            return;
        }
        let Some(mut request) = self.requests.remove(&handle) else {
            return;
        };
        if self.authorized(&response, &mut request, stack) {
            self.send_again(handle, request, Owner::InCall(self.handle, handle), stack);
            self.follow_refer(handle);
            return;
        }
        if request.method == "INFO" && !self.infos.is_empty() {
            let (handle, draft) = self.infos.remove(0);
            self.send_draft(handle, draft, stack);
        }
        self.refer_answered(handle, &response);
        let lost = response.code == 481 && matches!(self.state, State::Talking(_));
        stack.emit(Event::Response {
            handle,
            response: Box::new(response),
        });
        // RFC 5057 §5.1: the peer does not know the dialog any more.
        if lost {
            self.end(EndedBy::Failure, SipCause::new(481, ""), stack);
            self.linger(stack);
        }
    }
}

//! Transfers inside a call (RFC 3515): REFER, and the NOTIFYs of its implicit subscription.

use super::{
    IncomingRefer, ReferRequest, SipCause,
    leg::{Call, Draft, State},
};
use crate::{
    Event, OutgoingHandle,
    agent::RequestHandle,
    header::{
        NameAddr, ReferTo, SIP_FRAGMENT, SubscriptionState, parse_params, read_sip_fragment,
        write_sip_fragment,
    },
    message::{Request, Response, default_reason},
    stack::Stack,
    transaction::ServerId,
};

/// Transfers kept at a time, each way.
const MAX_REFERS: usize = 8;

/// The transfers of a call.
#[derive(Default)]
pub struct Refers {
    /// Ours.
    sent: Vec<Sent>,
    /// The peer's.
    received: Vec<Received>,
    /// REFERs the peer has sent: from the second on notifications name theirs.
    count: u32,
}

struct Sent {
    handle: OutgoingHandle,
    /// CSeq of the REFER: the `id` of its event.
    seq: u32,
}

struct Received {
    handle: RequestHandle,
    seq: u32,
    /// The first REFER of the dialog needs no `id` (RFC 3515 §2.4.6).
    first: bool,
    wants_notify: bool,
    accepted: bool,
}

impl Call {
    /// Asks the peer to call somebody else.
    pub fn refer(&mut self, handle: OutgoingHandle, wanted: ReferRequest, stack: &mut Stack) {
        let mut headers = vec![("Refer-To".to_owned(), wanted.refer_to.to_string())];
        if let Some(by) = wanted.referred_by {
            headers.push(("Referred-By".to_owned(), by.to_string()));
        }
        if !wanted.notify {
            headers.push(("Refer-Sub".to_owned(), "false".to_owned()));
            headers.push(("Supported".to_owned(), "norefersub".to_owned()));
        }
        let draft = Draft {
            method: "REFER".to_owned(),
            headers,
            body: None,
        };
        self.send_for_shell(handle, draft, stack);
        self.follow_refer(handle);
    }

    /// Notes the number of a REFER that went out (again); its NOTIFYs may overtake its answer.
    pub(super) fn follow_refer(&mut self, handle: OutgoingHandle) {
        let Some(request) = self.requests.get(&handle) else {
            return;
        };
        let seq = request.cseq().map(|cseq| cseq.number).unwrap_or_default();
        if request.method != "REFER" {
            return;
        }
        let sent = &mut self.refers.sent;
        sent.retain(|refer| refer.handle != handle);
        if sent.len() == MAX_REFERS {
            sent.remove(0);
        }
        sent.push(Sent { handle, seq });
    }

    /// The final answer to a REFER of ours.
    pub(super) fn refer_answered(&mut self, handle: OutgoingHandle, response: &Response) {
        // RFC 4488 §4: the peer agrees to tell nothing.
        let silent = response
            .header("Refer-Sub")
            .is_some_and(|value| value.trim_start().starts_with("false"));
        if !response.is_success() || silent {
            self.refers.sent.retain(|refer| refer.handle != handle);
        }
    }

    /// A NOTIFY; `None`: it is none of a transfer of ours.
    pub(super) fn refer_notified(&mut self, request: &Request) -> Option<OutgoingHandle> {
        let event = request.header("Event")?;
        let (package, params) = event.split_once(';').unwrap_or((event, ""));
        if !package.trim().eq_ignore_ascii_case("refer") {
            return None;
        }
        let id = parse_params(params)
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("id"))
            .and_then(|(_, id)| id?.parse::<u32>().ok());
        let sent = &self.refers.sent;
        let named = id.and_then(|id| sent.iter().find(|refer| refer.seq == id));
        // Some peers number wrongly; with one transfer there is no doubt.
        let found = named.or_else(|| (sent.len() == 1 || id.is_none()).then(|| sent.first())?);
        found.map(|refer| refer.handle)
    }

    /// The peer tells how a transfer of ours goes.
    pub(super) fn on_refer_notify(
        &mut self,
        refer: OutgoingHandle,
        server: ServerId,
        request: &Request,
        stack: &mut Stack,
    ) {
        self.reply(server, request, 200, stack);
        let (code, reason) = read_sip_fragment(&request.body).unwrap_or((100, String::new()));
        let state = request.header("Subscription-State");
        let ends =
            state.and_then(|state| state.parse().ok()) == Some(SubscriptionState::Terminated);
        let done = ends || code >= 200;
        if done {
            self.refers.sent.retain(|sent| sent.handle != refer);
        }
        let event = Event::ReferProgress {
            call: self.handle,
            refer,
            cause: SipCause::new(code, &reason),
            done,
        };
        self.report(event, stack);
    }

    /// The peer asks us to call somebody else.
    pub(super) fn on_refer(&mut self, server: ServerId, request: Request, stack: &mut Stack) {
        let targets: Vec<&str> = request.header_all("Refer-To").collect();
        // RFC 3515 §2.4.2: exactly one.
        let refer_to = match targets[..] {
            [target] => target.parse::<ReferTo>().ok(),
            [] | [_, _, ..] => None,
        };
        let Some(refer_to) = refer_to else {
            self.reply(server, &request, 400, stack);
            return;
        };
        let handle = stack.wait_for_shell(server, request.clone());
        let wants_notify = !request
            .header("Refer-Sub")
            .is_some_and(|value| value.trim_start().starts_with("false"));
        let refers = &mut self.refers;
        if refers.received.len() == MAX_REFERS {
            refers.received.remove(0);
        }
        refers.count += 1;
        refers.received.push(Received {
            handle,
            seq: request.cseq().map(|cseq| cseq.number).unwrap_or_default(),
            first: refers.count == 1,
            wants_notify,
            accepted: false,
        });
        let referred_by = request
            .header("Referred-By")
            .and_then(|by| by.parse::<NameAddr>().ok());
        let refer = IncomingRefer {
            call: self.handle,
            handle,
            refer_to,
            referred_by,
            wants_notify,
            request,
        };
        self.report(Event::Refer(Box::new(refer)), stack);
    }

    /// 202, and the first notification.
    pub fn accept_refer(&mut self, handle: RequestHandle, stack: &mut Stack) {
        let received = &mut self.refers.received;
        let Some(refer) = received.iter_mut().find(|refer| refer.handle == handle) else {
            return;
        };
        refer.accepted = refer.wants_notify;
        let silent = !refer.wants_notify;
        let mut headers = vec![self.contact_field()];
        if silent {
            headers.push(("Refer-Sub".to_owned(), "false".to_owned()));
        }
        stack.answer_waiting(handle, 202, "", headers, None);
        self.notify_refer(handle, 100, "", stack);
    }

    /// Tells the peer how its transfer goes; a code of 200 or above is the last.
    pub fn notify_refer(
        &mut self,
        handle: RequestHandle,
        code: u16,
        reason: &str,
        stack: &mut Stack,
    ) {
        let received = &self.refers.received;
        let Some(refer) = received
            .iter()
            .find(|refer| refer.handle == handle && refer.accepted)
        else {
            return;
        };
        let event = if refer.first {
            "refer".to_owned()
        } else {
            format!("refer;id={}", refer.seq)
        };
        let state = if code < 200 {
            SubscriptionState::Active(Some(180))
        } else {
            SubscriptionState::Terminated
        };
        if code >= 200 {
            let received = &mut self.refers.received;
            received.retain(|refer| refer.handle != handle);
        }
        let phrase = if reason.is_empty() {
            default_reason(code)
        } else {
            reason.to_owned()
        };
        self.notify(event, state, write_sip_fragment(code, &phrase), stack);
    }

    fn notify(
        &mut self,
        event: String,
        state: SubscriptionState,
        body: Vec<u8>,
        stack: &mut Stack,
    ) {
        let contact = self.contact_field();
        let State::Talking(session) = &mut self.state else {
            return;
        };
        let mut request = session.dialog.request("NOTIFY");
        request.headers.push(contact);
        request.add_header("Event", event);
        request.add_header("Subscription-State", state.to_string());
        self.send_quietly(request.with_body(SIP_FRAGMENT, body), stack);
    }
}

//! Client transactions: INVITE (RFC 3261 §17.1.1, RFC 6026 §7.2) and others (§17.1.2).
//!
//! ```text
//!  INVITE:  Trying ──1xx──► Proceeding ──2xx──► Accepted ──M──► gone
//!              └──────────────────┴──300+──► Completed ──D──► gone
//!  others:  Trying ──1xx──► Proceeding ──200+──► Completed ──K──► gone
//! ```

use super::{ClientId, derived};
use crate::{
    CallHandle, Flow, Millis, OutgoingHandle, RegistrationHandle,
    message::{Request, Response},
    stack::Stack,
    timers::{ClientTimer, PATIENCE, T1, T2, T4, Timer},
};

/// Who hears of the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    Registration(RegistrationHandle),
    /// The INVITE that began a call.
    Invite(CallHandle),
    Reinvite(CallHandle),
    Bye(CallHandle),
    InCall(CallHandle, OutgoingHandle),
    /// PRACK and NOTIFY: sent again with credentials, of no interest to the shell.
    Quiet(CallHandle, OutgoingHandle),
    Request(OutgoingHandle),
    /// CANCEL, and BYE to a fork nobody wants.
    Nobody,
}

/// What became of a request.
#[derive(Debug)]
pub enum Outcome {
    Response(Box<Response>),
    /// Nothing came in time.
    Timeout,
    /// The connection is gone.
    FlowClosed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum State {
    /// Sent, and sent again on datagrams.
    Trying,
    /// The peer is at it.
    Proceeding,
    /// A final answer (INVITE: 300 or above) is known; repeats of it are absorbed.
    Completed,
    /// INVITE only: every 2xx goes to the call, forks may send several.
    Accepted,
}

pub struct Client {
    flow: Flow,
    request: Request,
    bytes: Vec<u8>,
    state: State,
    interval: Millis,
    owner: Owner,
    /// The ACK to 300 or above.
    ack: Option<Vec<u8>>,
    key: (String, String),
}

impl Client {
    fn is_invite(&self) -> bool {
        self.request.method == "INVITE"
    }
}

impl Stack {
    /// Sends a request in a new transaction; Via and the usual fields are added.
    pub fn send_request(&mut self, flow: Flow, mut request: Request, owner: Owner) -> ClientId {
        let branch = self.random.branch();
        self.dress_request(&mut request);
        let via = self.own_via(flow, &branch);
        request.headers.insert(0, ("Via".into(), via));
        self.start_client(flow, request, branch, owner)
    }

    /// Sends a request outside any transaction: the ACK to a 2xx. Returns its bytes for repeats.
    pub fn send_ack(&mut self, flow: Flow, mut request: Request) -> Vec<u8> {
        let branch = self.random.branch();
        self.dress_request(&mut request);
        let via = self.own_via(flow, &branch);
        request.headers.insert(0, ("Via".into(), via));
        let bytes = request.to_bytes();
        self.transmit(flow, bytes.clone());
        bytes
    }

    fn own_via(&self, flow: Flow, branch: &str) -> String {
        let host = &self.config.via_host;
        let host = match host.parse::<std::net::Ipv6Addr>() {
            Ok(_) => format!("[{host}]"),
            Err(_) => host.clone(),
        };
        // RFC 3581: rport, so that the answer finds its way back through a NAT.
        format!("SIP/2.0/{} {host};branch={branch};rport", flow.transport())
    }

    fn start_client(
        &mut self,
        flow: Flow,
        request: Request,
        branch: String,
        owner: Owner,
    ) -> ClientId {
        let id = ClientId(self.next_id());
        let bytes = request.to_bytes();
        self.transmit(flow, bytes.clone());
        if !flow.is_reliable() {
            self.set_timer(Timer::Client(id, ClientTimer::Retransmit), T1);
        }
        self.set_timer(Timer::Client(id, ClientTimer::Timeout), PATIENCE);
        let key = (branch, request.method.clone());
        self.transactions.client_keys.insert(key.clone(), id);
        let client = Client {
            flow,
            request,
            bytes,
            state: State::Trying,
            interval: T1,
            owner,
            ack: None,
            key,
        };
        self.transactions.clients.insert(id, client);
        id
    }

    /// Cancels an INVITE that has had a provisional answer (§9.1).
    pub fn send_cancel(&mut self, invite: ClientId, reason: Option<&str>) {
        let Some(client) = self.transactions.clients.get(&invite) else {
            return;
        };
        let (flow, branch) = (client.flow, client.key.0.clone());
        let cancel = derived::cancel_for(&client.request, reason);
        self.start_client(flow, cancel, branch, Owner::Nobody);
    }

    /// Forgets a transaction; its owner hears nothing more.
    pub fn drop_client(&mut self, id: ClientId) {
        for timer in [
            ClientTimer::Retransmit,
            ClientTimer::Timeout,
            ClientTimer::Linger,
        ] {
            self.timers.cancel(Timer::Client(id, timer));
        }
        if let Some(client) = self.transactions.clients.remove(&id) {
            self.transactions.client_keys.remove(&client.key);
        }
    }

    /// Matches a response (§17.1.3) and tells who is to hear of it.
    pub fn receive_response(&mut self, response: Response) -> Option<(Owner, Outcome)> {
        let branch = response.via().ok()?.branch()?.to_owned();
        let method = response.cseq().ok()?.method;
        let id = *self.transactions.client_keys.get(&(branch, method))?;
        let client = self.transactions.clients.get(&id)?;
        let owner = client.owner;
        let passed_on = match (client.is_invite(), client.state) {
            (true, State::Trying | State::Proceeding) => self.invite_answer(id, &response),
            (true, State::Accepted) => response.is_success(),
            (true, State::Completed) => self.acknowledge_again(id, &response),
            (false, State::Trying | State::Proceeding) => self.plain_answer(id, &response),
            (false, State::Completed | State::Accepted) => false,
        };
        passed_on.then(|| (owner, Outcome::Response(Box::new(response))))
    }

    fn invite_answer(&mut self, id: ClientId, response: &Response) -> bool {
        self.timers
            .cancel(Timer::Client(id, ClientTimer::Retransmit));
        self.timers.cancel(Timer::Client(id, ClientTimer::Timeout));
        let Some(client) = self.transactions.clients.get_mut(&id) else {
            return false;
        };
        if response.is_provisional() {
            client.state = State::Proceeding;
        } else if response.is_success() {
            client.state = State::Accepted;
            self.set_timer(Timer::Client(id, ClientTimer::Linger), PATIENCE);
        } else {
            let ack = derived::ack_for(&client.request, response).to_bytes();
            let flow = client.flow;
            client.state = State::Completed;
            client.ack = Some(ack.clone());
            self.transmit(flow, ack);
            self.linger_client(id, flow, PATIENCE);
        }
        true
    }

    fn plain_answer(&mut self, id: ClientId, response: &Response) -> bool {
        let Some(client) = self.transactions.clients.get_mut(&id) else {
            return false;
        };
        if response.is_provisional() {
            // §17.1.2.2: from now on E runs T2.
            client.state = State::Proceeding;
            client.interval = T2;
            return true;
        }
        let flow = client.flow;
        client.state = State::Completed;
        self.timers
            .cancel(Timer::Client(id, ClientTimer::Retransmit));
        self.timers.cancel(Timer::Client(id, ClientTimer::Timeout));
        self.linger_client(id, flow, T4);
        true
    }

    /// The peer repeats its final response: our ACK was lost.
    fn acknowledge_again(&mut self, id: ClientId, response: &Response) -> bool {
        if let Some(client) = self.transactions.clients.get(&id)
            && response.code >= 300
            && let (flow, Some(ack)) = (client.flow, client.ack.clone())
        {
            self.transmit(flow, ack);
        }
        false
    }

    fn linger_client(&mut self, id: ClientId, flow: Flow, time: Millis) {
        if flow.is_reliable() {
            self.drop_client(id);
        } else {
            self.set_timer(Timer::Client(id, ClientTimer::Linger), time);
        }
    }

    /// A client timer fired.
    pub fn client_timer(&mut self, id: ClientId, timer: ClientTimer) -> Option<(Owner, Outcome)> {
        match timer {
            ClientTimer::Retransmit => self.send_again(id),
            ClientTimer::Linger => self.drop_client(id),
            ClientTimer::Timeout => {
                let owner = self.transactions.clients.get(&id)?.owner;
                self.drop_client(id);
                return Some((owner, Outcome::Timeout));
            }
        }
        None
    }

    fn send_again(&mut self, id: ClientId) {
        let Some(client) = self.transactions.clients.get_mut(&id) else {
            return;
        };
        let cap = if client.is_invite() { Millis::MAX } else { T2 };
        client.interval = client.interval.saturating_mul(2).min(cap);
        let (flow, bytes, interval) = (client.flow, client.bytes.clone(), client.interval);
        self.transmit(flow, bytes);
        self.set_timer(Timer::Client(id, ClientTimer::Retransmit), interval);
    }

    /// Ends every transaction of a connection and tells who is to hear of it.
    pub fn close_clients(&mut self, flow: Flow) -> Vec<(Owner, Outcome)> {
        let open: Vec<(ClientId, Owner, bool)> = self
            .transactions
            .clients
            .iter()
            .filter(|(_, client)| client.flow == flow)
            .map(|(id, client)| (*id, client.owner, client.state <= State::Proceeding))
            .collect();
        open.iter().for_each(|(id, ..)| self.drop_client(*id));
        open.into_iter()
            .filter(|(.., is_open)| *is_open)
            .map(|(_, owner, _)| (owner, Outcome::FlowClosed))
            .collect()
    }
}

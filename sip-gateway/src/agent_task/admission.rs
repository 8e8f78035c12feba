//! Who may do what: digest for everything phones ask, patience with strangers.
//!
//! The stored hash is the director's; asking for it must not hold up other messages, so a request
//! waits under a ticket while a task of its own asks.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use sip_core::{
    CallHandle, Flow, IncomingInvite, Millis, agent::RequestHandle, digest::AuthError,
    message::Request,
};

use super::AgentTask;
use crate::{
    calls::identity,
    orders::Order,
    ports::{CallEvent, CallId, SipUser},
    registrar::{guard::Payer, is_browser, lockout::WINDOW},
};

/// Requests that may wait for the director at once; more are refused with 503.
const MOST_WAITING: usize = 10_000;

/// What a request that needs digest asks for.
#[derive(Debug)]
pub(super) enum Asked {
    /// To be registered.
    Register(RequestHandle),
    /// To make a call.
    Call(Box<IncomingInvite>),
}

#[derive(Debug)]
struct Pending {
    flow: Flow,
    request: Request,
    username: String,
    asked: Asked,
}

/// Requests whose user is being looked up.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    next: u64,
    requests: HashMap<u64, Pending>,
}

impl Waiting {
    /// The caller gave up before the director answered.
    pub(super) fn forget_call(&mut self, call: CallHandle) {
        self.requests.retain(
            |_, waiting| !matches!(&waiting.asked, Asked::Call(invite) if invite.call == call),
        );
    }
}

impl AgentTask {
    /// Begins to find out whether the sender is who it claims to be.
    pub(super) fn admit(&mut self, flow: Flow, request: Request, asked: Asked) {
        let Some(payer) = self.payer(flow) else {
            return;
        };
        let now = self.clock.now();
        // A telephone that is registered is not shut out by datagrams that only claim its address.
        let is_telephone = !flow.is_reliable() && self.registrar.knows(flow);
        if !is_telephone && !self.guard.admits(now, payer) {
            return self.refuse(&asked, 403, "Too many attempts; wait a minute", Vec::new());
        }
        let Some(username) = self.authenticator.claimed_user(&request) else {
            return self.challenge(flow, payer, &asked, false);
        };
        let address = self.transports.peer(flow).map(|peer| peer.ip());
        let locked = |address| !self.lockout.admits(now, address, &username);
        if !self.registrar.knows(flow) && address.is_some_and(locked) {
            // RFC 3261 §21.4.4. The same words as for a wrong password: nothing is to be learned.
            return self.refuse(&asked, 403, "Wrong user or password", Vec::new());
        }
        if self.waiting.requests.len() >= MOST_WAITING {
            return self.refuse(
                &asked,
                503,
                "Too busy",
                vec![("Retry-After".to_owned(), "5".to_owned())],
            );
        }
        self.waiting.next += 1;
        let ticket = self.waiting.next;
        self.ask_director(ticket, username.clone(), proposed_by(&asked));
        self.waiting.requests.insert(
            ticket,
            Pending {
                flow,
                request,
                username,
                asked,
            },
        );
    }

    fn ask_director(&self, ticket: u64, username: String, proposed: Option<CallId>) {
        let director = Arc::clone(&self.services.director);
        let orders = self.services.orders.clone();
        tokio::spawn(async move {
            let user = director.sip_user(&username).await;
            let call = match proposed {
                Some(id) if user.is_some() && director.is_new_call(id).await => Some(id),
                Some(_) | None => None,
            };
            orders.send(Order::UserFound { ticket, user, call });
        });
    }

    /// The director has answered.
    pub(super) fn user_found(&mut self, ticket: u64, user: Option<SipUser>, call: Option<CallId>) {
        let Some(Pending {
            flow,
            request,
            username,
            asked,
        }) = self.waiting.requests.remove(&ticket)
        else {
            return;
        };
        let Some(payer) = self.payer(flow) else {
            return;
        };
        let now = self.clock.now();
        let ha1 = user.as_ref().map(|user| user.ha1.0.clone());
        match self.authenticator.verify(now, &request, |_| ha1) {
            Ok(_) => {
                if !flow.is_reliable() {
                    self.guard.forgive(payer);
                }
                if let Some(peer) = self.transports.peer(flow) {
                    self.lockout.right(peer.ip(), &username);
                }
                self.tell_proven(username.clone());
                match (user, asked) {
                    (Some(user), Asked::Register(handle)) => {
                        self.register(handle, flow, &request, &user, &username)
                    }
                    (Some(user), Asked::Call(invite)) => self.call_from_phone(*invite, user, call),
                    (None, asked) => self.refuse(&asked, 403, "Wrong user or password", Vec::new()),
                }
            }
            Err(AuthError::Challenge { stale }) => self.challenge(flow, payer, &asked, stale),
            Err(AuthError::Forbidden) => {
                self.guard.charge(now, payer);
                tracing::info!(?payer, "a wrong SIP user or password");
                self.count_wrong(now, flow, &username);
                self.refuse(&asked, 403, "Wrong user or password", Vec::new());
            }
            Err(AuthError::Malformed) => {
                self.guard.charge(now, payer);
                self.refuse(&asked, 400, "The credentials cannot be read", Vec::new())
            }
        }
    }

    fn count_wrong(&mut self, now: Millis, flow: Flow, username: &str) {
        let Some(peer) = self.transports.peer(flow) else {
            return;
        };
        let address = peer.ip();
        if let Some(whom) = self.lockout.wrong(now, address, username) {
            tracing::warn!(%address, ?whom, "too many wrong SIP passwords; locked out");
            let at = SystemTime::now();
            self.services.events.emit(CallEvent::LockedOut {
                at,
                until: at + Duration::from_millis(WINDOW),
                address,
                username: username.to_owned(),
                whom,
            });
        }
    }

    /// The one who claimed to be `username` has proved it.
    fn tell_proven(&self, username: String) {
        let director = Arc::clone(&self.services.director);
        tokio::spawn(async move { director.sip_user_proven(&username).await });
    }

    fn challenge(&mut self, flow: Flow, payer: Payer, asked: &Asked, stale: bool) {
        let now = self.clock.now();
        // A challenge over a connection reaches who asked for it and nobody else.
        if !stale && !flow.is_reliable() {
            self.guard.charge(now, payer);
        }
        let mut headers = self.authenticator.challenges(now, stale);
        if !is_browser(flow) {
            // RFC 8760 §2.4 has clients pass over algorithms they do not know, but phones built on
            // libre 1.1 (Debian 12) give up at the first.
            headers.retain(|(_, value)| value.contains("algorithm=MD5"));
        }
        self.refuse(asked, 401, "Unauthorized", headers);
    }

    fn refuse(&mut self, asked: &Asked, code: u16, reason: &str, headers: Vec<(String, String)>) {
        let now = self.clock.now();
        match asked {
            Asked::Register(handle) => self.ua.respond(now, *handle, code, reason, headers, None),
            Asked::Call(invite) => self.ua.reject(now, invite.call, code, reason, headers),
        }
    }
}

/// The id a phone asks for its call.
fn proposed_by(asked: &Asked) -> Option<CallId> {
    match asked {
        Asked::Call(invite) => identity::proposed_id(&invite.request),
        Asked::Register(_) => None,
    }
}

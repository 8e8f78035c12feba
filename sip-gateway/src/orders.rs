//! What other tasks have the agent task do.

use std::net::IpAddr;

use tokio::sync::{mpsc, oneshot};

use crate::{
    calls::CallOrder,
    config::Addresses,
    ports::{CallId, Candidate, CheckReport, LineConfig, LineId, LockedOut, SipUser, Trouble},
};

/// An order. Orders never wait.
#[derive(Debug)]
pub(crate) enum Order {
    /// From a conversation.
    Call(CallId, CallOrder),
    /// The director's answer about a SIP user; `ticket` names the request that waits for it.
    UserFound {
        ticket: u64,
        user: Option<SipUser>,
        /// The id its phone proposes for the call, if it may have it.
        call: Option<CallId>,
    },
    /// A line's host was looked up; `attempt` tells an outdated answer.
    Resolved {
        line: LineId,
        attempt: u64,
        found: Result<Vec<Candidate>, Trouble>,
    },
    /// The lines from now on.
    SetLines(Vec<LineConfig>),
    /// The public addresses from now on.
    SetAddresses(Addresses),
    /// Forget the phones this SIP user has registered.
    DropBindings(String),
    /// Hear again who was locked out.
    Unlock {
        address: IpAddr,
        username: String,
        whom: LockedOut,
        done: oneshot::Sender<()>,
    },
    /// End a conversation.
    HangUp { call: CallId, reason: &'static str },
    /// Register once and tell what came.
    Check {
        line: Box<LineConfig>,
        reply: oneshot::Sender<CheckReport>,
    },
    /// The host of a line that is being checked was looked up.
    CheckResolved {
        check: u64,
        found: Result<Vec<Candidate>, Trouble>,
    },
    /// End everything; the reply comes when the network has been told.
    Shutdown { reply: oneshot::Sender<()> },
}

/// The way of orders to the agent task. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Orders(mpsc::UnboundedSender<Order>);

impl Orders {
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<Order>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// After the agent task has ended orders go nowhere, which is what a shutdown means.
    pub(crate) fn send(&self, order: Order) {
        if self.0.send(order).is_err() {
            tracing::debug!("an order came after the end");
        }
    }

    pub(crate) fn call(&self, call: CallId, order: CallOrder) {
        self.send(Order::Call(call, order));
    }
}

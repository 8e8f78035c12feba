//! What the gateway asks: the switchboard answers from memory; whether a call is new, the records.

use std::{sync::Arc, time::Duration};

use api_types::Availability;
use async_trait::async_trait;
use numbering::is_withheld;
use sip_gateway::ports::{
    CallDirector, CallId, IncomingCall, IncomingPlan, OutgoingCall, OutgoingPlan, SipUser,
};
use store::Store;
use uuid::Uuid;

use crate::{
    calls::{Writer, decided},
    clock::now_ms,
    presence::Presences,
    routing::{Arrival, Office, Wish, asks_for_responsible, incoming, outgoing},
    switchboard::Switchboard,
    work::Work,
};

/// How long a call that begins may wait for the database.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long a ringing call may wait for a look at the contacts (an indexed read).
const SHORT_PATIENCE: Duration = Duration::from_millis(150);

/// Answers the gateway.
pub(crate) struct Director {
    /// Answers most.
    pub switchboard: Arc<Switchboard>,
    /// Knows the calls that are written.
    pub store: Store,
    /// Knows those that are not yet.
    pub writer: Arc<Writer>,
    /// Knows where callers are looked up.
    pub work: Arc<Work>,
    /// Knows who is away.
    pub presences: Arc<Presences>,
}

impl Director {
    /// Who is responsible for a caller. In doubt nobody: then the others ring at once.
    async fn responsible(&self, caller: Option<&str>) -> Option<Uuid> {
        let places = self.work.places();
        let looking = self.store.callers(&places, caller?);
        match tokio::time::timeout(SHORT_PATIENCE, looking).await {
            Ok(Ok(found)) => match found.contacts.first() {
                Some(contact) => contact.responsible_id,
                None => found.rows.first()?.owner_id,
            },
            Ok(Err(error)) => {
                tracing::error!(%error, "the employee responsible for a caller was not looked up");
                None
            }
            Err(_) => {
                tracing::warn!("the employee responsible for a caller was not found in time");
                None
            }
        }
    }

    /// A colleague who is not to be disturbed is not rung; one who is away is, as the caller sees it.
    fn unless_disturbing(&self, office: &Office, plan: OutgoingPlan) -> OutgoingPlan {
        let OutgoingPlan::Extension(extension) = &plan else {
            return plan;
        };
        let said = office
            .by_extension(extension)
            .map(|employee| self.presences.of(employee.user))
            .filter(|said| !said.takes_calls());
        match said.map(|said| said.availability) {
            // RFC 3261 §21.4.18
            Some(Availability::DoNotDisturb) => OutgoingPlan::Refuse {
                code: 480,
                reason: "Do Not Disturb".to_owned(),
            },
            _ => plan,
        }
    }
}

#[async_trait]
impl CallDirector for Director {
    async fn sip_user(&self, username: &str) -> Option<SipUser> {
        self.switchboard.sip_user(username, now_ms())
    }

    async fn route_incoming(&self, call: &IncomingCall) -> IncomingPlan {
        let office = self.switchboard.office();
        let caller = call
            .caller
            .as_deref()
            .filter(|caller| !is_withheld(caller))
            .map(|caller| office.rules.read_caller(caller).e164);
        let number = call.did.as_deref();
        let responsible = match asks_for_responsible(&office, call.line, number) {
            true => self.responsible(caller.as_deref()).await,
            false => None,
        };
        let absent = self.presences.absent();
        let arrival = Arrival {
            line: call.line,
            number,
            caller: caller.as_deref(),
            responsible,
            absent: &absent,
        };
        let plan = incoming(&office, arrival);
        let now = now_ms();
        let steps = plan.steps.into_iter().map(|step| decided(now, step));
        self.switchboard.decided(call.id, steps.collect());
        plan.plan
    }

    async fn authorize_outgoing(&self, call: &OutgoingCall) -> OutgoingPlan {
        let office = self.switchboard.office();
        let wish = Wish {
            caller: office.by_extension(&call.extension),
            dialled: &call.dialled,
            line: call.line,
            number: call.number.as_deref(),
        };
        let plan = outgoing(&office, wish).into_plan();
        self.unless_disturbing(&office, plan)
    }

    /// In doubt it is not: then the call gets an id of our own.
    async fn is_new_call(&self, id: CallId) -> bool {
        if self.writer.unwritten(id).is_some() {
            return false;
        }
        match tokio::time::timeout(PATIENCE, self.store.has_call(id)).await {
            Ok(Ok(known)) => !known,
            Ok(Err(error)) => {
                tracing::error!(%error, "a call's id could not be looked up");
                false
            }
            Err(_) => {
                tracing::error!("a call's id was not looked up in time");
                false
            }
        }
    }

    async fn sip_user_proven(&self, username: &str) {
        self.switchboard.used(username, now_ms());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::{Journal, blank};

    #[tokio::test]
    async fn an_id_is_new_until_a_call_has_it_written_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("trubka.db")).await.unwrap();
        let (journal, _) = Journal::open(&folder.path().join("calls.journal")).unwrap();
        let director = Director {
            switchboard: Arc::new(Switchboard::new(
                Office::new(numbering::defaults("RU")).unwrap(),
            )),
            store: store.clone(),
            writer: Writer::new(),
            work: Arc::default(),
            presences: Arc::default(),
        };
        let id = Uuid::now_v7();
        assert!(director.is_new_call(id).await);
        director.writer.put(store::CallState {
            call: blank(id, 1),
            viewers: Vec::new(),
            recording: None,
        });
        assert!(!director.is_new_call(id).await, "waits to be written");
        tokio::spawn(Arc::clone(&director.writer).run(store.clone(), journal));
        assert!(director.writer.flush(Duration::from_secs(5)).await);
        assert!(!director.is_new_call(id).await, "is written");
        store.close().await;
        let another = Uuid::now_v7();
        assert!(!director.is_new_call(another).await, "nobody can tell");
    }
}

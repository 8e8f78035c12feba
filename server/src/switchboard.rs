//! Answers the gateway's questions from memory: who may register, whom to ring, what may be
//! dialled. A SIP response waits for each of them, so none of them waits for the database.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use api_types::CallStep;
use sip_core::digest::Ha1;
use sip_gateway::ports::{HiddenHa1, REALM, SipUser};
use uuid::Uuid;

use crate::{
    clock::{HOUR, MINUTE},
    routing::{Employee, Office},
};

/// New credentials must be used within this time.
pub(crate) const FRESH_MS: i64 = 10 * MINUTE;
/// Credentials in use stay good so long after they were used last.
const IN_USE_MS: i64 = HOUR;

/// Short-lived credentials of a browser's telephone.
#[derive(Clone)]
pub(crate) struct Credential {
    /// Whose.
    pub user: Uuid,
    /// The session they were given to.
    pub session_hash: Vec<u8>,
    /// For digest.
    pub ha1: Ha1,
    /// When they were made, ms.
    pub created_at: i64,
    /// When they were used last, ms; 0: never.
    pub used_at: i64,
}

impl Credential {
    /// HA1 for the gateway's realm.
    pub(crate) fn ha1(username: &str, password: &str) -> Ha1 {
        Ha1::new(username, REALM, password)
    }

    /// Whether one may register with it now.
    fn is_good(&self, now: i64) -> bool {
        now < self.created_at + FRESH_MS || now < self.used_at + IN_USE_MS
    }
}

/// A desk phone: it registers with its extension.
#[derive(Clone)]
pub(crate) struct DeskPhone {
    /// Whose.
    pub user: Uuid,
    /// For digest.
    pub ha1: Ha1,
}

/// What the gateway's questions are answered from.
pub(crate) struct Switchboard {
    office: RwLock<Arc<Office>>,
    desk_phones: RwLock<HashMap<String, DeskPhone>>,
    credentials: Mutex<HashMap<String, Credential>>,
    /// Steps of deciding, until their calls' records ask.
    steps: Mutex<HashMap<Uuid, Vec<CallStep>>>,
}

impl Switchboard {
    /// With this to decide from.
    pub(crate) fn new(office: Office) -> Self {
        Self {
            office: RwLock::new(Arc::new(office)),
            desk_phones: RwLock::default(),
            credentials: Mutex::default(),
            steps: Mutex::default(),
        }
    }

    /// What decisions are made from now.
    pub(crate) fn office(&self) -> Arc<Office> {
        Arc::clone(&self.office.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Decisions are made from this from now on. Calls that go on are not touched.
    pub(crate) fn set_office(&self, office: Office) {
        *self.office.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(office);
    }

    /// Whose extension it is.
    pub(crate) fn employee(&self, extension: &str) -> Option<Employee> {
        self.office().by_extension(extension).cloned()
    }

    /// These desk phones may register from now on, by extension.
    pub(crate) fn set_desk_phones(&self, phones: HashMap<String, DeskPhone>) {
        *self
            .desk_phones
            .write()
            .unwrap_or_else(PoisonError::into_inner) = phones;
    }

    /// These steps led to what is done with a call.
    pub(crate) fn decided(&self, call: Uuid, steps: Vec<CallStep>) {
        if !steps.is_empty() {
            self.steps().insert(call, steps);
        }
    }

    /// What was decided about a call; told once.
    pub(crate) fn take_steps(&self, call: Uuid) -> Vec<CallStep> {
        self.steps().remove(&call).unwrap_or_default()
    }

    fn steps(&self) -> MutexGuard<'_, HashMap<Uuid, Vec<CallStep>>> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All credentials of a user may no longer be used; their names.
    pub(crate) fn end_user(&self, user: Uuid) -> Vec<String> {
        self.withdraw(|credential| credential.user == user)
    }

    /// These may be used for registering.
    pub(crate) fn add_credential(&self, username: String, credential: Credential) {
        self.credentials().insert(username, credential);
    }

    /// Those given to a session may no longer be used; their names. Running calls go on.
    pub(crate) fn end_session(&self, session_hash: &[u8]) -> Vec<String> {
        self.withdraw(|credential| credential.session_hash == session_hash)
    }

    /// Those of a user may no longer be used, except those of one session; their names.
    pub(crate) fn end_other_sessions(&self, user: Uuid, keep: &[u8]) -> Vec<String> {
        self.withdraw(|credential| credential.user == user && credential.session_hash != keep)
    }

    fn withdraw(&self, is_bad: impl Fn(&Credential) -> bool) -> Vec<String> {
        self.credentials()
            .extract_if(|_, credential| is_bad(credential))
            .map(|(username, _)| username)
            .collect()
    }

    /// Whoever knows the password was here.
    pub(crate) fn used(&self, username: &str, now: i64) {
        if let Some(credential) = self.credentials().get_mut(username) {
            credential.used_at = now;
        }
    }

    /// Forgets what is no longer good; its names, and when the others were used.
    pub(crate) fn sweep(&self, now: i64) -> (Vec<String>, Vec<(String, i64)>) {
        let mut credentials = self.credentials();
        let bad: Vec<String> = credentials
            .iter()
            .filter(|(_, credential)| !credential.is_good(now))
            .map(|(username, _)| username.clone())
            .collect();
        for username in &bad {
            credentials.remove(username);
        }
        let used = credentials
            .iter()
            .map(|(username, credential)| (username.clone(), credential.used_at));
        let used = used.collect();
        drop(credentials);
        (bad, used)
    }

    fn credentials(&self) -> MutexGuard<'_, HashMap<String, Credential>> {
        self.credentials
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the gateway asks.
impl Switchboard {
    /// Who registers or calls with this name. That it is him is yet to be proven: see
    /// [`Self::used`].
    pub(crate) fn sip_user(&self, username: &str, now: i64) -> Option<SipUser> {
        let (user, ha1) = self
            .browser(username, now)
            .or_else(|| self.desk_phone(username))?;
        let office = self.office();
        let employee = office.by_user(user)?;
        Some(SipUser {
            extension: employee.extension.clone(),
            name: employee.name.clone(),
            ha1: HiddenHa1(ha1),
            most_calls: employee.max_calls,
        })
    }

    fn browser(&self, username: &str, now: i64) -> Option<(Uuid, Ha1)> {
        let credentials = self.credentials();
        let credential = credentials
            .get(username)
            .filter(|credential| credential.is_good(now))?;
        Some((credential.user, credential.ha1.clone()))
    }

    fn desk_phone(&self, extension: &str) -> Option<(Uuid, Ha1)> {
        let phones = self
            .desk_phones
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let phone = phones.get(extension)?;
        Some((phone.user, phone.ha1.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::now_ms;

    fn switchboard() -> Switchboard {
        let mut office = Office::new(numbering::defaults("RU")).unwrap();
        office.employees = vec![Employee {
            user: Uuid::now_v7(),
            extension: "101".into(),
            name: "Anna".into(),
            takes_calls: true,
            max_calls: Some(2),
            ..Employee::default()
        }];
        Switchboard::new(office)
    }

    fn user(board: &Switchboard) -> Uuid {
        board.office().employees[0].user
    }

    #[test]
    fn a_desk_phone_registers_with_its_extension_while_its_user_may_call() {
        let board = switchboard();
        let phone = DeskPhone {
            user: user(&board),
            ha1: Credential::ha1("101", "secret"),
        };
        assert!(board.sip_user("101", 0).is_none());
        board.set_desk_phones(HashMap::from([("101".to_owned(), phone)]));
        let found = board.sip_user("101", 0).unwrap();
        assert_eq!(
            (found.extension.as_str(), found.most_calls),
            ("101", Some(2))
        );
        board.set_office(Office::new(numbering::defaults("RU")).unwrap());
        assert!(board.sip_user("101", 0).is_none());
    }

    #[test]
    fn credentials_live_while_they_are_used_and_end_with_their_session() {
        let board = switchboard();
        let user = user(&board);
        let now = now_ms();
        let made = |created_at, used_at| Credential {
            user,
            session_hash: vec![1],
            ha1: Credential::ha1("b", "secret"),
            created_at,
            used_at,
        };
        board.add_credential("new".into(), made(now, 0));
        board.add_credential("unused".into(), made(now - FRESH_MS, 0));
        board.add_credential("in-use".into(), made(now - 24 * HOUR, now - 30 * MINUTE));
        assert_eq!(board.sip_user("new", now).unwrap().extension, "101");
        assert!(board.sip_user("unused", now).is_none());
        assert!(board.sip_user("in-use", now).is_some());
        assert_eq!(board.sweep(now).0, ["unused"]);
        assert!(board.end_other_sessions(user, &[1]).is_empty());
        let mut ended = board.end_session(&[1]);
        ended.sort();
        assert_eq!(ended, ["in-use", "new"]);
        assert!(board.sip_user("in-use", now).is_none());
    }

    #[test]
    fn only_whoever_knows_the_password_keeps_credentials_alive() {
        let board = switchboard();
        let made = 24 * HOUR;
        let user = user(&board);
        let credential = Credential {
            user,
            session_hash: vec![1],
            ha1: Credential::ha1("b", "secret"),
            created_at: made,
            used_at: 0,
        };
        board.add_credential("b".into(), credential);
        assert!(board.sip_user("b", made + FRESH_MS - 1).is_some());
        assert!(
            board.sip_user("b", made + FRESH_MS).is_none(),
            "asking is no proof"
        );
        board.used("b", made + FRESH_MS - 1);
        assert!(
            board
                .sip_user("b", made + FRESH_MS + IN_USE_MS - 2)
                .is_some()
        );
        assert!(board.sip_user("b", made + FRESH_MS + IN_USE_MS).is_none());
    }
}

//! Answers the gateway's questions from memory: who may register, whom to ring, what may be
//! dialled. A SIP response waits for each of them, so none of them waits for the database.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use api_types::PhoneNumber;
use sip_core::digest::Ha1;
use sip_gateway::ports::{HiddenHa1, IncomingPlan, OutgoingPlan, REALM, SipUser};
use uuid::Uuid;

use crate::{
    clock::{HOUR, MINUTE},
    numbers::Numbers,
};

/// New credentials must be used within this time.
pub(crate) const FRESH_MS: i64 = 10 * MINUTE;
/// Credentials in use stay good so long after they were used last.
const IN_USE_MS: i64 = HOUR;
/// How long extensions ring.
const RING_SECS: u32 = 60;
/// Numbers with fewer digits are dialled as they were typed.
const LONG_NUMBER: usize = 7;

/// An employee with an extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Employee {
    /// User id.
    pub user: Uuid,
    /// Extension.
    pub extension: String,
    /// Name.
    pub name: String,
    /// Whether incoming calls ring him.
    pub takes_calls: bool,
}

/// A line, as far as routing and records need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownLine {
    /// Line id.
    pub id: Uuid,
    /// Name people see.
    pub label: String,
    /// Its number.
    pub number: PhoneNumber,
    /// Whether outgoing calls use it.
    pub default_outgoing: bool,
}

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

/// What the gateway's questions are answered from.
pub(crate) struct Switchboard {
    numbers: Numbers,
    employees: RwLock<Arc<Vec<Employee>>>,
    lines: RwLock<Arc<Vec<KnownLine>>>,
    credentials: Mutex<HashMap<String, Credential>>,
}

impl Switchboard {
    /// With nobody and nothing.
    pub(crate) fn new(numbers: Numbers) -> Self {
        Self {
            numbers,
            employees: RwLock::default(),
            lines: RwLock::default(),
            credentials: Mutex::default(),
        }
    }

    /// These are the employees from now on.
    pub(crate) fn set_employees(&self, employees: Vec<Employee>) {
        *self
            .employees
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(employees);
    }

    /// The employees.
    pub(crate) fn employees(&self) -> Arc<Vec<Employee>> {
        Arc::clone(
            &self
                .employees
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Whose extension it is.
    pub(crate) fn employee(&self, extension: &str) -> Option<Employee> {
        self.employees()
            .iter()
            .find(|employee| employee.extension == extension)
            .cloned()
    }

    /// These are the lines from now on.
    pub(crate) fn set_lines(&self, lines: Vec<KnownLine>) {
        *self.lines.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(lines);
    }

    /// A line.
    pub(crate) fn line(&self, id: Uuid) -> Option<KnownLine> {
        self.lines().iter().find(|line| line.id == id).cloned()
    }

    fn lines(&self) -> Arc<Vec<KnownLine>> {
        Arc::clone(&self.lines.read().unwrap_or_else(PoisonError::into_inner))
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

    /// Whether and how this extension may dial this.
    pub(crate) fn plan(&self, dialled: &str, from: &str) -> OutgoingPlan {
        let refuse = |code, reason: &str| OutgoingPlan::Refuse {
            code,
            reason: reason.to_owned(),
        };
        let number: String = dialled
            .chars()
            .filter(|c| !" ()-./\u{a0}".contains(*c))
            .collect();
        if number.is_empty() {
            return refuse(484, "No number was dialled");
        }
        let rest = number.strip_prefix('+').unwrap_or(&number);
        if rest.is_empty()
            || !rest
                .chars()
                .all(|c| c.is_ascii_digit() || c == '*' || c == '#')
        {
            return refuse(484, "Only digits, + * and # can be dialled");
        }
        if rest.len() > 32 {
            return refuse(484, "The number is too long");
        }
        if number == from {
            return refuse(486, "This is your own extension");
        }
        if self.employee(&number).is_some() {
            return OutgoingPlan::Extension(number);
        }
        match self.lines().iter().find(|line| line.default_outgoing) {
            Some(line) => OutgoingPlan::line(line.id, self.towards_provider(&number)),
            None => refuse(503, "No line is set up for outgoing calls"),
        }
    }

    /// Long numbers as E.164, short ones and codes as typed.
    fn towards_provider(&self, number: &str) -> String {
        let digits = number.trim_start_matches('+');
        let plain = digits.chars().all(|c| c.is_ascii_digit());
        if plain && digits.len() >= LONG_NUMBER {
            self.numbers.read(number).e164
        } else {
            number.to_owned()
        }
    }
}

/// What the gateway asks.
impl Switchboard {
    /// Who registers or calls with this name. That it is him is yet to be proven: see
    /// [`Self::used`].
    pub(crate) fn sip_user(&self, username: &str, now: i64) -> Option<SipUser> {
        let (user, ha1) = {
            let credentials = self.credentials();
            let credential = credentials
                .get(username)
                .filter(|credential| credential.is_good(now))?;
            (credential.user, credential.ha1.clone())
        };
        let employees = self.employees();
        let employee = employees.iter().find(|employee| employee.user == user)?;
        Some(SipUser {
            extension: employee.extension.clone(),
            name: employee.name.clone(),
            ha1: HiddenHa1(ha1),
            most_calls: None,
        })
    }

    /// Whom an incoming call rings.
    pub(crate) fn route_incoming(&self) -> IncomingPlan {
        let extensions: Vec<String> = self
            .employees()
            .iter()
            .filter(|employee| employee.takes_calls)
            .map(|employee| employee.extension.clone())
            .collect();
        if extensions.is_empty() {
            return IncomingPlan::Refuse {
                code: 480,
                reason: "Nobody takes calls".to_owned(),
            };
        }
        IncomingPlan::ring(extensions, RING_SECS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::now_ms;

    fn switchboard() -> Switchboard {
        let board = Switchboard::new(Numbers::new("RU").unwrap());
        let employee = |extension: &str| Employee {
            user: Uuid::now_v7(),
            extension: extension.into(),
            name: "Anna".into(),
            takes_calls: true,
        };
        board.set_employees(vec![employee("101"), employee("102")]);
        let number = PhoneNumber {
            e164: "+74950000000".into(),
            display: String::new(),
        };
        let line = KnownLine {
            id: Uuid::nil(),
            label: "Main".into(),
            number,
            default_outgoing: true,
        };
        board.set_lines(vec![line]);
        board
    }

    fn number(plan: OutgoingPlan) -> String {
        match plan {
            OutgoingPlan::Lines { attempts, .. } => attempts[0].number.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn numbers_go_out_as_e164_and_codes_as_typed() {
        let board = switchboard();
        assert_eq!(
            number(board.plan("8 (495) 123-45-67", "101")),
            "+74951234567"
        );
        assert_eq!(number(board.plan("600", "101")), "600");
        assert_eq!(number(board.plan("*100#", "101")), "*100#");
    }

    #[test]
    fn colleagues_are_dialled_by_extension() {
        assert_eq!(
            switchboard().plan("102", "101"),
            OutgoingPlan::Extension("102".into())
        );
    }

    #[test]
    fn nonsense_is_refused_in_words() {
        let board = switchboard();
        for dialled in [
            "",
            "+",
            "sip:evil@example.com",
            "12;34",
            &"1".repeat(40),
            "101",
        ] {
            assert!(
                matches!(board.plan(dialled, "101"), OutgoingPlan::Refuse { .. }),
                "{dialled}"
            );
        }
        board.set_lines(Vec::new());
        assert!(matches!(
            board.plan("600", "101"),
            OutgoingPlan::Refuse { code: 503, .. }
        ));
    }

    #[test]
    fn credentials_live_while_they_are_used_and_end_with_their_session() {
        let board = switchboard();
        let user = board.employees()[0].user;
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
        let user = board.employees()[0].user;
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

//! Many made-up contacts and calls: the same ones each time.

use api_types::{CallStatus, Direction, HungUpBy, Role};
use store::{
    CallState, ContactRow, PhoneRow, Store,
    entity::{call, item, user},
};
use uuid::Uuid;

use crate::{
    auth::viewer::role_name,
    calls::{blank, word},
    clock::{DAY, HOUR, now_ms},
    config::DemoData,
    demo,
    numbers::Numbers,
    start::{StartError, open_store, prepare_folder},
};

/// Rows written at once.
const BATCH: u32 = 5000;
const GIVEN: [&str; 12] = [
    "Марина",
    "Ольга",
    "Анна",
    "Елена",
    "Вера",
    "Дарья",
    "Hannah",
    "Grace",
    "Oliver",
    "Daniel",
    "Alice",
    "Ruth",
];
const FAMILY: [&str; 16] = [
    "Соколова",
    "Пескова",
    "Крылова",
    "Белова",
    "Орлова",
    "Лебедева",
    "Журавлева",
    "Воронова",
    "Whitfield",
    "Pembroke",
    "Holloway",
    "Reyes",
    "Ashdown",
    "Marlow",
    "Thorne",
    "Calloway",
];

/// Employees, where there are calls.
const EMPLOYEES: u16 = 20;
const RESULTS: [&str; 6] = [
    "sale",
    "appointment",
    "quote",
    "thinking",
    "refusal",
    "wrong_number",
];
const REASONS: [&str; 5] = ["order", "question", "complaint", "delivery", "other"];
const LINES: [(&str, &str); 3] = [
    ("Sales", "+74950000201"),
    ("Support", "+74950000202"),
    ("Shop", "+74950000203"),
];

/// Fills the folder's database.
///
/// # Errors
/// When the folder or the database cannot be used.
pub async fn demo_data(wanted: &DemoData) -> Result<(), StartError> {
    let lock = prepare_folder(&wanted.data)?;
    let store = open_store(wanted.database.as_ref(), &wanted.data).await?;
    let house = House {
        contacts: wanted.contacts,
        now: now_ms(),
        numbers: Numbers::new("RU").unwrap_or_else(Numbers::anywhere),
        employees: employees(&store, wanted.calls > 0).await?,
    };
    for first in (0..wanted.contacts).step_by(BATCH as usize) {
        let last = wanted.contacts.min(first + BATCH);
        let rows: Vec<ContactRow> = (first..last).map(|i| house.contact(i)).collect();
        store.add_contacts(&rows).await?;
        if wanted.calls > 0 {
            let items = rows.iter().zip(first..last);
            let items = items.flat_map(|(row, i)| house.items(i, row));
            store.add_items(items.collect()).await?;
        }
    }
    for first in (0..wanted.calls).step_by(BATCH as usize) {
        let last = wanted.calls.min(first + BATCH);
        let rows: Vec<CallState> = (first..last).map(|i| house.call(i)).collect();
        store.add_calls(&rows).await?;
    }
    store.analyze().await?;
    store.close().await;
    drop(lock);
    Ok(())
}

/// Those who made and took the calls. Nobody of them can sign in before an administrator sets a
/// password.
async fn employees(store: &Store, are_wanted: bool) -> Result<Vec<user::Model>, StartError> {
    demo::add_first_user(store).await?;
    let mut employees = Vec::new();
    for i in 0..if are_wanted { EMPLOYEES } else { 0 } {
        let row = user::Model {
            id: Uuid::now_v7(),
            login: format!("employee-{}", 201 + i),
            name: format!(
                "{} {}",
                GIVEN[usize::from(i) % GIVEN.len()],
                FAMILY[usize::from(i) % FAMILY.len()]
            ),
            role: role_name(Role::Agent).to_owned(),
            extension: Some(format!("{}", 201 + i)),
            takes_calls: false,
            password_hash: None,
            created_at: now_ms(),
            active: true,
            international: false,
            max_calls: None,
            sealed_sip_ha1: None,
        };
        store.add_user(row.clone()).await?;
        employees.push(row);
    }
    Ok(employees)
}

/// What is made up.
struct House {
    contacts: u32,
    now: i64,
    numbers: Numbers,
    employees: Vec<user::Model>,
}

/// The `i`-th number, each only once. The range belongs to nobody who is called: this is data only.
fn number(i: u32) -> String {
    format!("+7495{:07}", 2_000_000 + i64::from(i) * 7 % 7_000_000)
}

fn pick<'a>(from: &[&'a str], by: u32) -> &'a str {
    from[by as usize % from.len()]
}

impl House {
    fn employee(&self, by: u32) -> Option<&user::Model> {
        let most = self.employees.len().max(1);
        self.employees.get(by as usize % most)
    }

    fn contact(&self, i: u32) -> ContactRow {
        let mixed = mix(i);
        let name = format!("{} {} {i}", pick(&GIVEN, mixed), pick(&FAMILY, mixed >> 8));
        let number = self.numbers.read(&number(i));
        ContactRow {
            id: Uuid::now_v7(),
            name,
            phones: vec![PhoneRow {
                e164: number.e164,
                display: number.display,
                label: String::new(),
            }],
            responsible: self.employee(mixed >> 4).map(|employee| employee.id),
            created_at: self.now,
            ..ContactRow::default()
        }
    }

    /// Deals of every fifth contact, tasks of every tenth, orders of every sixth, notes of every fourth.
    fn items(&self, i: u32, contact: &ContactRow) -> Vec<item::Model> {
        let mixed = mix(i ^ 0x5EED);
        let created_at = self.now - i64::from(mixed % 90) * DAY;
        let item = |kind: &str, state: &str, title: String| item::Model {
            id: Uuid::now_v7(),
            kind: kind.to_owned(),
            state: state.to_owned(),
            title,
            is_open: matches!(state, "open" | "in_progress" | "new"),
            contact_id: Some(contact.id),
            owner_id: contact.responsible,
            created_at,
            updated_at: created_at,
            version: 1,
            ..item::Model::default()
        };
        let mut items = Vec::new();
        if mixed.is_multiple_of(5) {
            let state = pick(&["in_progress", "won", "cancelled"], mixed >> 5);
            items.push(item::Model {
                pipeline: Some("sales".to_owned()),
                amount: Some(i64::from(mixed % 10_000) * 100),
                currency: "RUB".to_owned(),
                ..item("deal", state, contact.name.clone())
            });
        }
        if mixed.is_multiple_of(10) {
            let due = self.now + i64::from(mixed % 20) * DAY - 10 * DAY;
            items.push(item::Model {
                due_at: Some(due),
                ..item("task", "open", format!("Call back {i}"))
            });
        }
        if mixed.is_multiple_of(6) {
            items.push(item("order", "new", format!("{}", 100_000 + i)));
        }
        if mixed.is_multiple_of(4) {
            items.push(item("note", "", format!("Prefers mornings {i}")));
        }
        items
    }

    fn call(&self, i: u32) -> CallState {
        let mixed = mix(i);
        let started_at =
            self.now - i64::from(mixed % 90) * DAY - i64::from(mix(mixed) % 86_400) * 1000;
        let is_outgoing = mixed.is_multiple_of(3);
        let is_answered = !mix(i ^ 0xFACE).is_multiple_of(4);
        let talk_ms = i64::from(mixed % 600) * 1000;
        let wait_ms = 2000 + i64::from(mixed % 23) * 1000;
        let number = self
            .numbers
            .read(&number(mix(i ^ 0xABCD) % self.contacts.max(1)));
        let employee = self.employee(mixed >> 3);
        let (line, line_number) = LINES[mixed as usize % LINES.len()];
        let line_number = self.numbers.read(line_number);
        let ended_at = started_at + wait_ms + if is_answered { talk_ms } else { 0 };
        let is_known = is_answered || is_outgoing;
        let is_returned = !is_answered && !is_outgoing && mixed.is_multiple_of(2);
        let call = call::Model {
            version: 1,
            direction: word(match is_outgoing {
                true => Direction::Outgoing,
                false => Direction::Incoming,
            }),
            status: word(match is_answered {
                true => CallStatus::Answered,
                false => CallStatus::NoAnswer,
            }),
            answered_at: is_answered.then_some(started_at + wait_ms),
            ended_at: Some(ended_at),
            updated_at: ended_at,
            wait_ms,
            talk_ms: if is_answered { talk_ms } else { 0 },
            employee_id: employee.filter(|_| is_known).map(|one| one.id),
            employee_extension: employee
                .filter(|_| is_known)
                .and_then(|one| one.extension.clone()),
            employee_name: employee.filter(|_| is_known).map(|one| one.name.clone()),
            number_e164: Some(number.e164),
            number_display: Some(number.display),
            line_id: Some(Uuid::from_u128(1 + u128::from(mixed) % LINES.len() as u128)),
            line_label: Some(line.to_owned()),
            line_number_e164: Some(line_number.e164),
            line_number_display: Some(line_number.display),
            result: is_answered.then(|| pick(&RESULTS, mixed >> 7).to_owned()),
            reason: is_answered.then(|| pick(&REASONS, mixed >> 9).to_owned()),
            returned_at: is_returned.then_some(ended_at + HOUR),
            returned_call: is_returned.then(Uuid::now_v7),
            hung_up_by: Some(word(HungUpBy::Client)),
            sip_code: if is_answered { 200 } else { 487 },
            ruled: 2,
            ..blank(Uuid::now_v7(), started_at)
        };
        CallState {
            call,
            viewers: employee.iter().map(|one| one.id).collect(),
            recording: None,
        }
    }
}

/// Scatters numbers, the same way each time.
fn mix(i: u32) -> u32 {
    let mut mixed = i.wrapping_add(0x9E37_79B9);
    mixed = (mixed ^ (mixed >> 16)).wrapping_mul(0x85EB_CA6B);
    mixed = (mixed ^ (mixed >> 13)).wrapping_mul(0xC2B2_AE35);
    mixed ^ (mixed >> 16)
}

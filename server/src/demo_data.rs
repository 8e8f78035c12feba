//! Many made-up contacts and calls: the same ones each time.

use api_types::{CallStatus, Direction, HungUpBy};
use store::{CallState, ContactRow, PhoneRow};
use uuid::Uuid;

use crate::{
    calls::{blank, word},
    clock::{DAY, now_ms},
    config::DemoData,
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

/// Fills the folder's database.
///
/// # Errors
/// When the folder or the database cannot be used.
pub async fn demo_data(wanted: &DemoData) -> Result<(), StartError> {
    let lock = prepare_folder(&wanted.data)?;
    let store = open_store(wanted.database.as_ref(), &wanted.data).await?;
    let numbers = Numbers::new("RU").unwrap_or_else(Numbers::anywhere);
    let now = now_ms();
    for first in (0..wanted.contacts).step_by(BATCH as usize) {
        let last = wanted.contacts.min(first + BATCH);
        let rows: Vec<ContactRow> = (first..last).map(|i| contact(i, now, numbers)).collect();
        store.add_contacts(&rows).await?;
    }
    for first in (0..wanted.calls).step_by(BATCH as usize) {
        let last = wanted.calls.min(first + BATCH);
        let rows: Vec<CallState> = (first..last)
            .map(|i| call(i, wanted.contacts, now, numbers))
            .collect();
        store.put_calls(&rows).await?;
    }
    store.close().await;
    drop(lock);
    Ok(())
}

/// The `i`-th number, each only once. The range belongs to nobody who is called: this is data only.
fn number(i: u32) -> String {
    format!("+7495{:07}", 2_000_000 + i64::from(i) * 7 % 7_000_000)
}

fn contact(i: u32, created_at: i64, numbers: Numbers) -> ContactRow {
    let mixed = mix(i);
    let pick = |from: &[&str], by: u32| from[by as usize % from.len()].to_owned();
    let name = format!("{} {} {i}", pick(&GIVEN, mixed), pick(&FAMILY, mixed >> 8));
    let number = numbers.read(&number(i));
    ContactRow {
        id: Uuid::now_v7(),
        name,
        phones: vec![PhoneRow {
            e164: number.e164,
            display: number.display,
            label: String::new(),
        }],
        responsible: None,
        created_at,
        ..ContactRow::default()
    }
}

fn call(i: u32, contacts: u32, now: i64, numbers: Numbers) -> CallState {
    let mixed = mix(i);
    let started_at = now - i64::from(mixed % 90) * DAY - i64::from(mix(mixed) % 86_400) * 1000;
    let answered = !mixed.is_multiple_of(4);
    let talk_ms = i64::from(mixed % 600) * 1000;
    let number = numbers.read(&number(mix(i ^ 0xABCD) % contacts.max(1)));
    let mut call = blank(Uuid::now_v7(), started_at);
    call.version = 1;
    call.direction = word(if mixed.is_multiple_of(3) {
        Direction::Outgoing
    } else {
        Direction::Incoming
    });
    call.status = word(if answered {
        CallStatus::Answered
    } else {
        CallStatus::NoAnswer
    });
    call.answered_at = answered.then_some(started_at + 5000);
    call.ended_at = Some(started_at + 5000 + talk_ms);
    call.updated_at = started_at + 5000 + talk_ms;
    call.number_e164 = Some(number.e164);
    call.number_display = Some(number.display);
    call.wait_ms = 5000 + if answered { 0 } else { talk_ms };
    call.talk_ms = if answered { talk_ms } else { 0 };
    call.ruled = 2;
    call.hung_up_by = Some(word(HungUpBy::Client));
    call.sip_code = if answered { 200 } else { 487 };
    CallState {
        call,
        viewers: Vec::new(),
        recording: None,
    }
}

/// Scatters numbers, the same way each time.
fn mix(i: u32) -> u32 {
    let mut mixed = i.wrapping_add(0x9E37_79B9);
    mixed = (mixed ^ (mixed >> 16)).wrapping_mul(0x85EB_CA6B);
    mixed = (mixed ^ (mixed >> 13)).wrapping_mul(0xC2B2_AE35);
    mixed ^ (mixed >> 16)
}

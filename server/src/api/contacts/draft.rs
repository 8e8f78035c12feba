//! From what was typed to a contact's row.

use api_types::{ContactDraft, ContactKind, Labelled};
use numbering::Numbers;
use store::{AddressRow, ContactRow, PhoneRow};
use uuid::Uuid;

use crate::{
    api::{error::Error, extract::parse_id},
    app::App,
    work::{Problem, fields, people, short},
};

/// Phones of one contact at most.
const MOST_PHONES: usize = 20;

/// The row a draft describes, over what was there; numbers in any spelling, each once.
pub(super) async fn to_row(
    app: &App,
    mut draft: ContactDraft,
    before: ContactRow,
    is_new: bool,
) -> Result<ContactRow, Error> {
    if !is_new {
        draft.kind = super::kind(&before);
    }
    let work = app.work.now();
    let numbers = app.numbers();
    let table = match draft.kind {
        ContactKind::Person => "contacts",
        ContactKind::Company => "companies",
    };
    let named = people::name(&draft)?;
    let read_phone = |spelled: &str| phone(numbers, spelled).map(|phone| phone.e164);
    let held = (!is_new).then_some(&before.fields);
    let status = short(&draft.status, 60, "status", "the status")?;
    let is_known = work.statuses.iter().any(|known| known.key == status);
    if !status.is_empty() && !is_known && status != before.status {
        let message = "there is no such status; reload the page, the settings were changed";
        return Err(Error::invalid("bad_status", "status", message));
    }
    let responsible = match &draft.responsible {
        Some(named) => person(app, named, "responsible", before.responsible).await?,
        None => before.responsible,
    };
    Ok(ContactRow {
        kind: match draft.kind {
            ContactKind::Person => "person".to_owned(),
            ContactKind::Company => "company".to_owned(),
        },
        name: named.name,
        surname: named.surname,
        first_name: named.first_name,
        patronymic: named.patronymic,
        phones: phones(numbers, &draft)?,
        emails: rows(people::emails(&draft.emails)?),
        addresses: rows(people::addresses(&draft.addresses)?),
        company: company(app, &draft, before.id).await?,
        position: short(&draft.position, 200, "position", "the position")?,
        status,
        tags: people::tags(&draft.tags)?,
        fields: fields::check(&work.fields, table, &draft.fields, held, read_phone)?,
        responsible,
        ..before
    })
}

fn rows(kept: Vec<Labelled>) -> Vec<AddressRow> {
    let row = |one: Labelled| AddressRow {
        value: one.value,
        label: one.label,
    };
    kept.into_iter().map(row).collect()
}

fn phones(numbers: Numbers, draft: &ContactDraft) -> Result<Vec<PhoneRow>, Problem> {
    let mut kept: Vec<PhoneRow> = Vec::new();
    let typed = draft.phones.iter();
    for typed in typed.filter(|phone| !phone.spelled().trim().is_empty()) {
        let spelled = typed.spelled();
        let mut row = phone(numbers, spelled).ok_or_else(|| not_a_phone(spelled))?;
        row.label = short(typed.label(), 40, "phones", "the label")?;
        if !kept.iter().any(|phone| phone.e164 == row.e164) {
            kept.push(row);
        }
    }
    if draft.phones.len() > MOST_PHONES {
        let message = format!("a contact has at most {MOST_PHONES} phones");
        return Err(Problem::new("too_many_phones", "phones", message));
    }
    Ok(kept)
}

/// A number in any spelling, if it is one.
pub(crate) fn phone(numbers: Numbers, spelled: &str) -> Option<PhoneRow> {
    let number = numbers.read(spelled.trim());
    let digits = number.e164.strip_prefix('+').unwrap_or(&number.e164);
    let is_number = (1..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some(PhoneRow {
        e164: number.e164,
        display: number.display,
        label: String::new(),
    })
}

pub(super) fn not_a_phone(spelled: &str) -> Problem {
    let shown: String = spelled.trim().chars().take(40).collect();
    let message = format!(
        "{shown:?} is not a phone number; write it with digits, for example +7 495 123-45-67"
    );
    Problem::new("bad_phone", "phones", message)
}

async fn company(app: &App, draft: &ContactDraft, own: Uuid) -> Result<Option<Uuid>, Error> {
    let named = draft.company.as_deref().map(str::trim);
    let Some(named) = named.filter(|named| !named.is_empty()) else {
        return Ok(None);
    };
    let wrong = || {
        let message = "there is no such company (any more); choose another";
        Error::invalid("no_company", "company", message)
    };
    let id = parse_id(named).filter(|id| *id != own).ok_or_else(wrong)?;
    let row = app.store.contact(id).await?.ok_or_else(wrong)?;
    match super::kind(&row) {
        ContactKind::Company => Ok(Some(id)),
        ContactKind::Person => Err(wrong()),
    }
}

/// The user a draft names; empty: nobody. Who is there already may stay, whoever he is.
pub(crate) async fn person(
    app: &App,
    named: &str,
    field: &'static str,
    before: Option<Uuid>,
) -> Result<Option<Uuid>, Error> {
    let named = named.trim();
    if named.is_empty() {
        return Ok(None);
    }
    let id = parse_id(named);
    if id.is_some() && id == before {
        return Ok(id);
    }
    let user = match id {
        Some(id) => app.store.user(id).await?,
        None => None,
    };
    match user.filter(|user| user.active) {
        Some(user) => Ok(Some(user.id)),
        None => {
            let message = "there is no such employee; see GET /colleagues";
            Err(Error::invalid("no_user", field, message))
        }
    }
}

//! Contacts.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod list;
pub(super) mod restore;
pub(super) mod show;
pub(super) mod update;

use api_types::{Contact, ContactDraft, ContactKind, ContactPhone, Event, Labelled};
use store::{AddressRow, ContactRow, PhoneRow};
use uuid::Uuid;

use super::error::Error;
use crate::{app::App, events::Audience};

/// Phones of one contact at most.
const MOST_PHONES: usize = 20;

fn to_contact(row: ContactRow) -> Contact {
    let phone = |phone: PhoneRow| ContactPhone {
        e164: phone.e164,
        display: phone.display,
        label: phone.label,
    };
    Contact {
        id: row.id.to_string(),
        kind: match row.kind.as_str() {
            "company" => ContactKind::Company,
            _ => ContactKind::Person,
        },
        name: row.name,
        surname: row.surname,
        first_name: row.first_name,
        patronymic: row.patronymic,
        phones: row.phones.into_iter().map(phone).collect(),
        emails: row.emails.into_iter().map(labelled).collect(),
        addresses: row.addresses.into_iter().map(labelled).collect(),
        company: None,
        position: row.position,
        status: row.status,
        tags: row.tags,
        fields: row.fields,
        responsible: row.responsible.map(|user| user.to_string()),
        legal_hold: row.legal_hold,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    }
}

fn labelled(row: AddressRow) -> Labelled {
    Labelled {
        value: row.value,
        label: row.label,
    }
}

/// The row a draft describes; numbers in any spelling, each once.
fn to_row(app: &App, id: Uuid, created_at: i64, draft: &ContactDraft) -> Result<ContactRow, Error> {
    let name = draft.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Error::invalid(
            "bad_name",
            "name",
            "give a name of up to 200 characters",
        ));
    }
    if draft.phones.len() > MOST_PHONES {
        return Err(Error::invalid(
            "too_many_phones",
            "phones",
            format!("a contact has at most {MOST_PHONES} phones"),
        ));
    }
    let mut phones: Vec<PhoneRow> = Vec::new();
    for phone in draft
        .phones
        .iter()
        .filter(|phone| !phone.spelled().trim().is_empty())
    {
        let spelled = phone.spelled();
        let number = app.numbers().read(spelled);
        let digits = number.e164.strip_prefix('+').unwrap_or(&number.e164);
        if digits.is_empty() || digits.len() > 20 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Error::invalid(
                "bad_phone",
                "phones",
                format!("{spelled:?} is not a phone number"),
            ));
        }
        if !phones.iter().any(|phone| phone.e164 == number.e164) {
            phones.push(PhoneRow {
                e164: number.e164,
                display: number.display,
                label: phone.label().to_owned(),
            });
        }
    }
    Ok(ContactRow {
        id,
        name,
        phones,
        responsible: responsible(app, draft)?,
        created_at,
        ..ContactRow::default()
    })
}

/// The employee a draft names; empty: nobody.
fn responsible(app: &App, draft: &ContactDraft) -> Result<Option<Uuid>, Error> {
    let named = draft.responsible.as_deref().map(str::trim);
    let Some(named) = named.filter(|named| !named.is_empty()) else {
        return Ok(None);
    };
    let user = named
        .parse()
        .ok()
        .and_then(|id| app.switchboard.office().by_user(id).map(|found| found.user));
    user.map(Some).ok_or_else(|| {
        let message = "there is no such employee; see GET /colleagues";
        Error::invalid("no_user", "responsible", message)
    })
}

/// Everybody sees the contact as it is now, running calls included.
async fn tell(app: &App, contact: &Contact) {
    app.hub
        .publish(&Event::Contact(contact.clone()), Audience::Everyone);
    app.calls.contacts_changed().await;
}

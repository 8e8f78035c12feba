//! Contacts.

pub(super) mod add_phone;
pub(super) mod bulk;
pub(super) mod changes;
pub(super) mod create;
pub(super) mod delete;
mod draft;
pub(super) mod figures;
pub(crate) mod list;
pub(super) mod restore;
pub(super) mod show;
pub(super) mod tags;
pub(super) mod timeline;
pub(super) mod update;

use std::collections::HashMap;

use api_types::{Contact, ContactKind, ContactPhone, ContactRef, Event, Labelled};
use store::{AddressRow, ContactRow, PhoneRow};
use uuid::Uuid;

pub(crate) use draft::{person, phone};
pub(crate) use list::whose;

use super::error::Error;
use crate::{app::App, events::Audience};

/// Contacts as the API shows them, with the names of their companies.
pub(crate) async fn contacts(app: &App, rows: Vec<ContactRow>) -> Result<Vec<Contact>, Error> {
    let companies: Vec<Uuid> = rows.iter().filter_map(|row| row.company).collect();
    let names = app.store.contact_names(&companies).await?;
    Ok(rows
        .into_iter()
        .map(|row| to_contact(row, &names))
        .collect())
}

async fn contact(app: &App, row: ContactRow) -> Result<Contact, Error> {
    let mut one = contacts(app, vec![row]).await?;
    one.pop().ok_or(Error::NotFound("contact"))
}

/// A contact that is there.
pub(crate) async fn found(app: &App, id: Uuid) -> Result<ContactRow, Error> {
    app.store
        .contact(id)
        .await?
        .ok_or(Error::NotFound("contact"))
}

fn to_contact(row: ContactRow, companies: &HashMap<Uuid, String>) -> Contact {
    let phone = |phone: PhoneRow| ContactPhone {
        e164: phone.e164,
        display: phone.display,
        label: phone.label,
    };
    let company = row.company.and_then(|id| {
        Some(ContactRef {
            id: id.to_string(),
            name: companies.get(&id)?.clone(),
        })
    });
    Contact {
        id: row.id.to_string(),
        kind: kind(&row),
        name: row.name,
        surname: row.surname,
        first_name: row.first_name,
        patronymic: row.patronymic,
        phones: row.phones.into_iter().map(phone).collect(),
        emails: row.emails.into_iter().map(labelled).collect(),
        addresses: row.addresses.into_iter().map(labelled).collect(),
        company,
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

fn kind(row: &ContactRow) -> ContactKind {
    match row.kind.as_str() {
        "company" => ContactKind::Company,
        _ => ContactKind::Person,
    }
}

fn labelled(row: AddressRow) -> Labelled {
    Labelled {
        value: row.value,
        label: row.label,
    }
}

/// Everybody sees the contact as it is now, running calls included.
async fn tell(app: &App, contact: &Contact) {
    app.hub
        .publish(&Event::Contact(contact.clone()), Audience::Everyone);
    app.calls.contacts_changed().await;
}

//! A person erased: everything that says who it was goes, what is counted stays.

use std::collections::HashSet;

use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter,
    QuerySelect, sea_query::Expr,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Author, Store, StoreError, contacts,
    entity::{
        call, change, contact, contact_email, contact_phone, contact_tag, field_phone, file, item,
        notice, operation, recording,
    },
    field_phones, finding,
    merge::ids,
    parts::{AT_ONCE, tell_of},
};

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Erased {
    /// The person is erased; what lies on the disk has to go too.
    Done {
        /// Names of the recordings' files.
        recordings: Vec<String>,
        /// Ids of files.
        files: Vec<Uuid>,
        /// How many calls say nothing of the person any more.
        calls: u64,
    },
    /// There is no such contact.
    Unknown,
    /// The contact or one of the calls is on legal hold.
    Held,
    /// The person is in a call this moment.
    Talking,
}

/// Everything there is of a person.
struct Found {
    contacts: Vec<Uuid>,
    numbers: Vec<String>,
    calls: Vec<Uuid>,
    items: Vec<Uuid>,
}

impl Store {
    /// Erases a contact and those merged into it: names, numbers, e-mails, texts of items, notes,
    /// recordings, files, history. Calls and items stay as figures that say nothing of whom.
    ///
    /// # Errors
    /// When the database fails; then nothing was erased.
    pub async fn erase_contact(
        &self,
        id: Uuid,
        now: i64,
        by: &Author,
    ) -> Result<Erased, StoreError> {
        let change = self.begin().await?;
        let Some(found) = everything(&change, id).await? else {
            return Ok(Erased::Unknown);
        };
        let of_calls =
            |column: Condition| column.add(call::Column::Id.is_in(found.calls.iter().copied()));
        let held = call::Entity::find()
            .filter(of_calls(
                Condition::all().add(call::Column::LegalHold.eq(true)),
            ))
            .count(&change)
            .await?;
        let held_contacts = contact::Entity::find()
            .filter(contact::Column::Id.is_in(found.contacts.iter().copied()))
            .filter(contact::Column::LegalHold.eq(true))
            .count(&change)
            .await?;
        if held + held_contacts > 0 {
            return Ok(Erased::Held);
        }
        let running = call::Entity::find()
            .filter(of_calls(
                Condition::all().add(call::Column::EndedAt.is_null()),
            ))
            .count(&change)
            .await?;
        if running > 0 {
            return Ok(Erased::Talking);
        }
        let files = erase_files(&change, &found).await?;
        let recordings = erase_calls(&change, &found.calls).await?;
        erase_items(&change, &found.items, now).await?;
        let subjects: Vec<Uuid> = [&found.contacts, &found.calls, &found.items]
            .into_iter()
            .flatten()
            .copied()
            .collect();
        for ids in subjects.chunks(AT_ONCE) {
            change::Entity::delete_many()
                .filter(change::Column::SubjectId.is_in(ids.iter().copied()))
                .exec(&change)
                .await?;
        }
        self.erase_traces(&change, &found).await?;
        erase_rows(&change, &found.contacts).await?;
        // Who did it and when; not to whom.
        tell_of(&change, &[id], "erased", now, by).await?;
        change.commit().await?;
        // Their recordings count no more.
        self.recount(&found.calls).await?;
        Ok(Erased::Done {
            recordings,
            files,
            calls: found.calls.len() as u64,
        })
    }

    /// What notices and undos say of the person.
    async fn erase_traces(
        &self,
        change: &DatabaseTransaction,
        found: &Found,
    ) -> Result<(), StoreError> {
        let ids = [&found.contacts, &found.calls, &found.items]
            .into_iter()
            .flatten();
        let signs: Vec<String> = found
            .contacts
            .iter()
            .map(Uuid::to_string)
            .chain(found.numbers.iter().map(|number| format!("\"{number}\"")))
            .collect();
        for sign in &signs {
            notice::Entity::delete_many()
                .filter(finding::holds(self.backend(), notice::Column::Body, sign))
                .exec(change)
                .await?;
        }
        let known: HashSet<String> = ids.map(Uuid::to_string).collect();
        for id in found.contacts.iter().map(Uuid::to_string) {
            let rows = operation::Entity::find()
                .filter(finding::holds(self.backend(), operation::Column::Undo, &id))
                .all(change)
                .await?;
            for row in rows {
                operation::Entity::update_many()
                    .col_expr(
                        operation::Column::Undo,
                        Expr::value(without(&row.undo, &known)),
                    )
                    .filter(operation::Column::Id.eq(row.id))
                    .exec(change)
                    .await?;
            }
        }
        Ok(())
    }
}

/// The steps of an undo that say nothing of these records.
fn without(undo: &str, known: &HashSet<String>) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(undo) else {
        return "[]".to_owned();
    };
    clean(&mut value, known);
    value.to_string()
}

fn clean(value: &mut Value, known: &HashSet<String>) {
    match value {
        Value::Array(steps) => steps.retain(|step| !speaks_of(step, known)),
        Value::Object(parts) => parts.values_mut().for_each(|part| clean(part, known)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether a step is about one of them. Plain lists of ids say nothing of anybody.
fn speaks_of(step: &Value, known: &HashSet<String>) -> bool {
    match step {
        Value::String(text) => known.contains(text),
        Value::Array(parts) => parts.iter().any(|part| speaks_of(part, known)),
        Value::Object(parts) => parts.values().any(|part| speaks_of(part, known)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

async fn everything(change: &DatabaseTransaction, id: Uuid) -> Result<Option<Found>, StoreError> {
    let Some(stored) = contacts::stored(change, id).await? else {
        return Ok(None);
    };
    let mut all = vec![id];
    let mut numbers: Vec<String> = stored
        .row
        .phones
        .into_iter()
        .map(|phone| phone.e164)
        .collect();
    // Those merged into it, and those merged into them.
    let mut at = 0;
    while let Some(of) = all.get(at).copied() {
        at += 1;
        let merged = contact::Column::MergedInto.eq(of);
        for id in ids::<contact::Entity>(change, contact::Column::Id, merged).await? {
            if !all.contains(&id) {
                all.push(id);
                let phones = contacts::stored(change, id)
                    .await?
                    .map(|stored| stored.row.phones);
                numbers.extend(phones.into_iter().flatten().map(|phone| phone.e164));
            }
        }
    }
    numbers.extend(in_fields(change, &all).await?);
    let numbers = only_theirs(change, numbers, &all).await?;
    let theirs = Condition::any()
        .add(call::Column::ContactId.is_in(all.iter().copied()))
        .add(
            Condition::all()
                .add(call::Column::NumberE164.is_in(numbers.iter()))
                .add(call::Column::ContactId.is_null()),
        );
    let calls = ids::<call::Entity>(change, call::Column::Id, theirs).await?;
    let own = item::Column::ContactId.is_in(all.iter().copied());
    let mut items: Vec<Uuid> = ids::<item::Entity>(change, item::Column::Id, own).await?;
    let known = items.clone();
    for part in known.chunks(AT_ONCE) {
        let below = Condition::any()
            .add(item::Column::DealId.is_in(part.iter().copied()))
            .add(item::Column::ParentId.is_in(part.iter().copied()));
        items.extend(ids::<item::Entity>(change, item::Column::Id, below).await?);
    }
    for part in calls.chunks(AT_ONCE) {
        let noted = Condition::all()
            .add(item::Column::CallId.is_in(part.iter().copied()))
            .add(item::Column::ContactId.is_null());
        items.extend(ids::<item::Entity>(change, item::Column::Id, noted).await?);
    }
    items.sort_unstable();
    items.dedup();
    Ok(Some(Found {
        contacts: all,
        numbers,
        calls,
        items,
    }))
}

/// Numbers that stand in their fields, and in rows of own tables that are theirs.
async fn in_fields(change: &DatabaseTransaction, all: &[Uuid]) -> Result<Vec<String>, StoreError> {
    let own = Condition::all()
        .add(item::Column::ContactId.is_in(all.iter().copied()))
        .add(item::Column::Kind.eq("own"));
    let mut subjects = ids::<item::Entity>(change, item::Column::Id, own).await?;
    subjects.extend(all);
    let mut numbers = Vec::new();
    for part in subjects.chunks(AT_ONCE) {
        let found: Vec<String> = field_phone::Entity::find()
            .select_only()
            .column(field_phone::Column::E164)
            .filter(field_phone::Column::SubjectId.is_in(part.iter().copied()))
            .into_tuple()
            .all(change)
            .await?;
        // Whatever else is nothing but digits may be no phone.
        numbers.extend(found.into_iter().filter(|number| number.starts_with('+')));
    }
    Ok(numbers)
}

/// Numbers no other contact has.
async fn only_theirs(
    change: &DatabaseTransaction,
    mut numbers: Vec<String>,
    all: &[Uuid],
) -> Result<Vec<String>, StoreError> {
    let phones = contact_phone::Entity::find()
        .filter(contact_phone::Column::E164.is_in(numbers.iter()))
        .filter(contact_phone::Column::ContactId.is_not_in(all.iter().copied()))
        .all(change)
        .await?;
    let others: Vec<Uuid> = phones.iter().map(|phone| phone.contact_id).collect();
    let alive = Condition::all()
        .add(contact::Column::Id.is_in(others))
        .add(contact::Column::DeletedAt.is_null());
    let alive = ids::<contact::Entity>(change, contact::Column::Id, alive).await?;
    numbers.retain(|number| {
        let mut shared = phones.iter().filter(|phone| &phone.e164 == number);
        !shared.any(|phone| alive.contains(&phone.contact_id))
    });
    Ok(numbers)
}

async fn erase_files(change: &DatabaseTransaction, found: &Found) -> Result<Vec<Uuid>, StoreError> {
    let mut gone = Vec::new();
    for (column, of) in [
        (file::Column::ContactId, &found.contacts),
        (file::Column::ItemId, &found.items),
        (file::Column::CallId, &found.calls),
    ] {
        for part in of.chunks(AT_ONCE) {
            let theirs = column.is_in(part.iter().copied());
            gone.extend(ids::<file::Entity>(change, file::Column::Id, theirs.clone()).await?);
            file::Entity::delete_many()
                .filter(theirs)
                .exec(change)
                .await?;
        }
    }
    Ok(gone)
}

/// Calls without whom they were with, and without recordings; the names of those.
async fn erase_calls(
    change: &DatabaseTransaction,
    calls: &[Uuid],
) -> Result<Vec<String>, StoreError> {
    let mut gone = Vec::new();
    for part in calls.chunks(AT_ONCE) {
        let theirs = recording::Column::CallId.is_in(part.iter().copied());
        let rows = recording::Entity::find()
            .filter(theirs.clone())
            .all(change)
            .await?;
        for row in rows {
            gone.extend([row.mp3, row.peaks, row.journal].into_iter().flatten());
        }
        recording::Entity::delete_many()
            .filter(theirs)
            .exec(change)
            .await?;
        let none = || Expr::value(None::<String>);
        call::Entity::update_many()
            .col_expr(call::Column::NumberE164, none())
            .col_expr(call::Column::NumberDisplay, none())
            .col_expr(call::Column::NetworkName, none())
            .col_expr(call::Column::ContactId, Expr::value(None::<Uuid>))
            .col_expr(call::Column::Note, Expr::value(""))
            .col_expr(call::Column::Digits, Expr::value(""))
            .col_expr(call::Column::Path, Expr::value(""))
            .filter(call::Column::Id.is_in(part.iter().copied()))
            .exec(change)
            .await?;
    }
    Ok(gone)
}

async fn erase_items(
    change: &DatabaseTransaction,
    items: &[Uuid],
    now: i64,
) -> Result<(), StoreError> {
    field_phones::forget(change, items).await?;
    for part in items.chunks(AT_ONCE) {
        let mut update = item::Entity::update_many();
        for (column, value) in [
            (item::Column::Title, ""),
            (item::Column::Text, ""),
            (item::Column::Place, ""),
            (item::Column::SearchText, ""),
            (item::Column::Fields, "{}"),
            (item::Column::Tags, "[]"),
        ] {
            update = update.col_expr(column, Expr::value(value));
        }
        update
            .col_expr(item::Column::ContactId, Expr::value(None::<Uuid>))
            .col_expr(item::Column::UpdatedAt, Expr::value(now))
            .filter(item::Column::Id.is_in(part.iter().copied()))
            .exec(change)
            .await?;
        // Notes and conversations are nothing but their text; the same for what waits to be done.
        item::Entity::update_many()
            .col_expr(item::Column::DeletedAt, Expr::value(now))
            .filter(item::Column::Id.is_in(part.iter().copied()))
            .filter(item::Column::DeletedAt.is_null())
            .filter(item::Column::Kind.is_not_in(["deal", "order", "invoice", "payment"]))
            .exec(change)
            .await?;
    }
    Ok(())
}

async fn erase_rows(change: &DatabaseTransaction, all: &[Uuid]) -> Result<(), StoreError> {
    let all = || all.iter().copied();
    contact::Entity::update_many()
        .col_expr(contact::Column::CompanyId, Expr::value(None::<Uuid>))
        .filter(contact::Column::CompanyId.is_in(all()))
        .exec(change)
        .await?;
    contact_phone::Entity::delete_many()
        .filter(contact_phone::Column::ContactId.is_in(all()))
        .exec(change)
        .await?;
    field_phones::forget(change, all().collect::<Vec<_>>().as_slice()).await?;
    contact_email::Entity::delete_many()
        .filter(contact_email::Column::ContactId.is_in(all()))
        .exec(change)
        .await?;
    contact_tag::Entity::delete_many()
        .filter(contact_tag::Column::ContactId.is_in(all()))
        .exec(change)
        .await?;
    contact::Entity::delete_many()
        .filter(contact::Column::Id.is_in(all()))
        .exec(change)
        .await?;
    Ok(())
}

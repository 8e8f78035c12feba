//! Contacts that are the same: found, and made one with nothing lost.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    Author, ContactRow, Store, StoreError, StoredContact, contacts,
    entity::{call, contact, contact_email, contact_phone, file, item},
    imports, items,
    parts::{self, Link, Linked, Part},
    search_text::fold,
};

/// Contacts that share a phone or an e-mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Duplicates {
    /// E.164, or the folded e-mail.
    pub value: String,
    /// Whether it is an e-mail.
    pub is_email: bool,
    /// The contacts, oldest first; all people, or all companies.
    pub contacts: Vec<ContactRow>,
}

/// What became of a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    /// They are one; the operation, and the contact as it is.
    Done(Uuid, Box<ContactRow>),
    /// This one is not there (any more).
    Gone(Uuid),
    /// A person and a company cannot become one.
    Unlike,
}

/// A conflict, as it is written into the note: the field and the value that is not kept in it.
type Conflict = (String, String);

impl Store {
    /// Groups after `after` (as [`Duplicates::value`]), at most `limit`: by phones, or by e-mails.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn duplicates(
        &self,
        is_email: bool,
        after: &str,
        limit: u64,
    ) -> Result<Vec<Duplicates>, StoreError> {
        let mut found = Vec::new();
        let mut after = after.to_owned();
        // Values whose contacts were deleted meanwhile make no group: then it is looked further.
        while (found.len() as u64) < limit {
            let values = self.shared_values(is_email, &after, limit).await?;
            let Some(last) = values.last() else {
                break;
            };
            after.clone_from(last);
            found.extend(self.alike(is_email, values).await?);
        }
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    async fn shared_values(
        &self,
        is_email: bool,
        after: &str,
        limit: u64,
    ) -> Result<Vec<String>, StoreError> {
        let several = Expr::cust("COUNT(*) > 1");
        Ok(if is_email {
            contact_email::Entity::find()
                .select_only()
                .column(contact_email::Column::Email)
                .filter(contact_email::Column::Email.gt(after))
                .group_by(contact_email::Column::Email)
                .having(several)
                .order_by_asc(contact_email::Column::Email)
                .limit(limit)
                .into_tuple()
                .all(&self.readers)
                .await?
        } else {
            contact_phone::Entity::find()
                .select_only()
                .column(contact_phone::Column::E164)
                .filter(contact_phone::Column::E164.gt(after))
                .group_by(contact_phone::Column::E164)
                .having(several)
                .order_by_asc(contact_phone::Column::E164)
                .limit(limit)
                .into_tuple()
                .all(&self.readers)
                .await?
        })
    }

    async fn alike(
        &self,
        is_email: bool,
        values: Vec<String>,
    ) -> Result<Vec<Duplicates>, StoreError> {
        let pairs: Vec<(String, Uuid)> = if is_email {
            contact_email::Entity::find()
                .select_only()
                .column(contact_email::Column::Email)
                .column(contact_email::Column::ContactId)
                .filter(contact_email::Column::Email.is_in(values.iter()))
                .into_tuple()
                .all(&self.readers)
                .await?
        } else {
            contact_phone::Entity::find()
                .select_only()
                .column(contact_phone::Column::E164)
                .column(contact_phone::Column::ContactId)
                .filter(contact_phone::Column::E164.is_in(values.iter()))
                .into_tuple()
                .all(&self.readers)
                .await?
        };
        let ids = pairs.iter().map(|(_, id)| *id).collect();
        let mut rows = self.contacts_of(ids).await?;
        rows.sort_by_key(|row| (row.created_at, row.id));
        let mut groups = Vec::new();
        for value in values {
            let has = |row: &&ContactRow| pairs.contains(&(value.clone(), row.id));
            for kind in ["person", "company"] {
                let alike = rows.iter().filter(has).filter(|row| row.kind == kind);
                let contacts: Vec<ContactRow> = alike.cloned().collect();
                if contacts.len() > 1 {
                    groups.push(Duplicates {
                        value: value.clone(),
                        is_email,
                        contacts,
                    });
                }
            }
        }
        Ok(groups)
    }

    /// Makes `from` part of `into`: phones, e-mails, addresses, tags and fields together; deals, tasks,
    /// calls, files and employees go along. What differs and has no room goes into a note.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub async fn merge_contacts(
        &self,
        into: Uuid,
        from: &[Uuid],
        names: &HashMap<Uuid, String>,
        now: i64,
        by: &Author,
    ) -> Result<Merged, StoreError> {
        let change = self.begin().await?;
        let Some(target) = alive(&change, into).await? else {
            return Ok(Merged::Gone(into));
        };
        let mut after = target.row.clone();
        let mut part = Part::default();
        let mut conflicts = Vec::new();
        for id in from {
            let Some(before) = alive(&change, *id).await? else {
                return Ok(Merged::Gone(*id));
            };
            if before.row.kind != target.row.kind {
                return Ok(Merged::Unlike);
            }
            conflicts.extend(unite(&mut after, &before.row, names));
            let gone = StoredContact {
                deleted_at: Some(now),
                merged_into: Some(into),
                ..before.clone()
            };
            let gone = contacts::put(&change, &before, gone, (now, "merged"), by).await?;
            part.updated.push((before, gone.row.version));
            part.links.extend(relink(&change, *id, into).await?);
        }
        let after = StoredContact {
            row: after,
            ..target.clone()
        };
        let after = contacts::put(&change, &target, after, (now, "merged"), by).await?;
        part.updated.push((target, after.row.version));
        if !conflicts.is_empty() {
            let lines: Vec<String> = conflicts
                .into_iter()
                .map(|(field, value)| format!("{field}: {value}"))
                .collect();
            let note = imports::note(into, lines.join("\n"), now, by);
            part.notes.push(items::insert(&change, note, by).await?.id);
        }
        let id = Uuid::now_v7();
        parts::begin(&change, id, ("merge", true), now, by).await?;
        parts::add(&change, id, &part, None, now, by).await?;
        change.commit().await?;
        Ok(Merged::Done(id, Box::new(after.row)))
    }
}

async fn alive(
    change: &DatabaseTransaction,
    id: Uuid,
) -> Result<Option<StoredContact>, StoreError> {
    let found = contacts::stored(change, id).await?;
    Ok(found.filter(|stored| stored.deleted_at.is_none()))
}

/// Adds what `from` has; what finds no room.
fn unite(into: &mut ContactRow, from: &ContactRow, names: &HashMap<Uuid, String>) -> Vec<Conflict> {
    let mut conflicts = Vec::new();
    for (field, own, other) in [
        ("name", &mut into.name, &from.name),
        ("surname", &mut into.surname, &from.surname),
        ("first_name", &mut into.first_name, &from.first_name),
        ("patronymic", &mut into.patronymic, &from.patronymic),
        ("position", &mut into.position, &from.position),
        ("status", &mut into.status, &from.status),
    ] {
        one_of(field, own, other, &mut conflicts);
    }
    for phone in &from.phones {
        if !into.phones.iter().any(|own| own.e164 == phone.e164) {
            into.phones.push(phone.clone());
        }
    }
    for (own, others) in [
        (&mut into.emails, &from.emails),
        (&mut into.addresses, &from.addresses),
    ] {
        for other in others {
            if !own.iter().any(|own| fold(&own.value) == fold(&other.value)) {
                own.push(other.clone());
            }
        }
    }
    for tag in &from.tags {
        if !into.tags.contains(tag) {
            into.tags.push(tag.clone());
        }
    }
    for (key, other) in &from.fields {
        let own = into.fields.entry(key.clone()).or_default();
        one_of(key, own, other, &mut conflicts);
    }
    for (field, own, other) in [
        ("company", &mut into.company, from.company),
        ("responsible", &mut into.responsible, from.responsible),
    ] {
        match (*own, other) {
            (None, _) => *own = other,
            (Some(own), Some(other)) if own != other => {
                let name = names.get(&other).cloned();
                conflicts.push((field.to_owned(), name.unwrap_or_else(|| other.to_string())));
            }
            (Some(_), _) => {}
        }
    }
    into.legal_hold |= from.legal_hold;
    conflicts
}

fn one_of(field: &str, own: &mut String, other: &str, conflicts: &mut Vec<Conflict>) {
    if own.is_empty() {
        other.clone_into(own);
    } else if !other.is_empty() && fold(own) != fold(other) {
        conflicts.push((field.to_owned(), other.to_owned()));
    }
}

/// Everything that points to `from` points to `into`.
async fn relink(
    change: &DatabaseTransaction,
    from: Uuid,
    into: Uuid,
) -> Result<Vec<Link>, StoreError> {
    let found = [
        (
            Linked::ItemContact,
            ids::<item::Entity>(change, item::Column::Id, item::Column::ContactId.eq(from)).await?,
        ),
        (
            Linked::CallContact,
            ids::<call::Entity>(change, call::Column::Id, call::Column::ContactId.eq(from)).await?,
        ),
        (
            Linked::FileContact,
            ids::<file::Entity>(change, file::Column::Id, file::Column::ContactId.eq(from)).await?,
        ),
        (
            Linked::Company,
            ids::<contact::Entity>(
                change,
                contact::Column::Id,
                contact::Column::CompanyId.eq(from),
            )
            .await?,
        ),
    ];
    let mut links = Vec::new();
    for (of, rows) in found {
        if !rows.is_empty() {
            parts::point(change, of, &rows, Some(from), Some(into)).await?;
            let (before, after) = (Some(from), Some(into));
            links.push(Link {
                of,
                rows,
                before,
                after,
            });
        }
    }
    Ok(links)
}

pub(crate) async fn ids<E: EntityTrait>(
    change: &DatabaseTransaction,
    id: E::Column,
    which: impl sea_orm::sea_query::IntoCondition,
) -> Result<Vec<Uuid>, StoreError> {
    let select = E::find()
        .select_only()
        .column(id)
        .filter(which.into_condition());
    Ok(select.into_tuple().all(change).await?)
}

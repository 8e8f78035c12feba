//! What is done in batches and can be taken back: one `operations` row for the whole, one for each
//! batch, with all that is needed to undo it. Imports, merging and handing over are kept so.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Author, Store, StoreError, StoredContact, Undone, contacts,
    entity::{call, change, contact, file, item, operation},
};

/// The kinds of operations that are kept in parts.
pub(crate) const KINDS: [&str; 3] = ["import", "merge", "hand_over"];
/// Rows put into one statement.
pub(crate) const AT_ONCE: usize = 500;

/// The whole, in `operations`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Whole {
    pub parts: Vec<Uuid>,
    /// Of an import: how far it is.
    pub progress: Option<String>,
    /// All of it is taken back or nothing.
    #[serde(default)]
    pub is_strict: bool,
}

/// What takes a batch back.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Part {
    /// Contacts that were made.
    pub created: Vec<Uuid>,
    /// Notes that were made.
    pub notes: Vec<Uuid>,
    /// Contacts as they were, and the versions they were left with.
    pub updated: Vec<(StoredContact, i64)>,
    /// Rows that were given to another contact or employee.
    #[serde(default)]
    pub links: Vec<Link>,
}

impl Part {
    pub(crate) fn is_empty(&self) -> bool {
        self.created.is_empty()
            && self.notes.is_empty()
            && self.updated.is_empty()
            && self.links.is_empty()
    }
}

/// Rows that point elsewhere now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Link {
    pub of: Linked,
    pub rows: Vec<Uuid>,
    pub before: Option<Uuid>,
    pub after: Option<Uuid>,
}

/// What points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Linked {
    /// An item to its client.
    ItemContact,
    /// An item to its owner.
    ItemOwner,
    /// A call to its client.
    CallContact,
    /// A file to its client.
    FileContact,
    /// A person to his company.
    Company,
    /// A client to who is responsible.
    Responsible,
}

/// Points the rows of a link from `from` to `to`; how many there were.
pub(crate) async fn point(
    change: &DatabaseTransaction,
    of: Linked,
    rows: &[Uuid],
    from: Option<Uuid>,
    to: Option<Uuid>,
) -> Result<u64, StoreError> {
    let mut count = 0;
    for ids in rows.chunks(AT_ONCE) {
        let ids = ids.iter().copied();
        count += match of {
            Linked::ItemContact => {
                repoint::<item::Entity>(
                    change,
                    item::Column::Id.is_in(ids),
                    item::Column::ContactId,
                    (from, to),
                )
                .await?
            }
            Linked::ItemOwner => {
                repoint::<item::Entity>(
                    change,
                    item::Column::Id.is_in(ids),
                    item::Column::OwnerId,
                    (from, to),
                )
                .await?
            }
            Linked::CallContact => {
                repoint::<call::Entity>(
                    change,
                    call::Column::Id.is_in(ids),
                    call::Column::ContactId,
                    (from, to),
                )
                .await?
            }
            Linked::FileContact => {
                repoint::<file::Entity>(
                    change,
                    file::Column::Id.is_in(ids),
                    file::Column::ContactId,
                    (from, to),
                )
                .await?
            }
            Linked::Company => {
                repoint::<contact::Entity>(
                    change,
                    contact::Column::Id.is_in(ids),
                    contact::Column::CompanyId,
                    (from, to),
                )
                .await?
            }
            Linked::Responsible => {
                repoint::<contact::Entity>(
                    change,
                    contact::Column::Id.is_in(ids),
                    contact::Column::ResponsibleId,
                    (from, to),
                )
                .await?
            }
        };
    }
    Ok(count)
}

async fn repoint<E: EntityTrait>(
    change: &DatabaseTransaction,
    rows: impl sea_orm::sea_query::IntoCondition,
    column: E::Column,
    (from, to): (Option<Uuid>, Option<Uuid>),
) -> Result<u64, StoreError> {
    let is_there = match from {
        Some(from) => column.eq(from),
        None => column.is_null(),
    };
    let done = E::update_many()
        .col_expr(column, Expr::value(to))
        .filter(rows.into_condition())
        .filter(is_there)
        .exec(change)
        .await?;
    Ok(done.rows_affected)
}

/// Begins an operation, if it was not begun.
pub(crate) async fn begin(
    change: &DatabaseTransaction,
    id: Uuid,
    (kind, is_strict): (&str, bool),
    now: i64,
    by: &Author,
) -> Result<(), StoreError> {
    if operation::Entity::find_by_id(id)
        .one(change)
        .await?
        .is_none()
    {
        let whole = Whole {
            is_strict,
            ..Whole::default()
        };
        keep(change, id, kind, &whole, now, by).await?;
    }
    Ok(())
}

/// Adds a part to an operation.
pub(crate) async fn add(
    change: &DatabaseTransaction,
    operation: Uuid,
    part: &Part,
    progress: Option<String>,
    now: i64,
    by: &Author,
) -> Result<(), StoreError> {
    let whole = operation::Entity::find_by_id(operation).one(change).await?;
    let whole = whole.ok_or(StoreError::Damaged("operation"))?;
    let mut kept: Whole = read(&whole.undo)?;
    kept.progress = progress.or(kept.progress);
    if !part.is_empty() {
        let id = Uuid::now_v7();
        keep(change, id, "part", part, now, by).await?;
        kept.parts.push(id);
    }
    operation::Entity::update_many()
        .col_expr(operation::Column::Undo, Expr::value(written(&kept)?))
        .filter(operation::Column::Id.eq(operation))
        .exec(change)
        .await?;
    Ok(())
}

impl Store {
    /// Takes an operation in parts back, the last part first. Where it is not strict, what was changed or
    /// used since stays. How many records went back, and how many stayed.
    pub(crate) async fn undo_parts(
        &self,
        operation: Uuid,
        now: i64,
        by: &Author,
    ) -> Result<(Undone, u64, u64), StoreError> {
        let found = operation::Entity::find_by_id(operation)
            .one(&self.readers)
            .await?;
        let Some(row) = found else {
            return Ok((Undone::Unknown, 0, 0));
        };
        if row.undone_at.is_some() {
            return Ok((Undone::Already, 0, 0));
        }
        let whole: Whole = read(&row.undo)?;
        let (mut back, mut stayed) = (0, 0);
        let mut contacts = Restored::new();
        for part in whole.parts.into_iter().rev() {
            let change = self.begin().await?;
            if whole.is_strict
                && let Some(name) = changed_since(&change, part).await?
            {
                return Ok((Undone::ChangedSince(name), 0, 0));
            }
            let (went, left) = take_back(&change, part, now, by, &mut contacts).await?;
            change.commit().await?;
            back += went;
            stayed += left;
        }
        operation::Entity::update_many()
            .col_expr(operation::Column::UndoneAt, Expr::value(now))
            .filter(operation::Column::Id.eq(operation))
            .exec(&self.writer)
            .await?;
        let done = Undone::Done {
            contacts: contacts.into_keys().collect(),
            items: Vec::new(),
        };
        Ok((done, back, stayed))
    }
}

/// Contacts that were taken back: the version each is again as it was in, and the one it has.
type Restored = HashMap<Uuid, (i64, i64)>;

/// The name of a contact that is not as this part left it.
async fn changed_since(
    change: &DatabaseTransaction,
    part: Uuid,
) -> Result<Option<String>, StoreError> {
    let Some(row) = operation::Entity::find_by_id(part).one(change).await? else {
        return Ok(None);
    };
    let part: Part = read(&row.undo)?;
    for (before, version) in part.updated {
        match contacts::stored(change, before.row.id).await? {
            Some(now) if now.row.version == version => {}
            Some(now) => return Ok(Some(now.row.name)),
            None => return Ok(Some(before.row.name)),
        }
    }
    Ok(None)
}

pub(crate) fn read<T: for<'a> Deserialize<'a>>(json: &str) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(|_| StoreError::Damaged("operation"))
}

pub(crate) fn written<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Damaged("operation"))
}

async fn keep<T: Serialize>(
    change: &DatabaseTransaction,
    id: Uuid,
    kind: &str,
    undo: &T,
    now: i64,
    by: &Author,
) -> Result<(), StoreError> {
    let row = operation::ActiveModel {
        id: Set(id),
        at: Set(now),
        user_id: Set(by.id),
        kind: Set(kind.to_owned()),
        undo: Set(written(undo)?),
        undone_at: Set(None),
    };
    operation::Entity::insert(row)
        .exec_without_returning(change)
        .await?;
    Ok(())
}

/// The same into the history of many.
pub(crate) async fn tell_of(
    change: &DatabaseTransaction,
    subjects: &[Uuid],
    what: &str,
    now: i64,
    by: &Author,
) -> Result<(), StoreError> {
    tell(change, subjects, what, &[], now, by).await
}

/// The same, with what points elsewhere now.
pub(crate) async fn tell(
    change: &DatabaseTransaction,
    subjects: &[Uuid],
    what: &str,
    fields: &[(&str, Option<Uuid>, Option<Uuid>)],
    now: i64,
    by: &Author,
) -> Result<(), StoreError> {
    let text = |id: &Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let fields: Vec<(&str, String, String)> = fields
        .iter()
        .map(|(field, before, after)| (*field, text(before), text(after)))
        .collect();
    let fields = written(&fields)?;
    let told = |subject: &Uuid| change::ActiveModel {
        seq: NotSet,
        at: Set(now),
        user_id: Set(by.id),
        user_name: Set(by.name.clone()),
        subject_id: Set(*subject),
        what: Set(what.to_owned()),
        fields: Set(fields.clone()),
    };
    for subjects in subjects.chunks(AT_ONCE) {
        change::Entity::insert_many(subjects.iter().map(told))
            .exec_without_returning(change)
            .await?;
    }
    Ok(())
}

async fn take_back(
    change: &DatabaseTransaction,
    part: Uuid,
    now: i64,
    by: &Author,
    contacts: &mut Restored,
) -> Result<(u64, u64), StoreError> {
    let found = operation::Entity::find_by_id(part).one(change).await?;
    let Some(row) = found.filter(|row| row.undone_at.is_none()) else {
        return Ok((0, 0));
    };
    let part_id = part;
    let part: Part = read(&row.undo)?;
    hide_notes(change, &part.notes, now).await?;
    let (mut back, mut stayed) = (0, 0);
    for link in part.links.iter().rev() {
        let went = point(change, link.of, &link.rows, link.after, link.before).await?;
        if link.of == Linked::Responsible {
            contacts.extend(link.rows.iter().map(|id| (*id, (0, 0))));
            back += went;
            stayed += link.rows.len() as u64 - went;
            tell_of(change, &link.rows, "restored", now, by).await?;
        }
    }
    for (before, version) in part.updated.into_iter().rev() {
        let Some(there) = contacts::stored(change, before.row.id).await? else {
            stayed += 1;
            continue;
        };
        // A later part was taken back already: it is again as this one left it.
        let known = contacts.get(&before.row.id);
        let as_left = known.filter(|(_, now)| *now == there.row.version);
        if as_left.map_or(there.row.version, |(then, _)| *then) != version {
            stayed += 1;
            continue;
        }
        back += u64::from(known.is_none());
        let (id, then) = (before.row.id, before.row.version);
        let after = contacts::put(change, &there, before, (now, "restored"), by).await?;
        contacts.insert(id, (then, after.row.version));
    }
    let (people, companies) = untouched(change, &part.created, contacts).await?;
    contacts.extend(people.iter().map(|id| (*id, (0, 0))));
    back += hide(change, &people, now, by).await?;
    let used = with_people(change, &companies).await?;
    let unused: Vec<Uuid> = companies
        .into_iter()
        .filter(|id| !used.contains(id))
        .collect();
    contacts.extend(unused.iter().map(|id| (*id, (0, 0))));
    back += hide(change, &unused, now, by).await?;
    stayed += part.created.len() as u64 - (people.len() + unused.len()) as u64;
    operation::Entity::update_many()
        .col_expr(operation::Column::UndoneAt, Expr::value(now))
        .filter(operation::Column::Id.eq(part_id))
        .exec(change)
        .await?;
    Ok((back, stayed))
}

/// Notes nobody has changed go.
async fn hide_notes(
    change: &DatabaseTransaction,
    notes: &[Uuid],
    now: i64,
) -> Result<(), StoreError> {
    for ids in notes.chunks(AT_ONCE) {
        item::Entity::update_many()
            .col_expr(item::Column::DeletedAt, Expr::value(now))
            .filter(item::Column::Id.is_in(ids.iter().copied()))
            .filter(item::Column::Version.eq(1))
            .exec(change)
            .await?;
    }
    Ok(())
}

/// Those of these contacts that are as they were made and have nothing of their own: people, companies.
async fn untouched(
    change: &DatabaseTransaction,
    ids: &[Uuid],
    restored: &Restored,
) -> Result<(Vec<Uuid>, Vec<Uuid>), StoreError> {
    let (mut people, mut companies) = (Vec::new(), Vec::new());
    for ids in ids.chunks(AT_ONCE) {
        let rows: Vec<(Uuid, String, i64)> = contact::Entity::find()
            .select_only()
            .column(contact::Column::Id)
            .column(contact::Column::Kind)
            .column(contact::Column::Version)
            .filter(contact::Column::Id.is_in(ids.iter().copied()))
            .filter(contact::Column::DeletedAt.is_null())
            .into_tuple()
            .all(change)
            .await?;
        let used: Vec<Uuid> = item::Entity::find()
            .select_only()
            .column(item::Column::ContactId)
            .filter(item::Column::ContactId.is_in(ids.iter().copied()))
            .filter(item::Column::DeletedAt.is_null())
            .into_tuple()
            .all(change)
            .await?;
        let used: HashSet<Uuid> = used.into_iter().collect();
        // As it was made, or again so.
        let is_new =
            |id: &Uuid, version: i64| version == 1 || restored.get(id) == Some(&(1, version));
        let rows = rows
            .into_iter()
            .filter(|(id, _, version)| is_new(id, *version) && !used.contains(id));
        for (id, kind, _) in rows {
            if kind == "company" {
                companies.push(id);
            } else {
                people.push(id);
            }
        }
    }
    Ok((people, companies))
}

async fn with_people(
    change: &DatabaseTransaction,
    companies: &[Uuid],
) -> Result<HashSet<Uuid>, StoreError> {
    let mut used = HashSet::new();
    for ids in companies.chunks(AT_ONCE) {
        let found: Vec<Uuid> = contact::Entity::find()
            .select_only()
            .column(contact::Column::CompanyId)
            .filter(contact::Column::CompanyId.is_in(ids.iter().copied()))
            .filter(contact::Column::DeletedAt.is_null())
            .into_tuple()
            .all(change)
            .await?;
        used.extend(found);
    }
    Ok(used)
}

async fn hide(
    change: &DatabaseTransaction,
    ids: &[Uuid],
    now: i64,
    by: &Author,
) -> Result<u64, StoreError> {
    for ids in ids.chunks(AT_ONCE) {
        contact::Entity::update_many()
            .col_expr(contact::Column::DeletedAt, Expr::value(now))
            .col_expr(
                contact::Column::Version,
                ExprTrait::add(Expr::col(contact::Column::Version), 1),
            )
            .filter(contact::Column::Id.is_in(ids.iter().copied()))
            .exec(change)
            .await?;
    }
    tell_of(change, ids, "deleted", now, by).await?;
    Ok(ids.len() as u64)
}

//! What is done to one or many records at once and can be taken back: the steps that take it back are
//! kept with it.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Author, Store, StoreError, Written,
    contacts::{self, ContactRow, StoredContact},
    entity::{call, item, operation},
    items, parts,
};

/// Takes one thing back, if the record still has the version it was left with.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UndoStep {
    /// A contact was changed.
    Contact {
        /// What it was.
        before: Box<StoredContact>,
        /// The version it was left with.
        version: i64,
    },
    /// A contact was made.
    ContactMade {
        /// Which.
        id: Uuid,
        /// The version it was left with.
        version: i64,
    },
    /// An item was changed.
    Item {
        /// What it was.
        before: Box<item::Model>,
        /// The version it was left with.
        version: i64,
    },
    /// An item was made.
    ItemMade {
        /// Which.
        id: Uuid,
        /// The version it was left with.
        version: i64,
    },
    /// A call was given to another client.
    CallContact {
        /// Call.
        id: Uuid,
        /// Whose it was.
        before: Option<Uuid>,
        /// Whose it became.
        after: Option<Uuid>,
    },
}

/// What became of an undo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undone {
    /// These are as they were.
    Done {
        /// Contacts.
        contacts: Vec<Uuid>,
        /// Items.
        items: Vec<Uuid>,
    },
    /// There is no such operation.
    Unknown,
    /// It was taken back already.
    Already,
    /// This record (its name or title) was changed since; nothing was taken back.
    ChangedSince(String),
}

/// The same change for many contacts; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct ContactChange {
    /// New one responsible; `Some(None)`: nobody.
    pub responsible: Option<Option<Uuid>>,
    /// New status.
    pub status: Option<String>,
    /// Tag to add.
    pub add_tag: Option<String>,
    /// Tag to take away.
    pub remove_tag: Option<String>,
    /// Delete them.
    pub delete: bool,
}

/// The same change for many items: each as it is to be, with what is done.
#[derive(Clone, Debug, Default)]
pub struct ItemChange {
    /// The rows as they are to be; their versions are those they were read with.
    pub rows: Vec<item::Model>,
    /// Delete them.
    pub delete: bool,
}

impl Store {
    /// Changes many contacts; the operation's id and the contacts as they are then. Those that are gone
    /// are left out.
    ///
    /// # Errors
    /// When the database fails; then none was changed.
    pub async fn change_contacts(
        &self,
        ids: &[Uuid],
        wanted: &ContactChange,
        now: i64,
        by: &Author,
    ) -> Result<(Uuid, Vec<ContactRow>), StoreError> {
        let change = self.begin().await?;
        let (mut steps, mut rows) = (Vec::new(), Vec::new());
        for id in ids {
            let Some(before) = contacts::stored(&change, *id).await? else {
                continue;
            };
            if before.deleted_at.is_some() {
                continue;
            }
            let after = changed(&before, wanted, now);
            let what = if wanted.delete { "deleted" } else { "changed" };
            let after = contacts::put(&change, &before, after, (now, what), by).await?;
            let version = after.row.version;
            rows.push(after.row);
            steps.push(UndoStep::Contact {
                before: Box::new(before),
                version,
            });
        }
        let id = keep(&change, "bulk", &steps, now, by).await?;
        change.commit().await?;
        Ok((id, rows))
    }

    /// Changes many items; the operation's id and the items as they are then. Those that are gone, or
    /// were changed since they were read, are left out.
    ///
    /// # Errors
    /// When the database fails; then none was changed.
    pub async fn change_items(
        &self,
        wanted: ItemChange,
        now: i64,
        by: &Author,
    ) -> Result<(Uuid, Vec<item::Model>), StoreError> {
        let change = self.begin().await?;
        let (mut steps, mut rows) = (Vec::new(), Vec::new());
        for mut row in wanted.rows {
            let Some(before) = item::Entity::find_by_id(row.id).one(&change).await? else {
                continue;
            };
            row.updated_at = now;
            if wanted.delete {
                row.deleted_at = Some(now);
            }
            let what = if wanted.delete { "deleted" } else { "changed" };
            let version = Some(row.version);
            if let Written::Done(row) = items::replace(&change, row, version, by, what).await? {
                let (before, version) = (Box::new(before), row.version);
                steps.push(UndoStep::Item { before, version });
                rows.push(row);
            }
        }
        let id = keep(&change, "bulk", &steps, now, by).await?;
        change.commit().await?;
        Ok((id, rows))
    }

    /// Takes an operation back, all of it or nothing. Only whoever did it may, unless `any`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn undo(
        &self,
        operation: Uuid,
        now: i64,
        by: &Author,
        any: bool,
    ) -> Result<Undone, StoreError> {
        let change = self.begin().await?;
        let found = operation::Entity::find_by_id(operation)
            .one(&change)
            .await?;
        let Some(row) = found.filter(|row| any || row.user_id == by.id) else {
            return Ok(Undone::Unknown);
        };
        if row.undone_at.is_some() {
            return Ok(Undone::Already);
        }
        if parts::KINDS.contains(&row.kind.as_str()) {
            change.rollback().await?;
            return Ok(self.undo_parts(operation, now, by).await?.0);
        }
        let steps: Vec<UndoStep> =
            serde_json::from_str(&row.undo).map_err(|_| StoreError::Damaged("operation"))?;
        for step in &steps {
            if let Some(name) = changed_since(&change, step).await? {
                return Ok(Undone::ChangedSince(name));
            }
        }
        let (mut contacts, mut items) = (Vec::new(), Vec::new());
        // The last thing done is taken back first.
        for step in steps.into_iter().rev() {
            match take_back(&change, step, now, by).await? {
                Touched::Contact(id) => contacts.push(id),
                Touched::Item(id) => items.push(id),
                Touched::Call => {}
            }
        }
        operation::Entity::update_many()
            .col_expr(operation::Column::UndoneAt, Expr::value(now))
            .filter(operation::Column::Id.eq(operation))
            .exec(&change)
            .await?;
        change.commit().await?;
        Ok(Undone::Done { contacts, items })
    }
}

/// Keeps what takes an operation of this kind back; its id.
pub(crate) async fn keep(
    change: &DatabaseTransaction,
    kind: &str,
    steps: &[UndoStep],
    now: i64,
    by: &Author,
) -> Result<Uuid, StoreError> {
    let id = Uuid::now_v7();
    let undo = serde_json::to_string(steps).map_err(|_| StoreError::Damaged("operation"))?;
    let row = operation::ActiveModel {
        id: Set(id),
        at: Set(now),
        user_id: Set(by.id),
        kind: Set(kind.to_owned()),
        undo: Set(undo),
        undone_at: Set(None),
    };
    operation::Entity::insert(row)
        .exec_without_returning(change)
        .await?;
    Ok(id)
}

fn changed(before: &StoredContact, wanted: &ContactChange, now: i64) -> StoredContact {
    let mut after = before.clone();
    if let Some(responsible) = wanted.responsible {
        after.row.responsible = responsible;
    }
    if let Some(status) = &wanted.status {
        after.row.status.clone_from(status);
    }
    if let Some(tag) = &wanted.remove_tag {
        after.row.tags.retain(|one| one != tag);
    }
    if let Some(tag) = wanted
        .add_tag
        .as_ref()
        .filter(|tag| !after.row.tags.contains(tag))
    {
        after.row.tags.push(tag.clone());
    }
    if wanted.delete {
        after.deleted_at = Some(now);
    }
    after
}

enum Touched {
    Contact(Uuid),
    Item(Uuid),
    Call,
}

/// The name of what is not any more as the operation left it.
async fn changed_since(
    change: &DatabaseTransaction,
    step: &UndoStep,
) -> Result<Option<String>, StoreError> {
    let (id, version) = match step {
        UndoStep::Contact { before, version } => (before.row.id, *version),
        UndoStep::ContactMade { id, version } => (*id, *version),
        UndoStep::Item { before, version } => return item_since(change, before.id, *version).await,
        UndoStep::ItemMade { id, version } => return item_since(change, *id, *version).await,
        UndoStep::CallContact { id, after, .. } => return call_since(change, *id, *after).await,
    };
    let now = contacts::stored(change, id).await?;
    Ok(match now {
        Some(now) if now.row.version == version => None,
        Some(now) => Some(now.row.name),
        None => Some(String::new()),
    })
}

async fn item_since(
    change: &DatabaseTransaction,
    id: Uuid,
    version: i64,
) -> Result<Option<String>, StoreError> {
    let now = item::Entity::find_by_id(id).one(change).await?;
    Ok(match now {
        Some(now) if now.version == version => None,
        Some(now) => Some(now.title),
        None => Some(String::new()),
    })
}

/// A call that is gone is no obstacle.
async fn call_since(
    change: &DatabaseTransaction,
    id: Uuid,
    contact: Option<Uuid>,
) -> Result<Option<String>, StoreError> {
    let now = call::Entity::find_by_id(id).one(change).await?;
    let other = now.filter(|call| call.contact_id != contact);
    Ok(other.map(|call| call.number_display.unwrap_or_default()))
}

async fn take_back(
    change: &DatabaseTransaction,
    step: UndoStep,
    now: i64,
    by: &Author,
) -> Result<Touched, StoreError> {
    match step {
        UndoStep::Contact { before, .. } => {
            put_back(change, before.row.id, now, by, |_| *before).await
        }
        UndoStep::ContactMade { id, .. } => {
            put_back(change, id, now, by, |made| StoredContact {
                deleted_at: Some(now),
                ..made.clone()
            })
            .await
        }
        UndoStep::Item { mut before, .. } => {
            let id = before.id;
            before.updated_at = now;
            items::replace(change, *before, None, by, "restored").await?;
            Ok(Touched::Item(id))
        }
        UndoStep::ItemMade { id, .. } => {
            if let Some(made) = item::Entity::find_by_id(id).one(change).await? {
                let hidden = item::Model {
                    deleted_at: Some(now),
                    updated_at: now,
                    ..made
                };
                items::replace(change, hidden, None, by, "deleted").await?;
            }
            Ok(Touched::Item(id))
        }
        UndoStep::CallContact { id, before, .. } => {
            call::Entity::update_many()
                .col_expr(call::Column::ContactId, Expr::value(before))
                .filter(call::Column::Id.eq(id))
                .exec(change)
                .await?;
            Ok(Touched::Call)
        }
    }
}

async fn put_back(
    change: &DatabaseTransaction,
    id: Uuid,
    now: i64,
    by: &Author,
    as_it_was: impl FnOnce(&StoredContact) -> StoredContact,
) -> Result<Touched, StoreError> {
    if let Some(stored) = contacts::stored(change, id).await? {
        let after = as_it_was(&stored);
        contacts::put(change, &stored, after, (now, "restored"), by).await?;
    }
    Ok(Touched::Contact(id))
}

//! Contacts that come in batches out of a file, with how far it is and what takes it back.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, DatabaseTransaction, EntityTrait, JoinType,
    QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    Author, ContactRow, Store, StoreError, StoredContact, contacts,
    entity::{contact, contact_email, contact_phone, item, operation},
    parts::{self, AT_ONCE, Part, Whole, read, tell_of},
    search_text,
};

/// What a batch writes.
#[derive(Clone, Debug, Default)]
pub struct ImportBatch {
    /// New contacts.
    pub created: Vec<ContactRow>,
    /// Contacts as they are to be; their versions are those they were read with.
    pub updated: Vec<ContactRow>,
    /// Notes, and whose they are.
    pub notes: Vec<(Uuid, String)>,
    /// How far the import is then.
    pub progress: String,
}

impl Store {
    /// Begins an import, if it was not begun.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_import(&self, id: Uuid, now: i64, by: &Author) -> Result<(), StoreError> {
        let change = self.begin().await?;
        parts::begin(&change, id, ("import", false), now, by).await?;
        Ok(change.commit().await?)
    }

    /// How far it is: what the last batch said.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn import_progress(&self, id: Uuid) -> Result<Option<String>, StoreError> {
        let Some(row) = operation::Entity::find_by_id(id).one(&self.readers).await? else {
            return Ok(None);
        };
        Ok(read::<Whole>(&row.undo)?.progress)
    }

    /// Writes a batch; `false`: one of the contacts was changed meanwhile, and nothing was written.
    ///
    /// # Errors
    /// When the database fails; then nothing was written.
    pub async fn import_batch(
        &self,
        id: Uuid,
        batch: ImportBatch,
        now: i64,
        by: &Author,
    ) -> Result<bool, StoreError> {
        let change = self.begin().await?;
        let mut part = Part::default();
        for row in batch.updated {
            let before = contacts::stored(&change, row.id).await?;
            let same = |before: &StoredContact| {
                before.row.version == row.version && before.deleted_at.is_none()
            };
            let Some(before) = before.filter(same) else {
                return Ok(false);
            };
            let after = StoredContact {
                row,
                ..before.clone()
            };
            let after = contacts::put(&change, &before, after, (now, "imported"), by).await?;
            part.updated.push((before, after.row.version));
        }
        contacts::insert(&change, &batch.created).await?;
        part.created = batch.created.iter().map(|row| row.id).collect();
        tell_of(&change, &part.created, "imported", now, by).await?;
        part.notes = insert_notes(&change, batch.notes, now, by).await?;
        parts::add(&change, id, &part, Some(batch.progress), now, by).await?;
        change.commit().await?;
        Ok(true)
    }

    /// Takes an import back, batch by batch, the last one first. Contacts that were changed since, or
    /// have something of their own by now, stay. How many went back, and how many stayed.
    ///
    /// # Errors
    /// When the database fails; it can be called again then.
    pub async fn undo_import(
        &self,
        id: Uuid,
        now: i64,
        by: &Author,
    ) -> Result<(u64, u64), StoreError> {
        let (_, back, stayed) = self.undo_parts(id, now, by).await?;
        Ok((back, stayed))
    }

    /// For each of these numbers (E.164) and e-mails (folded) the first contact that has it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn contacts_sharing(
        &self,
        e164: Vec<String>,
        emails: Vec<String>,
    ) -> Result<HashMap<String, Uuid>, StoreError> {
        let mut found = HashMap::new();
        for numbers in e164.chunks(AT_ONCE) {
            let rows: Vec<(String, Uuid)> = contact_phone::Entity::find()
                .select_only()
                .column(contact_phone::Column::E164)
                .column_as(Expr::col((contact::Entity, contact::Column::Id)), "id")
                .join(JoinType::InnerJoin, owner_of_phone())
                .filter(contact_phone::Column::E164.is_in(numbers))
                .filter(contact::Column::DeletedAt.is_null())
                .order_by_desc(contact::Column::Seq)
                .into_tuple()
                .all(&self.readers)
                .await?;
            // The oldest comes last and stays.
            found.extend(rows);
        }
        for emails in emails.chunks(AT_ONCE) {
            let rows: Vec<(String, Uuid)> = contact_email::Entity::find()
                .select_only()
                .column(contact_email::Column::Email)
                .column_as(Expr::col((contact::Entity, contact::Column::Id)), "id")
                .join(JoinType::InnerJoin, owner_of_email())
                .filter(contact_email::Column::Email.is_in(emails))
                .filter(contact::Column::DeletedAt.is_null())
                .order_by_desc(contact::Column::Seq)
                .into_tuple()
                .all(&self.readers)
                .await?;
            found.extend(rows);
        }
        Ok(found)
    }

    /// These contacts; deleted ones are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn contacts_of(&self, ids: Vec<Uuid>) -> Result<Vec<ContactRow>, StoreError> {
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(AT_ONCE) {
            let rows = contact::Entity::find()
                .filter(contact::Column::Id.is_in(ids.iter().copied()))
                .filter(contact::Column::DeletedAt.is_null())
                .all(&self.readers)
                .await?;
            found.extend(self.with_phones(rows).await?);
        }
        Ok(found)
    }

    /// The first company with each of these names (folded).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn companies_named(
        &self,
        folded: Vec<String>,
    ) -> Result<HashMap<String, Uuid>, StoreError> {
        let mut found = HashMap::new();
        for names in folded.chunks(AT_ONCE) {
            let rows: Vec<(String, Uuid)> = contact::Entity::find()
                .select_only()
                .column(contact::Column::NameFolded)
                .column(contact::Column::Id)
                .filter(contact::Column::Kind.eq("company"))
                .filter(contact::Column::NameFolded.is_in(names))
                .filter(contact::Column::DeletedAt.is_null())
                .order_by_desc(contact::Column::Seq)
                .into_tuple()
                .all(&self.readers)
                .await?;
            found.extend(rows);
        }
        Ok(found)
    }
}

fn owner_of_phone() -> sea_orm::RelationDef {
    contact_phone::Entity::belongs_to(contact::Entity)
        .from(contact_phone::Column::ContactId)
        .to(contact::Column::Id)
        .into()
}

fn owner_of_email() -> sea_orm::RelationDef {
    contact_email::Entity::belongs_to(contact::Entity)
        .from(contact_email::Column::ContactId)
        .to(contact::Column::Id)
        .into()
}

async fn insert_notes(
    change: &DatabaseTransaction,
    notes: Vec<(Uuid, String)>,
    now: i64,
    by: &Author,
) -> Result<Vec<Uuid>, StoreError> {
    let mut ids = Vec::with_capacity(notes.len());
    let rows: Vec<_> = notes
        .into_iter()
        .map(|(contact, text)| {
            let row = note(contact, text, now, by);
            ids.push(row.id);
            item::ActiveModel {
                seq: NotSet,
                ..item::ActiveModel::from(row).reset_all()
            }
        })
        .collect();
    for chunk in rows.chunks(AT_ONCE) {
        item::Entity::insert_many(chunk.iter().cloned())
            .exec_without_returning(change)
            .await?;
    }
    Ok(ids)
}

/// A note of a contact.
pub(crate) fn note(contact: Uuid, text: String, now: i64, by: &Author) -> item::Model {
    let found_by: String = text.chars().take(4000).collect();
    item::Model {
        id: Uuid::now_v7(),
        kind: "note".to_owned(),
        search_text: search_text::fold(&found_by),
        text,
        contact_id: Some(contact),
        participants: "[]".to_owned(),
        tags: "[]".to_owned(),
        fields: "{}".to_owned(),
        created_at: now,
        created_by: by.id,
        updated_at: now,
        version: 1,
        ..item::Model::default()
    }
}

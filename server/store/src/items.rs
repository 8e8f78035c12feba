//! Deals, tasks, orders and everything else done with clients: written one by one, each with its
//! history, hidden and brought back. Lists are in `item_lists`.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::{
    Author, Store, StoreError, Written,
    entity::{call, item},
    field_phones, history, search_text,
};

impl Store {
    /// One item; deleted ones are not found.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn item(&self, id: Uuid) -> Result<Option<item::Model>, StoreError> {
        let found = self.item_or_deleted(id).await?;
        Ok(found.filter(|item| item.deleted_at.is_none()))
    }

    /// One item, also when it is deleted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn item_or_deleted(&self, id: Uuid) -> Result<Option<item::Model>, StoreError> {
        Ok(item::Entity::find_by_id(id).one(&self.readers).await?)
    }

    /// Those of these items that are there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn items(&self, ids: Vec<Uuid>) -> Result<Vec<item::Model>, StoreError> {
        let found = item::Entity::find()
            .filter(item::Column::Id.is_in(ids))
            .filter(item::Column::DeletedAt.is_null());
        Ok(found.all(&self.readers).await?)
    }

    /// A new item; its number and what it is found by are set here. A deal made in a call becomes the
    /// call's, if that has none. Rules give no author.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_item(&self, row: item::Model, by: &Author) -> Result<item::Model, StoreError> {
        let change = self.begin().await?;
        let row = insert(&change, row, by).await?;
        change.commit().await?;
        Ok(row)
    }

    /// Puts `row` in place of what is there, if that still has `version` (where one is given).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_item(
        &self,
        row: item::Model,
        version: Option<i64>,
        by: &Author,
    ) -> Result<Written<item::Model>, StoreError> {
        let change = self.begin().await?;
        let written = replace(&change, row, version, by, "changed").await?;
        change.commit().await?;
        Ok(written)
    }

    /// Hides an item or brings it back (`None`); the item as it is then, `None` when there was nothing
    /// to change.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_item_deleted(
        &self,
        id: Uuid,
        deleted_at: Option<i64>,
        now: i64,
        by: &Author,
    ) -> Result<Option<item::Model>, StoreError> {
        let change = self.begin().await?;
        let Some(mut row) = item::Entity::find_by_id(id).one(&change).await? else {
            return Ok(None);
        };
        if row.deleted_at.is_some() == deleted_at.is_some() {
            return Ok(None);
        }
        row.deleted_at = deleted_at;
        row.updated_at = now;
        let what = deleted_at.map_or("restored", |_| "deleted");
        let written = replace(&change, row, None, by, what).await?;
        change.commit().await?;
        Ok(match written {
            Written::Done(row) => Some(row),
            Written::Gone | Written::Changed => None,
        })
    }

    /// Open items of a contact of these kinds, newest first. By an index.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_items(
        &self,
        contact: Uuid,
        kinds: &[&str],
        limit: u64,
    ) -> Result<Vec<item::Model>, StoreError> {
        let open = self
            .items_of(contact, kinds)
            .filter(item::Column::IsOpen.eq(true));
        Ok(open.limit(limit).all(&self.readers).await?)
    }

    /// Items of a contact of these kinds, open or not, newest first. By an index.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_items(
        &self,
        contact: Uuid,
        kinds: &[&str],
        limit: u64,
    ) -> Result<Vec<item::Model>, StoreError> {
        let select = self.items_of(contact, kinds).limit(limit);
        Ok(select.all(&self.readers).await?)
    }

    fn items_of(&self, contact: Uuid, kinds: &[&str]) -> sea_orm::Select<item::Entity> {
        item::Entity::find()
            .filter(item::Column::ContactId.eq(contact))
            .filter(item::Column::Kind.is_in(kinds.iter().copied()))
            .filter(item::Column::DeletedAt.is_null())
            .order_by_desc(item::Column::CreatedAt)
            .order_by_desc(item::Column::Seq)
    }

    /// Items that belong to a call, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn items_of_call(&self, call: Uuid) -> Result<Vec<item::Model>, StoreError> {
        let select = item::Entity::find()
            .filter(item::Column::CallId.eq(call))
            .filter(item::Column::DeletedAt.is_null())
            .order_by_asc(item::Column::Seq);
        Ok(select.all(&self.readers).await?)
    }
}

pub(crate) async fn insert(
    change: &DatabaseTransaction,
    row: item::Model,
    by: &Author,
) -> Result<item::Model, StoreError> {
    let row = ready(item::Model { version: 1, ..row });
    let id = row.id;
    let values = item::ActiveModel {
        seq: NotSet,
        ..item::ActiveModel::from(row).reset_all()
    };
    item::Entity::insert(values)
        .exec_without_returning(change)
        .await?;
    let row = item::Entity::find_by_id(id)
        .one(change)
        .await?
        .ok_or(StoreError::Dangling)?;
    field_phones::of_item(change, &row, true).await?;
    if let Some(call) = row.call_id.filter(|_| row.kind == "deal") {
        link_deal(change, call, row.id).await?;
    }
    history::note(change, by, row.created_at, row.id, "created", &[]).await?;
    Ok(row)
}

/// The call's deal is this one, if it has none.
async fn link_deal(change: &DatabaseTransaction, call: Uuid, deal: Uuid) -> Result<(), StoreError> {
    call::Entity::update_many()
        .col_expr(call::Column::DealId, sea_orm::sea_query::Expr::value(deal))
        .filter(call::Column::Id.eq(call))
        .filter(call::Column::DealId.is_null())
        .exec(change)
        .await?;
    Ok(())
}

/// Writes all of `row` but what never changes, with the next version.
pub(crate) async fn replace(
    change: &DatabaseTransaction,
    row: item::Model,
    version: Option<i64>,
    by: &Author,
    what: &str,
) -> Result<Written<item::Model>, StoreError> {
    let Some(before) = item::Entity::find_by_id(row.id).one(change).await? else {
        return Ok(Written::Gone);
    };
    if what == "changed" && before.deleted_at.is_some() {
        return Ok(Written::Gone);
    }
    if version.is_some_and(|version| version != before.version) {
        return Ok(Written::Changed);
    }
    let row = ready(item::Model {
        seq: before.seq,
        version: before.version + 1,
        ..row
    });
    item::ActiveModel {
        seq: NotSet,
        id: Set(row.id),
        ..item::ActiveModel::from(row.clone()).reset_all()
    }
    .update(change)
    .await?;
    field_phones::of_item(change, &row, false).await?;
    let fields = history::differences(&before, &row);
    if what != "changed" || !fields.is_empty() {
        history::note(change, by, row.updated_at, row.id, what, &fields).await?;
    }
    Ok(Written::Done(row))
}

/// With what it is found by, and no JSON that is not.
pub(crate) fn ready(mut row: item::Model) -> item::Model {
    for (json, empty) in [
        (&mut row.participants, "[]"),
        (&mut row.tags, "[]"),
        (&mut row.fields, "{}"),
    ] {
        if json.is_empty() {
            empty.clone_into(json);
        }
    }
    let fields: HashMap<String, String> = serde_json::from_str(&row.fields).unwrap_or_default();
    row.search_text = search_text::item(&row.title, &row.text, fields.values());
    row
}

//! Contacts: found by any part of a name or number, and by E.164 when a call arrives.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, DatabaseTransaction, DbBackend, EntityTrait, JoinType, Order,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    entity::{contact, contact_phone},
    finding, search_text,
};

/// A phone of a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneRow {
    /// E.164, or the digits.
    pub e164: String,
    /// As people write it.
    pub display: String,
}

/// A contact with its phones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactRow {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Phones, in order.
    pub phones: Vec<PhoneRow>,
    /// The user responsible for it.
    pub responsible: Option<Uuid>,
    /// When it was made, ms.
    pub created_at: i64,
}

/// Where the next page of a search begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactCursor {
    /// Whether the last row's name begins with the search.
    pub prefix: bool,
    /// Its folded name.
    pub name: String,
    /// Its id.
    pub id: Uuid,
}

/// Rows put into one INSERT when many are added.
const BATCH: usize = 500;

impl Store {
    /// One contact; deleted ones are not found.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn contact(&self, id: Uuid) -> Result<Option<ContactRow>, StoreError> {
        let found = contact::Entity::find()
            .filter(contact::Column::Id.eq(id))
            .filter(contact::Column::DeletedAt.is_null());
        let rows = found.all(&self.readers).await?;
        Ok(self.with_phones(rows).await?.pop())
    }

    /// The first contact made with this number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn contact_by_number(
        &self,
        e164: &str,
    ) -> Result<Option<(Uuid, String)>, StoreError> {
        Ok(self
            .contacts_by_numbers(vec![e164.to_owned()])
            .await?
            .remove(e164))
    }

    /// The user responsible for the first contact with this number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn responsible_for(&self, e164: &str) -> Result<Option<Uuid>, StoreError> {
        let found: Option<Option<Uuid>> = contact_phone::Entity::find()
            .select_only()
            .column_as(
                Expr::col((contact::Entity, contact::Column::ResponsibleId)),
                "responsible",
            )
            .join(JoinType::InnerJoin, phone_to_contact())
            .filter(contact_phone::Column::E164.eq(e164))
            .filter(contact::Column::DeletedAt.is_null())
            .order_by(
                Expr::col((contact::Entity, contact::Column::Seq)),
                Order::Asc,
            )
            .into_tuple()
            .one(&self.readers)
            .await?;
        Ok(found.flatten())
    }

    /// For each number the first contact made with it, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn contacts_by_numbers(
        &self,
        e164: Vec<String>,
    ) -> Result<HashMap<String, (Uuid, String)>, StoreError> {
        let rows: Vec<(String, Uuid, String)> = contact_phone::Entity::find()
            .select_only()
            .column(contact_phone::Column::E164)
            .column_as(Expr::col((contact::Entity, contact::Column::Id)), "id")
            .column_as(Expr::col((contact::Entity, contact::Column::Name)), "name")
            .join(JoinType::InnerJoin, phone_to_contact())
            .filter(contact_phone::Column::E164.is_in(e164))
            .filter(contact::Column::DeletedAt.is_null())
            .order_by(
                Expr::col((contact::Entity, contact::Column::Seq)),
                Order::Desc,
            )
            .into_tuple()
            .all(&self.readers)
            .await?;
        // The oldest comes last and stays.
        Ok(rows
            .into_iter()
            .map(|(number, id, name)| (number, (id, name)))
            .collect())
    }

    /// Contacts with all terms of `query` in name or numbers; names that begin with it first, then
    /// by name. At most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_contacts(
        &self,
        query: &str,
        after: Option<&ContactCursor>,
        limit: u64,
    ) -> Result<Vec<(ContactRow, ContactCursor)>, StoreError> {
        let folded = search_text::fold(query);
        let mut rows = Vec::new();
        if !folded.is_empty() && after.is_none_or(|after| after.prefix) {
            let first = matching(self.backend(), query).add(begins_with(&folded));
            rows = self.contact_rows(first, after, limit).await?;
        }
        let prefixed = rows.len();
        let wanted = limit.saturating_sub(prefixed as u64);
        if wanted > 0 {
            let mut rest = matching(self.backend(), query);
            if !folded.is_empty() {
                rest = rest.add(begins_with(&folded).not());
            }
            let after = after.filter(|after| !after.prefix);
            rows.extend(self.contact_rows(rest, after, wanted).await?);
        }
        let cursors: Vec<_> = rows
            .iter()
            .enumerate()
            .map(|(i, row)| ContactCursor {
                prefix: i < prefixed,
                name: row.name_folded.clone(),
                id: row.id,
            })
            .collect();
        Ok(self
            .with_phones(rows)
            .await?
            .into_iter()
            .zip(cursors)
            .collect())
    }

    /// How many there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_contacts(&self) -> Result<u64, StoreError> {
        let alive = contact::Entity::find().filter(contact::Column::DeletedAt.is_null());
        Ok(alive.count(&self.readers).await?)
    }

    /// New contacts, in one transaction.
    ///
    /// # Errors
    /// When the database fails; then none was added.
    pub async fn add_contacts(&self, rows: &[ContactRow]) -> Result<(), StoreError> {
        let change = self.begin().await?;
        for batch in rows.chunks(BATCH) {
            contact::Entity::insert_many(batch.iter().map(contact_values))
                .exec_without_returning(&change)
                .await?;
            insert_phones(&change, batch).await?;
        }
        Ok(change.commit().await?)
    }

    /// Changes name and phones; `false` when it is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_contact(&self, row: &ContactRow, now: i64) -> Result<bool, StoreError> {
        let change = self.begin().await?;
        let changed = contact::Entity::update_many()
            .col_expr(contact::Column::Name, Expr::value(row.name.clone()))
            .col_expr(
                contact::Column::NameFolded,
                Expr::value(search_text::fold(&row.name)),
            )
            .col_expr(contact::Column::SearchText, Expr::value(text_of(row)))
            .col_expr(contact::Column::ResponsibleId, Expr::value(row.responsible))
            .col_expr(contact::Column::UpdatedAt, Expr::value(now))
            .filter(contact::Column::Id.eq(row.id))
            .filter(contact::Column::DeletedAt.is_null())
            .exec(&change)
            .await?;
        if changed.rows_affected == 0 {
            return Ok(false);
        }
        contact_phone::Entity::delete_many()
            .filter(contact_phone::Column::ContactId.eq(row.id))
            .exec(&change)
            .await?;
        insert_phones(&change, std::slice::from_ref(row)).await?;
        change.commit().await?;
        Ok(true)
    }

    /// Hides a contact, or brings it back with `None`; `false` when there was nothing to change.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_contact_deleted(&self, id: Uuid, at: Option<i64>) -> Result<bool, StoreError> {
        let unlike = match at {
            Some(_) => contact::Column::DeletedAt.is_null(),
            None => contact::Column::DeletedAt.is_not_null(),
        };
        let changed = contact::Entity::update_many()
            .col_expr(contact::Column::DeletedAt, Expr::value(at))
            .filter(contact::Column::Id.eq(id))
            .filter(unlike)
            .exec(&self.writer)
            .await?;
        Ok(changed.rows_affected > 0)
    }

    async fn contact_rows(
        &self,
        condition: Condition,
        after: Option<&ContactCursor>,
        limit: u64,
    ) -> Result<Vec<contact::Model>, StoreError> {
        let mut select = contact::Entity::find()
            .filter(condition)
            .order_by_asc(contact::Column::NameFolded)
            .order_by_asc(contact::Column::Id)
            .limit(limit);
        if let Some(after) = after {
            let same_name = Condition::all()
                .add(contact::Column::NameFolded.eq(&after.name))
                .add(contact::Column::Id.gt(after.id));
            let later = contact::Column::NameFolded.gt(&after.name);
            select = select.filter(Condition::any().add(later).add(same_name));
        }
        Ok(select.all(&self.readers).await?)
    }

    async fn with_phones(&self, rows: Vec<contact::Model>) -> Result<Vec<ContactRow>, StoreError> {
        let ids = rows.iter().map(|row| row.id);
        let phones = contact_phone::Entity::find()
            .filter(contact_phone::Column::ContactId.is_in(ids))
            .order_by_asc(contact_phone::Column::Position)
            .all(&self.readers)
            .await?;
        let mut of: HashMap<Uuid, Vec<PhoneRow>> = HashMap::new();
        for phone in phones {
            let row = PhoneRow {
                e164: phone.e164,
                display: phone.display,
            };
            of.entry(phone.contact_id).or_default().push(row);
        }
        let contacts = rows.into_iter().map(|row| ContactRow {
            phones: of.remove(&row.id).unwrap_or_default(),
            id: row.id,
            name: row.name,
            responsible: row.responsible_id,
            created_at: row.created_at,
        });
        Ok(contacts.collect())
    }
}

fn phone_to_contact() -> sea_orm::RelationDef {
    contact_phone::Entity::belongs_to(contact::Entity)
        .from(contact_phone::Column::ContactId)
        .to(contact::Column::Id)
        .into()
}

/// Every term occurs. Three characters and more by the index, shorter ones by reading.
fn matching(backend: DbBackend, query: &str) -> Condition {
    let terms = search_text::terms(query);
    let mut condition =
        finding::contacts(backend, &terms).add(contact::Column::DeletedAt.is_null());
    for short in &terms.short {
        condition = condition.add(finding::holds(backend, contact::Column::SearchText, short));
    }
    condition
}

/// `name_folded` begins with `folded`, in a form an index can serve.
fn begins_with(folded: &str) -> Condition {
    Condition::all()
        .add(contact::Column::NameFolded.gte(folded))
        .add(contact::Column::NameFolded.lt(format!("{folded}\u{10FFFF}")))
}

fn text_of(row: &ContactRow) -> String {
    search_text::contact(
        &row.name,
        row.phones.iter().map(|phone| phone.e164.as_str()),
    )
}

fn contact_values(row: &ContactRow) -> contact::ActiveModel {
    contact::ActiveModel {
        seq: NotSet,
        id: Set(row.id),
        name: Set(row.name.clone()),
        name_folded: Set(search_text::fold(&row.name)),
        search_text: Set(text_of(row)),
        created_at: Set(row.created_at),
        updated_at: Set(row.created_at),
        deleted_at: Set(None),
        responsible_id: Set(row.responsible),
    }
}

async fn insert_phones(
    change: &DatabaseTransaction,
    rows: &[ContactRow],
) -> Result<(), StoreError> {
    let phones: Vec<_> = rows
        .iter()
        .flat_map(|row| {
            row.phones
                .iter()
                .zip(0..)
                .map(|(phone, position)| phone_values(row.id, phone, position))
        })
        .collect();
    if !phones.is_empty() {
        contact_phone::Entity::insert_many(phones)
            .exec_without_returning(change)
            .await?;
    }
    Ok(())
}

fn phone_values(contact_id: Uuid, phone: &PhoneRow, position: i32) -> contact_phone::ActiveModel {
    contact_phone::ActiveModel {
        contact_id: Set(contact_id),
        position: Set(position),
        e164: Set(phone.e164.clone()),
        display: Set(phone.display.clone()),
    }
}

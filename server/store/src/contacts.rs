//! Contacts: found by any part of a name or number, and by E.164 when a call arrives.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{
    Author, Store, StoreError, Written,
    entity::{contact, contact_email, contact_phone, contact_tag},
    field_phones, history, search_text,
};

/// A phone of a contact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneRow {
    /// E.164, or the digits.
    pub e164: String,
    /// As people write it.
    pub display: String,
    /// What it is: `work`, `mobile` …; may be empty.
    pub label: String,
}

/// An e-mail or postal address of a contact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressRow {
    /// The address.
    pub value: String,
    /// What it is; may be empty.
    pub label: String,
}

/// A contact with all that is known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactRow {
    /// Id.
    pub id: Uuid,
    /// `company`; anything else is a person.
    pub kind: String,
    /// Name as shown.
    pub name: String,
    /// Surname.
    pub surname: String,
    /// First name.
    pub first_name: String,
    /// Patronymic.
    pub patronymic: String,
    /// Phones, in order.
    pub phones: Vec<PhoneRow>,
    /// E-mail addresses, in order.
    pub emails: Vec<AddressRow>,
    /// Postal addresses, in order.
    pub addresses: Vec<AddressRow>,
    /// The company a person works for.
    pub company: Option<Uuid>,
    /// What as.
    pub position: String,
    /// Key of a status; may be empty.
    pub status: String,
    /// Tags, each once.
    pub tags: Vec<String>,
    /// Custom fields.
    pub fields: BTreeMap<String, String>,
    /// The user responsible for it.
    pub responsible: Option<Uuid>,
    /// It may not be erased.
    pub legal_hold: bool,
    /// When it was made, ms.
    pub created_at: i64,
    /// Who made it.
    pub created_by: Option<Uuid>,
    /// When it was changed last, ms.
    pub updated_at: i64,
    /// Rises with every change; set by the store.
    pub version: i64,
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

    /// How many there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_contacts(&self) -> Result<u64, StoreError> {
        let alive = contact::Entity::find().filter(contact::Column::DeletedAt.is_null());
        Ok(alive.count(&self.readers).await?)
    }

    /// New contacts, in one transaction, with no history of their own.
    ///
    /// # Errors
    /// When the database fails; then none was added.
    pub async fn add_contacts(&self, rows: &[ContactRow]) -> Result<(), StoreError> {
        let change = self.begin().await?;
        insert(&change, rows).await?;
        Ok(change.commit().await?)
    }

    /// One new contact, with its history.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_contact(&self, row: &ContactRow, by: &Author) -> Result<(), StoreError> {
        let change = self.begin().await?;
        insert(&change, std::slice::from_ref(row)).await?;
        history::note(&change, by, row.created_at, row.id, "created", &[]).await?;
        Ok(change.commit().await?)
    }

    /// Puts all of it in place of what was there, if that still has `version` (where one is given).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_contact(
        &self,
        row: &ContactRow,
        version: Option<i64>,
        now: i64,
        by: &Author,
    ) -> Result<Written<ContactRow>, StoreError> {
        let change = self.begin().await?;
        let Some(before) = stored(&change, row.id)
            .await?
            .filter(|old| old.deleted_at.is_none())
        else {
            return Ok(Written::Gone);
        };
        if version.is_some_and(|version| version != before.row.version) {
            return Ok(Written::Changed);
        }
        let after = StoredContact {
            row: row.clone(),
            ..before.clone()
        };
        let written = put(&change, &before, after, (now, "changed"), by).await?;
        change.commit().await?;
        Ok(Written::Done(written.row))
    }

    /// Hides a contact (`deleted_at`) or brings it back (`None`); the contact, or `None` when there was
    /// nothing to change.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_contact_deleted(
        &self,
        id: Uuid,
        deleted_at: Option<i64>,
        now: i64,
        by: &Author,
    ) -> Result<Option<ContactRow>, StoreError> {
        let change = self.begin().await?;
        let Some(before) = stored(&change, id).await? else {
            return Ok(None);
        };
        if before.deleted_at.is_some() == deleted_at.is_some() {
            return Ok(None);
        }
        let after = StoredContact {
            deleted_at,
            ..before.clone()
        };
        let what = deleted_at.map_or("restored", |_| "deleted");
        let written = put(&change, &before, after, (now, what), by).await?;
        change.commit().await?;
        Ok(Some(written.row))
    }

    /// Tags that contain a text, folded or not, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tags(&self, part: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        let tags: Vec<String> = contact_tag::Entity::find()
            .select_only()
            .column(contact_tag::Column::Tag)
            .distinct()
            .order_by_asc(contact_tag::Column::Tag)
            .into_tuple()
            .all(&self.readers)
            .await?;
        let part = search_text::fold(part);
        let mut found: Vec<_> = tags
            .into_iter()
            .filter(|tag| search_text::fold(tag).contains(&part))
            .collect();
        found.truncate(limit);
        Ok(found)
    }

    pub(crate) async fn with_phones(
        &self,
        rows: Vec<contact::Model>,
    ) -> Result<Vec<ContactRow>, StoreError> {
        let phones = phones_of(&self.readers, rows.iter().map(|row| row.id)).await?;
        let mut of: HashMap<Uuid, Vec<PhoneRow>> = HashMap::new();
        for phone in phones {
            of.entry(phone.contact_id)
                .or_default()
                .push(phone_row(phone));
        }
        let contacts = rows.into_iter().map(|row| {
            let phones = of.remove(&row.id).unwrap_or_default();
            to_row(row, phones)
        });
        Ok(contacts.collect())
    }
}

fn to_row(row: contact::Model, phones: Vec<PhoneRow>) -> ContactRow {
    ContactRow {
        phones,
        id: row.id,
        kind: row.kind,
        name: row.name,
        surname: row.surname,
        first_name: row.first_name,
        patronymic: row.patronymic,
        emails: read(&row.emails),
        addresses: read(&row.addresses),
        company: row.company_id,
        position: row.position,
        status: row.status,
        tags: read(&row.tags),
        fields: read(&row.fields),
        responsible: row.responsible_id,
        legal_hold: row.legal_hold,
        created_at: row.created_at,
        created_by: row.created_by,
        updated_at: row.updated_at,
        version: row.version,
    }
}

/// A list or object kept as JSON.
fn read<T: DeserializeOwned + Default>(json: &str) -> T {
    serde_json::from_str(json).unwrap_or_default()
}

fn write<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn text_of(row: &ContactRow) -> String {
    let emails = row.emails.iter().map(|email| email.value.as_str());
    let fields = row.fields.values().map(String::as_str);
    let phones = row.phones.iter().map(|phone| phone.e164.as_str());
    search_text::contact(&row.name, phones, emails.chain(fields))
}

fn contact_values(row: &ContactRow) -> contact::ActiveModel {
    contact::ActiveModel {
        seq: NotSet,
        id: Set(row.id),
        created_at: Set(row.created_at),
        created_by: Set(row.created_by),
        deleted_at: Set(None),
        merged_into: Set(None),
        version: Set(Ord::max(row.version, 1)),
        updated_at: Set(Ord::max(row.updated_at, row.created_at)),
        ..changeable(row)
    }
}

/// What a change writes.
fn changeable(row: &ContactRow) -> contact::ActiveModel {
    let kind = match row.kind.as_str() {
        "company" => "company",
        _ => "person",
    };
    contact::ActiveModel {
        kind: Set(kind.to_owned()),
        name: Set(row.name.clone()),
        name_folded: Set(search_text::fold(&row.name)),
        search_text: Set(text_of(row)),
        surname: Set(row.surname.clone()),
        first_name: Set(row.first_name.clone()),
        patronymic: Set(row.patronymic.clone()),
        emails: Set(write(&row.emails)),
        addresses: Set(write(&row.addresses)),
        company_id: Set(row.company),
        position: Set(row.position.clone()),
        status: Set(row.status.clone()),
        tags: Set(write(&row.tags)),
        fields: Set(write(&row.fields)),
        responsible_id: Set(row.responsible),
        legal_hold: Set(row.legal_hold),
        ..contact::ActiveModel::default()
    }
}

/// Contacts with everything that belongs to them.
pub(crate) async fn insert(
    change: &DatabaseTransaction,
    rows: &[ContactRow],
) -> Result<(), StoreError> {
    for batch in rows.chunks(BATCH) {
        contact::Entity::insert_many(batch.iter().map(contact_values))
            .exec_without_returning(change)
            .await?;
        insert_parts(change, batch).await?;
    }
    Ok(())
}

/// A contact with what the API never shows: enough to bring it back exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredContact {
    /// The contact.
    pub row: ContactRow,
    /// When it was deleted, ms.
    pub deleted_at: Option<i64>,
    /// The contact it was merged into.
    pub merged_into: Option<Uuid>,
}

/// As it is in this transaction, deleted or not.
pub(crate) async fn stored(
    change: &DatabaseTransaction,
    id: Uuid,
) -> Result<Option<StoredContact>, StoreError> {
    let found = contact::Entity::find().filter(contact::Column::Id.eq(id));
    let Some(model) = found.one(change).await? else {
        return Ok(None);
    };
    let phones = phones_of(change, [id]).await?.into_iter().map(phone_row);
    let (deleted_at, merged_into) = (model.deleted_at, model.merged_into);
    Ok(Some(StoredContact {
        row: to_row(model, phones.collect()),
        deleted_at,
        merged_into,
    }))
}

/// Writes `after` over `before`, with the next version and its history (`what` happened, and when).
pub(crate) async fn put(
    change: &DatabaseTransaction,
    before: &StoredContact,
    mut after: StoredContact,
    (now, what): (i64, &str),
    by: &Author,
) -> Result<StoredContact, StoreError> {
    let id = before.row.id;
    after.row.version = before.row.version + 1;
    after.row.updated_at = now;
    after.row.created_at = before.row.created_at;
    after.row.created_by = before.row.created_by;
    contact::Entity::update_many()
        .set(contact::ActiveModel {
            updated_at: Set(now),
            version: Set(after.row.version),
            deleted_at: Set(after.deleted_at),
            merged_into: Set(after.merged_into),
            ..changeable(&after.row)
        })
        .filter(contact::Column::Id.eq(id))
        .exec(change)
        .await?;
    contact_phone::Entity::delete_many()
        .filter(contact_phone::Column::ContactId.eq(id))
        .exec(change)
        .await?;
    contact_email::Entity::delete_many()
        .filter(contact_email::Column::ContactId.eq(id))
        .exec(change)
        .await?;
    contact_tag::Entity::delete_many()
        .filter(contact_tag::Column::ContactId.eq(id))
        .exec(change)
        .await?;
    field_phones::forget(change, &[id]).await?;
    insert_parts(change, std::slice::from_ref(&after.row)).await?;
    let fields = history::differences(&before.row, &after.row);
    if what != "changed" || !fields.is_empty() {
        history::note(change, by, now, id, what, &fields).await?;
    }
    Ok(after)
}

async fn phones_of(
    from: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<contact_phone::Model>, StoreError> {
    let phones = contact_phone::Entity::find()
        .filter(contact_phone::Column::ContactId.is_in(ids))
        .order_by_asc(contact_phone::Column::Position);
    Ok(phones.all(from).await?)
}

fn phone_row(phone: contact_phone::Model) -> PhoneRow {
    PhoneRow {
        e164: phone.e164,
        display: phone.display,
        label: phone.label,
    }
}

/// What stands in tables of its own: phones, and by what e-mails, tags and numbers in fields are found.
async fn insert_parts(change: &DatabaseTransaction, rows: &[ContactRow]) -> Result<(), StoreError> {
    let mut numbers = field_phones::Numbers::default();
    for row in rows {
        numbers.add(row.id, field_phones::place_of(&row.kind), &row.fields);
    }
    field_phones::write(change, numbers).await?;
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
    let emails: BTreeSet<(String, Uuid)> = rows
        .iter()
        .flat_map(|row| {
            let folded = |email: &AddressRow| (search_text::fold(&email.value), row.id);
            row.emails.iter().map(folded)
        })
        .collect();
    if !emails.is_empty() {
        let rows = emails
            .into_iter()
            .map(|(email, contact_id)| contact_email::ActiveModel {
                email: Set(email),
                contact_id: Set(contact_id),
            });
        contact_email::Entity::insert_many(rows)
            .exec_without_returning(change)
            .await?;
    }
    let tags: BTreeSet<(String, Uuid)> = rows
        .iter()
        .flat_map(|row| row.tags.iter().map(|tag| (tag.clone(), row.id)))
        .collect();
    if !tags.is_empty() {
        let rows = tags
            .into_iter()
            .map(|(tag, contact_id)| contact_tag::ActiveModel {
                tag: Set(tag),
                contact_id: Set(contact_id),
            });
        contact_tag::Entity::insert_many(rows)
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
        label: Set(phone.label.clone()),
    }
}

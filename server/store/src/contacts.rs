//! Contacts: found by any part of a name or number, and by E.164 when a call arrives.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, DatabaseTransaction, DbBackend, EntityTrait, ExprTrait, JoinType,
    Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    entity::{contact, contact_email, contact_phone, contact_tag},
    finding, search_text,
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
            insert_parts(&change, batch).await?;
        }
        Ok(change.commit().await?)
    }

    /// Puts all of it in place of what was there, if it still is at `version` (where one is given);
    /// `false` when it is gone or was changed meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_contact(
        &self,
        row: &ContactRow,
        now: i64,
        version: Option<i64>,
    ) -> Result<bool, StoreError> {
        let change = self.begin().await?;
        let is_written = write_contact(&change, row, now, version).await?;
        change.commit().await?;
        Ok(is_written)
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
                label: phone.label,
            };
            of.entry(phone.contact_id).or_default().push(row);
        }
        let contacts = rows.into_iter().map(|row| {
            let phones = of.remove(&row.id).unwrap_or_default();
            to_row(row, phones)
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
    let phones = row.phones.iter().map(|phone| phone.e164.as_str());
    search_text::contact(&row.name, phones, emails)
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

async fn write_contact(
    change: &DatabaseTransaction,
    row: &ContactRow,
    now: i64,
    version: Option<i64>,
) -> Result<bool, StoreError> {
    use contact::Column;
    let mut update = contact::Entity::update_many()
        .set(changeable(row))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .col_expr(
            Column::Version,
            ExprTrait::add(Expr::col(Column::Version), 1),
        )
        .filter(Column::Id.eq(row.id))
        .filter(Column::DeletedAt.is_null());
    if let Some(version) = version {
        update = update.filter(Column::Version.eq(version));
    }
    if update.exec(change).await?.rows_affected == 0 {
        return Ok(false);
    }
    contact_phone::Entity::delete_many()
        .filter(contact_phone::Column::ContactId.eq(row.id))
        .exec(change)
        .await?;
    contact_email::Entity::delete_many()
        .filter(contact_email::Column::ContactId.eq(row.id))
        .exec(change)
        .await?;
    contact_tag::Entity::delete_many()
        .filter(contact_tag::Column::ContactId.eq(row.id))
        .exec(change)
        .await?;
    insert_parts(change, std::slice::from_ref(row)).await?;
    Ok(true)
}

/// What stands in tables of its own: phones, and by what e-mails and tags are found.
async fn insert_parts(change: &DatabaseTransaction, rows: &[ContactRow]) -> Result<(), StoreError> {
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

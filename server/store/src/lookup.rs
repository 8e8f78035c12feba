//! Whose number it is: looked up place by place, in the order set, by phones and by custom fields. The
//! first place where the number stands decides.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    entity::{contact, contact_phone, field_phone, item},
    field_phones::place_of,
};

/// Contacts and rows with one number at most.
const MOST: usize = 20;
/// Rows looked at for all numbers asked for at once: a number thousands have says nothing.
const MOST_ROWS: u64 = 10_000;
/// Numbers asked for in one statement.
const AT_ONCE: usize = 500;

/// A place where callers are looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `contacts`, `companies`, or the key of an own table.
    pub table: String,
    /// Keys of its fields for phones.
    pub fields: Vec<String>,
}

/// Who has a number: contacts, and rows of an own table that belong to no contact. In the order they were
/// made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Callers {
    /// Contacts.
    pub contacts: Vec<contact::Model>,
    /// Rows of one own table.
    pub rows: Vec<item::Model>,
    /// The number is not among the first contact's own phones: it stands in a field.
    pub is_by_field: bool,
}

/// A place in which a number stands.
enum Hit {
    Phone(Box<contact::Model>),
    Field(field_phone::Model),
}

impl Hit {
    fn is_in(&self, place: &Place) -> bool {
        match self {
            Self::Phone(contact) => place_of(&contact.kind) == place.table,
            Self::Field(field) => field.place == place.table && place.fields.contains(&field.field),
        }
    }
}

impl Store {
    /// Who has this number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn callers(&self, places: &[Place], e164: &str) -> Result<Callers, StoreError> {
        let mut found = self.look_up(places, vec![e164.to_owned()]).await?;
        Ok(found.remove(e164).unwrap_or_default())
    }

    /// Who has each of these numbers; without those nobody has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn look_up(
        &self,
        places: &[Place],
        mut numbers: Vec<String>,
    ) -> Result<HashMap<String, Callers>, StoreError> {
        numbers.sort_unstable();
        numbers.dedup();
        let mut found = HashMap::new();
        for part in numbers.chunks(AT_ONCE) {
            let mut hits = self.phones(places, part).await?;
            if places.iter().any(|place| !place.fields.is_empty()) {
                for field in self.fields(part).await? {
                    let of_number = hits.entry(field.e164.clone()).or_default();
                    of_number.push(Hit::Field(field));
                }
            }
            self.resolve(places, hits, &mut found).await?;
        }
        Ok(found)
    }

    async fn phones(
        &self,
        places: &[Place],
        numbers: &[String],
    ) -> Result<HashMap<String, Vec<Hit>>, StoreError> {
        let is_asked = |table: &str| places.iter().any(|place| place.table == table);
        let kinds = [("person", "contacts"), ("company", "companies")];
        let kinds = kinds.into_iter().filter(|(_, table)| is_asked(table));
        // Apart: a planner without statistics would rather read all contacts than join by the index.
        let phones = contact_phone::Entity::find()
            .filter(contact_phone::Column::E164.is_in(numbers))
            .limit(MOST_ROWS)
            .all(&self.readers)
            .await?;
        let ids = phones.iter().map(|phone| phone.contact_id);
        let contacts = contact::Entity::find()
            .filter(contact::Column::Id.is_in(ids))
            .filter(contact::Column::DeletedAt.is_null())
            .filter(contact::Column::Kind.is_in(kinds.map(|(kind, _)| kind)))
            .all(&self.readers)
            .await?;
        let contacts: HashMap<Uuid, contact::Model> =
            contacts.into_iter().map(|one| (one.id, one)).collect();
        let mut hits: HashMap<String, Vec<Hit>> = HashMap::new();
        for phone in phones {
            let contact = contacts.get(&phone.contact_id).cloned();
            let of_number = hits.entry(phone.e164).or_default();
            of_number.extend(contact.map(|contact| Hit::Phone(Box::new(contact))));
        }
        Ok(hits)
    }

    async fn fields(&self, numbers: &[String]) -> Result<Vec<field_phone::Model>, StoreError> {
        let rows = field_phone::Entity::find()
            .filter(field_phone::Column::E164.is_in(numbers))
            .limit(MOST_ROWS);
        Ok(rows.all(&self.readers).await?)
    }

    /// The first place that holds somebody who is there decides for each number.
    async fn resolve(
        &self,
        places: &[Place],
        hits: HashMap<String, Vec<Hit>>,
        found: &mut HashMap<String, Callers>,
    ) -> Result<(), StoreError> {
        let subjects = hits.values().flatten().filter_map(|hit| match hit {
            Hit::Field(field) => Some(field.subject_id),
            Hit::Phone(_) => None,
        });
        let subjects: Vec<Uuid> = subjects.collect();
        let known = self.subjects(subjects).await?;
        for (number, hits) in hits {
            let of_place = |place| known.callers(hits.iter().filter(|hit| hit.is_in(place)));
            let mut callers = places.iter().map(of_place);
            let is_anybody = |one: &Callers| !one.contacts.is_empty() || !one.rows.is_empty();
            if let Some(callers) = callers.find(is_anybody) {
                found.insert(number, callers);
            }
        }
        Ok(())
    }

    /// What numbers in fields stand for.
    async fn subjects(&self, ids: Vec<Uuid>) -> Result<Subjects, StoreError> {
        let mut known = Subjects::default();
        for part in ids.chunks(AT_ONCE) {
            let rows = item::Entity::find()
                .filter(item::Column::Id.is_in(part.iter().copied()))
                .filter(item::Column::DeletedAt.is_null());
            let rows = rows.all(&self.readers).await?;
            let linked = rows.iter().filter_map(|row| row.contact_id);
            let wanted: Vec<Uuid> = part.iter().copied().chain(linked).collect();
            let contacts = contact::Entity::find()
                .filter(contact::Column::Id.is_in(wanted))
                .filter(contact::Column::DeletedAt.is_null());
            let contacts = contacts.all(&self.readers).await?;
            known.rows.extend(rows.into_iter().map(|row| (row.id, row)));
            known
                .contacts
                .extend(contacts.into_iter().map(|one| (one.id, one)));
        }
        Ok(known)
    }
}

/// Contacts and rows that are there.
#[derive(Default)]
struct Subjects {
    contacts: HashMap<Uuid, contact::Model>,
    rows: HashMap<Uuid, item::Model>,
}

impl Subjects {
    fn callers<'a>(&self, hits: impl Iterator<Item = &'a Hit>) -> Callers {
        let mut callers = Callers::default();
        let mut own = Vec::new();
        for hit in hits {
            match hit {
                Hit::Phone(contact) => {
                    own.push(contact.id);
                    callers.contacts.push(contact.as_ref().clone());
                }
                Hit::Field(field) => self.add(field.subject_id, &mut callers),
            }
        }
        callers.contacts.sort_by_key(|one| one.seq);
        callers.contacts.dedup_by_key(|one| one.id);
        callers.contacts.truncate(MOST);
        callers.rows.sort_by_key(|row| row.seq);
        callers.rows.dedup_by_key(|row| row.id);
        callers.rows.truncate(MOST);
        let first = callers.contacts.first();
        callers.is_by_field = first.is_some_and(|one| !own.contains(&one.id));
        callers
    }

    /// A row of a contact stands for the contact.
    fn add(&self, subject: Uuid, callers: &mut Callers) {
        let row = self.rows.get(&subject);
        let contact = row.and_then(|row| row.contact_id).unwrap_or(subject);
        match (self.contacts.get(&contact), row) {
            (Some(contact), _) => callers.contacts.push(contact.clone()),
            (None, Some(row)) => callers.rows.push(row.clone()),
            (None, None) => {}
        }
    }
}

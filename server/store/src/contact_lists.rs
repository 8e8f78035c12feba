//! Lists of contacts: filtered, sorted, page after page by the last row's key, a million rows or not.

use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    ContactRow, Store, StoreError,
    entity::{contact, contact_phone, contact_tag},
    finding,
    keyset::{self, Key},
    search_text,
};

/// What contacts are looked for; what is absent is not asked.
#[derive(Clone, Debug, Default)]
pub struct ContactFilter {
    /// All words of it occur in name, numbers, e-mails or fields.
    pub query: String,
    /// `person` or `company`.
    pub kind: Option<String>,
    /// Whose; `Some(None)`: nobody's.
    pub responsible: Option<Option<Uuid>>,
    /// In one of these states (the empty one: in none); empty: all.
    pub statuses: Vec<String>,
    /// With this tag.
    pub tag: Option<String>,
    /// Of this company.
    pub company: Option<Uuid>,
    /// With these values of custom fields.
    pub fields: Vec<(String, String)>,
    /// With this number (E.164).
    pub number: Option<String>,
    /// Made at or after, ms.
    pub created_from: Option<i64>,
    /// Made before, ms.
    pub created_to: Option<i64>,
}

/// What contacts are ordered by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ContactOrder {
    /// Their name; those whose name begins with the search come first.
    #[default]
    Name,
    /// When they were made.
    Created,
    /// When they were changed.
    Updated,
    /// Key of their state.
    Status,
    /// Who is responsible, in the order of this list; within it by name. Who is not in it comes nowhere:
    /// nobody (`None`) must be in it too.
    Responsible(Vec<Option<Uuid>>),
}

/// Where the next page begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactCursor {
    /// In which part of the list the last row is.
    part: usize,
    /// Its key there.
    key: Key,
}

/// Rows counted at most.
const COUNTED: u64 = 10_000;

/// A part of a list: further conditions.
type Part = Condition;

impl Store {
    /// Contacts, at most `limit`, after the row of this cursor where one is given; each with its own.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_contacts(
        &self,
        filter: &ContactFilter,
        (order, descending): (&ContactOrder, bool),
        after: Option<&ContactCursor>,
        limit: u64,
    ) -> Result<Vec<(ContactRow, ContactCursor)>, StoreError> {
        let parts = parts(order, descending, filter);
        let begin = after.map_or(0, |after| after.part);
        let (mut rows, mut cursors) = (Vec::new(), Vec::new());
        for (part, further) in parts.into_iter().enumerate().skip(begin) {
            let left = limit.saturating_sub(rows.len() as u64);
            if left == 0 {
                break;
            }
            let within = matching(self.backend(), filter).add(further);
            let after = after
                .filter(|after| after.part == part)
                .map(|after| &after.key);
            for row in self
                .contact_rows(within, (order, descending), after, left)
                .await?
            {
                cursors.push(ContactCursor {
                    part,
                    key: key(order, &row),
                });
                rows.push(row);
            }
        }
        let rows = self.with_phones(rows).await?;
        Ok(rows.into_iter().zip(cursors).collect())
    }

    /// How many contacts there are like that, if they are not more than 10,000.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_contacts_like(
        &self,
        filter: &ContactFilter,
    ) -> Result<Option<u64>, StoreError> {
        let some = contact::Entity::find()
            .select_only()
            .column(contact::Column::Seq)
            .filter(matching(self.backend(), filter))
            .limit(COUNTED + 1);
        let count = keyset::count(&self.readers, some).await?;
        Ok(Some(count).filter(|count| *count <= COUNTED))
    }

    /// Contacts with this number, the first made first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn contacts_with_number(&self, e164: &str) -> Result<Vec<ContactRow>, StoreError> {
        let filter = ContactFilter {
            number: Some(e164.to_owned()),
            ..ContactFilter::default()
        };
        let rows = contact::Entity::find()
            .filter(matching(self.backend(), &filter))
            .order_by_asc(contact::Column::Seq)
            .limit(50)
            .all(&self.readers)
            .await?;
        self.with_phones(rows).await
    }

    async fn contact_rows(
        &self,
        condition: Condition,
        (order, descending): (&ContactOrder, bool),
        after: Option<&Key>,
        limit: u64,
    ) -> Result<Vec<contact::Model>, StoreError> {
        let by = Expr::col((contact::Entity, column(order)));
        let direction = if descending { Order::Desc } else { Order::Asc };
        let mut select = contact::Entity::find()
            .filter(condition)
            .order_by(by.clone(), direction.clone())
            .order_by(contact::Column::Id, direction)
            .limit(limit);
        if let Some(after) = after {
            let id = Expr::col((contact::Entity, contact::Column::Id));
            select = select.filter(keyset::beyond(by, id, after, descending));
        }
        Ok(select.all(&self.readers).await?)
    }
}

fn column(order: &ContactOrder) -> contact::Column {
    match order {
        ContactOrder::Name | ContactOrder::Responsible(_) => contact::Column::NameFolded,
        ContactOrder::Created => contact::Column::CreatedAt,
        ContactOrder::Updated => contact::Column::UpdatedAt,
        ContactOrder::Status => contact::Column::Status,
    }
}

fn key(order: &ContactOrder, row: &contact::Model) -> Key {
    match order {
        ContactOrder::Name | ContactOrder::Responsible(_) => Key::text(&row.name_folded, row.id),
        ContactOrder::Created => Key::number(row.created_at, row.id),
        ContactOrder::Updated => Key::number(row.updated_at, row.id),
        ContactOrder::Status => Key::text(&row.status, row.id),
    }
}

/// Lists that follow each other, each by its own index.
fn parts(order: &ContactOrder, descending: bool, filter: &ContactFilter) -> Vec<Part> {
    let folded = search_text::fold(&filter.query);
    match order {
        ContactOrder::Name if !folded.is_empty() && !descending => {
            let first = begins_with(&folded);
            vec![first.clone(), first.not()]
        }
        ContactOrder::Responsible(people) => {
            let mut parts: Vec<Part> = people.iter().map(|who| responsible_is(*who)).collect();
            if descending {
                parts.reverse();
            }
            parts
        }
        _ => vec![Condition::all()],
    }
}

fn responsible_is(who: Option<Uuid>) -> Condition {
    let column = contact::Column::ResponsibleId;
    Condition::all().add(match who {
        Some(who) => column.eq(who),
        None => column.is_null(),
    })
}

/// Terms of three characters and more by the index, shorter ones by reading.
fn matching(backend: DbBackend, filter: &ContactFilter) -> Condition {
    use contact::Column;
    let terms = search_text::terms(&filter.query);
    let mut all = finding::contacts(backend, &terms)
        .add(Column::DeletedAt.is_null())
        .add_option(filter.kind.as_ref().map(|kind| Column::Kind.eq(kind)))
        .add_option(filter.responsible.map(responsible_is))
        .add_option(filter.company.map(|company| Column::CompanyId.eq(company)))
        .add_option(filter.created_from.map(|from| Column::CreatedAt.gte(from)))
        .add_option(filter.created_to.map(|to| Column::CreatedAt.lt(to)));
    for short in &terms.short {
        all = all.add(finding::holds(backend, Column::SearchText, short));
    }
    match filter.statuses.as_slice() {
        [] => {}
        [one] => all = all.add(Column::Status.eq(one)),
        several => all = all.add(Column::Status.is_in(several)),
    }
    if let Some(tag) = &filter.tag {
        let with_tag = Query::select()
            .column(contact_tag::Column::ContactId)
            .from(contact_tag::Entity)
            .and_where(contact_tag::Column::Tag.eq(tag))
            .to_owned();
        all = all.add(Column::Id.in_subquery(with_tag));
    }
    if let Some(number) = &filter.number {
        let with_number = Query::select()
            .column(contact_phone::Column::ContactId)
            .from(contact_phone::Entity)
            .and_where(contact_phone::Column::E164.eq(number))
            .to_owned();
        all = all.add(Column::Id.in_subquery(with_number));
    }
    for (key, value) in &filter.fields {
        // Values of fields stand in what contacts are found by: the index leaves few to look into.
        if search_text::is_telling(value) {
            all = all.add(finding::contacts(
                backend,
                &search_text::terms_of_text(value),
            ));
        }
        all = all.add(finding::field_is(backend, Column::Fields, key, value));
    }
    all
}

/// `name_folded` begins with `folded`, in a form an index can serve.
fn begins_with(folded: &str) -> Condition {
    Condition::all()
        .add(contact::Column::NameFolded.gte(folded))
        .add(contact::Column::NameFolded.lt(format!("{folded}\u{10FFFF}")))
}

//! What is known of whoever is on the telephone: a few reads by index, made while it rings.

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, JoinType, Order, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query},
};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    entity::{call, contact, contact_phone, item, recording},
};

/// Calls are counted no further.
const MOST_CALLS: u64 = 10_000;

/// An earlier call.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct EarlierCall {
    /// Id.
    pub id: Uuid,
    /// Direction.
    pub direction: String,
    /// Status.
    pub status: String,
    /// When, ms.
    pub started_at: i64,
    /// Talk time, ms.
    pub talk_ms: i64,
    /// Who talked.
    pub employee_name: Option<String>,
    /// Key of the result.
    pub result: Option<String>,
    /// State of the recording.
    pub recording: Option<String>,
}

/// A missed call nobody returned.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct OpenMissed {
    /// Id.
    pub id: Uuid,
    /// Attempts in vain.
    pub tries: i32,
}

impl Store {
    /// A contact's row; deleted ones are not found.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn contact_model(&self, id: Uuid) -> Result<Option<contact::Model>, StoreError> {
        let found = contact::Entity::find()
            .filter(contact::Column::Id.eq(id))
            .filter(contact::Column::DeletedAt.is_null());
        Ok(found.one(&self.readers).await?)
    }

    /// Items of these kinds with this client: open ones only, or all; newest first, or (`by_due`) those
    /// that are due first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn card_items(
        &self,
        contact: Uuid,
        kinds: &[&str],
        open_only: bool,
        by_due: bool,
        limit: u64,
    ) -> Result<Vec<item::Model>, StoreError> {
        let mut select = item::Entity::find()
            .filter(item::Column::ContactId.eq(contact))
            .filter(item::Column::Kind.is_in(kinds.iter().copied()))
            .filter(item::Column::DeletedAt.is_null())
            .limit(limit);
        if open_only {
            select = select.filter(item::Column::IsOpen.eq(true));
        }
        if by_due {
            select = select
                .order_by(
                    Expr::cust("CASE WHEN due_at IS NULL THEN 1 ELSE 0 END"),
                    Order::Asc,
                )
                .order_by_asc(item::Column::DueAt);
        }
        let select = select
            .order_by_desc(item::Column::CreatedAt)
            .order_by_desc(item::Column::Seq);
        Ok(select.all(&self.readers).await?)
    }

    /// Open deals of nobody known that were made in calls with this number, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_deals_of_number(&self, e164: &str) -> Result<Vec<item::Model>, StoreError> {
        let of_calls = Query::select()
            .column(call::Column::DealId)
            .from(call::Entity)
            .and_where(call::Column::NumberE164.eq(e164))
            .to_owned();
        let select = item::Entity::find()
            .filter(item::Column::Id.in_subquery(of_calls))
            .filter(item::Column::Kind.eq("deal"))
            .filter(item::Column::IsOpen.eq(true))
            .filter(item::Column::ContactId.is_null())
            .filter(item::Column::DeletedAt.is_null())
            .order_by_desc(item::Column::CreatedAt)
            .limit(5);
        Ok(select.all(&self.readers).await?)
    }

    /// Calls with this client or number before `except`, newest first, and how many there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn earlier_calls(
        &self,
        contact: Option<Uuid>,
        e164: Option<&str>,
        except: Uuid,
        limit: u64,
    ) -> Result<(Vec<EarlierCall>, u64), StoreError> {
        let numbers = match contact {
            Some(contact) => self.numbers_of(contact).await?,
            None => Vec::new(),
        };
        let mut calls = Vec::new();
        let mut count = 0;
        for side in sides(contact, e164, numbers) {
            let found = call::Entity::find()
                .filter(side)
                .filter(call::Column::DeletedAt.is_null())
                .filter(call::Column::Id.ne(except));
            let theirs = self.brief(found.clone(), limit).await?;
            count += match theirs.len() as u64 {
                all if all < limit => all,
                _ => {
                    found
                        .select_only()
                        .column(call::Column::Id)
                        .limit(MOST_CALLS)
                        .count(&self.readers)
                        .await?
                }
            };
            calls.extend(theirs);
        }
        calls.sort_by_key(|call| std::cmp::Reverse((call.started_at, call.id)));
        calls.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok((calls, count))
    }

    async fn brief(
        &self,
        found: sea_orm::Select<call::Entity>,
        limit: u64,
    ) -> Result<Vec<EarlierCall>, StoreError> {
        use call::Column;
        let to_recording = call::Entity::belongs_to(recording::Entity)
            .from(Column::Id)
            .to(recording::Column::CallId)
            .into();
        let select = found
            .select_only()
            .columns([
                Column::Id,
                Column::Direction,
                Column::Status,
                Column::StartedAt,
                Column::TalkMs,
                Column::EmployeeName,
                Column::Result,
            ])
            .column_as(recording::Column::State, "recording")
            .join(JoinType::LeftJoin, to_recording)
            .order_by_desc(Column::StartedAt)
            .limit(limit);
        Ok(select.into_model().all(&self.readers).await?)
    }

    /// Numbers of a contact.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn numbers_of(&self, contact: Uuid) -> Result<Vec<String>, StoreError> {
        let numbers = contact_phone::Entity::find()
            .select_only()
            .column(contact_phone::Column::E164)
            .filter(contact_phone::Column::ContactId.eq(contact))
            .order_by_asc(contact_phone::Column::Position)
            .into_tuple();
        Ok(numbers.all(&self.readers).await?)
    }

    /// Missed calls of this client or number that nobody returned, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_missed(
        &self,
        contact: Option<Uuid>,
        e164: Option<&str>,
    ) -> Result<Vec<OpenMissed>, StoreError> {
        let numbers = match contact {
            Some(contact) => self.numbers_of(contact).await?,
            None => Vec::new(),
        };
        let mut missed: Vec<OpenMissed> = Vec::new();
        for side in sides(contact, e164, numbers) {
            let found = call::Entity::find()
                .select_only()
                .columns([call::Column::Id, call::Column::Tries])
                .filter(side)
                .filter(crate::call_filter::missed())
                .filter(call::Column::ReturnedAt.is_null())
                .filter(call::Column::DeletedAt.is_null())
                .order_by_desc(call::Column::StartedAt)
                .limit(200);
            missed.extend(found.into_model::<OpenMissed>().all(&self.readers).await?);
        }
        Ok(missed)
    }
}

/// Conditions that exclude each other, each served by one index: said to be with the client; by the
/// number where nothing is said.
fn sides(contact: Option<Uuid>, e164: Option<&str>, mut numbers: Vec<String>) -> Vec<Condition> {
    if let Some(e164) = e164
        && !numbers.iter().any(|number| number == e164)
    {
        numbers.push(e164.to_owned());
    }
    let mut sides = Vec::new();
    if let Some(contact) = contact {
        sides.push(Condition::all().add(call::Column::ContactId.eq(contact)));
    }
    for number in numbers {
        sides.push(
            Condition::all()
                .add(call::Column::NumberE164.eq(number))
                .add(call::Column::ContactId.is_null()),
        );
    }
    sides
}

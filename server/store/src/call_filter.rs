//! The call log: which calls, in pages and in figures.

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::{Expr, Query},
};
use uuid::Uuid;

use crate::{
    Scope, Store, StoreError,
    call_about::About,
    entity::{call, call_quality, call_viewer, contact_phone, recording},
    parts::AT_ONCE,
};

/// As a result: there is none.
pub(crate) const NO_RESULT: &str = "-";

/// What calls are looked for.
#[derive(Clone, Debug, Default)]
pub struct CallFilter {
    /// Part of the client's name or number, or of the note.
    pub query: String,
    /// Direction.
    pub direction: Option<String>,
    /// Status.
    pub status: Option<String>,
    /// Who talked or called.
    pub employee: Option<CallEmployee>,
    /// Over which line.
    pub line: Option<Uuid>,
    /// Key of the result; `-`: there is none.
    pub result: Option<String>,
    /// Key of the reason.
    pub reason: Option<String>,
    /// Missed, and nobody called back.
    pub not_returned: bool,
    /// Talked at least so long, ms.
    pub min_ms: Option<i64>,
    /// Talked at most so long, ms.
    pub max_ms: Option<i64>,
    /// With this client.
    pub contact: Option<Uuid>,
    /// With one of these clients; empty: with anybody.
    pub clients: Vec<Uuid>,
    /// With one of these numbers (E.164); empty: with any.
    pub numbers: Vec<String>,
    /// About this deal.
    pub deal: Option<Uuid>,
    /// These only; empty: all.
    pub ids: Vec<Uuid>,
    /// With or without a recording.
    pub has_recording: Option<bool>,
    /// A leg of it sounded worse than this, tenths of MOS.
    pub mos_below: Option<u8>,
    /// Began at or after, ms.
    pub from: Option<i64>,
    /// Began before, ms.
    pub to: Option<i64>,
    /// Older than this row (began, id).
    pub before: Option<(i64, Uuid)>,
    /// At most so many.
    pub limit: u64,
}

/// An employee, in a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallEmployee {
    /// By user id.
    User(Uuid),
    /// By the extension he had then.
    Extension(String),
}

/// Figures over all calls of a filter; times in ms.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct CallSums {
    /// How many.
    pub calls: i64,
    /// Answered.
    pub answered: i64,
    /// Incoming and over, and nobody answered.
    pub missed: i64,
    /// Of those, not called back.
    pub not_returned: i64,
    /// Talk time.
    pub talk_ms: i64,
    /// Wait.
    pub wait_ms: i64,
    /// Octets of recordings.
    pub recording_bytes: i64,
}

const SUMS: [(&str, &str); 7] = [
    ("calls", "COUNT(*)"),
    (
        "answered",
        "COALESCE(SUM(CASE WHEN calls.answered_at IS NOT NULL THEN 1 ELSE 0 END), 0)",
    ),
    (
        "missed",
        "COALESCE(SUM(CASE WHEN calls.direction = 'incoming' AND calls.answered_at IS NULL \
         AND calls.ended_at IS NOT NULL THEN 1 ELSE 0 END), 0)",
    ),
    (
        "not_returned",
        "COALESCE(SUM(CASE WHEN calls.direction = 'incoming' AND calls.answered_at IS NULL \
         AND calls.ended_at IS NOT NULL AND calls.returned_at IS NULL THEN 1 ELSE 0 END), 0)",
    ),
    ("talk_ms", "CAST(COALESCE(SUM(calls.talk_ms), 0) AS BIGINT)"),
    ("wait_ms", "CAST(COALESCE(SUM(calls.wait_ms), 0) AS BIGINT)"),
    (
        "recording_bytes",
        "CAST(COALESCE(SUM(recordings.bytes), 0) AS BIGINT)",
    ),
];

impl Store {
    /// Calls, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_calls(
        &self,
        filter: &CallFilter,
        scope: Scope,
    ) -> Result<Vec<(call::Model, Option<recording::Model>)>, StoreError> {
        let about = self.calls_about(&filter.query).await?;
        let is_few = is_few(filter) || matches!(about, Some(About::Few(_)));
        let about = about.map(|about| match about {
            About::Few(these) => these,
            About::Many(parts) => parts.of_each(),
        });
        let select = found(filter, about, scope).filter(self.with_clients(filter).await?);
        let calls = newest_first(select, is_few)
            .limit(filter.limit)
            .all(&self.readers)
            .await?;
        let recordings = recording::Entity::find()
            .filter(recording::Column::CallId.is_in(calls.iter().map(|call| call.id)))
            .all(&self.readers)
            .await?;
        let of = |id| {
            recordings
                .iter()
                .find(|recording| recording.call_id == id)
                .cloned()
        };
        Ok(calls
            .into_iter()
            .map(|call| (of(call.id), call))
            .map(|(r, c)| (c, r))
            .collect())
    }

    /// Figures over all calls a filter finds.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sum_calls(
        &self,
        filter: &CallFilter,
        scope: Scope,
    ) -> Result<CallSums, StoreError> {
        if let Some(sums) = self.log.sum(filter, None, scope) {
            return Ok(sums);
        }
        let about = match self.calls_about(&filter.query).await? {
            Some(About::Many(parts)) => {
                let meant = self.meant(&parts).await?;
                let sums = meant.and_then(|meant| self.log.sum(filter, Some(&meant), scope));
                if let Some(sums) = sums {
                    return Ok(sums);
                }
                Some(parts.of_all())
            }
            Some(About::Few(these)) => Some(these),
            None => None,
        };
        let whole = CallFilter {
            before: None,
            ..filter.clone()
        };
        let mut select = found(&whole, about, scope)
            .filter(self.with_clients(&whole).await?)
            .select_only()
            .join(sea_orm::JoinType::LeftJoin, call_to_recording());
        for (name, sum) in SUMS {
            select = select.column_as(Expr::cust(sum), name);
        }
        let sums = select
            .into_model::<CallSums>()
            .one(&self.readers)
            .await?
            .unwrap_or_default();
        Ok(sums)
    }

    async fn with_clients(&self, filter: &CallFilter) -> Result<Condition, StoreError> {
        let mut all = Condition::all();
        for clients in [filter.contact.as_slice(), &filter.clients] {
            if !clients.is_empty() {
                let mut numbers: Vec<String> = Vec::new();
                for some in clients.chunks(AT_ONCE) {
                    let theirs = contact_phone::Entity::find()
                        .select_only()
                        .column(contact_phone::Column::E164)
                        .filter(contact_phone::Column::ContactId.is_in(some.iter().copied()))
                        .into_tuple::<String>();
                    numbers.extend(theirs.all(&self.readers).await?);
                }
                all = all.add(with_clients(clients, numbers));
            }
        }
        Ok(all)
    }
}

pub(crate) fn call_to_recording() -> sea_orm::RelationDef {
    call::Entity::belongs_to(recording::Entity)
        .from(call::Column::Id)
        .to(recording::Column::CallId)
        .into()
}

/// A client or a deal has few calls, found by an index of their own.
fn is_few(filter: &CallFilter) -> bool {
    filter.contact.is_some()
        || filter.deal.is_some()
        || !filter.ids.is_empty()
        || !filter.clients.is_empty()
        || !filter.numbers.is_empty()
}

/// Sorting a few is cheaper than walking through all calls in order. The sign keeps the databases from
/// that.
fn newest_first(select: Select<call::Entity>, is_few: bool) -> Select<call::Entity> {
    if is_few {
        return select
            .order_by(Expr::cust("+calls.started_at"), Order::Desc)
            .order_by_desc(call::Column::Id);
    }
    select
        .order_by_desc(call::Column::StartedAt)
        .order_by_desc(call::Column::Id)
}

fn found(filter: &CallFilter, about: Option<Condition>, scope: Scope) -> Select<call::Entity> {
    call::Entity::find()
        .filter(call::Column::DeletedAt.is_null())
        .filter(condition(filter))
        .filter(Condition::all().add_option(about))
        .filter(visible(scope))
}

pub(crate) fn visible(scope: Scope) -> Condition {
    match scope {
        Scope::All => Condition::all(),
        Scope::Own(user) => {
            let own = Query::select()
                .column(call_viewer::Column::CallId)
                .from(call_viewer::Entity)
                .and_where(call_viewer::Column::UserId.eq(user))
                .to_owned();
            Condition::all().add(call::Column::Id.in_subquery(own))
        }
    }
}

fn condition(filter: &CallFilter) -> Condition {
    use call::Column;
    let text = |column: Column, value: &Option<String>| value.as_ref().map(|v| column.eq(v));
    let mut condition = Condition::all()
        .add_option(text(Column::Direction, &filter.direction))
        .add_option(text(Column::Status, &filter.status))
        .add_option(match filter.result.as_deref() {
            Some(NO_RESULT) => Some(Column::Result.is_null()),
            _ => text(Column::Result, &filter.result),
        })
        .add_option(text(Column::Reason, &filter.reason))
        .add_option(filter.employee.as_ref().map(|employee| match employee {
            CallEmployee::User(id) => Column::EmployeeId.eq(*id),
            CallEmployee::Extension(extension) => Column::EmployeeExtension.eq(extension),
        }))
        .add_option(filter.line.map(|line| Column::LineId.eq(line)))
        .add_option(filter.deal.map(|deal| Column::DealId.eq(deal)))
        .add_option(filter.min_ms.map(|least| Column::TalkMs.gte(least)))
        .add_option(filter.max_ms.map(|most| Column::TalkMs.lte(most)))
        .add_option(filter.from.map(|from| Column::StartedAt.gte(from)))
        .add_option(filter.to.map(|to| Column::StartedAt.lt(to)))
        .add_option(filter.before.map(older_than));
    if !filter.numbers.is_empty() {
        condition = condition.add(Column::NumberE164.is_in(&filter.numbers));
    }
    if filter.not_returned {
        condition = condition.add(missed()).add(Column::ReturnedAt.is_null());
    }
    if !filter.ids.is_empty() {
        condition = condition.add(Column::Id.is_in(filter.ids.iter().copied()));
    }
    if let Some(wanted) = filter.has_recording {
        let recorded = Query::select()
            .column(recording::Column::CallId)
            .from(recording::Entity)
            .to_owned();
        condition = condition.add(match wanted {
            true => Column::Id.in_subquery(recorded),
            false => Column::Id.not_in_subquery(recorded),
        });
    }
    if let Some(bound) = filter.mos_below {
        let bad = Query::select()
            .column(call_quality::Column::CallId)
            .from(call_quality::Entity)
            .and_where(call_quality::Column::MosTenths.lt(i32::from(bound)))
            .to_owned();
        condition = condition.add(Column::Id.in_subquery(bad));
    }
    condition
}

/// Incoming and over, and nobody answered.
pub(crate) fn missed() -> Condition {
    Condition::all()
        .add(call::Column::Direction.eq("incoming"))
        .add(call::Column::AnsweredAt.is_null())
        .add(call::Column::EndedAt.is_not_null())
}

/// Said to be with one of these clients, or, where nothing is said, with one of their numbers. These are
/// read first: behind an OR PostgreSQL looks up no others than those at hand by index.
fn with_clients(contacts: &[Uuid], numbers: Vec<String>) -> Condition {
    let said = call::Column::ContactId.is_in(contacts.iter().copied());
    let any = Condition::any().add(said);
    if numbers.is_empty() {
        return any;
    }
    let by_number = Condition::all()
        .add(call::Column::ContactId.is_null())
        .add(call::Column::NumberE164.is_in(numbers));
    any.add(by_number)
}

fn older_than((started_at, id): (i64, Uuid)) -> Condition {
    let same = Condition::all()
        .add(call::Column::StartedAt.eq(started_at))
        .add(call::Column::Id.lt(id));
    let older = Condition::any()
        .add(call::Column::StartedAt.lt(started_at))
        .add(same);
    // It follows from the other; by it PostgreSQL enters the index at the right place.
    Condition::all()
        .add(call::Column::StartedAt.lte(started_at))
        .add(older)
}

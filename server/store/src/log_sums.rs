//! The figures of the log, from memory: what a call counts for, in 64 octets each. A million calls are
//! summed in some milliseconds, whatever is filtered by; reading their rows takes a hundred times as
//! long. The store keeps it in step: whoever writes calls or recordings says which ([`Store::recount`]).

use std::{
    collections::{HashMap, HashSet},
    sync::{PoisonError, RwLock},
};

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, JoinType, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::{
    CallEmployee, CallFilter, CallSums, Scope, Store, StoreError,
    call_filter::{NO_RESULT, call_to_recording},
    entity::{call, call_viewer, recording},
};

/// Calls read at once.
const BATCH: u64 = 2_000;
/// Employees whose own calls are told apart.
const MOST_VIEWERS: usize = 64;

/// Kept beside the connections.
#[derive(Debug, Default)]
pub(crate) struct Log {
    counted: RwLock<Counted>,
    /// One at a time, so that what was read later is kept.
    counting: Mutex<()>,
}

#[derive(Debug, Default)]
struct Counted {
    /// Whether all calls are in it.
    is_whole: bool,
    /// In the order they began.
    rows: Vec<Row>,
    /// Changed while the others were read.
    late: Vec<Uuid>,
    names: Names,
}

/// What a call counts for.
#[derive(Clone, Copy, Debug)]
struct Row {
    started_at: i64,
    id: Uuid,
    viewers: u64,
    /// Of the client; see [`packed`].
    number: u64,
    bytes: u32,
    talk_ms: u32,
    wait_ms: u32,
    employee: u16,
    line: u16,
    result: u16,
    reason: u16,
    status: u16,
    direction: u8,
    flags: u8,
}

const ANSWERED: u8 = 1;
const ENDED: u8 = 2;
const RETURNED: u8 = 4;
const DELETED: u8 = 8;
const RECORDED: u8 = 16;
const DIRECTIONS: [&str; 3] = ["incoming", "outgoing", "internal"];

/// Places of names in a list; 0: none.
#[derive(Debug, Default)]
struct Names {
    places: HashMap<String, u16>,
    viewers: Vec<Uuid>,
    /// More names than places: the figures come from the database.
    is_full: bool,
}

impl Names {
    fn place(&mut self, name: Option<String>) -> u16 {
        let Some(name) = name else { return 0 };
        let next = u16::try_from(self.places.len() + 1);
        if let Some(place) = self.places.get(&name) {
            return *place;
        }
        let Some(next) = next.ok().filter(|next| *next < u16::MAX) else {
            self.is_full = true;
            return 0;
        };
        self.places.insert(name, next);
        next
    }

    fn viewer(&mut self, user: Uuid) -> u64 {
        let known = self.viewers.iter().position(|one| *one == user);
        let place = known.unwrap_or_else(|| {
            self.viewers.push(user);
            self.viewers.len() - 1
        });
        if place >= MOST_VIEWERS {
            return 0;
        }
        1 << place
    }
}

#[derive(FromQueryResult)]
struct Read {
    id: Uuid,
    started_at: i64,
    direction: String,
    status: String,
    answered_at: Option<i64>,
    ended_at: Option<i64>,
    returned_at: Option<i64>,
    deleted_at: Option<i64>,
    employee_id: Option<Uuid>,
    line_id: Option<Uuid>,
    result: Option<String>,
    reason: Option<String>,
    talk_ms: i64,
    wait_ms: i64,
    number_e164: Option<String>,
    bytes: Option<i64>,
}

/// Not the number of anybody.
const NO_NUMBER: u64 = 0;
/// Before the digits of a number that begins with `+`.
const PLUS: u64 = 1 << 63;

/// A number as one word, other numbers as other words: `None` for those that are not up to 17 digits, not
/// the first of them 0, behind a `+` or nothing.
pub(crate) fn packed(e164: &str) -> Option<u64> {
    let (mark, digits) = match e164.strip_prefix('+') {
        Some(digits) => (PLUS, digits),
        None => (0, e164),
    };
    let is_plain = (1..=17).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|b| b.is_ascii_digit());
    let value: u64 = digits.parse().ok().filter(|_| is_plain)?;
    Some(mark | value)
}

/// Which calls a text means: those with these numbers ([`packed`]), and these.
#[derive(Debug, Default)]
pub(crate) struct Meant {
    pub numbers: HashSet<u64>,
    pub calls: HashSet<Uuid>,
}

impl Counted {
    fn row(&mut self, read: Read) -> Row {
        let flag = |is_so: bool, flag: u8| if is_so { flag } else { 0 };
        let short = |value: i64| u32::try_from(value.max(0)).unwrap_or(u32::MAX);
        let direction = DIRECTIONS.iter().position(|one| *one == read.direction);
        let names = &mut self.names;
        Row {
            started_at: read.started_at,
            id: read.id,
            viewers: 0,
            number: read
                .number_e164
                .as_deref()
                .and_then(packed)
                .unwrap_or(NO_NUMBER),
            bytes: short(read.bytes.unwrap_or(0)),
            talk_ms: short(read.talk_ms),
            wait_ms: short(read.wait_ms),
            employee: names.place(read.employee_id.map(|id| id.to_string())),
            line: names.place(read.line_id.map(|id| id.to_string())),
            result: names.place(read.result),
            reason: names.place(read.reason),
            status: names.place(Some(read.status)),
            direction: direction.and_then(|at| u8::try_from(at).ok()).unwrap_or(9),
            flags: flag(read.answered_at.is_some(), ANSWERED)
                | flag(read.ended_at.is_some(), ENDED)
                | flag(read.returned_at.is_some(), RETURNED)
                | flag(read.deleted_at.is_some(), DELETED)
                | flag(read.bytes.is_some(), RECORDED),
        }
    }

    fn find(&self, started_at: i64, id: Uuid) -> Result<usize, usize> {
        self.rows
            .binary_search_by_key(&(started_at, id), |row| (row.started_at, row.id))
    }

    fn put(&mut self, read: Read, viewers: &[Uuid]) {
        let mut row = self.row(read);
        for user in viewers {
            row.viewers |= self.names.viewer(*user);
        }
        match self.find(row.started_at, row.id) {
            Ok(at) => self.rows[at] = row,
            Err(at) => self.rows.insert(at, row),
        }
    }

    /// The figures, if they can be had from what is here.
    fn sum(&self, filter: &CallFilter, meant: Option<&Meant>, scope: Scope) -> Option<CallSums> {
        let is_text = !filter.query.trim().is_empty() && meant.is_none();
        let is_client = filter.contact.is_some() || filter.deal.is_some();
        if !self.is_whole
            || self.names.is_full
            || is_text
            || is_client
            || !filter.ids.is_empty()
            || !filter.clients.is_empty()
            || !filter.numbers.is_empty()
            || filter.mos_below.is_some()
        {
            return None;
        }
        let mask = match scope {
            Scope::All => None,
            Scope::Own(user) => match self.names.viewers.iter().position(|one| *one == user) {
                Some(place) if place < MOST_VIEWERS => Some(1_u64 << place),
                Some(_) => return None,
                None => Some(0),
            },
        };
        // A name nobody has is nobody's: a place no row has.
        let place = |name: Option<String>| {
            name.map(|name| self.names.places.get(&name).copied().unwrap_or(u16::MAX))
        };
        let employee = match &filter.employee {
            None => None,
            Some(CallEmployee::User(id)) => place(Some(id.to_string())),
            Some(CallEmployee::Extension(_)) => return None,
        };
        let line = place(filter.line.map(|id| id.to_string()));
        let result = match filter.result.as_deref() {
            Some(NO_RESULT) => Some(0),
            _ => place(filter.result.clone()),
        };
        let reason = place(filter.reason.clone());
        let status = place(filter.status.clone());
        let direction = filter.direction.as_ref().map(|wanted| {
            let at = DIRECTIONS.iter().position(|one| one == wanted);
            at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
        });
        let from = filter.from.unwrap_or(i64::MIN);
        let to = filter.to.unwrap_or(i64::MAX);
        let first = self.rows.partition_point(|row| row.started_at < from);
        let last = self.rows.partition_point(|row| row.started_at < to);
        let is = |wanted: Option<u16>, place: u16| wanted.is_none_or(|wanted| wanted == place);
        let mut sums = CallSums::default();
        for row in self.rows.get(first..last).unwrap_or_default() {
            let is_missed = row.direction == 0 && row.flags & (ANSWERED | ENDED) == ENDED;
            let is_open = is_missed && row.flags & RETURNED == 0;
            let talk = i64::from(row.talk_ms);
            let is_counted = row.flags & DELETED == 0
                && mask.is_none_or(|mask| row.viewers & mask != 0)
                && direction.is_none_or(|wanted| wanted == row.direction)
                && is(status, row.status)
                && is(employee, row.employee)
                && is(line, row.line)
                && is(result, row.result)
                && is(reason, row.reason)
                && (!filter.not_returned || is_open)
                && meant.is_none_or(|meant| {
                    meant.numbers.contains(&row.number) || meant.calls.contains(&row.id)
                })
                && filter.min_ms.is_none_or(|least| talk >= least)
                && filter.max_ms.is_none_or(|most| talk <= most)
                && filter
                    .has_recording
                    .is_none_or(|wanted| wanted == (row.flags & RECORDED != 0));
            if is_counted {
                sums.calls += 1;
                sums.answered += i64::from(row.flags & ANSWERED);
                sums.missed += i64::from(is_missed);
                sums.not_returned += i64::from(is_open);
                sums.talk_ms += talk;
                sums.wait_ms += i64::from(row.wait_ms);
                sums.recording_bytes += i64::from(row.bytes);
            }
        }
        Some(sums)
    }
}

impl Log {
    pub(crate) fn sum(
        &self,
        filter: &CallFilter,
        meant: Option<&Meant>,
        scope: Scope,
    ) -> Option<CallSums> {
        let counted = self.counted.read().unwrap_or_else(PoisonError::into_inner);
        counted.sum(filter, meant, scope)
    }

    fn write<T>(&self, change: impl FnOnce(&mut Counted) -> T) -> T {
        change(&mut self.counted.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store {
    /// Reads what every call counts for. Until it is done, and where it is never called, figures come from
    /// the database.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_log(&self) -> Result<(), StoreError> {
        use call::Column;
        let mut after: Option<(i64, Uuid)> = None;
        // At once: a list that grows leaves holes in memory.
        let all = call::Entity::find().count(&self.readers).await?;
        let mut rows = Vec::with_capacity(usize::try_from(all).unwrap_or(0));
        loop {
            let newer = after.map(|last| later(Column::StartedAt, Column::Id, last));
            let read = self
                .counts(Condition::all().add_option(newer), Some(BATCH))
                .await?;
            let Some(last) = read.last() else { break };
            after = Some((last.started_at, last.id));
            self.log.write(|counted| {
                rows.extend(read.into_iter().map(|read| counted.row(read)));
            });
        }
        let viewers = self.log_viewers(&mut rows).await?;
        let late = self.log.write(|counted| {
            counted.names.viewers = viewers;
            rows.shrink_to_fit();
            counted.rows = rows;
            counted.is_whole = true;
            std::mem::take(&mut counted.late)
        });
        self.recount(&late).await
    }

    /// Who may see which, one user after the other.
    async fn log_viewers(&self, rows: &mut [Row]) -> Result<Vec<Uuid>, StoreError> {
        use call_viewer::Column;
        let users: Vec<Uuid> = crate::entity::user::Entity::find()
            .select_only()
            .column(crate::entity::user::Column::Id)
            .into_tuple()
            .all(&self.readers)
            .await?;
        for (place, user) in users.iter().take(MOST_VIEWERS).enumerate() {
            let mut after: Option<(i64, Uuid)> = None;
            loop {
                let newer = after.map(|last| later(Column::StartedAt, Column::CallId, last));
                let theirs: Vec<(i64, Uuid)> = call_viewer::Entity::find()
                    .select_only()
                    .columns([Column::StartedAt, Column::CallId])
                    .filter(Column::UserId.eq(*user))
                    .filter(Condition::all().add_option(newer))
                    .order_by_asc(Column::StartedAt)
                    .order_by_asc(Column::CallId)
                    .limit(BATCH)
                    .into_tuple()
                    .all(&self.readers)
                    .await?;
                let Some(last) = theirs.last() else { break };
                after = Some(*last);
                for key in theirs {
                    let found = rows.binary_search_by_key(&key, |row| (row.started_at, row.id));
                    if let Ok(at) = found {
                        rows[at].viewers |= 1 << place;
                    }
                }
            }
        }
        Ok(users)
    }

    /// These calls count for something else by now.
    pub(crate) async fn recount(&self, ids: &[Uuid]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let is_whole = self.log.write(|counted| {
            if !counted.is_whole {
                counted.late.extend_from_slice(ids);
            }
            counted.is_whole
        });
        if !is_whole {
            return Ok(());
        }
        let _one = self.log.counting.lock().await;
        for ids in ids.chunks(500) {
            let these = call::Column::Id.is_in(ids.iter().copied());
            let read = self.counts(Condition::all().add(these), None).await?;
            let viewers = call_viewer::Entity::find()
                .filter(call_viewer::Column::CallId.is_in(ids.iter().copied()))
                .all(&self.readers)
                .await?;
            self.log.write(|counted| {
                for read in read {
                    let theirs = viewers.iter().filter(|viewer| viewer.call_id == read.id);
                    let theirs: Vec<Uuid> = theirs.map(|viewer| viewer.user_id).collect();
                    counted.put(read, &theirs);
                }
            });
        }
        Ok(())
    }

    /// Calls that began before are gone.
    pub(crate) async fn count_anew(&self) -> Result<(), StoreError> {
        let was_whole = self
            .log
            .write(|counted| std::mem::take(&mut counted.is_whole));
        match was_whole {
            true => self.count_log().await,
            false => Ok(()),
        }
    }

    async fn counts(&self, these: Condition, limit: Option<u64>) -> Result<Vec<Read>, StoreError> {
        use call::Column;
        let select = call::Entity::find()
            .select_only()
            .columns([
                Column::Id,
                Column::StartedAt,
                Column::Direction,
                Column::Status,
                Column::AnsweredAt,
                Column::EndedAt,
                Column::ReturnedAt,
                Column::DeletedAt,
                Column::EmployeeId,
                Column::LineId,
                Column::Result,
                Column::Reason,
                Column::TalkMs,
                Column::WaitMs,
                Column::NumberE164,
            ])
            .column_as(recording::Column::Bytes, "bytes")
            .join(JoinType::LeftJoin, call_to_recording())
            .filter(these)
            .order_by_asc(Column::StartedAt)
            .order_by_asc(Column::Id)
            .limit(limit);
        Ok(select.into_model().all(&self.readers).await?)
    }
}

/// Behind this row. The first condition follows from the second; by it an index is entered at the right
/// place.
fn later<C: ColumnTrait>(started_at: C, id: C, (began, last): (i64, Uuid)) -> Condition {
    let same = Condition::all().add(started_at.eq(began)).add(id.gt(last));
    Condition::all()
        .add(started_at.gte(began))
        .add(Condition::any().add(started_at.gt(began)).add(same))
}

#[cfg(test)]
mod tests {
    use super::packed;

    #[test]
    fn numbers_that_differ_are_packed_differently() {
        let numbers = [
            "+74951234567",
            "74951234567",
            "101",
            "+101",
            "1",
            "+99999999999999999",
        ];
        let packed: Vec<_> = numbers
            .iter()
            .map(|number| packed(number).unwrap())
            .collect();
        let mut different = packed.clone();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), numbers.len());
        assert!(!packed.contains(&super::NO_NUMBER));
    }

    #[test]
    fn what_cannot_be_packed_is_not() {
        for number in [
            "",
            "+",
            "0101",
            "101",
            "anonymous",
            "+7495x",
            "123456789012345678",
        ] {
            assert_eq!(packed(number).is_some(), number == "101", "{number}");
        }
    }
}

//! Calls and their recordings: written as whole states with a version, read by pages.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, DatabaseTransaction, DbBackend, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict, Query},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Scope, Store, StoreError,
    entity::{call, call_quality, call_viewer, recording},
    finding, search_text,
};

/// Everything about one call at one moment. Putting it twice, or an older one after a newer one,
/// changes nothing; neither does a call that began at another time under the same id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallState {
    /// The call.
    pub call: call::Model,
    /// Users who may see it as their own.
    pub viewers: Vec<Uuid>,
    /// Its recording, if there is one.
    pub recording: Option<recording::Model>,
}

/// A call no end of which was written.
#[derive(Clone, Debug)]
pub struct OpenCall {
    /// Which.
    pub id: Uuid,
    /// When the last event happened, ms.
    pub updated_at: i64,
    /// Where its recording's journal was.
    pub journal: Option<String>,
}

/// What calls are looked for.
#[derive(Clone, Debug, Default)]
pub struct CallFilter {
    /// Part of the client's name or number, or of the note.
    pub query: String,
    /// Direction.
    pub direction: Option<String>,
    /// Status.
    pub status: Option<String>,
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

impl Store {
    /// Writes states of calls in one transaction.
    ///
    /// # Errors
    /// When the database fails; then none was written.
    pub async fn put_calls(&self, states: &[CallState]) -> Result<(), StoreError> {
        let change = self.begin().await?;
        for state in states {
            put(&change, state).await?;
        }
        Ok(change.commit().await?)
    }

    /// Whether there is a call with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_call(&self, id: Uuid) -> Result<bool, StoreError> {
        let found: Option<Uuid> = call::Entity::find_by_id(id)
            .select_only()
            .column(call::Column::Id)
            .into_tuple()
            .one(&self.readers)
            .await?;
        Ok(found.is_some())
    }

    /// One call with its viewers, whoever asks (for the server itself).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn call_state(&self, id: Uuid) -> Result<Option<CallState>, StoreError> {
        let Some(call) = call::Entity::find_by_id(id).one(&self.readers).await? else {
            return Ok(None);
        };
        let viewers = call_viewer::Entity::find()
            .filter(call_viewer::Column::CallId.eq(id))
            .all(&self.readers)
            .await?;
        let recording = recording::Entity::find_by_id(id).one(&self.readers).await?;
        let viewers = viewers.into_iter().map(|viewer| viewer.user_id).collect();
        Ok(Some(CallState {
            call,
            viewers,
            recording,
        }))
    }

    /// One call, if this viewer may see it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn call(
        &self,
        id: Uuid,
        scope: Scope,
    ) -> Result<Option<(call::Model, Option<recording::Model>)>, StoreError> {
        let found = call::Entity::find_by_id(id)
            .filter(visible(scope))
            .one(&self.readers)
            .await?;
        let Some(call) = found else { return Ok(None) };
        let recording = recording::Entity::find_by_id(id).one(&self.readers).await?;
        Ok(Some((call, recording)))
    }

    /// Calls, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_calls(
        &self,
        filter: &CallFilter,
        scope: Scope,
    ) -> Result<Vec<(call::Model, Option<recording::Model>)>, StoreError> {
        let calls = call::Entity::find()
            .filter(condition(self.backend(), filter))
            .filter(visible(scope))
            .order_by_desc(call::Column::StartedAt)
            .order_by_desc(call::Column::Id)
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

    /// Sets the note; `false` when there is no such call.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_call_note(&self, id: Uuid, note: &str) -> Result<bool, StoreError> {
        let changed = call::Entity::update_many()
            .col_expr(call::Column::Note, Expr::value(note))
            .filter(call::Column::Id.eq(id))
            .exec(&self.writer)
            .await?;
        Ok(changed.rows_affected > 0)
    }

    /// Recordings that are neither made nor given up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unfinished_recordings(&self) -> Result<Vec<recording::Model>, StoreError> {
        let unfinished = recording::Entity::find()
            .filter(recording::Column::State.is_in(["running", "finishing"]));
        Ok(unfinished.all(&self.readers).await?)
    }

    /// Calls that have no end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_calls(&self) -> Result<Vec<OpenCall>, StoreError> {
        let calls = call::Entity::find()
            .filter(call::Column::EndedAt.is_null())
            .all(&self.readers)
            .await?;
        let mut open = Vec::with_capacity(calls.len());
        for call in calls {
            let recording = recording::Entity::find_by_id(call.id)
                .one(&self.readers)
                .await?;
            let journal = recording.and_then(|recording| recording.journal);
            open.push(OpenCall {
                id: call.id,
                updated_at: call.updated_at,
                journal,
            });
        }
        Ok(open)
    }
}

async fn put(change: &DatabaseTransaction, state: &CallState) -> Result<(), StoreError> {
    use call::Column;
    use sea_orm::Iterable;
    let columns = Column::iter().filter(|column| !is_peoples(column));
    let newer = OnConflict::column(Column::Id)
        .update_columns(columns)
        .action_and_where(ExprTrait::lt(
            Expr::col((call::Entity, Column::Version)),
            Expr::col(("excluded", Column::Version)),
        ))
        // Another call that came with an id used before (it began at another time) changes nothing.
        .action_and_where(ExprTrait::eq(
            Expr::col((call::Entity, Column::StartedAt)),
            Expr::col(("excluded", Column::StartedAt)),
        ))
        .to_owned();
    let row = call::ActiveModel::from(state.call.clone()).reset_all();
    let written = call::Entity::insert(row)
        .on_conflict(newer)
        .exec_without_returning(change)
        .await?;
    if written == 0 {
        return Ok(());
    }
    for user_id in &state.viewers {
        put_viewer(change, *user_id, &state.call).await?;
    }
    if let Some(recording) = &state.recording {
        put_recording(change, recording).await?;
    }
    Ok(())
}

/// What belongs to people and rules, not to events.
fn is_peoples(column: &call::Column) -> bool {
    use call::Column;
    matches!(
        column,
        Column::Id
            | Column::Note
            | Column::ContactId
            | Column::DealId
            | Column::Result
            | Column::Reason
            | Column::ReturnedAt
            | Column::ReturnedByExtension
            | Column::ReturnedByName
            | Column::ReturnedCall
            | Column::Tries
            | Column::LegalHold
            | Column::DeletedAt
    )
}

async fn put_viewer(
    change: &DatabaseTransaction,
    user_id: Uuid,
    call: &call::Model,
) -> Result<(), StoreError> {
    use call_viewer::Column;
    let row = call_viewer::ActiveModel {
        user_id: Set(user_id),
        call_id: Set(call.id),
        started_at: Set(call.started_at),
    };
    let once = OnConflict::columns([Column::UserId, Column::CallId])
        .do_nothing()
        .to_owned();
    call_viewer::Entity::insert(row)
        .on_conflict(once)
        .exec_without_returning(change)
        .await?;
    Ok(())
}

async fn put_recording(
    change: &DatabaseTransaction,
    row: &recording::Model,
) -> Result<(), StoreError> {
    use recording::Column;
    use sea_orm::Iterable;
    let replace = OnConflict::column(Column::CallId)
        .update_columns(Column::iter().filter(|column| !matches!(column, Column::CallId)))
        .to_owned();
    recording::Entity::insert(recording::ActiveModel::from(row.clone()).reset_all())
        .on_conflict(replace)
        .exec_without_returning(change)
        .await?;
    Ok(())
}

fn visible(scope: Scope) -> Condition {
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

fn condition(backend: DbBackend, filter: &CallFilter) -> Condition {
    let mut condition = Condition::all()
        .add_option(
            filter
                .direction
                .as_ref()
                .map(|direction| call::Column::Direction.eq(direction)),
        )
        .add_option(
            filter
                .status
                .as_ref()
                .map(|status| call::Column::Status.eq(status)),
        )
        .add_option(filter.from.map(|from| call::Column::StartedAt.gte(from)))
        .add_option(filter.to.map(|to| call::Column::StartedAt.lt(to)));
    if let Some(wanted) = filter.has_recording {
        let recorded = Query::select()
            .column(recording::Column::CallId)
            .from(recording::Entity)
            .to_owned();
        condition = condition.add(match wanted {
            true => call::Column::Id.in_subquery(recorded),
            false => call::Column::Id.not_in_subquery(recorded),
        });
    }
    if let Some(bound) = filter.mos_below {
        let bad = Query::select()
            .column(call_quality::Column::CallId)
            .from(call_quality::Entity)
            .and_where(call_quality::Column::MosTenths.lt(i32::from(bound)))
            .to_owned();
        condition = condition.add(call::Column::Id.in_subquery(bad));
    }
    if let Some((started_at, id)) = filter.before {
        let same = Condition::all()
            .add(call::Column::StartedAt.eq(started_at))
            .add(call::Column::Id.lt(id));
        condition = condition.add(
            Condition::any()
                .add(call::Column::StartedAt.lt(started_at))
                .add(same),
        );
    }
    if !filter.query.trim().is_empty() {
        condition = condition.add(about(backend, &filter.query));
    }
    condition
}

/// The client's name or number, the network's name for him, or the note holds the text.
fn about(backend: DbBackend, query: &str) -> Condition {
    let terms = search_text::terms(query);
    let holds = |column, text: &str| finding::holds(backend, column, text);
    let mut any = Condition::any()
        .add(holds(call::Column::NetworkName, query.trim()))
        .add(holds(call::Column::Note, query.trim()));
    for number in terms.long.iter().flatten().chain(&terms.short) {
        if number.chars().all(|c| c.is_ascii_digit()) {
            any = any.add(holds(call::Column::NumberE164, number));
        }
    }
    if !terms.long.is_empty() {
        let theirs = finding::numbers_of_contacts(backend, &terms);
        any = any.add(call::Column::NumberE164.in_subquery(theirs));
    }
    any
}

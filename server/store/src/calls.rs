//! Calls and their recordings: written as whole states with a version, read by pages.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Scope, Store, StoreError,
    call_filter::visible,
    entity::{call, call_viewer, recording},
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
        change.commit().await?;
        let ids: Vec<Uuid> = states.iter().map(|state| state.call.id).collect();
        self.recount(&ids).await
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
            .filter(call::Column::DeletedAt.is_null())
            .one(&self.readers)
            .await?;
        let Some(call) = found else { return Ok(None) };
        let recording = recording::Entity::find_by_id(id).one(&self.readers).await?;
        Ok(Some((call, recording)))
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
            | Column::Ruled
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

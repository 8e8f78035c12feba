//! Recordings and calls whose time is over, and who listened to them.

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, Query},
};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    entity::{call, change, recording},
};

/// Recordings and their size.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct RecordingSums {
    /// How many.
    pub recordings: i64,
    /// Octets.
    pub bytes: i64,
    /// When the oldest call with one began, ms.
    pub oldest: Option<i64>,
}

impl Store {
    /// Calls whose recording is made or given up, deleted ones too, in the order they began, after this
    /// one (began, id).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recorded_calls(
        &self,
        after: Option<(i64, Uuid)>,
        limit: u64,
    ) -> Result<Vec<call::Model>, StoreError> {
        let mut select = call::Entity::find()
            .join(JoinType::InnerJoin, recording_of_call())
            .filter(recording::Column::State.is_in(["ready", "failed"]))
            .order_by_asc(call::Column::StartedAt)
            .order_by_asc(call::Column::Id)
            .limit(limit);
        if let Some((started_at, id)) = after {
            let same = Condition::all()
                .add(call::Column::StartedAt.eq(started_at))
                .add(call::Column::Id.gt(id));
            let later = Condition::any()
                .add(call::Column::StartedAt.gt(started_at))
                .add(same);
            select = select.filter(later);
        }
        Ok(select.all(&self.readers).await?)
    }

    /// Takes a recording's row away, unless its call is under legal hold or it is still being made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_recording(
        &self,
        call: Uuid,
    ) -> Result<Option<recording::Model>, StoreError> {
        let held = Query::select()
            .column(call::Column::Id)
            .from(call::Entity)
            .and_where(call::Column::LegalHold.eq(true))
            .to_owned();
        let change = self.begin().await?;
        let row = recording::Entity::find_by_id(call)
            .filter(recording::Column::State.is_in(["ready", "failed"]))
            .filter(recording::Column::CallId.not_in_subquery(held))
            .one(&change)
            .await?;
        if row.is_some() {
            recording::Entity::delete_by_id(call).exec(&change).await?;
        }
        change.commit().await?;
        self.recount(&[call]).await?;
        Ok(row)
    }

    /// Takes calls away that began before, have no recording and are under no legal hold.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn purge_calls(&self, before: i64) -> Result<u64, StoreError> {
        let recorded = Query::select()
            .column(recording::Column::CallId)
            .from(recording::Entity)
            .to_owned();
        let gone = call::Entity::delete_many()
            .filter(call::Column::StartedAt.lt(before))
            .filter(call::Column::EndedAt.is_not_null())
            .filter(call::Column::LegalHold.eq(false))
            .filter(call::Column::Id.not_in_subquery(recorded))
            .exec(&self.writer)
            .await?;
        if gone.rows_affected > 0 {
            self.count_anew().await?;
        }
        Ok(gone.rows_affected)
    }

    /// All recordings.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sum_recordings(&self) -> Result<RecordingSums, StoreError> {
        let select = call::Entity::find()
            .select_only()
            .join(JoinType::InnerJoin, recording_of_call())
            .column_as(Expr::cust("COUNT(*)"), "recordings")
            .column_as(
                Expr::cust("CAST(COALESCE(SUM(recordings.bytes), 0) AS BIGINT)"),
                "bytes",
            )
            .column_as(Expr::cust("MIN(calls.started_at)"), "oldest");
        let sums = select.into_model().one(&self.readers).await?;
        Ok(sums.unwrap_or_default())
    }

    /// Somebody `listened` to a call's recording, or `downloaded` it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_listening(
        &self,
        calls: &[Uuid],
        user: (Uuid, &str),
        at: i64,
        what: &str,
    ) -> Result<(), StoreError> {
        let rows = calls.iter().map(|call| change::ActiveModel {
            seq: NotSet,
            at: Set(at),
            user_id: Set(Some(user.0)),
            user_name: Set(Some(user.1.to_owned())),
            subject_id: Set(*call),
            what: Set(what.to_owned()),
            fields: Set("[]".to_owned()),
        });
        if !calls.is_empty() {
            change::Entity::insert_many(rows)
                .exec_without_returning(&self.writer)
                .await?;
        }
        Ok(())
    }

    /// Who listened to a call's recording or downloaded it, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn listenings(&self, call: Uuid) -> Result<Vec<change::Model>, StoreError> {
        let select = change::Entity::find()
            .filter(change::Column::SubjectId.eq(call))
            .filter(change::Column::What.is_in(["listened", "downloaded"]))
            .order_by_desc(change::Column::Seq)
            .limit(500);
        Ok(select.all(&self.readers).await?)
    }
}

fn recording_of_call() -> sea_orm::RelationDef {
    call::Entity::belongs_to(recording::Entity)
        .from(call::Column::Id)
        .to(recording::Column::CallId)
        .into()
}

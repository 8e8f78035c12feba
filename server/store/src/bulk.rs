//! Many rows at once, for filling a new house: nothing is looked up, nothing is told.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    EntityTrait,
};

use crate::{
    CallState, Store, StoreError,
    entity::{call, call_viewer, item},
    items,
};

/// Rows put into one INSERT.
const BATCH: usize = 300;

impl Store {
    /// Calls that are over, with their viewers, without recordings.
    ///
    /// # Errors
    /// When the database fails; then none was added.
    pub async fn add_calls(&self, states: &[CallState]) -> Result<(), StoreError> {
        let change = self.begin().await?;
        for batch in states.chunks(BATCH) {
            let rows = batch.iter().map(|state| &state.call);
            let rows = rows.map(|call| call::ActiveModel::from(call.clone()).reset_all());
            call::Entity::insert_many(rows)
                .exec_without_returning(&change)
                .await?;
            let viewers: Vec<_> = batch
                .iter()
                .flat_map(|state| {
                    state.viewers.iter().map(|user| call_viewer::ActiveModel {
                        user_id: Set(*user),
                        call_id: Set(state.call.id),
                        started_at: Set(state.call.started_at),
                    })
                })
                .collect();
            if !viewers.is_empty() {
                call_viewer::Entity::insert_many(viewers)
                    .exec_without_returning(&change)
                    .await?;
            }
        }
        Ok(change.commit().await?)
    }

    /// Items without a history; their numbers are set here.
    ///
    /// # Errors
    /// When the database fails; then none was added.
    pub async fn add_items(&self, rows: Vec<item::Model>) -> Result<(), StoreError> {
        let change = self.begin().await?;
        let mut rows = rows.into_iter().map(|row| item::ActiveModel {
            seq: NotSet,
            ..item::ActiveModel::from(items::ready(row)).reset_all()
        });
        loop {
            let batch: Vec<_> = rows.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                break;
            }
            item::Entity::insert_many(batch)
                .exec_without_returning(&change)
                .await?;
        }
        Ok(change.commit().await?)
    }

    /// Tells the database's planner how much there is of what.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn analyze(&self) -> Result<(), StoreError> {
        sea_orm::ConnectionTrait::execute_unprepared(&self.writer, "ANALYZE").await?;
        Ok(())
    }
}

//! Numbers whose calls are refused.

use sea_orm::{ActiveModelTrait, EntityTrait, QueryOrder};
use uuid::Uuid;

use crate::{Store, StoreError, entity::blocked_number};

impl Store {
    /// All of them, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn blocked_numbers(&self) -> Result<Vec<blocked_number::Model>, StoreError> {
        let rows = blocked_number::Entity::find().order_by_desc(blocked_number::Column::BlockedAt);
        Ok(rows.all(&self.readers).await?)
    }

    /// A new one.
    ///
    /// # Errors
    /// [`StoreError::Taken`]: it is blocked already.
    pub async fn block_number(&self, row: blocked_number::Model) -> Result<(), StoreError> {
        blocked_number::Entity::insert(blocked_number::ActiveModel::from(row).reset_all())
            .exec_without_returning(&self.writer)
            .await?;
        Ok(())
    }

    /// Blocks it no longer; `false` when it was not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unblock_number(&self, id: Uuid) -> Result<bool, StoreError> {
        let gone = blocked_number::Entity::delete_by_id(id)
            .exec(&self.writer)
            .await?;
        Ok(gone.rows_affected > 0)
    }
}

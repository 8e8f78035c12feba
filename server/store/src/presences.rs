//! Whether people take calls.

use sea_orm::{ActiveModelTrait, EntityTrait, Iterable, sea_query::OnConflict};

use crate::{Store, StoreError, entity::presence};

impl Store {
    /// What everybody said last.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn presences(&self) -> Result<Vec<presence::Model>, StoreError> {
        Ok(presence::Entity::find().all(&self.readers).await?)
    }

    /// Somebody says something else.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_presence(&self, row: presence::Model) -> Result<(), StoreError> {
        use presence::Column;
        let others = Column::iter().filter(|column| !matches!(column, Column::UserId));
        let newer = OnConflict::column(Column::UserId)
            .update_columns(others)
            .to_owned();
        presence::Entity::insert(presence::ActiveModel::from(row).reset_all())
            .on_conflict(newer)
            .exec_without_returning(&self.writer)
            .await?;
        Ok(())
    }
}

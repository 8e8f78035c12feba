//! The house's own reasons not to take calls.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use crate::{Store, StoreError, entity::presence_reason};

impl Store {
    /// All of them, in their order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn presence_reasons(&self) -> Result<Vec<presence_reason::Model>, StoreError> {
        let all = presence_reason::Entity::find()
            .order_by_asc(presence_reason::Column::Position)
            .order_by_asc(presence_reason::Column::Name);
        Ok(all.all(&self.readers).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn presence_reason(
        &self,
        id: Uuid,
    ) -> Result<Option<presence_reason::Model>, StoreError> {
        let one = presence_reason::Entity::find_by_id(id);
        Ok(one.one(&self.readers).await?)
    }

    /// A new one.
    ///
    /// # Errors
    /// [`StoreError::Taken`] names `presence_reasons.name`.
    pub async fn add_presence_reason(&self, row: presence_reason::Model) -> Result<(), StoreError> {
        presence_reason::Entity::insert(presence_reason::ActiveModel::from(row).reset_all())
            .exec_without_returning(&self.writer)
            .await?;
        Ok(())
    }

    /// Changes one; `false` when it is gone.
    ///
    /// # Errors
    /// [`StoreError::Taken`] names `presence_reasons.name`.
    pub async fn change_presence_reason(
        &self,
        row: presence_reason::Model,
    ) -> Result<bool, StoreError> {
        let id = row.id;
        let changed = presence_reason::Entity::update_many()
            .set(presence_reason::ActiveModel::from(row).reset_all())
            .filter(presence_reason::Column::Id.eq(id))
            .exec(&self.writer)
            .await?;
        Ok(changed.rows_affected > 0)
    }

    /// They stand in this order from now on; those not named stay where they were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn order_presence_reasons(&self, order: &[Uuid]) -> Result<(), StoreError> {
        let change = self.begin().await?;
        for (id, position) in order.iter().zip(0..) {
            let moved = presence_reason::ActiveModel {
                position: Set(position),
                ..Default::default()
            };
            presence_reason::Entity::update_many()
                .set(moved)
                .filter(presence_reason::Column::Id.eq(*id))
                .exec(&change)
                .await?;
        }
        Ok(change.commit().await?)
    }

    /// Removes one; `false` when it is gone. Whoever has it keeps it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_presence_reason(&self, id: Uuid) -> Result<bool, StoreError> {
        let gone = presence_reason::Entity::delete_by_id(id);
        Ok(gone.exec(&self.writer).await?.rows_affected > 0)
    }
}

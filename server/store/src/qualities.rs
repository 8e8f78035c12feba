//! How the legs of calls sounded.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::OnConflict,
};
use uuid::Uuid;

use crate::{Store, StoreError, entity::call_quality};

impl Store {
    /// What is known of the legs of a call: the line first, then by extension.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn call_qualities(&self, call: Uuid) -> Result<Vec<call_quality::Model>, StoreError> {
        use call_quality::Column::{CallId, Leg, Witness};
        let legs = call_quality::Entity::find()
            .filter(CallId.eq(call))
            .order_by_asc(Leg)
            .order_by_asc(Witness);
        Ok(legs.all(&self.readers).await?)
    }

    /// Changes what is known of a leg; nobody else changes it meanwhile. `change` gets the row, if there
    /// is one.
    ///
    /// # Errors
    /// When the database fails; [`StoreError::Dangling`] when there is no such call.
    pub async fn change_call_quality(
        &self,
        (call, leg, witness): (Uuid, &str, &str),
        change: impl FnOnce(Option<call_quality::Model>) -> call_quality::Model + Send,
    ) -> Result<(), StoreError> {
        use call_quality::Column::{CallId, Leg, Witness};
        use sea_orm::Iterable;
        let turn = self.begin().await?;
        let key = (call, leg.to_owned(), witness.to_owned());
        let before = call_quality::Entity::find_by_id(key).one(&turn).await?;
        let rest =
            call_quality::Column::iter().filter(|column| !matches!(column, CallId | Leg | Witness));
        let replace = OnConflict::columns([CallId, Leg, Witness])
            .update_columns(rest)
            .to_owned();
        let row = call_quality::ActiveModel::from(change(before)).reset_all();
        call_quality::Entity::insert(row)
            .on_conflict(replace)
            .exec_without_returning(&turn)
            .await?;
        Ok(turn.commit().await?)
    }
}

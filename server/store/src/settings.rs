//! Settings: a name and a JSON value.

use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Store, StoreError, entity::setting};

impl Store {
    /// A setting, if it was ever set.
    ///
    /// # Errors
    /// When the database fails or the value is of another shape.
    pub async fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let Some(row) = setting::Entity::find_by_id(key).one(&self.readers).await? else {
            return Ok(None);
        };
        serde_json::from_str(&row.value)
            .map(Some)
            .map_err(|_| StoreError::Damaged("setting"))
    }

    /// Sets it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_setting<T: Serialize + Sync>(
        &self,
        key: &str,
        value: &T,
    ) -> Result<(), StoreError> {
        let value = serde_json::to_string(value).map_err(|_| StoreError::Damaged("setting"))?;
        let row = setting::ActiveModel {
            key: Set(key.to_owned()),
            value: Set(value),
        };
        let replace = OnConflict::column(setting::Column::Key)
            .update_column(setting::Column::Value)
            .to_owned();
        setting::Entity::insert(row)
            .on_conflict(replace)
            .exec_without_returning(&self.writer)
            .await?;
        Ok(())
    }
}

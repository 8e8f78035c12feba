//! Names of records that others point at.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    entity::{contact, item},
};

impl Store {
    /// Names of contacts that are there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn contact_names(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<(Uuid, String)> = contact::Entity::find()
            .select_only()
            .columns([contact::Column::Id, contact::Column::Name])
            .filter(contact::Column::Id.is_in(ids.iter().copied()))
            .filter(contact::Column::DeletedAt.is_null())
            .into_tuple()
            .all(&self.readers)
            .await?;
        Ok(rows.into_iter().collect())
    }

    /// Titles of items that are there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn item_titles(&self, ids: Vec<Uuid>) -> Result<HashMap<Uuid, String>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<(Uuid, String)> = item::Entity::find()
            .select_only()
            .columns([item::Column::Id, item::Column::Title])
            .filter(item::Column::Id.is_in(ids))
            .filter(item::Column::DeletedAt.is_null())
            .into_tuple()
            .all(&self.readers)
            .await?;
        Ok(rows.into_iter().collect())
    }

    /// Whether this is a deal that is there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_deal(&self, id: Uuid) -> Result<bool, StoreError> {
        let found: Option<Uuid> = item::Entity::find()
            .select_only()
            .column(item::Column::Id)
            .filter(item::Column::Id.eq(id))
            .filter(item::Column::Kind.eq("deal"))
            .filter(item::Column::DeletedAt.is_null())
            .into_tuple()
            .one(&self.readers)
            .await?;
        Ok(found.is_some())
    }
}

//! Short-lived credentials of browsers' telephones. The server works from memory; these rows let
//! a telephone that is registered come back after a restart without asking.

use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::{Store, StoreError, entity::sip_credential};

/// A row as it lies in the table.
pub type CredentialRow = sip_credential::Model;

impl Store {
    /// All of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sip_credentials(&self) -> Result<Vec<CredentialRow>, StoreError> {
        Ok(sip_credential::Entity::find().all(&self.readers).await?)
    }

    /// A new one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_sip_credential(&self, row: CredentialRow) -> Result<(), StoreError> {
        sip_credential::Entity::insert(sip_credential::ActiveModel::from(row).reset_all())
            .exec_without_returning(&self.writer)
            .await?;
        Ok(())
    }

    /// Notes when these were used last.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn touch_sip_credentials(&self, used: &[(String, i64)]) -> Result<(), StoreError> {
        let change = self.begin().await?;
        for (username, at) in used {
            sip_credential::Entity::update_many()
                .col_expr(sip_credential::Column::UsedAt, Expr::value(*at))
                .filter(sip_credential::Column::Username.eq(username))
                .exec(&change)
                .await?;
        }
        Ok(change.commit().await?)
    }

    /// Forgets those that are no longer valid.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn purge_sip_credentials(&self, usernames: Vec<String>) -> Result<(), StoreError> {
        sip_credential::Entity::delete_many()
            .filter(sip_credential::Column::Username.is_in(usernames))
            .exec(&self.writer)
            .await?;
        Ok(())
    }
}

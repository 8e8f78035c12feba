//! People who sign in.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder,
    sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    entity::{link_token, session, sip_credential, user},
};

impl Store {
    /// Everybody, by extension and name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn users(&self) -> Result<Vec<user::Model>, StoreError> {
        let users = user::Entity::find()
            .order_by_asc(user::Column::Extension)
            .order_by_asc(user::Column::Name);
        Ok(users.all(&self.readers).await?)
    }

    /// How many there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_users(&self) -> Result<u64, StoreError> {
        Ok(user::Entity::find().count(&self.readers).await?)
    }

    /// By sign-in name (folded).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_by_login(&self, login: &str) -> Result<Option<user::Model>, StoreError> {
        let found = user::Entity::find().filter(user::Column::Login.eq(login));
        Ok(found.one(&self.readers).await?)
    }

    /// By id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user(&self, id: Uuid) -> Result<Option<user::Model>, StoreError> {
        Ok(user::Entity::find_by_id(id).one(&self.readers).await?)
    }

    /// A new one.
    ///
    /// # Errors
    /// [`StoreError::Taken`] names `users.login` or `users.extension`.
    pub async fn add_user(&self, user: user::Model) -> Result<(), StoreError> {
        user::Entity::insert(user::ActiveModel::from(user).reset_all())
            .exec_without_returning(&self.writer)
            .await?;
        Ok(())
    }

    /// Changes everything but the password and the desk phone's; `false` when he is gone. Whoever
    /// is not active any more has no session and no credentials.
    ///
    /// # Errors
    /// [`StoreError::Taken`] names `users.login` or `users.extension`.
    pub async fn update_user(&self, row: &user::Model) -> Result<bool, StoreError> {
        let change = self.begin().await?;
        let mut values = user::ActiveModel::from(row.clone()).reset_all();
        values.password_hash = NotSet;
        values.sealed_sip_ha1 = NotSet;
        let changed = user::Entity::update_many()
            .set(values)
            .filter(user::Column::Id.eq(row.id))
            .exec(&change)
            .await?;
        if !row.active {
            end_sessions(&change, row.id, &[]).await?;
        }
        change.commit().await?;
        Ok(changed.rows_affected > 0)
    }

    /// Sets what a desk phone registers with; `None`: it may no longer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_sip_ha1(&self, id: Uuid, sealed: Option<Vec<u8>>) -> Result<(), StoreError> {
        user::Entity::update_many()
            .col_expr(user::Column::SealedSipHa1, Expr::value(sealed))
            .filter(user::Column::Id.eq(id))
            .exec(&self.writer)
            .await?;
        Ok(())
    }

    /// Sets the password's hash and ends every other session of this user.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_password(
        &self,
        id: Uuid,
        hash: String,
        keep_session: &[u8],
    ) -> Result<(), StoreError> {
        let change = self.begin().await?;
        user::Entity::update_many()
            .col_expr(user::Column::PasswordHash, Expr::value(hash))
            .filter(user::Column::Id.eq(id))
            .exec(&change)
            .await?;
        end_sessions(&change, id, keep_session).await?;
        Ok(change.commit().await?)
    }

    /// Keeps a one-time sign-in link's hash.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_link(
        &self,
        token_hash: Vec<u8>,
        user_id: Uuid,
        expires_at: i64,
    ) -> Result<(), StoreError> {
        let link = link_token::ActiveModel {
            token_hash: Set(token_hash),
            user_id: Set(user_id),
            expires_at: Set(expires_at),
        };
        link_token::Entity::insert(link)
            .exec_without_returning(&self.writer)
            .await?;
        Ok(())
    }

    /// Uses a sign-in link up; its user, if it was good.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_link(&self, token_hash: &[u8], now: i64) -> Result<Option<Uuid>, StoreError> {
        let change = self.begin().await?;
        let found = link_token::Entity::find_by_id(token_hash.to_vec())
            .one(&change)
            .await?;
        let used_or_old = Condition::any()
            .add(link_token::Column::TokenHash.eq(token_hash))
            .add(link_token::Column::ExpiresAt.lte(now));
        link_token::Entity::delete_many()
            .filter(used_or_old)
            .exec(&change)
            .await?;
        change.commit().await?;
        Ok(found
            .filter(|link| link.expires_at > now)
            .map(|link| link.user_id))
    }
}

/// Ends a user's sessions, credentials and sign-in links, except one session.
async fn end_sessions(
    change: &DatabaseTransaction,
    id: Uuid,
    keep: &[u8],
) -> Result<(), StoreError> {
    session::Entity::delete_many()
        .filter(session::Column::UserId.eq(id))
        .filter(session::Column::TokenHash.ne(keep))
        .exec(change)
        .await?;
    sip_credential::Entity::delete_many()
        .filter(sip_credential::Column::UserId.eq(id))
        .filter(sip_credential::Column::SessionHash.ne(keep))
        .exec(change)
        .await?;
    link_token::Entity::delete_many()
        .filter(link_token::Column::UserId.eq(id))
        .exec(change)
        .await?;
    Ok(())
}

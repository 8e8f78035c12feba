//! People who sign in.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, sea_query::Expr,
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
        session::Entity::delete_many()
            .filter(session::Column::UserId.eq(id))
            .filter(session::Column::TokenHash.ne(keep_session))
            .exec(&change)
            .await?;
        sip_credential::Entity::delete_many()
            .filter(sip_credential::Column::UserId.eq(id))
            .filter(sip_credential::Column::SessionHash.ne(keep_session))
            .exec(&change)
            .await?;
        link_token::Entity::delete_many()
            .filter(link_token::Column::UserId.eq(id))
            .exec(&change)
            .await?;
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

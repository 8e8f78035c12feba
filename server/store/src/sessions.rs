//! Signed-in browsers.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    entity::{session, sip_credential, user},
};

/// A session and whose it is.
#[derive(Clone, Debug)]
pub struct SessionUser {
    /// The session.
    pub session: session::Model,
    /// Its user.
    pub user: user::Model,
}

impl Store {
    /// A new session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_session(
        &self,
        token_hash: Vec<u8>,
        user_id: Uuid,
        now: i64,
        expires_at: i64,
    ) -> Result<(), StoreError> {
        let row = session::ActiveModel {
            token_hash: Set(token_hash),
            user_id: Set(user_id),
            created_at: Set(now),
            seen_at: Set(now),
            expires_at: Set(expires_at),
        };
        session::Entity::insert(row)
            .exec_without_returning(&self.writer)
            .await?;
        Ok(())
    }

    /// The session with this token, unless it has run out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(
        &self,
        token_hash: &[u8],
        now: i64,
    ) -> Result<Option<SessionUser>, StoreError> {
        let found = session::Entity::find_by_id(token_hash.to_vec())
            .filter(session::Column::ExpiresAt.gt(now))
            .one(&self.readers)
            .await?;
        let Some(session) = found else {
            return Ok(None);
        };
        let user = user::Entity::find_by_id(session.user_id)
            .filter(user::Column::Active.eq(true))
            .one(&self.readers)
            .await?;
        Ok(user.map(|user| SessionUser { session, user }))
    }

    /// It was used: it lasts until `expires_at` now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prolong_session(
        &self,
        token_hash: &[u8],
        now: i64,
        expires_at: i64,
    ) -> Result<(), StoreError> {
        session::Entity::update_many()
            .col_expr(session::Column::SeenAt, Expr::value(now))
            .col_expr(session::Column::ExpiresAt, Expr::value(expires_at))
            .filter(session::Column::TokenHash.eq(token_hash))
            .exec(&self.writer)
            .await?;
        Ok(())
    }

    /// Signs out; the telephone credentials given to this session go too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_session(&self, token_hash: &[u8]) -> Result<(), StoreError> {
        let change = self.begin().await?;
        session::Entity::delete_many()
            .filter(session::Column::TokenHash.eq(token_hash))
            .exec(&change)
            .await?;
        sip_credential::Entity::delete_many()
            .filter(sip_credential::Column::SessionHash.eq(token_hash))
            .exec(&change)
            .await?;
        Ok(change.commit().await?)
    }

    /// Forgets sessions that have run out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn purge_sessions(&self, now: i64) -> Result<(), StoreError> {
        session::Entity::delete_many()
            .filter(session::Column::ExpiresAt.lte(now))
            .exec(&self.writer)
            .await?;
        Ok(())
    }
}

//! Lists people keep by name.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use uuid::Uuid;

use crate::{Store, StoreError, entity::saved_view};

impl Store {
    /// A user's own, of one page where it is given, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn saved_views(
        &self,
        user: Uuid,
        page: Option<&str>,
    ) -> Result<Vec<saved_view::Model>, StoreError> {
        let mut select = saved_view::Entity::find()
            .filter(saved_view::Column::UserId.eq(user))
            .order_by_asc(saved_view::Column::Page)
            .order_by_asc(saved_view::Column::Position)
            .order_by_asc(saved_view::Column::Id);
        if let Some(page) = page {
            select = select.filter(saved_view::Column::Page.eq(page));
        }
        Ok(select.all(&self.readers).await?)
    }

    /// How many a user has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_saved_views(&self, user: Uuid) -> Result<u64, StoreError> {
        let own = saved_view::Entity::find().filter(saved_view::Column::UserId.eq(user));
        Ok(own.count(&self.readers).await?)
    }

    /// A new one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_saved_view(&self, row: saved_view::Model) -> Result<(), StoreError> {
        let row = saved_view::ActiveModel::from(row).reset_all();
        saved_view::Entity::insert(row)
            .exec_without_returning(&self.writer)
            .await?;
        Ok(())
    }

    /// Gives a user's own another name and query; `false` when he has no such.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_saved_view(
        &self,
        user: Uuid,
        id: Uuid,
        name: &str,
        query: &str,
    ) -> Result<bool, StoreError> {
        let done = saved_view::Entity::update_many()
            .col_expr(saved_view::Column::Name, Expr::value(name))
            .col_expr(saved_view::Column::Query, Expr::value(query))
            .filter(saved_view::Column::Id.eq(id))
            .filter(saved_view::Column::UserId.eq(user))
            .exec(&self.writer)
            .await?;
        Ok(done.rows_affected > 0)
    }

    /// Removes a user's own; `false` when he has no such.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_saved_view(&self, user: Uuid, id: Uuid) -> Result<bool, StoreError> {
        let done = saved_view::Entity::delete_many()
            .filter(saved_view::Column::Id.eq(id))
            .filter(saved_view::Column::UserId.eq(user))
            .exec(&self.writer)
            .await?;
        Ok(done.rows_affected > 0)
    }
}

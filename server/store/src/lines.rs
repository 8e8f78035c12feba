//! Lines: SIP accounts at providers.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use uuid::Uuid;

use crate::{Store, StoreError, entity::line};

impl Store {
    /// All lines, in the order they were added.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lines(&self) -> Result<Vec<line::Model>, StoreError> {
        let lines = line::Entity::find()
            .order_by_asc(line::Column::CreatedAt)
            .order_by_asc(line::Column::Id);
        Ok(lines.all(&self.readers).await?)
    }

    /// One.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn line(&self, id: Uuid) -> Result<Option<line::Model>, StoreError> {
        Ok(line::Entity::find_by_id(id).one(&self.readers).await?)
    }

    /// A new one; the first becomes the default for outgoing calls.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_line(&self, mut row: line::Model) -> Result<line::Model, StoreError> {
        let change = self.begin().await?;
        let defaults = line::Entity::find().filter(line::Column::DefaultOutgoing.eq(true));
        row.default_outgoing = defaults.count(&change).await? == 0;
        line::Entity::insert(line::ActiveModel::from(row.clone()).reset_all())
            .exec_without_returning(&change)
            .await?;
        change.commit().await?;
        Ok(row)
    }

    /// Changes one; `false` when it is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_line(&self, row: line::Model) -> Result<bool, StoreError> {
        let changed = line::Entity::update_many()
            .set(line::ActiveModel::from(row.clone()).reset_all())
            .filter(line::Column::Id.eq(row.id))
            .exec(&self.writer)
            .await?;
        Ok(changed.rows_affected > 0)
    }

    /// Calls go out by this one unless told otherwise; `false` when it is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_default_line(&self, id: Uuid) -> Result<bool, StoreError> {
        let change = self.begin().await?;
        let found = line::Entity::find_by_id(id).count(&change).await? > 0;
        if found {
            for (default, of) in [
                (false, line::Column::Id.ne(id)),
                (true, line::Column::Id.eq(id)),
            ] {
                line::Entity::update_many()
                    .col_expr(line::Column::DefaultOutgoing, Expr::value(default))
                    .filter(of)
                    .exec(&change)
                    .await?;
            }
        }
        change.commit().await?;
        Ok(found)
    }

    /// Deletes one; another becomes the default if it was. `false` when it is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_line(&self, id: Uuid) -> Result<bool, StoreError> {
        let change = self.begin().await?;
        let gone = line::Entity::delete_by_id(id)
            .exec(&change)
            .await?
            .rows_affected
            > 0;
        let rest = line::Entity::find()
            .order_by_asc(line::Column::CreatedAt)
            .all(&change)
            .await?;
        if let Some(first) = rest.first()
            && !rest.iter().any(|line| line.default_outgoing)
        {
            line::Entity::update_many()
                .col_expr(line::Column::DefaultOutgoing, Expr::value(true))
                .filter(line::Column::Id.eq(first.id))
                .exec(&change)
                .await?;
        }
        change.commit().await?;
        Ok(gone)
    }
}

//! Files that stand with clients, items and calls. Their bytes lie in the data folder.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

use crate::{Store, StoreError, entity::file};

/// What a file stands with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileOf {
    /// A contact.
    Contact(Uuid),
    /// An item.
    Item(Uuid),
    /// A call.
    Call(Uuid),
}

impl Store {
    /// A new one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_file(&self, row: file::Model) -> Result<(), StoreError> {
        let row = file::ActiveModel::from(row).reset_all();
        file::Entity::insert(row)
            .exec_without_returning(&self.writer)
            .await?;
        Ok(())
    }

    /// One file; deleted ones are not found.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn file(&self, id: Uuid) -> Result<Option<file::Model>, StoreError> {
        let found = file::Entity::find_by_id(id).filter(file::Column::DeletedAt.is_null());
        Ok(found.one(&self.readers).await?)
    }

    /// Files of something, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn files(&self, of: FileOf) -> Result<Vec<file::Model>, StoreError> {
        let (column, id) = match of {
            FileOf::Contact(id) => (file::Column::ContactId, id),
            FileOf::Item(id) => (file::Column::ItemId, id),
            FileOf::Call(id) => (file::Column::CallId, id),
        };
        let select = file::Entity::find()
            .filter(column.eq(id))
            .filter(file::Column::DeletedAt.is_null())
            .order_by_desc(file::Column::CreatedAt)
            .limit(1000);
        Ok(select.all(&self.readers).await?)
    }

    /// Forgets files that were deleted before, at most `limit`; their ids.
    ///
    /// # Errors
    /// When the database fails; then none is forgotten.
    pub async fn purge_files(&self, before: i64, limit: u64) -> Result<Vec<Uuid>, StoreError> {
        let change = self.begin().await?;
        let gone: Vec<Uuid> = file::Entity::find()
            .select_only()
            .column(file::Column::Id)
            .filter(file::Column::DeletedAt.lt(before))
            .limit(limit)
            .into_tuple()
            .all(&change)
            .await?;
        file::Entity::delete_many()
            .filter(file::Column::Id.is_in(gone.iter().copied()))
            .exec(&change)
            .await?;
        change.commit().await?;
        Ok(gone)
    }

    /// Hides a file or brings it back (`None`); `false` when there was nothing to change.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_file_deleted(&self, id: Uuid, at: Option<i64>) -> Result<bool, StoreError> {
        let unlike = match at {
            Some(_) => file::Column::DeletedAt.is_null(),
            None => file::Column::DeletedAt.is_not_null(),
        };
        let done = file::Entity::update_many()
            .col_expr(file::Column::DeletedAt, Expr::value(at))
            .filter(file::Column::Id.eq(id))
            .filter(unlike)
            .exec(&self.writer)
            .await?;
        Ok(done.rows_affected > 0)
    }
}

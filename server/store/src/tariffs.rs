//! Prices of lines.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    entity::{line, tariff},
};

/// Rows put into one INSERT.
const BATCH: usize = 500;

impl Store {
    /// Prices of one line, or of all, by prefix.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tariffs(&self, line: Option<Uuid>) -> Result<Vec<tariff::Model>, StoreError> {
        let mut rows = tariff::Entity::find().order_by_asc(tariff::Column::Prefix);
        if let Some(line) = line {
            rows = rows.filter(tariff::Column::LineId.eq(line));
        }
        Ok(rows.all(&self.readers).await?)
    }

    /// These are the prices of a line from now on. Each prefix stands in `rows` once.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub async fn set_tariffs(
        &self,
        line: Uuid,
        currency: &str,
        rows: Vec<tariff::Model>,
    ) -> Result<(), StoreError> {
        let change = self.begin().await?;
        line::Entity::update_many()
            .col_expr(line::Column::Currency, Expr::value(currency))
            .filter(line::Column::Id.eq(line))
            .exec(&change)
            .await?;
        tariff::Entity::delete_many()
            .filter(tariff::Column::LineId.eq(line))
            .exec(&change)
            .await?;
        for batch in rows.chunks(BATCH) {
            let values = batch.iter().cloned();
            tariff::Entity::insert_many(
                values.map(|row| tariff::ActiveModel::from(row).reset_all()),
            )
            .exec_without_returning(&change)
            .await?;
        }
        Ok(change.commit().await?)
    }
}

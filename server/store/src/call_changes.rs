//! What people and rules write about calls; events of the call never touch it.

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, UpdateMany, sea_query::Expr,
};
use uuid::Uuid;

use crate::{Store, StoreError, entity::call};

/// Who called back after a missed call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnedBy {
    /// When, ms.
    pub at: i64,
    /// Extension and name; none: the client called again.
    pub employee: Option<(String, String)>,
    /// The call.
    pub call: Uuid,
}

/// New values; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallChange {
    /// Notes.
    pub note: Option<String>,
    /// Contact id, or none: by the number.
    pub contact: Option<Option<Uuid>>,
    /// Deal id, or none.
    pub deal: Option<Option<Uuid>>,
    /// Key of the result, or none.
    pub result: Option<Option<String>>,
    /// Key of the reason, or none.
    pub reason: Option<Option<String>>,
    /// Keep it, whatever the rules say.
    pub legal_hold: Option<bool>,
    /// Who called back.
    pub returned: Option<ReturnedBy>,
    /// Attempts in vain.
    pub tries: Option<i32>,
}

impl CallChange {
    /// Whether nothing is to be changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The same in a row that is in memory.
    pub fn apply(&self, row: &mut call::Model) {
        fn set<T: Clone>(field: &mut T, value: Option<&T>) {
            if let Some(value) = value {
                field.clone_from(value);
            }
        }
        set(&mut row.note, self.note.as_ref());
        set(&mut row.contact_id, self.contact.as_ref());
        set(&mut row.deal_id, self.deal.as_ref());
        set(&mut row.result, self.result.as_ref());
        set(&mut row.reason, self.reason.as_ref());
        set(&mut row.legal_hold, self.legal_hold.as_ref());
        set(&mut row.tries, self.tries.as_ref());
        if let Some(returned) = &self.returned {
            row.returned_at = Some(returned.at);
            row.returned_call = Some(returned.call);
            let by = returned.employee.clone().unzip();
            (row.returned_by_extension, row.returned_by_name) = by;
        }
    }

    fn update(&self) -> UpdateMany<call::Entity> {
        use call::Column;
        let mut update = call::Entity::update_many();
        let mut set = |column: Column, value: Option<Expr>| {
            if let Some(value) = value {
                update = std::mem::replace(&mut update, call::Entity::update_many())
                    .col_expr(column, value);
            }
        };
        set(Column::Note, self.note.as_ref().map(Expr::value));
        set(Column::ContactId, self.contact.map(Expr::value));
        set(Column::DealId, self.deal.map(Expr::value));
        set(Column::Result, self.result.clone().map(Expr::value));
        set(Column::Reason, self.reason.clone().map(Expr::value));
        set(Column::LegalHold, self.legal_hold.map(Expr::value));
        set(Column::Tries, self.tries.map(Expr::value));
        if let Some(returned) = &self.returned {
            let (extension, name) = returned.employee.clone().unzip();
            set(Column::ReturnedAt, Some(Expr::value(returned.at)));
            set(Column::ReturnedCall, Some(Expr::value(returned.call)));
            set(Column::ReturnedByExtension, Some(Expr::value(extension)));
            set(Column::ReturnedByName, Some(Expr::value(name)));
        }
        update
    }

    /// Writes it; `false` when there is no such call.
    pub(crate) async fn write(
        &self,
        connection: &impl ConnectionTrait,
        id: Uuid,
    ) -> Result<bool, StoreError> {
        let update = self.update().filter(call::Column::Id.eq(id));
        Ok(update.exec(connection).await?.rows_affected > 0)
    }
}

impl Store {
    /// Changes what people say about a call; `false` when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_call(&self, id: Uuid, change: &CallChange) -> Result<bool, StoreError> {
        if change.is_empty() {
            return self.has_call(id).await;
        }
        let is_written = change.write(&self.writer, id).await?;
        self.recount(&[id]).await?;
        Ok(is_written)
    }

    /// Hides a call that is over, or brings it back with `None`; `false` when there was nothing to
    /// change.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_call_deleted(&self, id: Uuid, at: Option<i64>) -> Result<bool, StoreError> {
        use call::Column;
        let unlike = match at {
            Some(_) => Column::DeletedAt.is_null(),
            None => Column::DeletedAt.is_not_null(),
        };
        let changed = call::Entity::update_many()
            .col_expr(Column::DeletedAt, Expr::value(at))
            .filter(Column::Id.eq(id))
            .filter(Column::EndedAt.is_not_null())
            .filter(unlike)
            .exec(&self.writer)
            .await?;
        self.recount(&[id]).await?;
        Ok(changed.rows_affected > 0)
    }
}

//! What the rules of business do after a call, written at once and once only; and notices.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    Author, CallChange, ContactRow, Store, StoreError, Written, contacts,
    entity::{call, item, notice},
    items,
};

/// What is done after a call.
#[derive(Clone, Debug, Default)]
pub struct Ruling {
    /// The call.
    pub call: Uuid,
    /// How far its rules are done with this: 1 those of its answer, 2 all.
    pub stage: i32,
    /// When, ms.
    pub now: i64,
    /// A contact that is made.
    pub contact: Option<ContactRow>,
    /// Items that are made; their numbers are set by the store.
    pub items: Vec<item::Model>,
    /// Calls that are changed.
    pub changes: Vec<(Uuid, CallChange)>,
    /// Calls whose entries of Unsorted are taken care of, and by whom.
    pub accepted: (Vec<Uuid>, Option<Uuid>),
    /// Who is told.
    pub notices: Vec<notice::Model>,
}

impl Store {
    /// Writes all of it, unless the rules are done so far already (or there is no such call): then
    /// `None`. Else the items made and changed.
    ///
    /// # Errors
    /// When the database fails; then nothing was written.
    pub async fn rule(&self, ruling: &Ruling) -> Result<Option<Vec<item::Model>>, StoreError> {
        let change = self.begin().await?;
        let reached = call::Entity::update_many()
            .col_expr(call::Column::Ruled, Expr::value(ruling.stage))
            .filter(call::Column::Id.eq(ruling.call))
            .filter(call::Column::Ruled.lt(ruling.stage))
            .exec(&change)
            .await?;
        if reached.rows_affected == 0 {
            return Ok(None);
        }
        if let Some(contact) = &ruling.contact {
            contacts::insert(&change, std::slice::from_ref(contact)).await?;
        }
        let mut made = Vec::new();
        for row in &ruling.items {
            made.push(items::insert(&change, row.clone(), &Author::default()).await?);
        }
        made.extend(accept(&change, ruling).await?);
        for (id, changed) in &ruling.changes {
            changed.write(&change, *id).await?;
        }
        for row in &ruling.notices {
            notice::Entity::insert(notice::ActiveModel::from(row.clone()).reset_all())
                .exec_without_returning(&change)
                .await?;
        }
        change.commit().await?;
        let changed: Vec<Uuid> = ruling.changes.iter().map(|(id, _)| *id).collect();
        self.recount(&changed).await?;
        Ok(Some(made))
    }

    /// Calls that are over and whose rules are not done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unruled_calls(&self) -> Result<Vec<Uuid>, StoreError> {
        let select = call::Entity::find()
            .select_only()
            .column(call::Column::Id)
            .filter(Expr::cust("calls.ruled < 2"))
            .filter(call::Column::EndedAt.is_not_null())
            .order_by_asc(call::Column::StartedAt)
            .into_tuple();
        Ok(select.all(&self.readers).await?)
    }

    /// Tells people.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_notices(&self, rows: &[notice::Model]) -> Result<(), StoreError> {
        let change = self.begin().await?;
        for row in rows {
            notice::Entity::insert(notice::ActiveModel::from(row.clone()).reset_all())
                .exec_without_returning(&change)
                .await?;
        }
        Ok(change.commit().await?)
    }

    /// Notices to somebody, newest first, older than `before` (when, id) where given.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn notices(
        &self,
        user: Uuid,
        before: Option<(i64, Uuid)>,
        limit: u64,
    ) -> Result<Vec<notice::Model>, StoreError> {
        use notice::Column;
        let mut select = notice::Entity::find()
            .filter(Column::UserId.eq(user))
            .order_by_desc(Column::At)
            .order_by_desc(Column::Id)
            .limit(limit);
        if let Some((at, id)) = before {
            let same = sea_orm::Condition::all()
                .add(Column::At.eq(at))
                .add(Column::Id.lt(id));
            let older = sea_orm::Condition::any().add(Column::At.lt(at)).add(same);
            select = select.filter(older);
        }
        Ok(select.all(&self.readers).await?)
    }

    /// Somebody has seen one of his notices, or all of them; those that were new.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn see_notices(
        &self,
        user: Uuid,
        one: Option<Uuid>,
    ) -> Result<Vec<notice::Model>, StoreError> {
        use notice::Column;
        let mut new = sea_orm::Condition::all()
            .add(Column::UserId.eq(user))
            .add(Column::Seen.eq(false));
        if let Some(id) = one {
            new = new.add(Column::Id.eq(id));
        }
        let change = self.begin().await?;
        let rows = notice::Entity::find()
            .filter(new.clone())
            .all(&change)
            .await?;
        notice::Entity::update_many()
            .col_expr(Column::Seen, Expr::value(true))
            .filter(new)
            .exec(&change)
            .await?;
        change.commit().await?;
        Ok(rows)
    }

    /// Whether this notice is this one's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_notice(&self, user: Uuid, id: Uuid) -> Result<bool, StoreError> {
        let found = notice::Entity::find_by_id(id).one(&self.readers).await?;
        Ok(found.is_some_and(|row| row.user_id == user))
    }

    /// Forgets notices from before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn purge_notices(&self, before: i64) -> Result<(), StoreError> {
        notice::Entity::delete_many()
            .filter(notice::Column::At.lt(before))
            .exec(&self.writer)
            .await?;
        Ok(())
    }
}

/// The entries of Unsorted made for calls that were returned.
async fn accept(
    change: &DatabaseTransaction,
    ruling: &Ruling,
) -> Result<Vec<item::Model>, StoreError> {
    use item::Column;
    let (calls, by) = &ruling.accepted;
    if calls.is_empty() {
        return Ok(Vec::new());
    }
    let rows = item::Entity::find()
        .filter(Column::CallId.is_in(calls.iter().copied()))
        .filter(Column::Kind.eq("unsorted"))
        .filter(Column::IsOpen.eq(true))
        .filter(Column::DeletedAt.is_null())
        .all(change)
        .await?;
    let mut accepted = Vec::new();
    for row in rows {
        let row = item::Model {
            state: "accepted".to_owned(),
            is_open: false,
            owner_id: by.or(row.owner_id),
            done_at: Some(ruling.now),
            updated_at: ruling.now,
            ..row
        };
        let rule = Author::default();
        if let Written::Done(row) = items::replace(change, row, None, &rule, "changed").await? {
            accepted.push(row);
        }
    }
    Ok(accepted)
}

//! Lists of items: filtered, sorted, page after page by the last row's key.

use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, Func},
};
use uuid::Uuid;

use crate::{
    Scope, Store, StoreError, call_filter,
    entity::{call, item, notice},
    finding,
    keyset::{self, Key},
    search_text,
};

/// What items are looked for; what is absent is not asked.
#[derive(Clone, Debug, Default)]
pub struct ItemFilter {
    /// Kinds as stored; empty: all.
    pub kinds: Vec<String>,
    /// Key of an own table.
    pub table: Option<String>,
    /// Of this client.
    pub contact: Option<Uuid>,
    /// Of this deal.
    pub deal: Option<Uuid>,
    /// Of this order or invoice.
    pub parent: Option<Uuid>,
    /// Of this call.
    pub call: Option<Uuid>,
    /// Whose; `Some(None)`: nobody's.
    pub owner: Option<Option<Uuid>>,
    /// In one of these states; empty: in any.
    pub states: Vec<String>,
    /// Key of a pipeline.
    pub pipeline: Option<String>,
    /// Still to be dealt with, or not.
    pub open: Option<bool>,
    /// Due at or after, ms.
    pub due_from: Option<i64>,
    /// Due before, ms.
    pub due_to: Option<i64>,
    /// Made at or after, ms.
    pub created_from: Option<i64>,
    /// Made before, ms.
    pub created_to: Option<i64>,
    /// With this tag.
    pub tag: Option<String>,
    /// All words of it occur in title, text or fields; or it is its number.
    pub query: String,
}

/// What items are ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ItemOrder {
    /// When they were made.
    #[default]
    Created,
    /// When they were changed.
    Updated,
    /// When they are due; those that never are come last.
    Due,
    /// Their sum; those without one count as nothing.
    Amount,
    /// Their number.
    Number,
    /// Their title.
    Title,
    /// Their state.
    State,
}

/// A time no item is due at: those without one sort as if they were.
const NEVER: i64 = i64::MAX;

impl Store {
    /// Items, at most `limit`, after the row with this key where one is given; each with its own.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_items(
        &self,
        filter: &ItemFilter,
        (order, descending): (ItemOrder, bool),
        after: Option<&Key>,
        limit: u64,
    ) -> Result<Vec<(item::Model, Key)>, StoreError> {
        let by = order_by(order);
        let direction = if descending { Order::Desc } else { Order::Asc };
        let mut select = item::Entity::find()
            .filter(condition(self.backend(), filter))
            .order_by(by.clone(), direction.clone())
            .order_by(item::Column::Id, direction)
            .limit(limit);
        if let Some(after) = after {
            let id = Expr::col((item::Entity, item::Column::Id));
            select = select.filter(keyset::beyond(by, id, after, descending));
        }
        let rows = select.all(&self.readers).await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.clone(), key(order, &row)))
            .collect())
    }

    /// How many items there are like that, counted up to `most`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_items(&self, filter: &ItemFilter, most: u64) -> Result<u64, StoreError> {
        let select = item::Entity::find()
            .select_only()
            .column(item::Column::Id)
            .filter(condition(self.backend(), filter))
            .limit(most);
        Ok(keyset::count(&self.readers, select).await?)
    }

    /// Open tasks and meetings of this user that are due before `until`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_tasks_due(&self, user: Uuid, until: i64) -> Result<u64, StoreError> {
        let due = item::Entity::find()
            .filter(item::Column::OwnerId.eq(user))
            .filter(item::Column::Kind.is_in(["task", "meeting"]))
            .filter(item::Column::IsOpen.eq(true))
            .filter(item::Column::DueAt.lt(until))
            .filter(item::Column::DeletedAt.is_null());
        Ok(due.count(&self.readers).await?)
    }

    /// Missed calls a viewer may see that nobody has returned, counted up to `most`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_not_returned(&self, scope: Scope, most: u64) -> Result<u64, StoreError> {
        let missed = call::Entity::find()
            .select_only()
            .column(call::Column::Id)
            .filter(call_filter::missed())
            .filter(call::Column::ReturnedAt.is_null())
            .filter(call::Column::DeletedAt.is_null())
            .filter(call_filter::visible(scope))
            .limit(most);
        Ok(keyset::count(&self.readers, missed).await?)
    }

    /// Notices this user has not seen.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_unseen_notices(&self, user: Uuid) -> Result<u64, StoreError> {
        let unseen = notice::Entity::find()
            .filter(notice::Column::UserId.eq(user))
            .filter(notice::Column::Seen.eq(false));
        Ok(unseen.count(&self.readers).await?)
    }
}

fn order_by(order: ItemOrder) -> Expr {
    let column = |column: item::Column| Expr::col((item::Entity, column));
    let or = |known: Expr, instead: i64| {
        Expr::expr(Func::coalesce([known, Expr::cust(instead.to_string())]))
    };
    match order {
        ItemOrder::Created => column(item::Column::CreatedAt),
        ItemOrder::Updated => column(item::Column::UpdatedAt),
        ItemOrder::Due => or(column(item::Column::DueAt), NEVER),
        ItemOrder::Amount => or(column(item::Column::Amount), 0),
        ItemOrder::Number => column(item::Column::Seq),
        ItemOrder::Title => column(item::Column::Title),
        ItemOrder::State => column(item::Column::State),
    }
}

fn key(order: ItemOrder, row: &item::Model) -> Key {
    let number = |value: i64| Key::number(value, row.id);
    match order {
        ItemOrder::Created => number(row.created_at),
        ItemOrder::Updated => number(row.updated_at),
        ItemOrder::Due => number(row.due_at.unwrap_or(NEVER)),
        ItemOrder::Amount => number(row.amount.unwrap_or(0)),
        ItemOrder::Number => number(row.seq),
        ItemOrder::Title => Key::text(&row.title, row.id),
        ItemOrder::State => Key::text(&row.state, row.id),
    }
}

fn condition(backend: DbBackend, filter: &ItemFilter) -> Condition {
    use item::Column;
    let mut all = Condition::all()
        .add(Column::DeletedAt.is_null())
        .add_option(
            filter
                .table
                .as_ref()
                .map(|table| Column::OwnTable.eq(table)),
        )
        .add_option(filter.contact.map(|id| Column::ContactId.eq(id)))
        .add_option(filter.deal.map(|id| Column::DealId.eq(id)))
        .add_option(filter.parent.map(|id| Column::ParentId.eq(id)))
        .add_option(filter.call.map(|id| Column::CallId.eq(id)))
        .add_option(filter.owner.map(|owner| match owner {
            Some(owner) => Column::OwnerId.eq(owner),
            None => Column::OwnerId.is_null(),
        }))
        .add_option(filter.pipeline.as_ref().map(|key| Column::Pipeline.eq(key)))
        .add_option(filter.open.map(|open| Column::IsOpen.eq(open)))
        .add_option(filter.due_from.map(|from| Column::DueAt.gte(from)))
        .add_option(filter.due_to.map(|to| Column::DueAt.lt(to)))
        .add_option(filter.created_from.map(|from| Column::CreatedAt.gte(from)))
        .add_option(filter.created_to.map(|to| Column::CreatedAt.lt(to)));
    for (column, wanted) in [
        (Column::Kind, &filter.kinds),
        (Column::State, &filter.states),
    ] {
        match wanted.as_slice() {
            [] => {}
            [one] => all = all.add(column.eq(one)),
            several => all = all.add(column.is_in(several)),
        }
    }
    if let Some(tag) = &filter.tag {
        let quoted = serde_json::to_string(tag).unwrap_or_default();
        all = all.add(finding::holds(backend, Column::Tags, &quoted));
    }
    if !filter.query.trim().is_empty() {
        all = all.add(about(backend, &filter.query));
    }
    all
}

/// All words occur, or it is the item's number.
pub(crate) fn about(backend: DbBackend, query: &str) -> Condition {
    let terms = search_text::terms(query);
    let mut words = finding::items(backend, &terms);
    for short in &terms.short {
        words = words.add(finding::holds(backend, item::Column::SearchText, short));
    }
    let number = query.trim().trim_start_matches(['#', '№']).parse::<i64>();
    match number {
        Ok(number) => Condition::any()
            .add(words)
            .add(item::Column::Seq.eq(number)),
        Err(_) => words,
    }
}

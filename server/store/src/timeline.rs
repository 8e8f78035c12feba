//! What happened with a client besides calls, newest first: items, files, changes people look for.

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    entity::{change, contact, file, item},
    finding,
};

/// People of a company whose doings stand in its time line, at most.
const MOST_PEOPLE: u64 = 500;
/// Deals of a client whose stages stand in his time line, at most.
const MOST_DEALS: u64 = 500;

/// Older than this: when, and the id of the last entry shown.
pub type Before = Option<(i64, Uuid)>;

impl Store {
    /// A client, and where it is a company those who work for it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn client_and_people(&self, client: Uuid) -> Result<Vec<Uuid>, StoreError> {
        let mut all: Vec<Uuid> = contact::Entity::find()
            .select_only()
            .column(contact::Column::Id)
            .filter(contact::Column::CompanyId.eq(client))
            .filter(contact::Column::DeletedAt.is_null())
            .limit(MOST_PEOPLE)
            .into_tuple()
            .all(&self.readers)
            .await?;
        all.push(client);
        Ok(all)
    }

    /// Items of these clients, of these kinds where any are given, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn timeline_items(
        &self,
        clients: &[Uuid],
        kinds: &[String],
        before: Before,
        limit: u64,
    ) -> Result<Vec<item::Model>, StoreError> {
        let mut select = item::Entity::find()
            .filter(item::Column::ContactId.is_in(clients.iter().copied()))
            .filter(item::Column::DeletedAt.is_null())
            .order_by_desc(item::Column::CreatedAt)
            .order_by_desc(item::Column::Id)
            .limit(limit);
        if !kinds.is_empty() {
            select = select.filter(item::Column::Kind.is_in(kinds));
        }
        if let Some((at, id)) = before {
            let same = item::Column::CreatedAt.eq(at).and(item::Column::Id.lt(id));
            select = select.filter(older(item::Column::CreatedAt.lt(at), same));
        }
        Ok(select.all(&self.readers).await?)
    }

    /// Files of these clients, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn timeline_files(
        &self,
        clients: &[Uuid],
        before: Before,
        limit: u64,
    ) -> Result<Vec<file::Model>, StoreError> {
        let mut select = file::Entity::find()
            .filter(file::Column::ContactId.is_in(clients.iter().copied()))
            .filter(file::Column::DeletedAt.is_null())
            .order_by_desc(file::Column::CreatedAt)
            .order_by_desc(file::Column::Id)
            .limit(limit);
        if let Some((at, id)) = before {
            let same = file::Column::CreatedAt.eq(at).and(file::Column::Id.lt(id));
            select = select.filter(older(file::Column::CreatedAt.lt(at), same));
        }
        Ok(select.all(&self.readers).await?)
    }

    /// Changes of these clients and their deals that people look for: stages, who is responsible, merges,
    /// hand-overs. Newest first; each comes with the deal's title, or none of a contact. As an id each has
    /// its number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn timeline_changes(
        &self,
        clients: &[Uuid],
        before: Before,
        limit: u64,
    ) -> Result<Vec<(change::Model, Option<String>)>, StoreError> {
        let deals: Vec<(Uuid, String)> = item::Entity::find()
            .select_only()
            .columns([item::Column::Id, item::Column::Title])
            .filter(item::Column::ContactId.is_in(clients.iter().copied()))
            .filter(item::Column::Kind.eq("deal"))
            .filter(item::Column::DeletedAt.is_null())
            .limit(MOST_DEALS)
            .into_tuple()
            .all(&self.readers)
            .await?;
        let of_deals = Condition::all()
            .add(change::Column::SubjectId.is_in(deals.iter().map(|(id, _)| *id)))
            .add(self.tells("state"));
        let of_clients = Condition::all()
            .add(change::Column::SubjectId.is_in(clients.iter().copied()))
            .add(
                Condition::any()
                    .add(change::Column::What.is_in(["merged", "handed_over"]))
                    .add(self.tells("responsible")),
            );
        let mut select = change::Entity::find()
            .filter(Condition::any().add(of_deals).add(of_clients))
            .order_by_desc(change::Column::At)
            .order_by_desc(change::Column::Seq)
            .limit(limit);
        if let Some((at, id)) = before {
            let seq = i64::try_from(id.as_u128()).unwrap_or(i64::MAX);
            let same = change::Column::At.eq(at).and(change::Column::Seq.lt(seq));
            select = select.filter(older(change::Column::At.lt(at), same));
        }
        let rows = select.all(&self.readers).await?;
        let title = |id: Uuid| {
            deals
                .iter()
                .find(|(deal, _)| *deal == id)
                .map(|(_, title)| title.clone())
        };
        Ok(rows
            .into_iter()
            .map(|row| (title(row.subject_id), row))
            .map(|(t, row)| (row, t))
            .collect())
    }

    /// Orders of these clients: how many, and their sums by currency.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn order_sums(
        &self,
        clients: &[Uuid],
    ) -> Result<(u64, Vec<(String, i64)>), StoreError> {
        let rows: Vec<(String, i64, i64)> = item::Entity::find()
            .select_only()
            .column(item::Column::Currency)
            .column_as(Expr::cust("COUNT(*)"), "orders")
            .column_as(
                Expr::cust("CAST(COALESCE(SUM(amount), 0) AS BIGINT)"),
                "amount",
            )
            .filter(item::Column::ContactId.is_in(clients.iter().copied()))
            .filter(item::Column::Kind.eq("order"))
            .filter(item::Column::DeletedAt.is_null())
            .group_by(item::Column::Currency)
            .into_tuple()
            .all(&self.readers)
            .await?;
        let count = rows.iter().map(|(_, count, _)| *count).sum::<i64>();
        let sums = rows
            .into_iter()
            .filter(|(currency, _, _)| !currency.is_empty());
        let sums = sums
            .map(|(currency, _, amount)| (currency, amount))
            .collect();
        Ok((u64::try_from(count).unwrap_or(0), sums))
    }

    fn tells(&self, field: &str) -> Expr {
        finding::holds(
            self.backend(),
            change::Column::Fields,
            &format!("[\"{field}\","),
        )
    }
}

fn older(earlier: Expr, same: Expr) -> Condition {
    Condition::any().add(earlier).add(same)
}

//! Pages that follow each other by the last row's key, however far one goes.

use sea_orm::{
    Condition, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, ExprTrait, QueryTrait,
    Select,
    sea_query::{Expr, Func, Query, SimpleExpr},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where the next page begins: what the last row was ordered by, and its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    value: Ordered,
    id: Uuid,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Ordered {
    Number(i64),
    Text(String),
}

impl Key {
    /// Of a row ordered by a number or a time.
    #[must_use]
    pub fn number(value: i64, id: Uuid) -> Self {
        Self {
            value: Ordered::Number(value),
            id,
        }
    }

    /// Of a row ordered by a text.
    #[must_use]
    pub fn text(value: &str, id: Uuid) -> Self {
        Self {
            value: Ordered::Text(value.to_owned()),
            id,
        }
    }
}

/// Rows beyond this one. The first condition follows from the second; by it an index is entered at the
/// right place.
pub(crate) fn beyond(by: Expr, id: Expr, after: &Key, descending: bool) -> Condition {
    let value: SimpleExpr = match &after.value {
        Ordered::Number(number) => (*number).into(),
        Ordered::Text(text) => text.clone().into(),
    };
    let same = Condition::all().add(by.clone().eq(value.clone()));
    let (from, later, same) = if descending {
        (
            by.clone().lte(value.clone()),
            by.lt(value),
            same.add(id.lt(after.id)),
        )
    } else {
        (
            by.clone().gte(value.clone()),
            by.gt(value),
            same.add(id.gt(after.id)),
        )
    };
    Condition::all()
        .add(from)
        .add(Condition::any().add(later).add(same))
}

/// How many rows a limited selection has, counted by the database.
pub(crate) async fn count<E: EntityTrait>(
    from: &DatabaseConnection,
    rows: Select<E>,
) -> Result<u64, DbErr> {
    let counted = Query::select()
        .expr(Func::count(Expr::cust("1")))
        .from_subquery(rows.into_query(), "counted")
        .to_owned();
    let row = from.query_one(&counted).await?;
    let count: i64 = row
        .map(|row| row.try_get_by_index(0))
        .transpose()?
        .unwrap_or(0);
    Ok(u64::try_from(count).unwrap_or(0))
}

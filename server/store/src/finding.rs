//! Texts that hold a text, as each database finds them: SQLite by its index of trigrams (FTS5),
//! PostgreSQL by `LIKE` with an index of `pg_trgm`.

use sea_orm::{
    ColumnTrait, Condition, DbBackend, ExprTrait,
    sea_query::{Expr, Func, LikeExpr, Value, extension::postgres::PgExpr as _},
};

use crate::{
    entity::{contact, item},
    search_text::Terms,
};

/// `column` holds `text`, with no character standing for others.
pub(crate) fn holds(backend: DbBackend, column: impl ColumnTrait, text: &str) -> Expr {
    match backend {
        // Its LIKE takes upper for lower case.
        DbBackend::Sqlite => {
            let at = Func::cust("instr").arg(column.into_expr()).arg(text);
            Expr::expr(at).gt(0)
        }
        _ => column.into_expr().like(pattern(text)),
    }
}

/// Every term of three characters and more occurs in what contacts are found by.
pub(crate) fn contacts(backend: DbBackend, terms: &Terms) -> Condition {
    let by_index = "\"contacts\".\"seq\" IN \
         (SELECT rowid FROM contact_search WHERE contact_search MATCH ?)";
    indexed(backend, terms, contact::Column::SearchText, by_index, None)
}

/// The same for items.
pub(crate) fn items(backend: DbBackend, terms: &Terms) -> Condition {
    let by_index = "\"items\".\"seq\" IN \
         (SELECT rowid FROM item_search WHERE item_search MATCH ?)";
    indexed(backend, terms, item::Column::SearchText, by_index, None)
}

/// The first of those contacts: no more than `limit` are taken from the index.
pub(crate) fn some_contacts(backend: DbBackend, terms: &Terms, limit: u64) -> Condition {
    let by_index = "\"contacts\".\"seq\" IN \
         (SELECT rowid FROM contact_search WHERE contact_search MATCH ? LIMIT ?)";
    indexed(
        backend,
        terms,
        contact::Column::SearchText,
        by_index,
        Some(limit),
    )
}

/// The last of those items.
pub(crate) fn some_items(backend: DbBackend, terms: &Terms, limit: u64) -> Condition {
    let by_index = "\"items\".\"seq\" IN (SELECT rowid FROM item_search \
         WHERE item_search MATCH ? ORDER BY rowid DESC LIMIT ?)";
    indexed(
        backend,
        terms,
        item::Column::SearchText,
        by_index,
        Some(limit),
    )
}

fn indexed(
    backend: DbBackend,
    terms: &Terms,
    column: impl ColumnTrait,
    by_index: &'static str,
    limit: Option<u64>,
) -> Condition {
    if terms.long.is_empty() {
        return Condition::all();
    }
    if backend == DbBackend::Sqlite {
        let mut values: Vec<Value> = vec![match_expression(&terms.long).into()];
        values.extend(limit.map(|limit| Value::from(i64::try_from(limit).unwrap_or(i64::MAX))));
        return Condition::all().add(Expr::cust_with_values(by_index, values));
    }
    let any = |spellings: &Vec<String>| {
        spellings.iter().fold(Condition::any(), |any, spelling| {
            any.add(holds(backend, column, spelling))
        })
    };
    terms
        .long
        .iter()
        .fold(Condition::all(), |all, spellings| all.add(any(spellings)))
}

/// A contact that was found by other means has every term of three characters and more.
pub(crate) fn contact_holds(backend: DbBackend, terms: &Terms) -> Condition {
    let any = |spellings: &Vec<String>| {
        spellings.iter().fold(Condition::any(), |any, spelling| {
            any.add(holds(backend, contact::Column::SearchText, spelling))
        })
    };
    terms
        .long
        .iter()
        .fold(Condition::all(), |all, spellings| all.add(any(spellings)))
}

/// A custom field has this value.
pub(crate) fn field_is(
    backend: DbBackend,
    fields: impl ColumnTrait,
    key: &str,
    value: &str,
) -> Expr {
    let read = match backend {
        DbBackend::Sqlite => Func::cust("json_extract")
            .arg(fields.into_expr())
            .arg(format!("$.\"{key}\"")),
        _ => Func::cust("jsonb_extract_path_text")
            .arg(fields.into_expr().cast_as("jsonb"))
            .arg(key),
    };
    Expr::expr(read).eq(value)
}

/// `column` holds `text`, in upper or lower case (PostgreSQL, whose escape is `\\` unless told).
pub(crate) fn holds_folded(column: impl ColumnTrait, text: &str) -> Expr {
    column.into_expr().ilike(escaped(text))
}

fn pattern(text: &str) -> LikeExpr {
    LikeExpr::new(escaped(text)).escape('\\')
}

/// `%text%`, with no character standing for others.
fn escaped(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// FTS5 syntax: `("a" OR "b") AND "c"`.
fn match_expression(terms: &[Vec<String>]) -> String {
    let quoted = |s: &String| format!("\"{}\"", s.replace('"', "\"\""));
    let alternatives = |spellings: &Vec<String>| {
        let quoted: Vec<_> = spellings.iter().map(quoted).collect();
        format!("({})", quoted.join(" OR "))
    };
    terms
        .iter()
        .map(alternatives)
        .collect::<Vec<_>>()
        .join(" AND ")
}

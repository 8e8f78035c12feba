//! Texts that hold a text, as each database finds them: SQLite by its index of trigrams (FTS5),
//! PostgreSQL by `LIKE` with an index of `pg_trgm`.

use sea_orm::{
    ColumnTrait, Condition, DbBackend, ExprTrait,
    sea_query::{Expr, Func, LikeExpr, Query, SelectStatement, Value},
};

use crate::{
    entity::{contact, contact_phone, item},
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

/// The numbers of the contacts that [`contacts`] finds.
pub(crate) fn numbers_of_contacts(backend: DbBackend, terms: &Terms) -> SelectStatement {
    let is_theirs = Expr::col((contact_phone::Entity, contact_phone::Column::ContactId))
        .equals((contact::Entity, contact::Column::Id));
    Query::select()
        .column((contact_phone::Entity, contact_phone::Column::E164))
        .from(contact::Entity)
        .inner_join(contact_phone::Entity, is_theirs)
        .and_where(contact::Column::DeletedAt.is_null())
        .cond_where(contacts(backend, terms))
        .to_owned()
}

fn pattern(text: &str) -> LikeExpr {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    LikeExpr::new(pattern).escape('\\')
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

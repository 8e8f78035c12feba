//! Texts that hold a text, as each database finds them: SQLite by its index of trigrams (FTS5),
//! PostgreSQL by `LIKE` with an index of `pg_trgm`.

use sea_orm::{
    ColumnTrait, Condition, DbBackend, ExprTrait,
    sea_query::{Expr, Func, LikeExpr, Query, SelectStatement},
};

use crate::{
    entity::{contact, contact_phone},
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
    if terms.long.is_empty() {
        return Condition::all();
    }
    if backend == DbBackend::Sqlite {
        return Condition::all().add(Expr::cust_with_values(
            "\"contacts\".\"seq\" IN (SELECT rowid FROM contact_search WHERE contact_search MATCH ?)",
            [match_expression(&terms.long)],
        ));
    }
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

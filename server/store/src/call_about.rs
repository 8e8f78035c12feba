//! Calls by a text: part of the client's name or number, or of what was written about the call.
//!
//! Which clients, numbers and notes hold the text is looked up first, by the indexes of trigrams. Where
//! they are few, their calls are read by index; where they are many, calls are walked through, and a page
//! is full soon.

use std::collections::HashSet;

use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, ExprTrait, JoinType, QueryFilter, QuerySelect,
    sea_query::{Expr, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{
    Store, StoreError,
    entity::{call, contact, contact_phone},
    finding,
    log_sums::{Meant, packed},
    search_text,
};

/// Clients, numbers and notes that are few.
const FEW: u64 = 2000;

/// Which calls a text means.
#[derive(Debug)]
pub(crate) enum About {
    /// Few clients, numbers and notes hold it: their calls are read by indexes.
    Few(Condition),
    /// Many do.
    Many(Box<Parts>),
}

impl Store {
    /// `None`: there is no text.
    pub(crate) async fn calls_about(&self, query: &str) -> Result<Option<About>, StoreError> {
        let query = query.trim();
        if query.is_empty() {
            return Ok(None);
        }
        let parts = Parts::of(self.backend(), query);
        Ok(Some(match self.few(&parts).await? {
            Some(few) => About::Few(few.condition()),
            None => About::Many(Box::new(parts)),
        }))
    }

    /// The calls meant, to be summed in memory; `None`: by the database.
    pub(crate) async fn meant(&self, parts: &Parts) -> Result<Option<Meant>, StoreError> {
        if parts.is_short {
            return Ok(None);
        }
        let mut numbers = HashSet::new();
        for select in parts.numbers.iter().chain(&parts.clients_numbers()) {
            // In one row: tens of thousands of rows take longer than finding them.
            let listed: Vec<Option<String>> = self.texts(&self.in_one(select), None).await?;
            let Some(listed) = listed.into_iter().next().flatten() else {
                continue;
            };
            for number in listed.split(' ') {
                match packed(number) {
                    Some(number) => numbers.insert(number),
                    None => return Ok(None),
                };
            }
        }
        let mut calls: Vec<Uuid> = self.texts(&parts.calls, None).await?;
        if let Some(theirs) = parts.clients_calls() {
            calls.extend(self.texts::<Uuid>(&theirs, None).await?);
        }
        Ok(Some(Meant {
            numbers,
            calls: calls.into_iter().collect(),
        }))
    }

    /// All texts of a selection of one column, with spaces between.
    fn in_one(&self, select: &SelectStatement) -> SelectStatement {
        let all = match self.backend() {
            DbBackend::Sqlite => "group_concat(all_of.e164, ' ')",
            _ => "string_agg(all_of.e164, ' ')",
        };
        Query::select()
            .expr(Expr::cust(all))
            .from_subquery(select.clone(), "all_of")
            .to_owned()
    }

    /// `None`: there are many, or no index finds them.
    async fn few(&self, parts: &Parts) -> Result<Option<Few>, StoreError> {
        if parts.is_short {
            return Ok(None);
        }
        let mut few = Few::default();
        let is_many = |count: usize| count as u64 > FEW;
        if let Some(clients) = &parts.clients {
            let select = contact::Entity::find()
                .select_only()
                .column(contact::Column::Id)
                .column(contact_phone::Column::E164)
                .join(JoinType::LeftJoin, contact_to_phone())
                .filter(contact::Column::DeletedAt.is_null())
                .filter(clients.clone())
                .limit(FEW + 1);
            let found: Vec<(Uuid, Option<String>)> = select.into_tuple().all(&self.readers).await?;
            if is_many(found.len()) {
                return Ok(None);
            }
            for (id, number) in found {
                few.clients.push(id);
                few.numbers.extend(number);
            }
        }
        for number in &parts.numbers {
            let found: Vec<String> = self.texts(number, Some(FEW + 1)).await?;
            if is_many(found.len()) {
                return Ok(None);
            }
            few.numbers.extend(found);
        }
        let found: Vec<Uuid> = self.texts(&parts.calls, Some(FEW + 1)).await?;
        if is_many(found.len()) {
            return Ok(None);
        }
        few.calls = found;
        few.clients.dedup();
        Ok(Some(few))
    }

    async fn texts<T: sea_orm::TryGetable>(
        &self,
        select: &SelectStatement,
        limit: Option<u64>,
    ) -> Result<Vec<T>, StoreError> {
        let mut some = select.clone();
        if let Some(limit) = limit {
            some.limit(limit);
        }
        let rows = sea_orm::ConnectionTrait::query_all(&self.readers, &some).await?;
        let values = rows.iter().map(|row| row.try_get_by_index(0));
        Ok(values.collect::<Result<_, _>>()?)
    }
}

/// Found by the indexes.
#[derive(Default)]
struct Few {
    clients: Vec<Uuid>,
    numbers: Vec<String>,
    calls: Vec<Uuid>,
}

impl Few {
    /// No empty list is in it: beside one SQLite uses no index.
    fn condition(self) -> Condition {
        let mut any = Condition::any();
        if !self.calls.is_empty() {
            any = any.add(call::Column::Id.is_in(self.calls));
        }
        if !self.numbers.is_empty() {
            any = any.add(call::Column::NumberE164.is_in(self.numbers));
        }
        if !self.clients.is_empty() {
            any = any.add(call::Column::ContactId.is_in(self.clients));
        }
        match any.is_empty() {
            true => Condition::all().add(call::Column::Id.is_in([Uuid::nil()])),
            false => any,
        }
    }
}

/// A text taken apart: what finds clients, numbers (E.164) and calls (ids).
#[derive(Debug)]
pub(crate) struct Parts {
    /// By the index.
    clients: Option<Condition>,
    /// The same of a client at hand.
    client: Condition,
    numbers: Vec<SelectStatement>,
    /// What the call at hand holds one of.
    call: Vec<Expr>,
    calls: SelectStatement,
    /// Without the indexes: it is too short for them.
    is_short: bool,
}

impl Parts {
    fn of(backend: DbBackend, query: &str) -> Self {
        let terms = search_text::terms(query);
        let is_number = |text: &&String| text.chars().all(|c| c.is_ascii_digit());
        let holds = |column, text: &str| finding::holds(backend, column, text);
        let long: Vec<&String> = terms.long.iter().flatten().filter(is_number).collect();
        let short: Vec<&String> = terms.short.iter().filter(is_number).collect();
        let is_short = query.chars().count() < 3 || !short.is_empty();
        let parts = long.iter().chain(&short);
        let mut call: Vec<Expr> = parts
            .map(|part| holds(call::Column::NumberE164, part))
            .collect();
        if is_short {
            call.push(holds(call::Column::NetworkName, query));
            call.push(holds(call::Column::Note, query));
        }
        Self {
            clients: (!terms.long.is_empty()).then(|| finding::contacts(backend, &terms)),
            client: finding::contact_holds(backend, &terms),
            numbers: long
                .iter()
                .map(|part| numbers_with(backend, part))
                .collect(),
            call,
            calls: calls_with(backend, query),
            is_short,
        }
    }

    /// For going through the calls, the newest first, until a page is full: each is looked at.
    pub(crate) fn of_each(&self) -> Condition {
        let mut any = self.of_call();
        if self.clients.is_some() {
            let with_number = Query::select()
                .expr(Expr::val(1))
                .from(contact_phone::Entity)
                .inner_join(contact::Entity, is_clients())
                .and_where(
                    Expr::col((contact_phone::Entity, contact_phone::Column::E164))
                        .equals((call::Entity, call::Column::NumberE164)),
                )
                .and_where(contact::Column::DeletedAt.is_null())
                .cond_where(self.client.clone())
                .to_owned();
            let said = Query::select()
                .expr(Expr::val(1))
                .from(contact::Entity)
                .and_where(
                    Expr::col((contact::Entity, contact::Column::Id))
                        .equals((call::Entity, call::Column::ContactId)),
                )
                .and_where(contact::Column::DeletedAt.is_null())
                .cond_where(self.client.clone())
                .to_owned();
            any = any.add(Expr::exists(with_number)).add(Expr::exists(said));
        }
        any
    }

    /// For summing all of them.
    pub(crate) fn of_all(&self) -> Condition {
        let mut any = self.of_call();
        if let Some(numbers) = self.clients_numbers() {
            any = any.add(call::Column::NumberE164.in_subquery(numbers));
        }
        if let Some(calls) = self.clients_calls() {
            any = any.add(call::Column::Id.in_subquery(calls));
        }
        any
    }

    /// What the call itself says.
    fn of_call(&self) -> Condition {
        let holds = self.call.iter().cloned();
        let any = holds.fold(Condition::any(), Condition::add);
        match self.is_short {
            true => any,
            false => any.add(call::Column::Id.in_subquery(self.calls.clone())),
        }
    }

    fn clients_numbers(&self) -> Option<SelectStatement> {
        let clients = self.clients.clone()?;
        let select = Query::select()
            .column((contact_phone::Entity, contact_phone::Column::E164))
            .from(contact::Entity)
            .inner_join(contact_phone::Entity, is_clients())
            .and_where(contact::Column::DeletedAt.is_null())
            .cond_where(clients)
            .to_owned();
        Some(select)
    }

    /// Calls of which it was said whom they were with.
    fn clients_calls(&self) -> Option<SelectStatement> {
        let named = Query::select()
            .column((contact::Entity, contact::Column::Id))
            .from(contact::Entity)
            .and_where(contact::Column::DeletedAt.is_null())
            .cond_where(self.clients.clone()?)
            .to_owned();
        let select = Query::select()
            .column(call::Column::Id)
            .from(call::Entity)
            .and_where(call::Column::ContactId.is_not_null())
            .and_where(call::Column::ContactId.in_subquery(named))
            .to_owned();
        Some(select)
    }
}

fn is_clients() -> Expr {
    Expr::col((contact_phone::Entity, contact_phone::Column::ContactId))
        .equals((contact::Entity, contact::Column::Id))
}

fn numbers_with(backend: DbBackend, part: &str) -> SelectStatement {
    if backend == DbBackend::Sqlite {
        let by_index = "seq IN (SELECT rowid FROM call_number_search \
             WHERE call_number_search MATCH ?)";
        return Query::select()
            .column("e164")
            .from("call_numbers")
            .and_where(Expr::cust_with_values(by_index, [quoted(part)]))
            .to_owned();
    }
    Query::select()
        .distinct()
        .expr_as(Expr::col(call::Column::NumberE164), "e164")
        .from(call::Entity)
        .and_where(finding::holds(backend, call::Column::NumberE164, part))
        .to_owned()
}

/// Of which the note, or the network's name for the client, holds a text.
fn calls_with(backend: DbBackend, text: &str) -> SelectStatement {
    if backend == DbBackend::Sqlite {
        let by_index = "seq IN (SELECT rowid FROM call_text_search \
             WHERE call_text_search MATCH ?)";
        return Query::select()
            .column("call_id")
            .from("call_texts")
            .and_where(Expr::cust_with_values(by_index, [quoted(text)]))
            .to_owned();
    }
    let holds = |column| finding::holds_folded(column, text);
    Query::select()
        .column(call::Column::Id)
        .from(call::Entity)
        .cond_where(
            Condition::any()
                .add(holds(call::Column::Note))
                .add(holds(call::Column::NetworkName)),
        )
        .to_owned()
}

/// A phrase in the syntax of FTS5.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn contact_to_phone() -> sea_orm::RelationDef {
    contact::Entity::belongs_to(contact_phone::Entity)
        .from(contact::Column::Id)
        .to(contact_phone::Column::ContactId)
        .into()
}

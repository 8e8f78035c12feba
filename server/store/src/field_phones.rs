//! Numbers in custom fields of contacts and in rows of the house's own tables: kept where a caller is found
//! by them. Which fields hold phones is in the settings; here stands whatever looks like a number.

use std::collections::BTreeMap;

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::entity::{field_phone, item};

/// Rows put into one statement.
const BATCH: usize = 500;

/// What is to be written.
#[derive(Debug, Default)]
pub(crate) struct Numbers(Vec<field_phone::ActiveModel>);

impl Numbers {
    /// Of a contact, or a row of an own table.
    pub(crate) fn add(&mut self, subject: Uuid, place: &str, fields: &BTreeMap<String, String>) {
        let numbers = fields.iter().filter(|(_, value)| is_number(value));
        self.0
            .extend(numbers.map(|(field, value)| field_phone::ActiveModel {
                e164: Set(value.clone()),
                place: Set(place.to_owned()),
                field: Set(field.clone()),
                subject_id: Set(subject),
            }));
    }
}

/// E.164, or digits where no country fits; as values of fields for phones are kept.
fn is_number(value: &str) -> bool {
    let digits = value.strip_prefix('+').unwrap_or(value);
    (2..=32).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Where those of a contact stand.
pub(crate) fn place_of(kind: &str) -> &'static str {
    match kind {
        "company" => "companies",
        _ => "contacts",
    }
}

/// Adds them.
pub(crate) async fn write(
    change: &impl ConnectionTrait,
    Numbers(mut rows): Numbers,
) -> Result<(), DbErr> {
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(BATCH));
        field_phone::Entity::insert_many(rows)
            .exec_without_returning(change)
            .await?;
        rows = rest;
    }
    Ok(())
}

/// Takes away those of these contacts and rows.
pub(crate) async fn forget(change: &impl ConnectionTrait, subjects: &[Uuid]) -> Result<(), DbErr> {
    for part in subjects.chunks(BATCH) {
        field_phone::Entity::delete_many()
            .filter(field_phone::Column::SubjectId.is_in(part.iter().copied()))
            .exec(change)
            .await?;
    }
    Ok(())
}

/// Writes those of items that are rows of own tables anew.
pub(crate) async fn of_item(
    change: &impl ConnectionTrait,
    row: &item::Model,
    is_new: bool,
) -> Result<(), DbErr> {
    let Some(table) = row.own_table.as_ref().filter(|_| row.kind == "own") else {
        return Ok(());
    };
    if !is_new {
        forget(change, &[row.id]).await?;
    }
    let fields: BTreeMap<String, String> = serde_json::from_str(&row.fields).unwrap_or_default();
    let mut numbers = Numbers::default();
    numbers.add(row.id, table, &fields);
    write(change, numbers).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_nothing_but_a_number_counts() {
        for (value, expected) in [
            ("+74951234567", true),
            ("602", true),
            ("+", false),
            ("7", false),
            ("", false),
            ("8 495 123-45-67", false),
            ("2026-01-31", false),
            ("12.5", false),
            ("true", false),
        ] {
            assert_eq!(is_number(value), expected, "{value}");
        }
    }
}

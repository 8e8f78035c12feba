//! Who changed what and when: written in the transaction of the change itself.

use std::collections::BTreeSet;

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{Store, StoreError, entity::change};

/// Who changes something; nobody: a rule does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Author {
    /// User.
    pub id: Option<Uuid>,
    /// His name as it is now.
    pub name: Option<String>,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written<T> {
    /// It is written; the row as it is now.
    Done(T),
    /// There is no such row (any more).
    Gone,
    /// It was changed by another meanwhile.
    Changed,
}

/// A field, what it was and what it became.
pub type FieldChange = (String, String, String);

/// Columns that change with everything, follow from others, or say nothing to people.
const SILENT: [&str; 12] = [
    "seq",
    "id",
    "search_text",
    "name_folded",
    "version",
    "updated_at",
    "created_at",
    "created_by",
    "is_open",
    "done_at",
    "deleted_at",
    "merged_into",
];

impl Store {
    /// Changes of a contact, item or call, newest first, older than `before` where given.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn changes(
        &self,
        subject: Uuid,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<change::Model>, StoreError> {
        let mut select = change::Entity::find()
            .filter(change::Column::SubjectId.eq(subject))
            .order_by_desc(change::Column::Seq)
            .limit(limit);
        if let Some(before) = before {
            select = select.filter(change::Column::Seq.lt(before));
        }
        Ok(select.all(&self.readers).await?)
    }

    /// Writes down that something happened to a contact, item or call (`listened`, `downloaded` …).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_change(
        &self,
        by: &Author,
        at: i64,
        subject: Uuid,
        what: &str,
        fields: &[FieldChange],
    ) -> Result<(), StoreError> {
        let change = self.begin().await?;
        note(&change, by, at, subject, what, fields).await?;
        Ok(change.commit().await?)
    }
}

pub(crate) async fn note(
    change: &DatabaseTransaction,
    by: &Author,
    at: i64,
    subject: Uuid,
    what: &str,
    fields: &[FieldChange],
) -> Result<(), StoreError> {
    let row = change::ActiveModel {
        seq: NotSet,
        at: Set(at),
        user_id: Set(by.id),
        user_name: Set(by.name.clone()),
        subject_id: Set(subject),
        what: Set(what.to_owned()),
        fields: Set(serde_json::to_string(fields).unwrap_or_default()),
    };
    change::Entity::insert(row)
        .exec_without_returning(change)
        .await?;
    Ok(())
}

/// What differs between two rows, as people read it; `fields` by its keys.
pub(crate) fn differences<T: Serialize>(before: &T, after: &T) -> Vec<FieldChange> {
    let mut found = Vec::new();
    let (before, after) = (object(before), object(after));
    compare("", &before, &after, &mut found);
    found
}

fn object<T: Serialize>(row: &T) -> Value {
    serde_json::to_value(row).unwrap_or_default()
}

fn compare(prefix: &str, before: &Value, after: &Value, found: &mut Vec<FieldChange>) {
    let keys = |value: &Value| -> BTreeSet<String> {
        let object = value.as_object();
        object
            .map(|map| map.keys().cloned().collect())
            .unwrap_or_default()
    };
    for key in keys(before).union(&keys(after)) {
        if prefix.is_empty() && SILENT.contains(&key.as_str()) {
            continue;
        }
        let (was, is) = (opened(&before[key]), opened(&after[key]));
        if was == is {
            continue;
        }
        if key == "fields" {
            compare("fields.", &was, &is, found);
        } else {
            let name = key.strip_suffix("_id").unwrap_or(key);
            found.push((format!("{prefix}{name}"), words(&was), words(&is)));
        }
    }
}

/// Lists and objects that are kept as JSON texts.
fn opened(value: &Value) -> Value {
    match value.as_str() {
        Some(text) if text.starts_with(['[', '{']) => {
            serde_json::from_str(text).unwrap_or_else(|_| value.clone())
        }
        _ => value.clone(),
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(words).collect::<Vec<_>>().join(", "),
        // A phone or an address: what people wrote.
        Value::Object(map) => {
            let shown = map.get("display").or_else(|| map.get("value"));
            shown.map(words).unwrap_or_else(|| value.to_string())
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::item;

    #[test]
    fn only_what_people_changed_is_told_and_in_their_words() {
        let before = item::Model {
            title: "Old".to_owned(),
            fields: r#"{"a":"1"}"#.to_owned(),
            tags: "[]".to_owned(),
            ..item::Model::default()
        };
        let after = item::Model {
            title: "New".to_owned(),
            amount: Some(5),
            fields: r#"{"a":"2","b":"x"}"#.to_owned(),
            tags: r#"["vip","new"]"#.to_owned(),
            version: 7,
            updated_at: 9,
            ..item::Model::default()
        };
        let told = differences(&before, &after);
        let expected = [
            ("amount", "", "5"),
            ("fields.a", "1", "2"),
            ("fields.b", "", "x"),
            ("tags", "", "vip, new"),
            ("title", "Old", "New"),
        ];
        assert_eq!(
            told,
            expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()))
        );
    }
}

//! Looking up and changing header fields by name.

use super::Fields;
use crate::header::same_name;

pub fn first<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields
        .iter()
        .find(|(field, _)| same_name(field, name))
        .map(|(_, value)| value.as_str())
}

pub fn all<'a>(fields: &'a Fields, name: &'a str) -> impl Iterator<Item = &'a str> {
    fields
        .iter()
        .filter(move |(field, _)| same_name(field, name))
        .map(|(_, value)| value.as_str())
}

pub fn set(fields: &mut Fields, name: &str, value: String) {
    let Some(first) = fields.iter().position(|(field, _)| same_name(field, name)) else {
        fields.push((name.to_owned(), value));
        return;
    };
    fields[first].1 = value;
    let mut index = 0;
    fields.retain(|(field, _)| {
        index += 1;
        index - 1 <= first || !same_name(field, name)
    });
}

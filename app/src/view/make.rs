//! What is made from a call: what was typed, and what the call knows by itself.

use api_types::{CallRecord, ItemDraft, ItemKind};

/// What was typed into the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Made {
    /// Title, of an order its number.
    pub title: String,
    /// Text.
    pub text: String,
    /// Sum as typed.
    pub sum: String,
    /// As a field of date and time has it; empty: none.
    pub due: String,
    /// User id; empty: oneself.
    pub owner: String,
    /// Key of a result.
    pub state: String,
}

/// Filled with the client, the call and the deal; `due` in ms since 1970, `me` a user id. `None`: the
/// sum is none.
pub fn draft(
    kind: ItemKind,
    made: &Made,
    call: &CallRecord,
    due: Option<i64>,
    me: Option<String>,
) -> Option<ItemDraft> {
    let deal = call.deal.as_ref().map(|deal| deal.id.clone());
    let open = call.client.as_ref().and_then(|client| client.deals.first());
    let deal = deal.or_else(|| open.map(|deal| deal.id.clone()));
    let owner = Some(made.owner.clone()).filter(|owner| !owner.is_empty());
    Some(ItemDraft {
        kind,
        title: made.title.trim().to_owned(),
        text: made.text.trim().to_owned(),
        state: made.state.clone(),
        sort: if kind == ItemKind::Order {
            "order".to_owned()
        } else {
            String::new()
        },
        contact: call.contact.as_ref().map(|contact| contact.id.clone()),
        deal: deal.filter(|_| kind != ItemKind::Deal),
        call: Some(call.id.clone()),
        owner: owner.or(me),
        amount: amount(&made.sum)?,
        due_at: due,
        ..ItemDraft::default()
    })
}

/// A sum in hundredths: `1 200,50`, `1200.5`, `1200`; the outer `None`: that is no sum.
pub fn amount(typed: &str) -> Option<Option<i64>> {
    let plain: String = typed
        .chars()
        .filter(|sign| !sign.is_whitespace() && *sign != '\u{a0}')
        .map(|sign| if sign == ',' { '.' } else { sign })
        .collect();
    if plain.is_empty() {
        return Some(None);
    }
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(part) || part.len() > 2 {
        return None;
    }
    let hundredths: i64 = format!("{part:0<2}").parse().ok()?;
    let whole: i64 = whole.parse().ok()?;
    Some(Some(whole.checked_mul(100)?.checked_add(hundredths)?))
}

#[cfg(test)]
mod tests {
    use api_types::{CallStatus, ContactRef};

    use super::*;
    use crate::view::card::samples::record;

    #[test]
    fn sums_are_read_as_people_write_them() {
        for (typed, read) in [
            ("", Some(None)),
            ("1200", Some(Some(120_000))),
            ("1 200,5", Some(Some(120_050))),
            ("0.05", Some(Some(5))),
            ("1.234", None),
            ("twelve", None),
            ("-5", None),
            (".5", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(amount(typed), read, "{typed}");
        }
    }

    #[test]
    fn what_is_made_from_a_call_knows_client_call_and_owner() {
        let mut call = record("c1", CallStatus::Talking);
        call.contact = Some(ContactRef {
            id: "k".into(),
            name: "Vera".into(),
        });
        let made = Made {
            title: " Send ".into(),
            ..Made::default()
        };
        let draft = draft(ItemKind::Task, &made, &call, Some(5), Some("me".into())).unwrap();
        assert_eq!(draft.title, "Send");
        assert_eq!(draft.contact.as_deref(), Some("k"));
        assert_eq!(draft.call.as_deref(), Some("c1"));
        assert_eq!(draft.owner.as_deref(), Some("me"));
        assert_eq!(draft.due_at, Some(5));
    }
}

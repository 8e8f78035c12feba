//! What each kind of item may hold, and what follows from it.

use api_types::{ItemDraft, ItemKind, StageKind, WorkSettings};

use store::entity::item;

use super::{Problem, short};
use crate::calls::name_of;

/// Characters of a text at most.
const LONGEST_TEXT: usize = 20_000;
/// Hundredths of a currency at most, either way.
const MOST: i64 = 100_000_000_000_000;
/// States of orders after which nothing is left to do.
const ORDER_ENDS: [&str; 2] = ["delivered", "cancelled"];

/// What follows from a draft and the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Judged {
    /// State.
    pub state: String,
    /// Whether it is still to be dealt with.
    pub is_open: bool,
    /// Pipeline; only of deals.
    pub pipeline: Option<String>,
    /// A finer kind.
    pub sort: String,
    /// Title; may be empty.
    pub title: String,
    /// Text.
    pub text: String,
    /// Place; only of meetings.
    pub place: String,
    /// Currency; empty without a sum.
    pub currency: String,
}

/// Where its custom fields are described; `None`: it has none.
pub(crate) fn table(draft: &ItemDraft) -> Option<&str> {
    match draft.kind {
        ItemKind::Deal => Some("deals"),
        ItemKind::Task | ItemKind::Meeting => Some("tasks"),
        ItemKind::Order => Some("orders"),
        ItemKind::Request => Some("requests"),
        ItemKind::Own => draft.table.as_deref(),
        ItemKind::Interaction
        | ItemKind::Invoice
        | ItemKind::Payment
        | ItemKind::Unsorted
        | ItemKind::Note => None,
    }
}

/// The draft against what its kind may hold. `before`: state and pipeline of the item that is changed; what
/// it had stays good when the settings changed.
pub(crate) fn judge(
    settings: &WorkSettings,
    draft: &ItemDraft,
    before: Option<(&str, Option<&str>)>,
) -> Result<Judged, Problem> {
    texts(draft)?;
    money(draft)?;
    belongings(settings, draft)?;
    let pipeline = pipeline(settings, draft, before)?;
    let state = draft.state.trim();
    let held = before.filter(|(_, held)| *held == pipeline.as_deref());
    let state = match (state.is_empty(), held) {
        (true, Some((held, _))) => held.to_owned(),
        (true, None) => first(settings, draft.kind, pipeline.as_deref()),
        (false, Some((held, _))) if held == state => held.to_owned(),
        (false, _) => known(settings, draft.kind, pipeline.as_deref(), state)?,
    };
    let is_open = is_open(settings, draft.kind, pipeline.as_deref(), &state);
    let has_sum = draft.amount.is_some();
    Ok(Judged {
        state,
        is_open,
        pipeline,
        sort: sort(draft)?,
        title: short(&draft.title, 300, "title", "the title")?,
        text: short(&draft.text, LONGEST_TEXT, "text", "the text")?,
        place: short(&draft.place, 300, "place", "the place")?,
        currency: match draft.currency.trim() {
            _ if !has_sum => String::new(),
            "" => settings.currency.clone(),
            currency => currency.to_owned(),
        },
    })
}

/// Whether an item of this kind in this state is still to be dealt with.
pub(crate) fn is_open(
    settings: &WorkSettings,
    kind: ItemKind,
    pipeline: Option<&str>,
    state: &str,
) -> bool {
    match kind {
        ItemKind::Deal => {
            let stages = settings
                .pipelines
                .iter()
                .filter(|known| pipeline.is_none_or(|key| key == known.key))
                .flat_map(|known| &known.stages);
            let mut found = stages.filter(|stage| stage.key == state);
            found
                .next()
                .is_none_or(|stage| stage.kind == StageKind::Open)
        }
        ItemKind::Task
        | ItemKind::Meeting
        | ItemKind::Invoice
        | ItemKind::Request
        | ItemKind::Unsorted => state == "open",
        ItemKind::Order => {
            let known = |end: &&str| settings.order_states.iter().any(|one| one.key == **end);
            match ORDER_ENDS.iter().any(known) {
                true => !ORDER_ENDS.contains(&state),
                false => settings
                    .order_states
                    .last()
                    .is_none_or(|last| last.key != state),
            }
        }
        ItemKind::Interaction | ItemKind::Payment | ItemKind::Note | ItemKind::Own => false,
    }
}

/// Puts an item into another state; one it is in already changes nothing.
pub(crate) fn change_state(
    settings: &WorkSettings,
    row: &mut item::Model,
    state: &str,
    now: i64,
) -> Result<(), Problem> {
    if row.state == state {
        return Ok(());
    }
    let kind = name_of(&row.kind).unwrap_or(ItemKind::Note);
    let pipeline = row.pipeline.as_deref();
    row.state = known(settings, kind, pipeline, state)?;
    row.is_open = is_open(settings, kind, pipeline, &row.state);
    row.done_at = done_at(kind, row.is_open, row.done_at, now);
    Ok(())
}

/// States an item of this kind can be in, the first one first; `None`: it has none.
pub(crate) fn states(
    settings: &WorkSettings,
    kind: ItemKind,
    pipeline: Option<&str>,
) -> Option<Vec<String>> {
    let fixed = |states: &[&str]| Some(states.iter().map(|&state| state.to_owned()).collect());
    let chosen =
        |list: &[api_types::Choice]| list.iter().map(|choice| choice.key.clone()).collect();
    match kind {
        ItemKind::Deal => {
            let mut found = settings.pipelines.iter();
            let pipeline = found.find(|known| pipeline.is_none_or(|key| key == known.key))?;
            Some(
                pipeline
                    .stages
                    .iter()
                    .map(|stage| stage.key.clone())
                    .collect(),
            )
        }
        ItemKind::Task | ItemKind::Meeting => fixed(&["open", "done"]),
        ItemKind::Invoice => fixed(&["open", "paid"]),
        ItemKind::Request => fixed(&["open", "closed"]),
        ItemKind::Unsorted => fixed(&["open", "accepted", "dismissed"]),
        ItemKind::Order => Some(chosen(&settings.order_states)),
        ItemKind::Interaction => Some(chosen(&settings.results)),
        ItemKind::Payment | ItemKind::Note | ItemKind::Own => None,
    }
}

/// When it was done, if it is: the time it was, or now.
pub(crate) fn done_at(kind: ItemKind, is_open: bool, before: Option<i64>, now: i64) -> Option<i64> {
    let ends = !matches!(
        kind,
        ItemKind::Interaction | ItemKind::Payment | ItemKind::Note | ItemKind::Own
    );
    (ends && !is_open).then(|| before.unwrap_or(now))
}

/// A title made from what is known, the first that is not empty: the beginning of the text where that says
/// what it is, the client, the number, the day.
pub(crate) fn title(kind: ItemKind, text: &str, client: &str, number: &str, day: &str) -> String {
    let told = match kind {
        ItemKind::Task
        | ItemKind::Meeting
        | ItemKind::Interaction
        | ItemKind::Note
        | ItemKind::Request => text,
        ItemKind::Deal
        | ItemKind::Order
        | ItemKind::Invoice
        | ItemKind::Payment
        | ItemKind::Unsorted
        | ItemKind::Own => "",
    };
    let line = told.lines().next().unwrap_or_default().trim();
    let mut beginning: String = line.chars().take(80).collect();
    if beginning.len() < line.len() {
        beginning.push('…');
    }
    let mut known = [beginning.as_str(), client, number, day].into_iter();
    known
        .find(|known| !known.is_empty())
        .unwrap_or_default()
        .to_owned()
}

fn first(settings: &WorkSettings, kind: ItemKind, pipeline: Option<&str>) -> String {
    if kind == ItemKind::Interaction {
        return String::new();
    }
    let states = states(settings, kind, pipeline).unwrap_or_default();
    states.into_iter().next().unwrap_or_default()
}

fn known(
    settings: &WorkSettings,
    kind: ItemKind,
    pipeline: Option<&str>,
    state: &str,
) -> Result<String, Problem> {
    let states = states(settings, kind, pipeline).unwrap_or_default();
    if states.iter().any(|known| known == state) {
        return Ok(state.to_owned());
    }
    let message = match states.is_empty() {
        true => "such records have no state; leave it empty".to_owned(),
        false => format!(
            "there is no state {state:?}; choose one of {}",
            states.join(", ")
        ),
    };
    Err(Problem::new("bad_state", "state", message))
}

fn pipeline(
    settings: &WorkSettings,
    draft: &ItemDraft,
    before: Option<(&str, Option<&str>)>,
) -> Result<Option<String>, Problem> {
    if draft.kind != ItemKind::Deal {
        return Ok(None);
    }
    let held = before.and_then(|(_, pipeline)| pipeline);
    let first = settings
        .pipelines
        .first()
        .map(|pipeline| pipeline.key.as_str());
    let wanted = draft.pipeline.as_deref().filter(|key| !key.is_empty());
    let key = wanted.or(held).or(first).unwrap_or_default();
    let is_known = settings
        .pipelines
        .iter()
        .any(|pipeline| pipeline.key == key);
    if is_known || held == Some(key) {
        return Ok(Some(key.to_owned()));
    }
    let message =
        format!("there is no pipeline {key:?}; reload the page, the settings were changed");
    Err(Problem::new("no_pipeline", "pipeline", message))
}

fn sort(draft: &ItemDraft) -> Result<String, Problem> {
    let allowed: &[&str] = match draft.kind {
        ItemKind::Order => &["order", "one_click", "pre_order"],
        ItemKind::Unsorted => &["missed", "request", "voicemail"],
        _ => return Ok(String::new()),
    };
    match draft.sort.trim() {
        "" => Ok(allowed[0].to_owned()),
        sort if allowed.contains(&sort) => Ok(sort.to_owned()),
        _ => {
            let message = format!("choose one of {}", allowed.join(", "));
            Err(Problem::new("bad_sort", "sort", message))
        }
    }
}

fn texts(draft: &ItemDraft) -> Result<(), Problem> {
    if draft.kind == ItemKind::Note && draft.text.trim().is_empty() {
        return Err(Problem::new(
            "no_text",
            "text",
            "write something into the note",
        ));
    }
    if draft.kind != ItemKind::Meeting
        && (draft.ends_at.is_some() || !draft.place.trim().is_empty())
    {
        let message = "only meetings have a place and an end";
        return Err(Problem::new("not_a_meeting", "place", message));
    }
    if let (Some(begins), Some(ends)) = (draft.due_at, draft.ends_at)
        && ends < begins
    {
        let message = "the meeting ends before it begins; change one of the times";
        return Err(Problem::new("ends_early", "ends_at", message));
    }
    Ok(())
}

fn money(draft: &ItemDraft) -> Result<(), Problem> {
    let Some(amount) = draft.amount else {
        return Ok(());
    };
    let has_sum = matches!(
        draft.kind,
        ItemKind::Deal | ItemKind::Order | ItemKind::Invoice | ItemKind::Payment
    );
    if !has_sum {
        let message = "only deals, orders, invoices and payments have a sum";
        return Err(Problem::new("no_sum", "amount", message));
    }
    if amount.abs() > MOST {
        let message = "the sum is too large; check its zeros";
        return Err(Problem::new("bad_amount", "amount", message));
    }
    let currency = draft.currency.trim();
    if currency.is_empty()
        || (currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase()))
    {
        return Ok(());
    }
    let message = "give the currency's three letters, for example RUB or EUR";
    Err(Problem::new("bad_currency", "currency", message))
}

fn belongings(settings: &WorkSettings, draft: &ItemDraft) -> Result<(), Problem> {
    let own = draft.table.as_deref().filter(|table| !table.is_empty());
    let is_table = own.is_some_and(|key| settings.tables.iter().any(|table| table.key == key));
    match draft.kind {
        ItemKind::Own if !is_table => {
            let message = "there is no such table; reload the page, the settings were changed";
            return Err(Problem::new("no_table", "table", message));
        }
        ItemKind::Own => {}
        _ if own.is_some() => {
            let message = "only rows of the house's own tables have a table";
            return Err(Problem::new("no_table", "table", message));
        }
        _ => {}
    }
    let may_have_parent = matches!(draft.kind, ItemKind::Invoice | ItemKind::Payment);
    if draft.parent.is_some() && !may_have_parent {
        let message = "only invoices and payments belong to an order";
        return Err(Problem::new("no_parent", "parent", message));
    }
    if draft.moment_ms.is_some() && (draft.kind != ItemKind::Note || draft.call.is_none()) {
        let message = "only notes of a call stand on a moment of it";
        return Err(Problem::new("no_moment", "moment_ms", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(kind: ItemKind, state: &str) -> ItemDraft {
        ItemDraft {
            kind,
            state: state.to_owned(),
            text: "text".to_owned(),
            ..ItemDraft::default()
        }
    }

    #[test]
    fn each_kind_begins_in_its_first_state_and_is_open_until_its_last() {
        let settings = WorkSettings::default();
        for (kind, state, expected) in [
            (ItemKind::Deal, "", Some(("in_progress", true))),
            (ItemKind::Deal, "won", Some(("won", false))),
            (ItemKind::Deal, "open", None),
            (ItemKind::Task, "", Some(("open", true))),
            (ItemKind::Task, "done", Some(("done", false))),
            (ItemKind::Meeting, "paid", None),
            (ItemKind::Interaction, "", Some(("", false))),
            (ItemKind::Interaction, "sale", Some(("sale", false))),
            (ItemKind::Order, "", Some(("new", true))),
            (ItemKind::Order, "shipped", Some(("shipped", true))),
            (ItemKind::Order, "delivered", Some(("delivered", false))),
            (ItemKind::Invoice, "paid", Some(("paid", false))),
            (ItemKind::Payment, "", Some(("", false))),
            (ItemKind::Payment, "open", None),
            (ItemKind::Request, "closed", Some(("closed", false))),
            (ItemKind::Unsorted, "", Some(("open", true))),
            (ItemKind::Unsorted, "dismissed", Some(("dismissed", false))),
            (ItemKind::Note, "", Some(("", false))),
        ] {
            let judged = judge(&settings, &draft(kind, state), None).ok();
            let found = judged
                .as_ref()
                .map(|judged| (judged.state.as_str(), judged.is_open));
            assert_eq!(found, expected, "{kind:?} {state}");
        }
    }

    #[test]
    fn what_a_kind_cannot_hold_is_refused_with_the_field() {
        let settings = WorkSettings::default();
        let task = || draft(ItemKind::Task, "");
        let some = || Some("x".to_owned());
        for (draft, field) in [
            (
                ItemDraft {
                    amount: Some(1),
                    ..task()
                },
                "amount",
            ),
            (
                ItemDraft {
                    parent: some(),
                    ..task()
                },
                "parent",
            ),
            (
                ItemDraft {
                    table: some(),
                    ..task()
                },
                "table",
            ),
            (
                ItemDraft {
                    moment_ms: Some(1),
                    ..task()
                },
                "moment_ms",
            ),
            (
                ItemDraft {
                    place: "Roof".to_owned(),
                    ..task()
                },
                "place",
            ),
            (
                ItemDraft {
                    title: "x".repeat(301),
                    ..task()
                },
                "title",
            ),
            (
                ItemDraft {
                    text: "x".repeat(20_001),
                    ..task()
                },
                "text",
            ),
            (
                ItemDraft {
                    due_at: Some(2),
                    ends_at: Some(1),
                    ..draft(ItemKind::Meeting, "")
                },
                "ends_at",
            ),
            (
                ItemDraft {
                    table: some(),
                    ..draft(ItemKind::Own, "")
                },
                "table",
            ),
            (
                ItemDraft {
                    sort: "gift".to_owned(),
                    ..draft(ItemKind::Order, "")
                },
                "sort",
            ),
            (
                ItemDraft {
                    pipeline: some(),
                    ..draft(ItemKind::Deal, "")
                },
                "pipeline",
            ),
            (
                ItemDraft {
                    amount: Some(i64::MIN + 1),
                    ..draft(ItemKind::Deal, "")
                },
                "amount",
            ),
            (
                ItemDraft {
                    amount: Some(1),
                    currency: "₽".to_owned(),
                    ..draft(ItemKind::Deal, "")
                },
                "currency",
            ),
            (
                ItemDraft {
                    text: " ".to_owned(),
                    ..draft(ItemKind::Note, "")
                },
                "text",
            ),
        ] {
            let problem = judge(&settings, &draft, None).unwrap_err();
            assert_eq!(problem.field, field, "{problem:?}");
        }
    }

    #[test]
    fn a_state_that_was_taken_out_of_the_settings_stays_where_it_is() {
        let settings = WorkSettings::default();
        let before = Some(("negotiation", Some("sales")));
        let kept = judge(&settings, &draft(ItemKind::Deal, "negotiation"), before).unwrap();
        assert_eq!((kept.state.as_str(), kept.is_open), ("negotiation", true));
        let unsaid = judge(&settings, &draft(ItemKind::Deal, ""), before).unwrap();
        assert_eq!(unsaid.state, "negotiation");
    }

    #[test]
    fn a_title_is_made_from_what_is_known() {
        let long = "word ".repeat(40);
        for (kind, text, client, number, expected) in [
            (ItemKind::Task, "Call back\nsoon", "Ann", "+7", "Call back"),
            (ItemKind::Deal, "Wants a sofa", "Ann", "+7", "Ann"),
            (ItemKind::Deal, "", "", "+7 495", "+7 495"),
            (ItemKind::Order, "", "", "", "2026-11-22"),
        ] {
            assert_eq!(title(kind, text, client, number, "2026-11-22"), expected);
        }
        assert!(title(ItemKind::Note, &long, "", "", "").ends_with('…'));
    }

    #[test]
    fn it_is_done_when_it_was_done_first() {
        for (kind, is_open, before, expected) in [
            (ItemKind::Task, false, None, Some(9)),
            (ItemKind::Task, false, Some(5), Some(5)),
            (ItemKind::Task, true, Some(5), None),
            (ItemKind::Note, false, None, None),
        ] {
            assert_eq!(done_at(kind, is_open, before, 9), expected, "{kind:?}");
        }
    }
}

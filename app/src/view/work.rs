//! How the house works with clients, in words: stages, kinds, sums.

use api_types::{Item, ItemKind, Pipeline, Stage, StageKind, WorkSettings};

/// The pipeline a deal goes through; the first where it names none that is known.
pub fn pipeline_of<'a>(work: &'a WorkSettings, key: Option<&str>) -> Option<&'a Pipeline> {
    work.pipelines
        .iter()
        .find(|pipeline| Some(pipeline.key.as_str()) == key)
        .or_else(|| work.pipelines.first())
}

/// A deal's stage, which of the open ones it is (from 1; all of them once it is over) and how many there are.
pub fn stage_of<'a>(work: &'a WorkSettings, deal: &Item) -> Option<(&'a Stage, usize, usize)> {
    let pipeline = pipeline_of(work, deal.pipeline.as_deref())?;
    let stage = pipeline
        .stages
        .iter()
        .find(|stage| stage.key == deal.state)?;
    let open: Vec<&Stage> = pipeline
        .stages
        .iter()
        .filter(|stage| stage.kind == StageKind::Open)
        .collect();
    let step = open
        .iter()
        .position(|one| one.key == stage.key)
        .map_or(open.len(), |place| place + 1);
    Some((stage, step, open.len()))
}

phrases! {
    /// What an item is.
    pub enum KindName {
        /// Deal.
        Deal => kind.deal,
        /// Task.
        Task => kind.task,
        /// Meeting.
        Meeting => kind.meeting,
        /// Interaction.
        Interaction => kind.interaction,
        /// Order.
        Order => kind.order,
        /// Invoice.
        Invoice => kind.invoice,
        /// Payment.
        Payment => kind.payment,
        /// Request.
        Request => kind.request,
        /// Entry of Unsorted.
        Unsorted => kind.unsorted,
        /// Note.
        Note => kind.note,
        /// Row of an own table.
        Own => kind.own,
    }
}

impl KindName {
    /// Of a kind.
    pub fn of(kind: ItemKind) -> Self {
        match kind {
            ItemKind::Deal => Self::Deal,
            ItemKind::Task => Self::Task,
            ItemKind::Meeting => Self::Meeting,
            ItemKind::Interaction => Self::Interaction,
            ItemKind::Order => Self::Order,
            ItemKind::Invoice => Self::Invoice,
            ItemKind::Payment => Self::Payment,
            ItemKind::Request => Self::Request,
            ItemKind::Unsorted => Self::Unsorted,
            ItemKind::Note => Self::Note,
            ItemKind::Own => Self::Own,
        }
    }

    /// Its sign.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Deal => "square-kanban",
            Self::Task => "square-check",
            Self::Meeting => "calendar",
            Self::Interaction => "message-square",
            Self::Order => "package",
            Self::Invoice | Self::Payment => "receipt",
            Self::Request => "life-buoy",
            Self::Unsorted => "inbox",
            Self::Note | Self::Own => "sticky-note",
        }
    }
}

/// Name of a kind in the API's queries.
pub fn kind_key(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Deal => "deal",
        ItemKind::Task => "task",
        ItemKind::Meeting => "meeting",
        ItemKind::Interaction => "interaction",
        ItemKind::Order => "order",
        ItemKind::Invoice => "invoice",
        ItemKind::Payment => "payment",
        ItemKind::Request => "request",
        ItemKind::Unsorted => "unsorted",
        ItemKind::Note => "note",
        ItemKind::Own => "own",
    }
}

/// The table whose custom fields a kind has.
pub fn table_of(kind: ItemKind) -> Option<&'static str> {
    match kind {
        ItemKind::Deal => Some("deals"),
        ItemKind::Order => Some("orders"),
        ItemKind::Request => Some("requests"),
        ItemKind::Task | ItemKind::Meeting => Some("tasks"),
        _ => None,
    }
}

/// A sum in hundredths as people write it: `846 000 ₽`, `12.50 €` (with a narrow space that does not break).
pub fn money(amount: i64, currency: &str, comma: bool) -> String {
    let (whole, part) = (amount.unsigned_abs() / 100, amount.unsigned_abs() % 100);
    let mut text = String::new();
    if amount < 0 {
        text.push('−');
    }
    let digits = whole.to_string();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    if part > 0 {
        text.push(if comma { ',' } else { '.' });
        text.push_str(&format!("{part:02}"));
    }
    if !currency.is_empty() {
        text.push('\u{a0}');
        text.push_str(sign(currency));
    }
    text
}

fn sign(currency: &str) -> &str {
    match currency {
        "RUB" => "₽",
        "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        "KZT" => "₸",
        "UAH" => "₴",
        "BYN" => "Br",
        other => other,
    }
}

/// A typed sum in hundredths: spaces are passed over, a comma is a point. `None`: not a sum.
pub fn read_money(text: &str) -> Option<i64> {
    let plain: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .map(|letter| if letter == ',' { '.' } else { letter })
        .collect();
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    let is_digits = |text: &str| text.chars().all(|letter| letter.is_ascii_digit());
    if whole.is_empty()
        || whole.len() > 13
        || part.len() > 2
        || !is_digits(whole)
        || !is_digits(part)
    {
        return None;
    }
    let cents: i64 = format!("{part:0<2}").parse().ok()?;
    Some(whole.parse::<i64>().ok()? * 100 + cents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_counted_among_the_open_ones() {
        let mut work = WorkSettings::default();
        let second = Stage {
            key: "quote".into(),
            name: "Quote".into(),
            kind: StageKind::Open,
            script: String::new(),
        };
        work.pipelines[0].stages.insert(1, second);
        let deal = |state: &str| Item {
            state: state.into(),
            ..Item::default()
        };
        let step = |state: &str| stage_of(&work, &deal(state)).map(|(_, step, of)| (step, of));
        assert_eq!(step("in_progress"), Some((1, 2)));
        assert_eq!(step("quote"), Some((2, 2)));
        assert_eq!(step("won"), Some((2, 2)));
        assert_eq!(step("gone"), None);
    }

    #[test]
    fn sums_are_written_in_groups_and_read_back() {
        for (amount, currency, text) in [
            (84_600_000, "RUB", "846\u{a0}000\u{a0}₽"),
            (1_250, "EUR", "12.50\u{a0}€"),
            (100, "", "1"),
            (-123_456_789, "CHF", "−1\u{a0}234\u{a0}567.89\u{a0}CHF"),
        ] {
            assert_eq!(money(amount, currency, false), text);
        }
        assert_eq!(money(1_205, "RUB", true), "12,05\u{a0}₽");
        assert_eq!(read_money("846 000"), Some(84_600_000));
        assert_eq!(read_money("12,5"), Some(1_250));
        for wrong in ["", "a", "1.234", "-5", "1.2.3"] {
            assert_eq!(read_money(wrong), None, "{wrong}");
        }
    }
}

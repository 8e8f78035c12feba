//! The face of a call card: the phone's call and the server's record of it, merged.

use api_types::{Brought, CallRecord, PhoneNumber};
use phone::{CallView, Side};

mod words;

#[cfg(test)]
pub(crate) mod samples;
pub mod target;
#[cfg(test)]
mod tests;

pub use words::{HandOnWords, PhaseWords, phase_name};

/// What a card says about who is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Face {
    /// Who began the call.
    pub side: Side,
    /// The big line.
    pub who: Who,
    /// The number in full, for the second line; `None` when it is the big line, or withheld.
    pub number: Option<String>,
    /// What the network calls them, if it says more than the number.
    pub network_name: Option<String>,
    /// Line's name and number, once known.
    pub line: Option<(String, String)>,
    /// The colleague who hands the call over, asks about it or, where we dialled, has parked it, and
    /// what was noted so far.
    pub brought: Option<(String, String)>,
    /// A number that is in no contact: one can be made from it. `None` until the server has said so.
    pub unknown_number: Option<String>,
}

/// The big line of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A contact.
    Contact(String),
    /// A number.
    Number(String),
    /// The caller hides the number.
    Withheld,
}

impl Who {
    /// The text, if it is not a fixed phrase.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Contact(text) | Self::Number(text) => Some(text),
            Self::Withheld => None,
        }
    }
}

impl Face {
    /// Of a card; at least one of the two is there.
    pub fn of(call: Option<&CallView>, record: Option<&CallRecord>) -> Self {
        let side = side(call, record);
        if let Some(brought) = record.and_then(|record| record.brought.as_ref()) {
            return Self::brought(side, brought);
        }
        let number = shown_number(call, record);
        let contact = record
            .and_then(|record| {
                let contact = record.contact.as_ref().map(|contact| &contact.name);
                contact.or(record.row.as_ref().map(|row| &row.title))
            })
            .cloned();
        let who = match (contact, &number) {
            (Some(name), _) => Who::Contact(name),
            (None, Some(number)) => Who::Number(number.clone()),
            (None, None) => Who::Withheld,
        };
        let network_name = network_name(call, record)
            .filter(|name| Some(name) != number.as_ref() && who.text() != Some(name));
        let is_contact = matches!(who, Who::Contact(_));
        Self {
            side,
            number: if is_contact { number } else { None },
            brought: None,
            unknown_number: unknown_number(record),
            network_name,
            line: line(call, record),
            who,
        }
    }

    /// There is no record, but the server has said in which contact the number is; empty: in none.
    pub fn known_as(&mut self, name: &str) {
        let Who::Number(number) = &self.who else {
            return;
        };
        if name.is_empty() {
            self.unknown_number = Some(number.clone());
        } else {
            self.number = Some(number.clone());
            self.network_name = self.network_name.take().filter(|network| network != name);
            self.who = Who::Contact(name.to_owned());
        }
    }

    /// Of the client a colleague brings, not of the colleague.
    fn brought(side: Side, brought: &Brought) -> Self {
        let number = brought.number.as_ref().map(|number| number.display.clone());
        let who = match (&brought.contact, &number) {
            (Some(contact), _) => Who::Contact(contact.name.clone()),
            (None, Some(number)) => Who::Number(number.clone()),
            (None, None) => Who::Withheld,
        };
        let line = brought.line.as_ref();
        Self {
            side,
            number: number.filter(|_| matches!(who, Who::Contact(_))),
            network_name: None,
            line: line.map(|line| (line.label.clone(), distinct(&line.number, &line.label))),
            brought: Some((brought.by.name.clone(), brought.note.clone())),
            unknown_number: None,
            who,
        }
    }
}

fn side(call: Option<&CallView>, record: Option<&CallRecord>) -> Side {
    match (call, record) {
        (Some(call), _) => call.side,
        (None, Some(record)) if record.direction == api_types::Direction::Outgoing => {
            Side::Outgoing
        }
        (None, _) => Side::Incoming,
    }
}

fn shown_number(call: Option<&CallView>, record: Option<&CallRecord>) -> Option<String> {
    let from_record = record
        .and_then(|record| record.number.as_ref())
        .map(|number| number.display.clone());
    let from_call = || call.map(|call| call.number.clone());
    from_record
        .or_else(from_call)
        .filter(|number| !number.is_empty() && !number.eq_ignore_ascii_case("anonymous"))
}

fn network_name(call: Option<&CallView>, record: Option<&CallRecord>) -> Option<String> {
    let from_record = record.and_then(|record| record.network_name.clone());
    from_record
        .or_else(|| call.map(|call| call.display_name.clone()))
        .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("anonymous"))
        .filter(|name| crate::view::dial::number(name).is_none())
}

fn line(call: Option<&CallView>, record: Option<&CallRecord>) -> Option<(String, String)> {
    let from_record = record.and_then(|record| record.line.as_ref());
    match from_record {
        Some(line) => Some((line.label.clone(), distinct(&line.number, &line.label))),
        None => call
            .and_then(|call| call.line.clone())
            .map(|label| (label, String::new())),
    }
}

/// The number unless the label already is that number.
fn distinct(number: &PhoneNumber, label: &str) -> String {
    if number.display == label || number.e164 == label {
        String::new()
    } else {
        number.display.clone()
    }
}

fn unknown_number(record: Option<&CallRecord>) -> Option<String> {
    let record = record.filter(|record| record.contact.is_none())?;
    record.number.as_ref().map(|number| number.display.clone())
}

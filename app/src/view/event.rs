//! Events off the wire.

use api_types::Event;
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Envelope<'a> {
    r#type: String,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Gone {
    id: String,
}

/// How an event is read off the stream; `None` when it is none that is wanted.
pub type Read = fn(&str) -> Option<Event>;

/// What the desk needs to know: calls, colleagues, and that something else is to be read anew. How
/// the other records are read would be downloaded before the phone.
pub fn read_for_desk(text: &str) -> Option<Event> {
    let envelope: Envelope = serde_json::from_str(text).ok()?;
    let data = envelope.data.map_or("null", RawValue::get);
    match envelope.r#type.as_str() {
        "call" => serde_json::from_str(data).map(Event::Call),
        "colleague" => serde_json::from_str(data).map(Event::Colleague),
        "far_quality" => serde_json::from_str(data).map(Event::FarQuality),
        "contact" | "contact_deleted" | "many" => Ok(Event::Many),
        "resync" => Ok(Event::Resync),
        _ => return None,
    }
    .ok()
}

/// An event of the stream; `None` when it is none we know.
///
/// Not `Event`'s own `Deserialize`: that takes a tag which may follow its data, and so contains
/// every record's reading a second time, which each browser would have to download.
pub fn read(text: &str) -> Option<Event> {
    let envelope: Envelope = serde_json::from_str(text).ok()?;
    let data = envelope.data.map_or("null", RawValue::get);
    let gone = || serde_json::from_str::<Gone>(data).map(|gone| gone.id);
    match envelope.r#type.as_str() {
        "call" => serde_json::from_str(data).map(Event::Call),
        "contact" => serde_json::from_str(data).map(Event::Contact),
        "contact_deleted" => gone().map(|id| Event::ContactDeleted { id }),
        "colleague" => serde_json::from_str(data).map(Event::Colleague),
        "line" => serde_json::from_str(data).map(Event::Line),
        "far_quality" => serde_json::from_str(data).map(Event::FarQuality),
        "line_deleted" => gone().map(|id| Event::LineDeleted { id }),
        "item" => serde_json::from_str(data).map(Event::Item),
        "item_deleted" => gone().map(|id| Event::ItemDeleted { id }),
        "files" => gone().map(|id| Event::Files { id }),
        "notice" => serde_json::from_str(data).map(Event::Notice),
        "many" => Ok(Event::Many),
        "work" => serde_json::from_str(data).map(Event::Work),
        "resync" => Ok(Event::Resync),
        _ => return None,
    }
    .ok()
}

#[cfg(test)]
mod tests {
    use api_types::{CallStatus, Contact, Item, Line, LineState, LineTransport, PhoneNumber};

    use super::*;
    use crate::view::card::samples::record;

    fn number() -> PhoneNumber {
        PhoneNumber {
            e164: "+74951234567".into(),
            display: "+7 495 123-45-67".into(),
        }
    }

    fn line(registration: LineState) -> Event {
        Event::Line(Line {
            id: "lin_1".into(),
            label: "Office".into(),
            user: "100".into(),
            domain: "sip.example".into(),
            number: number(),
            record: true,
            default_outgoing: false,
            provider: None,
            transport: LineTransport::Udp,
            trunk: false,
            channels: None,
            channels_in_use: 0,
            has_balance: false,
            registration,
            changed_at: 1,
        })
    }

    #[test]
    fn every_event_the_server_writes_is_read_as_it_was() {
        let contact = Contact {
            id: "cnt_1".into(),
            name: "Anna \"A\" Орлова".into(),
            ..Contact::default()
        };
        let failed = LineState::Failed {
            code: 403,
            reason: "Forbidden".into(),
        };
        let registered = LineState::Registered {
            expires_secs: 300,
            round_trip_ms: 12,
        };
        for event in [
            Event::Call(record("call_1", CallStatus::Talking)),
            Event::Contact(contact),
            Event::ContactDeleted { id: "cnt_1".into() },
            line(LineState::Trying),
            line(registered),
            line(failed),
            Event::LineDeleted { id: "lin_1".into() },
            Event::Item(Item::default()),
            Event::ItemDeleted { id: "itm_1".into() },
            Event::Files { id: "con_1".into() },
            Event::Many,
            Event::Work(Box::default()),
            Event::Resync,
        ] {
            let text = serde_json::to_string(&event).unwrap();
            assert_eq!(read(&text), Some(event), "{text}");
        }
    }

    #[test]
    fn the_desk_reads_calls_and_knows_that_contacts_changed() {
        let call = Event::Call(record("call_1", CallStatus::Talking));
        let text = serde_json::to_string(&call).unwrap();
        assert_eq!(read_for_desk(&text), Some(call));
        let contact = Event::Contact(Contact::default());
        for changed in [contact, Event::ContactDeleted { id: "1".into() }] {
            let text = serde_json::to_string(&changed).unwrap();
            assert_eq!(read_for_desk(&text), Some(Event::Many), "{text}");
        }
        let task = serde_json::to_string(&Event::Item(Item::default())).unwrap();
        assert_eq!(read_for_desk(&task), None);
    }

    #[test]
    fn what_is_unknown_is_passed_over() {
        assert_eq!(read(r#"{"type":"weather","data":{}}"#), None);
        assert_eq!(read("nonsense"), None);
    }
}

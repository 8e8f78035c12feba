//! Calls and records for tests.

use super::*;
use api_types::{CallStatus, ContactRef, Direction, LineRef};
use phone::{CallKey, CallPhase};

pub fn call(key: u64) -> CallView {
    CallView {
        key: CallKey(key),
        call_id: None,
        side: Side::Incoming,
        number: "+74951234567".into(),
        display_name: String::new(),
        line: None,
        phase: CallPhase::RingingIn,
        muted: false,
        began_at: 0,
        answered_at: None,
        digits: String::new(),
        held: false,
        returning: false,
        consults_for: None,
        transfer: None,
        members: Vec::new(),
        way: None,
        quality: None,
    }
}

pub fn record(id: &str, status: CallStatus) -> CallRecord {
    CallRecord {
        id: id.into(),
        direction: Direction::Incoming,
        status,
        started_at: 0,
        answered_at: None,
        ended_at: None,
        employee: None,
        rung: vec!["101".into()],
        contact: None,
        number: Some(PhoneNumber {
            e164: "+74951234567".into(),
            display: "+7 495 123-45-67".into(),
        }),
        network_name: None,
        line: Some(LineRef {
            id: "l".into(),
            label: "Sales".into(),
            number: PhoneNumber {
                e164: "+78005550123".into(),
                display: "8 800 555-01-23".into(),
            },
        }),
        hung_up_by: None,
        sip_code: 0,
        sip_reason: String::new(),
        recording: None,
        digits: String::new(),
        note: String::new(),
        brought: None,
        parked_in: None,
        put_into: None,
        is_held: false,
        client: None,
        row: None,
        wait_ms: 0,
        talk_ms: 0,
        deal: None,
        result: None,
        reason: None,
        returned: None,
        tries: 0,
        calling_back: None,
        legal_hold: false,
    }
}

pub fn contact(name: &str) -> ContactRef {
    ContactRef {
        id: "c".into(),
        name: name.into(),
    }
}

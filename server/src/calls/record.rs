//! A call's row as the API shows it.

use api_types::{
    CallRecord, CallStatus, ContactRef, Direction, EmployeeRef, LineRef, PhoneNumber, Recording,
    RecordingState, Returned,
};
use serde::{Serialize, de::DeserializeOwned};
use store::entity::{call, recording};
use time::{OffsetDateTime, macros::format_description};

/// How an enum's value is stored: as the API names it.
pub(crate) fn word<T: Serialize>(value: T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The value with this name.
pub(crate) fn name_of<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}

/// The record people see. `contact` is who the number belongs to now.
pub(crate) fn to_record(
    call: &call::Model,
    recording: Option<&recording::Model>,
    contact: Option<ContactRef>,
) -> CallRecord {
    CallRecord {
        id: call.id.simple().to_string(),
        direction: name_of(&call.direction).unwrap_or(Direction::Internal),
        status: name_of(&call.status).unwrap_or(CallStatus::Failed),
        started_at: call.started_at,
        answered_at: call.answered_at,
        ended_at: call.ended_at,
        employee: employee(call),
        rung: serde_json::from_str(&call.rung).unwrap_or_default(),
        contact,
        row: None,
        number: number(call.number_e164.as_ref(), call.number_display.as_ref()),
        network_name: call.network_name.clone(),
        line: line(call),
        hung_up_by: call.hung_up_by.as_deref().and_then(name_of),
        sip_code: u16::try_from(call.sip_code).unwrap_or(0),
        sip_reason: call.sip_reason.clone(),
        recording: recording.map(|recording| show(recording, call)),
        digits: call.digits.clone(),
        note: call.note.clone(),
        brought: None,
        parked_in: None,
        put_into: None,
        is_held: false,
        client: None,
        wait_ms: u64::try_from(call.wait_ms).unwrap_or(0),
        talk_ms: u64::try_from(call.talk_ms).unwrap_or(0),
        deal: None,
        result: call.result.clone(),
        reason: call.reason.clone(),
        returned: returned(call),
        tries: u32::try_from(call.tries).unwrap_or(0),
        calling_back: None,
        legal_hold: call.legal_hold,
    }
}

fn returned(call: &call::Model) -> Option<Returned> {
    let by = call
        .returned_by_extension
        .clone()
        .map(|extension| EmployeeRef {
            name: call
                .returned_by_name
                .clone()
                .unwrap_or_else(|| extension.clone()),
            extension,
        });
    Some(Returned {
        at: call.returned_at?,
        by,
        call: call.returned_call?.simple().to_string(),
    })
}

fn employee(call: &call::Model) -> Option<EmployeeRef> {
    let extension = call.employee_extension.clone()?;
    let name = call
        .employee_name
        .clone()
        .unwrap_or_else(|| extension.clone());
    Some(EmployeeRef { extension, name })
}

fn line(call: &call::Model) -> Option<LineRef> {
    Some(LineRef {
        id: call.line_id?.to_string(),
        label: call.line_label.clone()?,
        number: number(
            call.line_number_e164.as_ref(),
            call.line_number_display.as_ref(),
        )?,
    })
}

fn number(e164: Option<&String>, display: Option<&String>) -> Option<PhoneNumber> {
    let e164 = e164?.clone();
    let display = display.cloned().unwrap_or_else(|| e164.clone());
    Some(PhoneNumber { e164, display })
}

fn show(recording: &recording::Model, call: &call::Model) -> Recording {
    let unsigned = |value: i64| u64::try_from(value).unwrap_or(0);
    Recording {
        state: name_of(&recording.state).unwrap_or(RecordingState::Failed),
        duration_ms: unsigned(recording.duration_ms),
        bytes: unsigned(recording.bytes),
        gap_ms: unsigned(recording.gap_ms),
        file_name: recording_name(call),
        note: recording.note.clone(),
        kept_until: None,
    }
}

/// `<id>_<number>_<date>.mp3`; the date is UTC.
pub(crate) fn recording_name(call: &call::Model) -> String {
    let number: String = call
        .number_e164
        .as_deref()
        .unwrap_or("withheld")
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let format = format_description!("[year]-[month]-[day]_[hour]-[minute]-[second]");
    let date = OffsetDateTime::from_unix_timestamp(call.started_at.div_euclid(1000))
        .ok()
        .and_then(|time| time.format(&format).ok())
        .unwrap_or_default();
    format!("{}_{number}_{date}.mp3", call.id.simple())
}

#[cfg(test)]
mod tests {
    use api_types::HungUpBy;

    use super::*;

    #[test]
    fn words_are_those_of_the_api() {
        assert_eq!(word(CallStatus::NoAnswer), "no_answer");
        assert_eq!(name_of::<HungUpBy>("client"), Some(HungUpBy::Client));
        assert_eq!(name_of::<CallStatus>("nonsense"), None);
    }
}

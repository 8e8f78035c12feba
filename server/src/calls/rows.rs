//! Rows as they are when something begins or is made.

use api_types::{CallStatus, PhoneNumber, RecordingState};
use numbering::is_withheld;
use sip_gateway::ports::{CallEvent, Disposition};
use store::entity::{call, recording};
use uuid::Uuid;

use super::word;
use crate::{
    clock::{now_ms, to_ms},
    routing::{KnownLine, Office},
};

/// An empty call; recovery fills one in for a recording whose row was lost.
pub(crate) fn blank(id: Uuid, started_at: i64) -> call::Model {
    call::Model {
        id,
        version: 0,
        direction: "incoming".to_owned(),
        status: word(CallStatus::Trying),
        started_at,
        answered_at: None,
        ended_at: None,
        updated_at: started_at,
        employee_id: None,
        employee_extension: None,
        employee_name: None,
        rung: "[]".to_owned(),
        number_e164: None,
        number_display: None,
        network_name: None,
        our_number: String::new(),
        line_id: None,
        line_label: None,
        line_number_e164: None,
        line_number_display: None,
        hung_up_by: None,
        sip_code: 0,
        sip_reason: String::new(),
        digits: String::new(),
        note: String::new(),
        path: "[]".to_owned(),
        ..call::Model::default()
    }
}

pub(super) fn begin(event: &CallEvent, office: &Office) -> call::Model {
    let CallEvent::CallStarted {
        id,
        at,
        direction,
        line,
        number,
        network_name,
        our_number,
        ..
    } = event
    else {
        return blank(Uuid::nil(), now_ms());
    };
    let number = number
        .as_deref()
        .filter(|number| !is_withheld(number))
        .map(|number| office.rules.read_caller(number));
    let line = line
        .and_then(|line| office.line(line))
        .map(|line| named(line, our_number, office));
    call::Model {
        direction: word(direction),
        number_e164: number.as_ref().map(|number| number.e164.clone()),
        number_display: number.map(|number| number.display),
        network_name: network_name.clone(),
        our_number: our_number.clone(),
        line_id: line.as_ref().map(|(id, _, _)| *id),
        line_label: line.as_ref().map(|(_, label, _)| label.clone()),
        line_number_e164: line.as_ref().map(|(_, _, number)| number.e164.clone()),
        line_number_display: line.map(|(_, _, number)| number.display),
        ..blank(*id, to_ms(*at))
    }
}

/// A line as a call's record names it: by the label of the further number that is called or shown.
fn named(line: &KnownLine, our_number: &str, office: &Office) -> (Uuid, String, PhoneNumber) {
    let called = line.called(&office.numbers().read(our_number));
    match called {
        Some(known) if !known.label.is_empty() => {
            (line.id, known.label.clone(), known.number.clone())
        }
        Some(known) => (line.id, line.label.clone(), known.number.clone()),
        None => (line.id, line.label.clone(), line.number.clone()),
    }
}

/// Wait and talk time, as far as they are known.
pub(super) fn time(call: &mut call::Model) {
    let until = call.answered_at.or(call.ended_at);
    call.wait_ms = until.map_or(0, |until| (until - call.started_at).max(0));
    let talked = call.answered_at.zip(call.ended_at);
    call.talk_ms = talked.map_or(0, |(from, to)| (to - from).max(0));
}

pub(super) fn outcome(disposition: Disposition) -> CallStatus {
    match disposition {
        Disposition::Answered => CallStatus::Answered,
        Disposition::Busy => CallStatus::Busy,
        Disposition::NoAnswer => CallStatus::NoAnswer,
        Disposition::Rejected => CallStatus::Rejected,
        Disposition::Cancelled => CallStatus::Cancelled,
        Disposition::Failed => CallStatus::Failed,
    }
}

pub(super) fn recording_begun(call_id: Uuid, journal: String) -> recording::Model {
    recording::Model {
        call_id,
        state: word(RecordingState::Running),
        duration_ms: 0,
        bytes: 0,
        gap_ms: 0,
        peaks_per_sec: 0,
        mp3: None,
        peaks: None,
        journal: Some(journal),
        note: String::new(),
    }
}

pub(super) fn recording_made(
    call_id: Uuid,
    files: &sip_gateway::recording::Finished,
) -> recording::Model {
    let signed = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let name = |path: &std::path::Path| {
        path.file_name()
            .map(|name| name.to_string_lossy().into_owned())
    };
    let note = match files.gap_ms {
        0 => String::new(),
        gap => format!("{gap} ms are missing: the disk could not keep up or was full"),
    };
    recording::Model {
        call_id,
        state: word(RecordingState::Ready),
        duration_ms: signed(files.duration_ms),
        bytes: signed(files.bytes),
        gap_ms: signed(files.gap_ms),
        peaks_per_sec: i32::try_from(files.peaks_per_sec).unwrap_or(0),
        mp3: name(&files.mp3),
        peaks: name(&files.peaks),
        journal: None,
        note,
    }
}

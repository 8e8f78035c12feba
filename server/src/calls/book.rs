//! The calls that go on, as they are now.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use api_types::{CallRecord, CallStatus, ContactRef, Event, PhoneNumber, RecordingState};
use numbering::is_withheld;
use sip_gateway::ports::{CallEvent, Disposition};
use store::{
    CallState, Store, StoreError,
    entity::{call, recording},
};
use uuid::Uuid;

use super::{Writer, path, to_record, word};
use crate::{
    clock::{now_ms, to_ms},
    events::{Audience, EventHub},
    routing::{KnownLine, Office},
    switchboard::Switchboard,
};

/// Digits kept of one call.
const MOST_DIGITS: usize = 256;

/// Turns events into states, records and rows.
pub(crate) struct CallBook {
    store: Store,
    hub: Arc<EventHub>,
    switchboard: Arc<Switchboard>,
    writer: Arc<Writer>,
    live: Mutex<HashMap<Uuid, Live>>,
}

#[derive(Clone, Debug)]
struct Live {
    state: CallState,
    contact: Option<ContactRef>,
}

/// Whether a call was there before an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Before,
    BegunNow,
}

impl Live {
    fn record(&self) -> CallRecord {
        to_record(
            &self.state.call,
            self.state.recording.as_ref(),
            self.contact.clone(),
        )
    }

    /// Nothing more will happen to it.
    fn is_over(&self) -> bool {
        let making = |recording: &recording::Model| {
            recording.state == "running" || recording.state == "finishing"
        };
        self.state.call.ended_at.is_some() && !self.state.recording.as_ref().is_some_and(making)
    }
}

impl CallBook {
    /// With no calls.
    pub(crate) fn new(
        store: Store,
        hub: Arc<EventHub>,
        switchboard: Arc<Switchboard>,
        writer: Arc<Writer>,
    ) -> Self {
        Self {
            store,
            hub,
            switchboard,
            writer,
            live: Mutex::default(),
        }
    }

    /// Something happened to a call. Events that are not about calls are ignored.
    pub(crate) async fn apply(&self, event: &CallEvent) {
        let Some(id) = call_of(event) else { return };
        let known = self.make_live(id, event).await;
        let mut live = self.live();
        let Some(call) = live.get_mut(&id) else {
            tracing::warn!(call.id = %id, "something happened to a call nobody knows");
            return;
        };
        if known == Known::Before && !may_follow(&call.state, event) {
            tracing::warn!(call.id = %id, "an event of another call with an id used before was ignored");
            if call.is_over() {
                live.remove(&id);
            }
            return;
        }
        self.change(&mut call.state, event);
        call.state.call.version += 1;
        self.tell(call);
        self.writer.put(call.state.clone());
        if call.is_over() {
            live.remove(&id);
        }
    }

    /// A call as it is now, if it goes on or is not written yet.
    pub(crate) fn current(&self, id: Uuid) -> Option<CallState> {
        let live = self.live().get(&id).map(|call| call.state.clone());
        live.or_else(|| self.writer.unwritten(id))
    }

    /// Writes what people noted about a call; `false` when there is no such call.
    pub(crate) async fn set_note(&self, id: Uuid, note: &str) -> Result<bool, StoreError> {
        if !self.store.set_call_note(id, note).await? {
            // It may have begun this moment.
            self.writer.flush(Duration::from_secs(2)).await;
            if !self.store.set_call_note(id, note).await? {
                return Ok(false);
            }
        }
        let told = match self.live().get_mut(&id) {
            Some(call) => {
                note.clone_into(&mut call.state.call.note);
                self.tell(call);
                true
            }
            None => false,
        };
        if !told && let Some(state) = self.store.call_state(id).await? {
            let contact = self.contact_of(state.call.number_e164.as_deref()).await;
            self.tell(&Live { state, contact });
        }
        Ok(true)
    }

    /// Contacts changed: calls that go on may belong to somebody else now.
    pub(crate) async fn contacts_changed(&self) {
        let numbers: Vec<(Uuid, Option<String>)> = self
            .live()
            .iter()
            .map(|(id, call)| (*id, call.state.call.number_e164.clone()))
            .collect();
        for (id, number) in numbers {
            let contact = self.contact_of(number.as_deref()).await;
            if let Some(call) = self.live().get_mut(&id)
                && call.contact != contact
            {
                call.contact = contact;
                self.tell(call);
            }
        }
    }

    /// Waits until everything is written.
    pub(crate) async fn flush(&self, patience: Duration) -> bool {
        self.writer.flush(patience).await
    }

    /// Writes and shows a state made elsewhere (recovery).
    pub(super) async fn adopt(&self, state: CallState) {
        let contact = self.contact_of(state.call.number_e164.as_deref()).await;
        let call = Live { state, contact };
        self.tell(&call);
        self.writer.put(call.state.clone());
        if !call.is_over() {
            self.live().insert(call.state.call.id, call);
        }
    }

    fn live(&self) -> MutexGuard<'_, HashMap<Uuid, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, call: &Live) {
        self.hub.publish(
            &Event::Call(call.record()),
            Audience::Call(call.state.viewers.clone()),
        );
    }

    /// Takes a call among the live ones, or begins it.
    async fn make_live(&self, id: Uuid, event: &CallEvent) -> Known {
        if self.live().contains_key(&id) {
            return Known::Before;
        }
        let stored = match self.writer.unwritten(id) {
            Some(state) => Some(state),
            None => self.store.call_state(id).await.unwrap_or_else(|error| {
                // A call that begins is taken down all the same: the store keeps an older one.
                tracing::error!(call.id = %id, %error, "a call could not be looked up");
                None
            }),
        };
        let (known, state) = match (stored, event) {
            (Some(state), _) => (Known::Before, state),
            (None, CallEvent::CallStarted { .. }) => {
                let call = begin(event, self);
                let (viewers, recording) = (Vec::new(), None);
                let state = CallState {
                    call,
                    viewers,
                    recording,
                };
                (Known::BegunNow, state)
            }
            (None, _) => return Known::Before,
        };
        let contact = self.contact_of(state.call.number_e164.as_deref()).await;
        self.live().insert(id, Live { state, contact });
        known
    }

    async fn contact_of(&self, number: Option<&str>) -> Option<ContactRef> {
        match self.store.contact_by_number(number?).await {
            Ok(found) => found.map(|(id, name)| ContactRef {
                id: id.to_string(),
                name,
            }),
            Err(error) => {
                tracing::error!(%error, "a caller could not be looked up");
                None
            }
        }
    }

    fn change(&self, state: &mut CallState, event: &CallEvent) {
        let call = &mut state.call;
        if let Some(why) = self.switchboard.take_refusal(call.id) {
            path::push(&mut call.path, path::bare(now_ms(), why));
        }
        match event {
            CallEvent::CallStarted { extension, .. } => {
                if let Some(extension) = extension {
                    self.employee(state, extension);
                }
            }
            CallEvent::CallRinging { at, extensions, .. } => {
                call.updated_at = to_ms(*at);
                call.status = word(CallStatus::Ringing);
                self.ring(state, extensions);
            }
            CallEvent::CallAnswered { at, extension, .. } => {
                call.updated_at = to_ms(*at);
                call.status = word(CallStatus::Talking);
                call.answered_at = Some(to_ms(*at));
                if call.direction == "incoming" || call.employee_extension.is_none() {
                    self.employee(state, extension);
                } else {
                    self.may_see(state, extension);
                }
            }
            // The record is that of whoever talks last; who transferred may go on seeing it.
            CallEvent::CallTransferred {
                at,
                from,
                to,
                dialled,
                ..
            } => {
                call.updated_at = to_ms(*at);
                let step = path::transferred(to_ms(*at), from, to.as_deref(), dialled);
                path::push(&mut call.path, step);
                if let Some(extension) = to {
                    self.employee(state, extension);
                }
            }
            CallEvent::CallJoined { at, .. }
            | CallEvent::CallHeld { at, .. }
            | CallEvent::CallVanished { at, .. }
            | CallEvent::CallReattached { at, .. }
            | CallEvent::CallParked { at, .. }
            | CallEvent::ThirdJoined { at, .. }
            | CallEvent::ThirdLeft { at, .. } => call.updated_at = to_ms(*at),
            CallEvent::CallUnparked { at, by, .. } => {
                call.updated_at = to_ms(*at);
                self.employee(state, by);
            }
            CallEvent::CallEnded {
                at,
                disposition,
                by,
                code,
                reason,
                ..
            } => {
                call.updated_at = to_ms(*at);
                call.ended_at = Some(to_ms(*at));
                call.status = word(outcome(*disposition));
                call.hung_up_by = Some(word(by));
                call.sip_code = i32::from(*code);
                call.sip_reason.clone_from(reason);
                if let Some(recording) = state
                    .recording
                    .as_mut()
                    .filter(|recording| recording.state == "running")
                {
                    recording.state = word(RecordingState::Finishing);
                }
            }
            CallEvent::RecordingStarted { journal, .. } => {
                state.recording = Some(recording_begun(
                    call.id,
                    journal.to_string_lossy().into_owned(),
                ));
            }
            CallEvent::RecordingReady { files, .. } => {
                state.recording = Some(recording_made(call.id, files))
            }
            CallEvent::RecordingFailed { reason, .. } => {
                let failed = state
                    .recording
                    .get_or_insert_with(|| recording_begun(call.id, String::new()));
                failed.state = word(RecordingState::Failed);
                failed.note.clone_from(reason);
            }
            CallEvent::Digit {
                digit, from_agent, ..
            } => {
                if !from_agent && call.digits.len() < MOST_DIGITS {
                    call.digits.push(*digit);
                }
            }
            CallEvent::PathStep { at, step, .. } => {
                call.updated_at = to_ms(*at);
                let step = path::told(to_ms(*at), step, &self.switchboard.office());
                path::push(&mut call.path, step);
            }
            CallEvent::LineUsage { .. }
            | CallEvent::LineChanged { .. }
            | CallEvent::BindingsChanged { .. }
            | CallEvent::LockedOut { .. } => {}
        }
    }

    /// This one talks, or called.
    fn employee(&self, state: &mut CallState, extension: &str) {
        let employee = self.switchboard.employee(extension);
        state.call.employee_extension = Some(extension.to_owned());
        state.call.employee_id = employee.as_ref().map(|employee| employee.user);
        state.call.employee_name = employee.map(|employee| employee.name);
        self.may_see(state, extension);
    }

    fn ring(&self, state: &mut CallState, extensions: &[String]) {
        let mut rung: Vec<String> = serde_json::from_str(&state.call.rung).unwrap_or_default();
        for extension in extensions {
            if !rung.contains(extension) {
                rung.push(extension.clone());
            }
            self.may_see(state, extension);
        }
        state.call.rung = serde_json::to_string(&rung).unwrap_or_else(|_| "[]".to_owned());
    }

    fn may_see(&self, state: &mut CallState, extension: &str) {
        if let Some(employee) = self.switchboard.employee(extension)
            && !state.viewers.contains(&employee.user)
        {
            state.viewers.push(employee.user);
        }
    }
}

/// Whether an event can belong to this call, which was known before. A call begins once; after its
/// end only its own recording may still change, until it is there.
fn may_follow(state: &CallState, event: &CallEvent) -> bool {
    match event {
        CallEvent::CallStarted { .. } => false,
        CallEvent::RecordingReady { .. } | CallEvent::RecordingFailed { .. } => {
            match &state.recording {
                Some(recording) => recording.state != "ready",
                None => state.call.ended_at.is_none(),
            }
        }
        _ => state.call.ended_at.is_none(),
    }
}

/// Which call an event is about.
fn call_of(event: &CallEvent) -> Option<Uuid> {
    match event {
        CallEvent::CallStarted { id, .. }
        | CallEvent::CallRinging { id, .. }
        | CallEvent::CallAnswered { id, .. }
        | CallEvent::CallTransferred { id, .. }
        | CallEvent::CallJoined { id, .. }
        | CallEvent::CallHeld { id, .. }
        | CallEvent::CallVanished { id, .. }
        | CallEvent::CallReattached { id, .. }
        | CallEvent::CallParked { id, .. }
        | CallEvent::CallUnparked { id, .. }
        | CallEvent::ThirdJoined { id, .. }
        | CallEvent::ThirdLeft { id, .. }
        | CallEvent::RecordingStarted { id, .. }
        | CallEvent::CallEnded { id, .. }
        | CallEvent::RecordingReady { id, .. }
        | CallEvent::RecordingFailed { id, .. }
        | CallEvent::PathStep { id, .. }
        | CallEvent::Digit { id, .. } => Some(*id),
        CallEvent::LineUsage { .. }
        | CallEvent::LineChanged { .. }
        | CallEvent::BindingsChanged { .. }
        | CallEvent::LockedOut { .. } => None,
    }
}

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
    }
}

fn begin(event: &CallEvent, book: &CallBook) -> call::Model {
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
    let office = book.switchboard.office();
    let number = number
        .as_deref()
        .filter(|number| !is_withheld(number))
        .map(|number| office.rules.read_caller(number));
    let line = line
        .and_then(|line| office.line(line))
        .map(|line| named(line, our_number, &office));
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

fn outcome(disposition: Disposition) -> CallStatus {
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

fn recording_made(call_id: Uuid, files: &sip_gateway::recording::Finished) -> recording::Model {
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

#[cfg(test)]
#[path = "book_tests.rs"]
pub(super) mod tests;

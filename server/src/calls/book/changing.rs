//! What each event changes in a call's state.

use api_types::{CallStatus, RecordingState};
use sip_gateway::ports::CallEvent;
use store::CallState;

use super::{
    super::{
        path,
        rows::{outcome, recording_begun, recording_made, time},
        word,
    },
    CallBook,
};
use crate::clock::to_ms;

/// Digits kept of one call.
const MOST_DIGITS: usize = 256;

impl CallBook {
    pub(super) fn change(&self, state: &mut CallState, event: &CallEvent) {
        let call = &mut state.call;
        for step in self.switchboard.take_steps(call.id) {
            path::push(&mut call.path, step);
        }
        if let Some(step) = path::happened(event) {
            path::push(&mut call.path, step);
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
                time(call);
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
            CallEvent::CallOffered { at, to, .. } => {
                call.updated_at = to_ms(*at);
                self.may_see(state, to);
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
                time(call);
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
            CallEvent::LegMeasured { .. }
            | CallEvent::LineUsage { .. }
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

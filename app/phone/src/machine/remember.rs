//! What the page that comes after must know of the running calls.

use super::{
    Machine, Output,
    call::{Call, Step},
};
use crate::{
    CallView,
    quality::{Incident, Slot},
    wire::{Wire, fields},
};

/// Milliseconds after which nobody remembers a call: the gateway has given the leg up.
const MEMORY: u64 = 45_000;
/// Milliseconds between two renewals of what is kept.
const RENEWAL: u64 = 10_000;

/// A call and its dialog (none for one that rings out), and what of its quality is not stored yet.
pub(super) type Kept = ((Option<String>, CallView), (Vec<Slot>, Vec<Incident>));

impl Machine {
    /// Hands out what is to be kept, if it changed or is getting old.
    pub(super) fn remember(&mut self) {
        self.note_dialogs();
        let kept: Vec<Kept> = self.calls.iter().filter_map(kept).collect();
        let mut text = String::new();
        if !kept.is_empty() {
            (self.now.wall / RENEWAL * RENEWAL).put(&mut text);
            let config = self.link.config.as_ref();
            let extension = config.map_or_else(String::new, |config| config.extension.clone());
            if extension.is_empty() {
                // Not started yet: what was restored stands as it is.
                return;
            }
            extension.put(&mut text);
            kept.put(&mut text);
        }
        if self.remembered != text {
            self.remembered.clone_from(&text);
            self.outputs.push_back(Output::Remember(text));
        }
    }

    fn note_dialogs(&mut self) {
        for call in &mut self.calls {
            let talks = matches!(call.step, Step::Talking(_) | Step::AwaitingAck);
            if talks && let Some(leg) = call.leg {
                let dialog = self.agent.dialog_id(leg);
                call.dialog = dialog
                    .map(|dialog| dialog.to_string())
                    .or(call.dialog.take());
            }
        }
    }

    /// What was kept, unless it is too old.
    pub(super) fn kept_calls(&self, text: &str) -> Vec<Kept> {
        let mut fields = fields(text);
        let at = u64::take(&mut fields);
        let is_fresh = at.is_some_and(|at| at + RENEWAL + MEMORY > self.now.wall);
        // Whose they were is the page's business: it asks for them under the same name.
        let _extension = String::take(&mut fields);
        if is_fresh {
            Vec::take(&mut fields).unwrap_or_default()
        } else {
            Vec::new()
        }
    }
}

/// Whose calls were kept.
#[must_use]
pub fn extension_of(text: &str) -> Option<String> {
    let mut fields = fields(text);
    u64::take(&mut fields)?;
    String::take(&mut fields)
}

fn kept(call: &Call) -> Option<Kept> {
    let dialog = match &call.step {
        Step::Returning(returning) => Some(returning.dialog.clone()),
        Step::Talking(_) | Step::AwaitingAck => Some(call.dialog.clone()?),
        Step::Inviting | Step::AwaitsCallBack { .. } => None,
        _ => return None,
    };
    let mut view = call.view.clone();
    view.held = call.wants_hold;
    // It changes every second, and the page that comes after measures anew.
    view.quality = None;
    let series = &call.quality.series;
    let unstored = (series.slots.clone(), series.incidents.clone());
    Some(((dialog, view), unstored))
}

//! The steps a call took, as they are stored and shown.

use api_types::{CallStep, CallStepKind};
use sip_gateway::ports::{CallEvent, PathStep, StageEnd};

use crate::{
    clock::to_ms,
    routing::{Office, Step, read_rule},
};

/// Steps kept of one call.
const MOST: usize = 200;

/// What is stored.
pub(crate) fn read(path: &str) -> Vec<CallStep> {
    serde_json::from_str(path).unwrap_or_default()
}

/// One more step.
pub(super) fn push(path: &mut String, mut step: CallStep) {
    let mut steps = read(path);
    if step.kind == CallStepKind::Resumed {
        step.secs = held_for(&steps, &step);
    }
    if steps.len() < MOST {
        steps.push(step);
    }
    *path = serde_json::to_string(&steps).unwrap_or_else(|_| "[]".to_owned());
}

/// How long it was on hold by whoever takes it off, rounded.
fn held_for(steps: &[CallStep], resumed: &CallStep) -> u32 {
    let is_it =
        |step: &&CallStep| step.kind == CallStepKind::Held && step.extensions == resumed.extensions;
    let held = steps.iter().rev().find(is_it);
    let ms = held.map_or(0, |held| (resumed.at - held.at).max(0));
    u32::try_from((ms + 500) / 1000).unwrap_or(u32::MAX)
}

/// A step of which nothing but its kind is known.
fn bare(at: i64, kind: CallStepKind) -> CallStep {
    CallStep {
        at,
        kind,
        rule: None,
        detail: String::new(),
        extensions: Vec::new(),
        reachable: Vec::new(),
        secs: 0,
        code: 0,
        reason: String::new(),
    }
}

/// A call changed hands.
pub(super) fn transferred(at: i64, from: &str, to: Option<&str>, dialled: &str) -> CallStep {
    let hands = std::iter::once(from).chain(to);
    CallStep {
        extensions: hands.map(str::to_owned).collect(),
        detail: dialled.to_owned(),
        ..bare(at, CallStepKind::Transferred)
    }
}

/// A step of deciding who rings.
pub(crate) fn decided(at: i64, step: Step) -> CallStep {
    let said = step.said.and_then(|said| serde_json::to_value(said).ok());
    let said = said.as_ref().and_then(serde_json::Value::as_str);
    CallStep {
        extensions: step.extensions,
        detail: said.unwrap_or_default().to_owned(),
        ..bare(at, step.kind)
    }
}

/// What the gateway tells, in our own words.
pub(super) fn told(at: i64, step: &PathStep, office: &Office) -> CallStep {
    let ruled = |text: &str, kind| {
        let (rule, detail) = read_rule(text);
        CallStep {
            rule,
            detail: detail.to_owned(),
            ..bare(at, kind)
        }
    };
    let label = |line| {
        office
            .line(line)
            .map_or_else(String::new, |line| line.label.clone())
    };
    match step {
        PathStep::Rings {
            rule,
            extensions,
            reachable,
            ring_secs,
        } => CallStep {
            extensions: extensions.clone(),
            reachable: reachable.clone(),
            secs: *ring_secs,
            ..ruled(rule, CallStepKind::Rings)
        },
        PathStep::RangOut {
            rule,
            extensions,
            end,
        } => {
            let (kind, extensions, code) = ended(extensions, end);
            CallStep {
                extensions,
                code,
                ..ruled(rule, kind)
            }
        }
        PathStep::LineTried { rule, line, .. } => CallStep {
            detail: label(*line),
            ..ruled(rule.as_deref().unwrap_or_default(), CallStepKind::LineTried)
        },
        PathStep::LineFailed {
            line, code, reason, ..
        } => CallStep {
            detail: label(*line),
            code: *code,
            reason: reason.clone(),
            ..bare(at, CallStepKind::LineFailed)
        },
    }
}

/// The step of what happened in a call that was answered; most events are none.
pub(super) fn happened(event: &CallEvent) -> Option<CallStep> {
    let (at, kind, who, detail) = match event {
        CallEvent::CallJoined { at, into, .. } => {
            let into = into.simple().to_string();
            (at, CallStepKind::Joined, None, into)
        }
        CallEvent::CallHeld { at, by, held, .. } => {
            let kind = if *held {
                CallStepKind::Held
            } else {
                CallStepKind::Resumed
            };
            (at, kind, by.as_ref(), String::new())
        }
        CallEvent::CallVanished { at, extension, .. } => {
            let kind = CallStepKind::Vanished;
            (at, kind, extension.as_ref(), String::new())
        }
        CallEvent::CallReattached { at, extension, .. } => {
            let kind = CallStepKind::Reattached;
            (at, kind, extension.as_ref(), String::new())
        }
        CallEvent::CallParked { at, by, slot, .. } => {
            (at, CallStepKind::Parked, Some(by), slot.to_string())
        }
        CallEvent::CallUnparked { at, by, .. } => {
            (at, CallStepKind::PickedUp, Some(by), String::new())
        }
        CallEvent::ThirdJoined { at, by, with, .. } => {
            (at, CallStepKind::ThirdJoined, Some(by), with.clone())
        }
        CallEvent::ThirdLeft { at, .. } => (at, CallStepKind::ThirdLeft, None, String::new()),
        _ => return None,
    };
    Some(CallStep {
        extensions: who.into_iter().cloned().collect(),
        detail,
        ..bare(to_ms(*at), kind)
    })
}

fn ended(rang: &[String], end: &StageEnd) -> (CallStepKind, Vec<String>, u16) {
    match end {
        StageEnd::Answered(extension) => (CallStepKind::Answered, vec![extension.clone()], 0),
        StageEnd::NoAnswer => (CallStepKind::NoAnswer, rang.to_vec(), 0),
        StageEnd::Declined { code } => (CallStepKind::Declined, rang.to_vec(), *code),
        StageEnd::Unreachable => (CallStepKind::Unreachable, rang.to_vec(), 0),
        StageEnd::CallerGone => (CallStepKind::CallerGone, rang.to_vec(), 0),
    }
}

//! The calls a key acts on.

use phone::{CallPhase, CallView};

/// The call that has rung longest.
pub fn to_answer(calls: &[CallView]) -> Option<&CallView> {
    calls.iter().find(|call| call.phase == CallPhase::RingingIn)
}

/// The call in talk or going out; else the one that rings.
pub fn to_end(calls: &[CallView]) -> Option<&CallView> {
    let under_way =
        |call: &&CallView| !matches!(call.phase, CallPhase::Ended(_) | CallPhase::RingingIn);
    let heard = calls.iter().find(|call| under_way(call) && !call.held);
    heard
        .or_else(|| to_answer(calls))
        .or_else(|| calls.iter().find(under_way))
}

/// The call in talk.
pub fn in_talk(calls: &[CallView]) -> Option<&CallView> {
    let is_heard = |call: &&CallView| call.is_talking() && !call.held;
    calls.iter().find(is_heard).or_else(|| held(calls))
}

fn held(calls: &[CallView]) -> Option<&CallView> {
    calls
        .iter()
        .rev()
        .find(|call| call.is_talking() && call.held)
}

/// Another answered call, to be put together with this one; the one it is about first.
pub fn partner<'a>(calls: &'a [CallView], of: &CallView) -> Option<&'a CallView> {
    let other = |call: &&CallView| call.key != of.key && call.is_talking() && !call.returning;
    let about =
        |call: &&CallView| of.consults_for == Some(call.key) || call.consults_for == Some(of.key);
    let mut others = calls.iter().filter(other);
    calls
        .iter()
        .filter(other)
        .find(about)
        .or_else(|| others.next())
}

/// Whether the card of a call that rings is small: another rings already. `None`: the phone does
/// not know the call yet.
pub fn is_small(calls: &[CallView], key: Option<phone::CallKey>) -> bool {
    let before = calls.iter().take_while(|call| Some(call.key) != key);
    before
        .filter(|call| call.phase == CallPhase::RingingIn)
        .count()
        > 0
}

/// Whether the card of a call is only a strip: it waits while another is heard.
pub fn is_strip(calls: &[CallView], of: &CallView) -> bool {
    let heard = |call: &CallView| call.key != of.key && call.is_engaged() && !call.held;
    of.held && calls.iter().any(heard)
}

//! INVITEs that take a place in a conversation there is: `Replaces` (RFC 3891), and picking up what
//! is parked.

use sip_core::{IncomingInvite, Replaced};

use super::{AgentTask, beginnings::kind_of, call_table::Route};
use crate::{
    calls::{Arrival, ArrivalFrom, Input, LegInput, LegKey, Takes},
    ports::{CallId, LineId, SipUser},
};

/// The slot that is dialled: `*7`.
pub(super) fn slot_of(dialled: &str) -> Option<u8> {
    let digits = dialled.strip_prefix('*')?;
    let is_short = matches!(digits.len(), 1 | 2) && digits.bytes().all(|b| b.is_ascii_digit());
    let slot = digits.parse().ok()?;
    (is_short && slot > 0).then_some(slot)
}

impl AgentTask {
    /// A phone whose user has proved to be `user` wants to go on with a call.
    pub(super) fn phone_takes_over(&mut self, invite: IncomingInvite, user: &SipUser) {
        let is_own = |route: &Route| route.owner.as_deref() == Some(user.extension.as_str());
        match self.replaced_leg(&invite, is_own) {
            Ok((call, leg)) => {
                self.arrive(
                    call,
                    Takes::Leg(leg),
                    invite,
                    Some(user.extension.clone()),
                    None,
                );
            }
            Err((code, reason)) => self.turn_away(&invite, code, reason),
        }
    }

    /// A line's call takes the place of another one of the same line.
    pub(super) fn line_takes_over(&mut self, invite: IncomingInvite, line: LineId) {
        match self.replaced_leg(&invite, |route| route.line == Some(line)) {
            Ok((call, leg)) => self.arrive(call, Takes::Leg(leg), invite, None, Some(line)),
            Err((code, reason)) => self.turn_away(&invite, code, reason),
        }
    }

    /// A phone picks up what is parked in a slot.
    pub(super) fn phone_picks_up(&mut self, invite: IncomingInvite, user: &SipUser, slot: u8) {
        match self.calls.parked_in(slot) {
            Some(call) => {
                self.arrive(
                    call,
                    Takes::Parked,
                    invite,
                    Some(user.extension.clone()),
                    None,
                );
            }
            None => self.turn_away(&invite, 404, "Nothing is parked there"),
        }
    }

    /// RFC 3891 §3: what is named must be there, and the sender's own.
    fn replaced_leg(
        &self,
        invite: &IncomingInvite,
        is_own: impl Fn(&Route) -> bool,
    ) -> Result<LegKey, (u16, &'static str)> {
        let gone = (481, "There is no such call");
        let handle = match invite.replaces {
            Some(Replaced::Call(handle)) => handle,
            Some(Replaced::Refuse(486)) => return Err((486, "It is answered already")),
            Some(Replaced::Refuse(603)) => return Err((603, "It is over already")),
            Some(Replaced::Refuse(400)) => return Err((400, "Replaces cannot be read")),
            Some(Replaced::Refuse(_)) | None => return Err(gone),
        };
        let key = self.calls.keys.get(&handle).copied().ok_or(gone)?;
        let route = self.calls.routes.get(&key).ok_or(gone)?;
        if is_own(route) {
            Ok(key)
        } else {
            Err((403, "This is another person's call"))
        }
    }

    fn turn_away(&mut self, invite: &IncomingInvite, code: u16, reason: &str) {
        let now = self.clock.now();
        self.ua.reject(now, invite.call, code, reason, Vec::new());
    }

    fn arrive(
        &mut self,
        call: CallId,
        takes: Takes,
        invite: IncomingInvite,
        extension: Option<String>,
        line: Option<LineId>,
    ) {
        let Some(entry) = self.calls.entries.get(&call) else {
            return self.turn_away(&invite, 481, "There is no such call");
        };
        let number = entry.numbers.take();
        let phone = extension
            .as_deref()
            .and_then(|extension| self.phone_of(&invite, extension));
        let route = Route {
            handle: invite.call,
            flow: invite.flow,
            owner: extension.clone(),
            phone,
            line,
        };
        self.calls.route((call, number), route);
        self.tell_usage(line);
        let from = match line {
            Some(line) => ArrivalFrom::Line(line),
            None => ArrivalFrom::Phone(kind_of(&invite)),
        };
        let arrival = Box::new(Arrival {
            takes,
            extension,
            from,
            sdp: invite.sdp,
        });
        let arrives = LegInput::Arrives(arrival);
        self.calls.tell(call, Input::Leg(number, arrives));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_dialled_with_a_star() {
        for (dialled, slot) in [
            ("*1", Some(1)),
            ("*99", Some(99)),
            ("*0", None),
            ("*00", None),
            ("*100", None),
            ("1", None),
            ("*", None),
            ("*+1", None),
            ("**1", None),
        ] {
            assert_eq!(slot_of(dialled), slot, "{dialled}");
        }
    }
}

//! Whether the other side took what we began as it should.

use super::{
    Call,
    offering::{Change, Pending},
};
use crate::{
    log::lock,
    sdp::{Direction, Remote, Shape},
    wire::Message,
};

/// Packets that may be on their way when a hold begins.
const ON_THE_WAY: u64 = 10;

impl Call {
    /// Whether the quirk was taken as it should; `Ok(false)`: not yet to be said.
    pub(super) fn verdict(
        &mut self,
        pending: &Pending,
        code: u16,
        response: &Message,
        answer: Option<&Remote>,
    ) -> Result<bool, String> {
        let wanted = match pending.change {
            Change::Offer(Shape::Fax) => 488,
            Change::StrayBye => 481,
            _ => 200,
        };
        if code != wanted {
            return Err(format!("answered {code}, not {wanted}"));
        }
        let direction = answer.map(|remote| remote.direction);
        match pending.change {
            Change::Offer(shape) | Change::Update(shape) => self.hold_verdict(shape, direction),
            Change::Offerless => match direction {
                Some(Direction::SendRecv) => Ok(false),
                other => Err(format!("asked for an offer, got {other:?}")),
            },
            Change::Refresh | Change::Repeat => {
                let timer = response.header("session-expires").unwrap_or_default();
                let agreed = timer.starts_with("600") && timer.contains("refresher=uac");
                let missing = || format!("Session-Expires of the refresh is {timer:?}");
                agreed.then_some(true).ok_or_else(missing)
            }
            Change::Move | Change::MoveSilently | Change::StrayBye | Change::Info(..) => Ok(true),
        }
    }

    fn hold_verdict(&mut self, shape: Shape, direction: Option<Direction>) -> Result<bool, String> {
        let heard = lock(&self.report).packets_in;
        let (good, silent): (&[Direction], bool) = match shape {
            Shape::Fax => return Ok(true),
            Shape::WithVideo => (&[Direction::SendRecv], false),
            Shape::ZeroAddress => (
                &[
                    Direction::SendRecv,
                    Direction::RecvOnly,
                    Direction::Inactive,
                ],
                true,
            ),
            Shape::Directed("sendonly") => (&[Direction::RecvOnly, Direction::Inactive], true),
            Shape::Directed("inactive") => (&[Direction::Inactive], true),
            Shape::Directed("recvonly") => (&[Direction::SendOnly], false),
            Shape::Directed(_) => {
                // The end of a hold: nothing may have come meanwhile.
                let before = self.held_since.take();
                let came = before.map_or(0, |before| heard.saturating_sub(before));
                return match direction {
                    _ if came > ON_THE_WAY => Err(format!("{came} packets came while held")),
                    Some(Direction::SendRecv) => Ok(true),
                    other => Err(format!("resumed, and the answer is {other:?}")),
                };
            }
        };
        self.held_since = silent.then_some(heard);
        match direction {
            Some(direction) if good.contains(&direction) => Ok(shape == Shape::WithVideo),
            other => Err(format!("offered {shape:?}, answered {other:?}")),
        }
    }
}

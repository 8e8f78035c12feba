//! The caller's early dialogs (RFC 3261 §12.1.2), one for every branch of a forked call, and the
//! acknowledgement of reliable provisional answers (RFC 3262 §4).

use super::leg::{Call, State, remote_tag};
use crate::{
    Event,
    dialog::Dialog,
    header::{CSeq, RAck},
    message::Response,
    stack::Stack,
};

/// Branches of a forked call that are told apart; answers of more are reported all the same.
const MAX_BRANCHES: usize = 16;

/// One branch of our INVITE.
pub struct Early {
    pub dialog: Dialog,
    /// `RSeq` of the last reliable answer.
    last_rseq: Option<u32>,
    /// The peer's description in a reliable answer.
    pub sdp: Option<String>,
    /// A reliable answer held an offer: its PRACK waits for our answer.
    held_prack: Option<RAck>,
    /// The first offer has been answered.
    pub settled: bool,
}

/// What a provisional answer is to its branch.
enum Order {
    /// Not reliable.
    Plain,
    /// The next reliable one.
    Next(u32),
    /// One that came before, or too early (RFC 3262 §4).
    Ignored,
}

impl Early {
    pub fn tag(&self) -> &str {
        self.dialog.remote_tag()
    }

    fn order(&self, response: &Response) -> Order {
        let requires = |option: &str| option.eq_ignore_ascii_case("100rel");
        let rseq = response.header("RSeq").and_then(|rseq| rseq.parse().ok());
        match rseq {
            Some(rseq) if response.header_values("Require").any(requires) => match self.last_rseq {
                Some(last) if last.checked_add(1) != Some(rseq) => Order::Ignored,
                Some(_) | None => Order::Next(rseq),
            },
            Some(_) | None => Order::Plain,
        }
    }
}

impl Call {
    /// A provisional answer above 100.
    pub(super) fn on_early_answer(&mut self, response: &Response, stack: &mut Stack) {
        let Some(branch) = self.branch_of(response) else {
            self.report_progress(response, response.sdp(), false, stack);
            return;
        };
        let State::Calling(calling) = &mut self.state else {
            return;
        };
        let early = &mut calling.branches[branch];
        match early.order(response) {
            Order::Ignored => {}
            Order::Plain => self.report_progress(response, response.sdp(), false, stack),
            Order::Next(rseq) => {
                early.last_rseq = Some(rseq);
                self.on_reliable_answer(branch, rseq, response, stack);
            }
        }
    }

    /// Finds the branch an answer came from, or begins one.
    fn branch_of(&mut self, response: &Response) -> Option<usize> {
        let State::Calling(calling) = &mut self.state else {
            return None;
        };
        let tag = remote_tag(response);
        let known = calling.branches.iter().position(|early| early.tag() == tag);
        if let Some(branch) = known {
            let early = &mut calling.branches[branch];
            early.dialog.refresh_target(response.contact());
            calling.current = branch;
            return known;
        }
        if tag.is_empty() || calling.branches.len() == MAX_BRANCHES {
            return None;
        }
        let dialog = Dialog::as_caller(&calling.request, response)?;
        calling.branches.push(Early {
            dialog,
            last_rseq: None,
            sdp: None,
            held_prack: None,
            settled: false,
        });
        calling.current = calling.branches.len() - 1;
        Some(calling.current)
    }

    fn on_reliable_answer(
        &mut self,
        branch: usize,
        rseq: u32,
        response: &Response,
        stack: &mut Stack,
    ) {
        let State::Calling(calling) = &mut self.state else {
            return;
        };
        let rack = RAck {
            rseq,
            cseq: CSeq {
                number: calling.seq,
                method: "INVITE".to_owned(),
            },
        };
        let (early, has_offer) = (&mut calling.branches[branch], calling.has_offer);
        let sdp = response.sdp();
        match &sdp {
            // RFC 3262 §5: without an offer in the INVITE the first reliable answer holds one.
            Some(offer) if !has_offer && !early.settled => {
                let (call, sdp) = (self.handle, offer.clone());
                early.held_prack = Some(rack);
                self.report_progress(response, None, true, stack);
                self.report(Event::EarlyOffer { call, sdp }, stack);
            }
            _ => {
                early.settled |= sdp.is_some();
                early.sdp = sdp.clone().or(early.sdp.take());
                self.prack(branch, &rack, None, stack);
                self.report_progress(response, sdp, true, stack);
            }
        }
    }

    fn report_progress(
        &self,
        response: &Response,
        sdp: Option<String>,
        reliable: bool,
        stack: &mut Stack,
    ) {
        let event = Event::Progress {
            call: self.handle,
            code: response.code,
            reason: response.reason.clone(),
            sdp,
            to_tag: remote_tag(response),
            reliable,
        };
        self.report(event, stack);
    }

    fn prack(&mut self, branch: usize, rack: &RAck, sdp: Option<String>, stack: &mut Stack) {
        let State::Calling(calling) = &mut self.state else {
            return;
        };
        let Some(early) = calling.branches.get_mut(branch) else {
            return;
        };
        let mut request = early.dialog.request("PRACK");
        request.add_header("RAck", rack.to_string());
        if let Some(sdp) = sdp {
            request = request.with_body("application/sdp", sdp);
        }
        self.send_quietly(request, stack);
    }

    /// The answer to the offer in a reliable provisional answer.
    pub fn answer_early_offer(&mut self, sdp: String, stack: &mut Stack) {
        let State::Calling(calling) = &mut self.state else {
            return;
        };
        let waits = |early: &Early| early.held_prack.is_some();
        let Some(branch) = calling.branches.iter().position(waits) else {
            return;
        };
        let early = &mut calling.branches[branch];
        early.settled = true;
        if let Some(rack) = early.held_prack.take() {
            self.offers.local = Some(sdp.clone());
            self.prack(branch, &rack, Some(sdp), stack);
        }
    }
}

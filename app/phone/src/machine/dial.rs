//! Calling somebody.

use sip_core::{InviteRequest, SipCause, header::NameAddr, message::Response};

use super::{
    Machine, MediaAction, Output,
    call::{Call, Step},
    party::{answered_call_id, target_of, with_hyphens},
    registration::credentials_of,
};
use crate::{CallKey, CallPhase, Side};

/// Milliseconds the far end may ring before the call is given up.
const RING_TIMEOUT: u64 = 180_000;

impl Machine {
    pub(super) fn dial(&mut self, typed: &str) {
        let number = typed.trim().to_owned();
        let domain = self
            .link
            .config
            .as_ref()
            .map_or("", |config| &config.domain);
        let can_be_dialled = target_of(&number, domain).is_some();
        // One call at a time goes out; the screen says so before it asks.
        let dials = |call: &Call| !call.is_over() && call.view.is_dialling();
        if number.is_empty() || self.calls.iter().any(dials) {
            return;
        }
        let key = self
            .add_call(Side::Outgoing, number, Step::NeedsMicrophone)
            .key();
        if !self.link.is_ready() {
            return self.end_call(key, false, Some(503), "The phone is not connected");
        }
        if !can_be_dialled {
            return self.end_call(key, false, Some(484), "Address Incomplete");
        }
        self.hold_others(key);
        self.open_microphone();
    }

    /// The microphone is open: the browser makes the offer.
    pub(super) fn make_offer(&mut self, key: CallKey) {
        if let Some(call) = self.live_call(key) {
            call.step = Step::NeedsOffer;
            let action = MediaAction::MakeOffer { restart_ice: false };
            self.outputs.push_back(Output::Media(key, action));
        }
    }

    /// The offer is there: INVITE.
    pub(super) fn invite(&mut self, key: CallKey, offer: String) {
        let session = self.random.uuid();
        let Some(number) = self.live_call(key).map(|call| call.view.number.clone()) else {
            return;
        };
        let Some(request) = self.invite_request(&number, &session, offer) else {
            return self.end_call(key, false, Some(503), "The phone is not connected");
        };
        let leg = self.agent.invite(self.now.mono, request);
        if let Some(call) = self.live_call(key) {
            call.leg = Some(leg);
            call.step = Step::Inviting;
            call.view.call_id = Some(with_hyphens(&session));
        }
    }

    pub(super) fn invite_request(
        &self,
        number: &str,
        session: &str,
        offer: String,
    ) -> Option<InviteRequest> {
        let config = self.link.config.as_ref()?;
        let target = target_of(number, &config.domain)?;
        let own = sip_core::uri::SipUri::new(&config.extension, &config.domain);
        Some(InviteRequest {
            flow: self.link.flow()?,
            to: NameAddr::new(target.clone()),
            target,
            from: NameAddr::new(own).with_display(&config.display_name),
            contact: self.contact(),
            routes: self.service_routes(),
            // RFC 7989 §6: the caller names the session; the gateway keeps the name.
            headers: [("Session-ID".to_owned(), session.to_owned())]
                .into_iter()
                .chain(self.preferred_identity(&config.domain))
                .collect(),
            sdp: Some(offer),
            credentials: Some(credentials_of(config)),
            ring_timeout_ms: Some(RING_TIMEOUT),
        })
    }

    /// RFC 3325 §9.2: by which number of ours the call is to go out. Several lines may have the same
    /// number, so the line is named beside it.
    fn preferred_identity(&self, domain: &str) -> Option<(String, String)> {
        let from = self.call_from.as_ref()?;
        let identity =
            sip_core::uri::SipUri::new(&from.number, domain).with_param("line", Some(&from.line));
        Some(("P-Preferred-Identity".to_owned(), format!("<{identity}>")))
    }

    /// 18x: the far end rings, or is heard before it answers (RFC 3960 §3).
    pub(super) fn progressed(&mut self, key: CallKey, code: u16, sdp: Option<String>) {
        let Some(call) = self.live_call(key) else {
            return;
        };
        match sdp {
            Some(answer) => {
                call.view.phase = CallPhase::EarlyMedia;
                self.apply_answer(key, answer);
            }
            // 180 after early media changes nothing: the tone of the network is still heard.
            None if code == 180 && call.view.phase == CallPhase::Dialling => {
                call.view.phase = CallPhase::RingingOut;
            }
            None => {}
        }
    }

    /// 2xx. The same answer may have come before in a 183 (RFC 3261 §13.2.1).
    pub(super) fn answered(&mut self, key: CallKey, sdp: Option<String>, response: &Response) {
        let Some(call) = self.live_call(key) else {
            return;
        };
        let ours = call.view.call_id.as_deref().unwrap_or_default();
        if let Some(other) = answered_call_id(response, ours) {
            call.view.call_id = Some(other);
        }
        if call.remote_sdp.is_none() && sdp.is_none() {
            let reason = "The answer has no session description";
            return self.end_leg(
                key,
                SipCause {
                    code: 488,
                    reason: reason.to_owned(),
                },
            );
        }
        if let Some(answer) = sdp {
            self.apply_answer(key, answer);
        }
        self.returned(key);
    }

    /// Applies the answer to our first offer, once: a peer connection takes only one, and a far end
    /// that answers twice says the same (RFC 6337 §3.1.1).
    fn apply_answer(&mut self, key: CallKey, answer: String) {
        let Some(call) = self.live_call(key) else {
            return;
        };
        if call.remote_sdp.is_none() {
            call.remote_sdp = Some(answer.clone());
            self.outputs
                .push_back(Output::Media(key, MediaAction::ApplyAnswer(answer)));
        }
    }
}

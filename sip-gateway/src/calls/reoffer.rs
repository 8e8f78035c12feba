//! Changes of a running session: hold, a new address, another codec, ICE restart (RFC 3264 §8).
//!
//! Each side's changes are answered here by the media plane; the other side does not notice.

use super::{
    LegNo, LegOrder,
    conversation::{Conversation, Step},
    setup::{first_and_rest, unusable},
};
use crate::media::{Codec, SdpError};

impl Conversation {
    /// The peer of a leg changes its session, or asks us to (`None`).
    pub(super) async fn reoffered(&mut self, number: LegNo, sdp: Option<String>) -> Step {
        match self.answer_reoffer(number, sdp.as_deref()).await {
            Ok(sdp) => {
                self.leg_order(number, LegOrder::AcceptReoffer { sdp });
                self.note_hold(number);
            }
            Err(error) => {
                tracing::info!(%error, "a changed session was refused");
                // RFC 3261 §14.2: the session stays as it was.
                self.leg_order(
                    number,
                    LegOrder::RejectReoffer {
                        code: 488,
                        reason: "Not Acceptable Here",
                    },
                );
            }
        }
        Ok(())
    }

    async fn answer_reoffer(
        &mut self,
        number: LegNo,
        sdp: Option<&str>,
    ) -> Result<String, SdpError> {
        let leg = self.legs.get_mut(&number).ok_or(SdpError::NoSuchLeg)?;
        let engine = &self.services.engine;
        // The codec agreed on comes first; the bridge turns one law into the other where it must.
        let allowed = match leg.codec {
            Some(codec) => first_and_rest(&[codec]),
            None => Codec::ALL.to_vec(),
        };
        match sdp {
            Some(sdp) => {
                let offered = engine.accept_offer(leg.media, sdp, &allowed).await?;
                let codec = offered
                    .first()
                    .copied()
                    .ok_or_else(|| SdpError::NoCommonCodec(String::new()))?;
                leg.codec = Some(codec);
                engine.answer(leg.media, codec).await
            }
            None => engine.offer(leg.media, &allowed).await,
        }
    }

    /// Offers a leg other codecs.
    pub(super) async fn offer_again(&mut self, number: LegNo, codecs: &[Codec]) {
        let Some(leg) = self.legs.get(&number) else {
            return;
        };
        match self.services.engine.offer(leg.media, codecs).await {
            Ok(sdp) => self.leg_order(number, LegOrder::ReOffer { sdp }),
            Err(error) => tracing::error!(%error, "no offer for a leg that talks"),
        }
    }

    /// The peer's answer to an offer of ours in the call.
    pub(super) async fn our_offer_answered(&mut self, number: LegNo, sdp: Option<String>) -> Step {
        match self.take_answer(number, sdp.as_deref()).await {
            Ok(_) => {
                self.note_hold(number);
                Ok(())
            }
            Err(_) => self.our_offer_refused(number),
        }
    }

    /// The peer stays with what it has. If that cannot be passed to whom it talks with, it is
    /// better to end the call than to leave two people in silence.
    pub(super) fn our_offer_refused(&mut self, number: LegNo) -> Step {
        let Some(called) = self.state.answered() else {
            return Ok(());
        };
        if let Some(third) = self.state.third() {
            // Two who understand each other go on.
            self.stop_leg(third.leg, 488, "The audio cannot be agreed on");
            self.third_left(called);
            return Ok(());
        }
        let codec = |number| {
            self.legs
                .get(&number)
                .and_then(|leg: &super::leg::Leg| leg.codec)
        };
        match (codec(self.other_side(number, called)), codec(number)) {
            (Some(theirs), Some(ours)) if !theirs.becomes(ours) => {
                Err(unusable(&SdpError::NoCommonCodec(String::new())))
            }
            _ => Ok(()),
        }
    }

    /// ACK to a 200 of ours; it holds the answer if the 200 held the offer.
    pub(super) async fn confirmed(&mut self, number: LegNo, sdp: Option<String>) -> Step {
        if let Some(leg) = self.legs.get_mut(&number) {
            leg.confirmed = true;
        }
        match sdp {
            Some(sdp) => self.late_answer(number, &sdp).await,
            None => Ok(()),
        }
    }

    async fn late_answer(&mut self, number: LegNo, sdp: &str) -> Step {
        let first = self.state.answered().is_some() && number == LegNo::CALLER;
        match self.take_answer(number, Some(sdp)).await {
            Ok(_) => Ok(()),
            // A late answer that cannot be used leaves a call without audio: better to end it.
            Err(outcome) if first => Err(outcome),
            Err(_) => Ok(()),
        }
    }
}

//! Changes of a running session: hold, a new address, another codec, ICE restart (RFC 3264 §8).
//!
//! Each side's changes are answered here by the media plane; the other side does not notice.

use super::{
    LegNo, LegOrder,
    conversation::{Conversation, Step},
    setup::first_and_rest,
};
use crate::media::{Codec, SdpError};

impl Conversation {
    /// The peer of a leg changes its session, or asks us to (`None`).
    pub(super) async fn reoffered(&mut self, number: LegNo, sdp: Option<String>) -> Step {
        match self.answer_reoffer(number, sdp.as_deref()).await {
            Ok(sdp) => self.leg_order(number, LegOrder::AcceptReoffer { sdp }),
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

    /// ACK to a 200 of ours; it holds the answer if the 200 held the offer.
    pub(super) async fn confirmed(&mut self, number: LegNo, sdp: Option<String>) -> Step {
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

//! Early media: what the network plays before an answer (RFC 3960).

use super::{LegNo, conversation::Conversation};
use crate::media::Sound;

impl Conversation {
    /// Joins the network's early media to the caller. Returns our answer for the 183; `None` when
    /// the SDP is of no use (the call goes on, the caller's phone rings by itself).
    pub(super) async fn early_media(&mut self, number: LegNo, sdp: &str) -> Option<String> {
        let codec = self.take_answer(number, Some(sdp)).await.ok()?;
        let called = self.legs.get(&number)?.media;
        let codec = self.callers_codec(codec);
        let caller = self.legs.get_mut(&self.caller)?;
        if !caller.is_calling() {
            // Its page was loaded again and has answered already.
            self.services.engine.join(caller.media, called);
            return None;
        }
        if !caller.peer_offered {
            return None;
        }
        if caller.answer.is_none() {
            caller.answer = self.services.engine.answer(caller.media, codec).await.ok();
            caller.codec = Some(codec);
        }
        let engine = &self.services.engine;
        engine.join(caller.media, called);
        // Described, but perhaps never sent: then the caller hears that it rings. A page that has
        // early media rings no more by itself.
        engine.play_until_heard(caller.media, Sound::Ringback);
        caller.answer.clone()
    }
}

//! A call that takes the place of another (RFC 3891).

use super::{
    Replaced,
    leg::{Call, State},
};
use crate::header::Replaces;

impl Call {
    /// What `Replaces` with our tag means for this call (RFC 3891 §3).
    pub fn replaced_by(&self, wanted: &Replaces) -> Replaced {
        // A peer of RFC 2543 has no tag; it is written as 0.
        let is_peer =
            |tag: &str| tag == wanted.from_tag || (tag.is_empty() && wanted.from_tag == "0");
        match &self.state {
            State::Talking(session) if !is_peer(session.dialog.remote_tag()) => {
                Replaced::Refuse(481)
            }
            State::Talking(_) if self.over => Replaced::Refuse(603),
            State::Talking(_) if wanted.early_only => Replaced::Refuse(486),
            State::Talking(_) => Replaced::Call(self.handle),
            State::Calling(calling) if !self.over && calling.has_branch(is_peer) => {
                Replaced::Call(self.handle)
            }
            // An early dialog is replaced only by who began it.
            State::Calling(_) | State::Ringing(_) | State::Gone => Replaced::Refuse(481),
        }
    }

    /// How the peer knows the dialog, for a `Replaces` it is to receive.
    pub fn dialog_id(&self) -> Option<Replaces> {
        let (dialog, early_only) = match &self.state {
            State::Talking(session) if !self.over => (&session.dialog, false),
            State::Ringing(ringing) => (&ringing.dialog, true),
            // The peer could not replace an early dialog that it did not begin.
            State::Talking(_) | State::Calling(_) | State::Gone => return None,
        };
        Some(Replaces {
            call_id: self.call_id.clone(),
            to_tag: dialog.remote_tag().to_owned(),
            from_tag: self.local_tag.clone(),
            early_only,
        })
    }
}

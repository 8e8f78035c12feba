//! The calls, by handle and by dialog.

use crate::{
    call::{Call, CallHandle, Replaced},
    header::Replaces,
    map::Map,
    message::Request,
};

/// Every call, and the index that finds the one a request belongs to.
#[derive(Default)]
pub struct Calls {
    by_handle: Map<CallHandle, Call>,
    /// Call-ID and our tag (RFC 3261 §12); the peer's tag tells forks apart inside the call.
    by_dialog: Map<(String, String), CallHandle>,
}

impl Calls {
    pub fn insert(&mut self, call: Call) {
        self.by_dialog
            .insert((call.call_id.clone(), call.local_tag.clone()), call.handle);
        self.by_handle.insert(call.handle, call);
    }

    pub fn get(&self, handle: CallHandle) -> Option<&Call> {
        self.by_handle.get(&handle)
    }

    pub fn get_mut(&mut self, handle: CallHandle) -> Option<&mut Call> {
        self.by_handle.get_mut(&handle)
    }

    pub fn contains(&self, handle: CallHandle) -> bool {
        self.by_handle.contains_key(&handle)
    }

    /// The call an in-dialog request belongs to.
    pub fn find(&self, request: &Request) -> Option<CallHandle> {
        let to = request.to_header().ok()?;
        let key = (request.call_id()?.to_owned(), to.tag()?.to_owned());
        self.by_dialog.get(&key).copied()
    }

    /// What the `Replaces` of an INVITE means (RFC 3891 §3).
    pub fn replaced_by(&self, invite: &Request) -> Option<Replaced> {
        let mut values = invite.header_all("Replaces");
        let first = values.next()?;
        let readable = first.parse::<Replaces>().ok();
        let alone = values.next().is_none() && invite.header("Join").is_none();
        let Some(wanted) = readable.filter(|_| alone) else {
            return Some(Replaced::Refuse(400));
        };
        Some(self.named_by(&wanted))
    }

    /// The call whose dialog is named so, and whether it may be replaced (RFC 3891 §3).
    pub fn named_by(&self, wanted: &Replaces) -> Replaced {
        let key = (wanted.call_id.clone(), wanted.to_tag.clone());
        let call = self.by_dialog.get(&key).and_then(|call| self.get(*call));
        call.map_or(Replaced::Refuse(481), |call| call.replaced_by(wanted))
    }

    /// Whether `invite` reached us before on another way (§8.2.2.2).
    pub fn has_merged(&self, invite: &Request) -> bool {
        let Some(call_id) = invite.call_id() else {
            return false;
        };
        let first = (call_id.to_owned(), String::new());
        self.by_dialog
            .range(first..)
            .take_while(|((id, _), _)| id == call_id)
            .filter_map(|(_, handle)| self.by_handle.get(handle))
            .any(|call| call.is_merged(invite))
    }

    /// Drops a call that awaits nothing any more.
    pub fn sweep(&mut self, handle: CallHandle) {
        if self.by_handle.get(&handle).is_some_and(Call::is_gone)
            && let Some(call) = self.by_handle.remove(&handle)
        {
            self.by_dialog.remove(&(call.call_id, call.local_tag));
        }
    }
}

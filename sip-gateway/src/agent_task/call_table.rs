//! Which conversation a SIP handle or a media leg belongs to.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    time::SystemTime,
};

use sip_core::{CallHandle, Flow};
use tokio::sync::mpsc;

use crate::{
    calls::{Contact, Handed, Input, LegKey, LegNo, LegNumbers, Target},
    media::{LegId, MediaEvent},
    ports::{CallId, Direction, LineId},
    registrar::is_browser,
};

/// Ended conversations whose ids may not be used again.
const REMEMBERED: usize = 10_000;

#[derive(Debug)]
pub(super) struct Entry {
    pub mailbox: mpsc::UnboundedSender<Input>,
    pub numbers: LegNumbers,
    pub direction: Direction,
    pub started: SystemTime,
    /// The extension that calls.
    pub extension: Option<String>,
    /// Extensions whose phones are rung as they appear.
    pub finding: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Route {
    pub handle: CallHandle,
    pub flow: Flow,
    /// The extension whose leg it is.
    pub owner: Option<String>,
    /// The phone, if it is registered or names its instance.
    pub phone: Option<Phone>,
    /// The line it goes over.
    pub line: Option<LineId>,
}

/// By what the phone of a leg is known when it comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Phone {
    pub extension: String,
    /// [`Target::identity`].
    pub identity: String,
    /// [`Target::boot`].
    pub boot: Option<String>,
}

/// Conversations and their legs.
#[derive(Debug, Default)]
pub(super) struct CallTable {
    pub(super) entries: HashMap<CallId, Entry>,
    pub(super) routes: HashMap<LegKey, Route>,
    pub(super) keys: HashMap<CallHandle, LegKey>,
    pub(super) media: HashMap<LegId, CallId>,
    /// Parked calls.
    slots: BTreeMap<u8, CallId>,
    /// Legs that go over each line.
    in_use: HashMap<LineId, u32>,
    ended: VecDeque<CallId>,
    ended_set: HashSet<CallId>,
}

impl CallTable {
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.keys.is_empty()
    }

    pub(super) fn begin(&mut self, id: CallId, entry: Entry, route: Route) {
        self.entries.insert(id, entry);
        self.route((id, LegNo::CALLER), route);
    }

    pub(super) fn route(&mut self, key: LegKey, route: Route) {
        if let Some(line) = route.line {
            *self.in_use.entry(line).or_default() += 1;
        }
        self.keys.insert(route.handle, key);
        self.routes.insert(key, route);
    }

    /// A leg is over; the line it went over.
    pub(super) fn unroute(&mut self, handle: CallHandle) -> Option<LineId> {
        let key = self.keys.remove(&handle)?;
        let line = self.routes.remove(&key)?.line?;
        if let Some(count) = self.in_use.get_mut(&line) {
            *count = count.saturating_sub(1);
        }
        Some(line)
    }

    /// A leg of one conversation is one of another from now on. Gives it back if that is gone.
    pub(super) fn hand_over(
        &mut self,
        from: LegKey,
        to: CallId,
        handed: Box<Handed>,
    ) -> Option<(Option<CallHandle>, LegId)> {
        let media = handed.media();
        let Some(number) = self.entries.get(&to).map(|entry| entry.numbers.take()) else {
            self.tell(from.0, Input::HandedOver(None));
            return Some((self.routes.get(&from).map(|route| route.handle), media));
        };
        let key = (to, number);
        if let Some(route) = self.routes.remove(&from) {
            self.keys.insert(route.handle, key);
            self.routes.insert(key, route);
        }
        self.media.insert(media, to);
        self.tell(to, Input::Given(number, handed));
        // What was sent before this about the leg is in the old mailbox, and is forwarded.
        self.tell(from.0, Input::HandedOver(Some(key)));
        None
    }

    /// Legs that go over a line now.
    pub(super) fn in_use(&self, line: LineId) -> u32 {
        self.in_use.get(&line).copied().unwrap_or(0)
    }

    /// Legs of a line whose flow is gone; they use `flow` from now on.
    pub(super) fn follow_line(
        &mut self,
        line: LineId,
        flow: Flow,
        is_gone: impl Fn(Flow) -> bool,
    ) -> Vec<CallHandle> {
        let mut handles = Vec::new();
        for route in self.routes.values_mut() {
            if route.line == Some(line) && is_gone(route.flow) {
                route.flow = flow;
                handles.push(route.handle);
            }
        }
        handles
    }

    /// Legs of lines over a flow that is gone, and their lines.
    pub(super) fn orphans(&self, flow: Flow) -> Vec<(CallHandle, LineId)> {
        let gone = self.routes.values().filter(|route| route.flow == flow);
        gone.filter_map(|route| Some((route.handle, route.line?)))
            .collect()
    }

    /// A leg uses `flow` from now on.
    pub(super) fn moved(&mut self, handle: CallHandle, flow: Flow) {
        if let Some(route) = self
            .keys
            .get(&handle)
            .and_then(|key| self.routes.get_mut(key))
        {
            route.flow = flow;
        }
    }

    /// Puts a call into the first free slot, 1 to 99.
    pub(super) fn park(&mut self, call: CallId) -> Option<u8> {
        let has = self.slots.iter().find(|(_, parked)| **parked == call);
        if let Some((slot, _)) = has {
            return Some(*slot);
        }
        let slot = (1..=99).find(|slot| !self.slots.contains_key(slot))?;
        self.slots.insert(slot, call);
        Some(slot)
    }

    pub(super) fn unpark(&mut self, call: CallId) {
        self.slots.retain(|_, parked| *parked != call);
    }

    /// The call in a slot.
    pub(super) fn parked_in(&self, slot: u8) -> Option<CallId> {
        self.slots.get(&slot).copied()
    }

    pub(super) fn over(&mut self, call: CallId) {
        self.unpark(call);
        self.entries.remove(&call);
        self.media.retain(|_, owner| *owner != call);
        if self.ended_set.insert(call) {
            self.ended.push_back(call);
        }
        if self.ended.len() > REMEMBERED
            && let Some(oldest) = self.ended.pop_front()
        {
            self.ended_set.remove(&oldest);
        }
    }

    pub(super) fn handles_of(&self, call: CallId) -> Vec<CallHandle> {
        let own = self.routes.iter().filter(|((id, _), _)| *id == call);
        own.map(|(_, route)| route.handle).collect()
    }

    pub(super) fn media_of(&self, call: CallId) -> Vec<LegId> {
        let own = self.media.iter().filter(|(_, owner)| **owner == call);
        own.map(|(leg, _)| *leg).collect()
    }

    /// Whether a leg of a call goes over this flow.
    pub(super) fn carries(&self, flow: Flow) -> bool {
        self.routes.values().any(|route| route.flow == flow)
    }

    pub(super) fn is_used(&self, id: CallId) -> bool {
        self.entries.contains_key(&id) || self.ended_set.contains(&id)
    }

    pub(super) fn tell(&self, call: CallId, input: Input) {
        if let Some(entry) = self.entries.get(&call) {
            let _ = entry.mailbox.send(input);
        }
    }

    /// Passes news of the media plane to the conversation they are about.
    pub(super) fn media_event(&self, event: MediaEvent) {
        let call = match &event {
            MediaEvent::Connected(leg) | MediaEvent::Vanished(leg) | MediaEvent::Returned(leg) => {
                self.media.get(leg)
            }
            MediaEvent::Digit { leg, .. }
            | MediaEvent::Measured { leg, .. }
            | MediaEvent::Closed { leg, .. } => self.media.get(leg),
            MediaEvent::RecordingGap { call, .. } => Some(call),
        };
        if let Some(call) = call.copied() {
            self.tell(call, Input::Media(event));
        }
    }

    pub(super) fn hang_up(&self, call: CallId, reason: &'static str) {
        self.tell(call, Input::HangUp { reason });
    }

    pub(super) fn hang_up_all(&self, reason: &'static str) {
        for call in self.entries.keys() {
            self.hang_up(*call, reason);
        }
    }

    /// Rings phones that have just appeared for the calls that look for them.
    pub(super) fn phones_appeared(&self, appeared: &[Target]) {
        if appeared.is_empty() {
            return;
        }
        for entry in self.entries.values() {
            let wanted: Vec<Target> = appeared
                .iter()
                .filter(|target| entry.finding.contains(&target.extension))
                .cloned()
                .collect();
            if !wanted.is_empty() {
                let _ = entry.mailbox.send(Input::Targets(wanted));
            }
        }
    }

    /// A connection is gone.
    pub(super) fn flow_closed(&self, flow: Flow) {
        for ((call, number), route) in &self.routes {
            if route.flow == flow {
                self.tell(*call, Input::Connection(*number, Contact::Lost));
            }
        }
    }

    /// Legs of a phone's instance that still used another connection; they use `flow` from now on.
    pub(super) fn follow(&mut self, target: &Target) -> Vec<CallHandle> {
        let (flow, identity) = (target.flow, target.identity());
        let mut handles = Vec::new();
        let mut moved = Vec::new();
        for (key, route) in &mut self.routes {
            let same = |phone: &&mut Phone| {
                phone.extension == target.extension && phone.identity == identity
            };
            let Some(phone) = route.phone.as_mut().filter(same) else {
                continue;
            };
            if route.flow == flow {
                continue;
            }
            // A page that was loaded again registers with another Call-ID. Other phones change it
            // for reasons of their own.
            let anew = is_browser(flow) && phone.boot.as_ref().is_some_and(|b| *b != target.boot);
            phone.boot = Some(target.boot.clone());
            route.flow = flow;
            handles.push(route.handle);
            moved.push((*key, anew));
        }
        for ((call, number), anew) in moved {
            let contact = if anew {
                Contact::Anew(Box::new(target.clone()))
            } else {
                Contact::Back
            };
            self.tell(call, Input::Connection(number, contact));
        }
        handles
    }

    pub(super) fn begun_by(&self, extension: &str) -> usize {
        self.entries
            .values()
            .filter(|entry| entry.extension.as_deref() == Some(extension))
            .count()
    }
}

//! The calls that go on, as they are now.

mod changing;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use api_types::{Brought, CallRecord, CallStatus, ClientCard, Direction, EmployeeRef, Event};
use sip_gateway::ports::CallEvent;
use store::{
    CallChange, CallState, Store, StoreError,
    entity::{call, recording},
};
use tokio::sync::{Notify, mpsc};
use uuid::Uuid;

use super::{Writer, about::About, rows::begin, to_record, word};
use crate::{
    events::{Audience, EventHub},
    switchboard::Switchboard,
    work::Work,
};

/// Turns events into states, records and rows.
pub(crate) struct CallBook {
    store: Store,
    hub: Arc<EventHub>,
    switchboard: Arc<Switchboard>,
    writer: Arc<Writer>,
    work: Arc<Work>,
    live: Mutex<HashMap<Uuid, Live>>,
    /// Calls whose card is to be read (again).
    late: Mutex<HashSet<Uuid>>,
    is_late: Notify,
    /// Missed calls that are being returned, in which call and by whom.
    returning: Mutex<HashMap<Uuid, (Uuid, EmployeeRef)>>,
    beats: mpsc::UnboundedSender<Beat>,
}

/// What the rules of business wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beat {
    /// A call began.
    Begun(Uuid),
    /// People talk.
    Answered(Uuid),
    /// It is over.
    Ended(Uuid),
}

impl Beat {
    fn of(id: Uuid, event: &CallEvent) -> Option<Self> {
        match event {
            CallEvent::CallStarted { .. } => Some(Self::Begun(id)),
            CallEvent::CallAnswered { .. } => Some(Self::Answered(id)),
            CallEvent::CallEnded { .. } => Some(Self::Ended(id)),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
struct Live {
    state: CallState,
    about: About,
    /// What is of interest only as long as the call goes on.
    now: Now,
}

/// How a call stands besides its record.
#[derive(Clone, Debug, Default)]
struct Now {
    /// The slot it is parked in.
    slot: Option<u8>,
    /// Extensions that hold it; empty: the other side.
    holders: Vec<String>,
    /// Whose call this one is about, and who brings it.
    brought: Option<(EmployeeRef, Uuid)>,
    /// The extension that parked it.
    parked_by: Option<String>,
    /// The call its parties were put into.
    put_into: Option<Uuid>,
}

impl Now {
    fn change(&mut self, event: &CallEvent) {
        match event {
            CallEvent::CallParked { slot, by, .. } => {
                *self = Self {
                    slot: Some(*slot),
                    parked_by: Some(by.clone()),
                    ..Self::default()
                }
            }
            CallEvent::CallHeld { by, held, .. } => {
                let by = by.clone().unwrap_or_default();
                self.holders.retain(|holder| *holder != by);
                if *held {
                    self.holders.push(by);
                }
            }
            CallEvent::CallTransferred { .. } => self.holders.clear(),
            CallEvent::CallJoined { into, .. } => self.put_into = Some(*into),
            CallEvent::CallUnparked { .. } => {
                *self = Self {
                    parked_by: self.parked_by.take(),
                    ..Self::default()
                }
            }
            CallEvent::CallEnded { .. } => {
                *self = Self {
                    put_into: self.put_into,
                    ..Self::default()
                }
            }
            _ => {}
        }
    }
}

/// Whether a call was there before an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Before,
    BegunNow,
}

impl Live {
    fn new(state: CallState, about: About) -> Self {
        Self {
            state,
            about,
            now: Now::default(),
        }
    }

    /// What is seen of it by whoever is rung about it.
    fn brought_by(&self, by: EmployeeRef) -> Brought {
        let record = self.record();
        Brought {
            by,
            call: record.id,
            contact: record.contact,
            number: record.number,
            line: record.line,
            note: record.note,
        }
    }

    fn record(&self) -> CallRecord {
        CallRecord {
            parked_in: self.now.slot,
            put_into: self.now.put_into.map(|into| into.simple().to_string()),
            is_held: !self.now.holders.is_empty(),
            row: self.about.row.clone(),
            deal: self.about.deal.clone(),
            ..to_record(
                &self.state.call,
                self.state.recording.as_ref(),
                self.about.contact.clone(),
            )
        }
    }

    /// What is shown of the client.
    fn card(&self) -> Option<&ClientCard> {
        let goes_on = self.state.call.ended_at.is_none();
        self.about.card.as_deref().filter(|_| goes_on)
    }

    /// Whether people talk in both with the same client, or somebody of the same company.
    fn shares_client(&self, other: &Self) -> bool {
        let same = |a: Option<Uuid>, b| a.is_some() && a == b;
        let number = |call: &Self| call.state.call.number_e164.clone();
        let is_internal = self.state.call.direction == word(Direction::Internal);
        !is_internal
            && self.state.call.id != other.state.call.id
            && other.about.card.is_some()
            && (same(self.about.who.0, other.about.who.0)
                || same(self.about.who.1, other.about.who.1)
                || (number(self).is_some() && number(self) == number(other)))
    }

    /// Whoever calls a colleague with it.
    fn asks(&self) -> Option<String> {
        let call = &self.state.call;
        let is_internal = call.direction == word(Direction::Internal);
        call.employee_extension.clone().filter(|_| is_internal)
    }

    /// Nothing more will happen to it.
    fn is_over(&self) -> bool {
        let making = |recording: &recording::Model| {
            recording.state == "running" || recording.state == "finishing"
        };
        self.state.call.ended_at.is_some() && !self.state.recording.as_ref().is_some_and(making)
    }
}

impl CallBook {
    /// With no calls.
    pub(crate) fn new(
        store: Store,
        hub: Arc<EventHub>,
        switchboard: Arc<Switchboard>,
        writer: Arc<Writer>,
        work: Arc<Work>,
        beats: mpsc::UnboundedSender<Beat>,
    ) -> Self {
        Self {
            store,
            hub,
            switchboard,
            writer,
            work,
            live: Mutex::default(),
            late: Mutex::default(),
            is_late: Notify::new(),
            returning: Mutex::default(),
            beats,
        }
    }

    /// Something happened to a call. Events that are not about calls are ignored.
    pub(crate) async fn apply(&self, event: &CallEvent) {
        let Some(id) = call_of(event) else { return };
        let known = self.make_live(id, event).await;
        let mut live = self.live();
        let Some(call) = live.get_mut(&id) else {
            tracing::warn!(call.id = %id, "something happened to a call nobody knows");
            return;
        };
        if known == Known::Before && !may_follow(&call.state, event) {
            tracing::warn!(call.id = %id, "an event of another call with an id used before was ignored");
            if call.is_over() {
                live.remove(&id);
            }
            return;
        }
        self.change(&mut call.state, event);
        call.now.change(event);
        call.state.call.version += 1;
        self.writer.put(call.state.clone());
        self.bring(&mut live, id, event);
        self.tell_of(&live, id);
        let beat = Beat::of(id, event);
        if matches!(beat, Some(Beat::Answered(_) | Beat::Ended(_))) {
            self.tell_colleagues(&live, id);
        }
        if live.get(&id).is_some_and(Live::is_over) {
            live.remove(&id);
        }
        if let Some(beat) = beat {
            // Nobody listens when the server stops.
            let _ = self.beats.send(beat);
        }
    }

    /// Others who talk with the same client see that this changed.
    fn tell_colleagues(&self, live: &HashMap<Uuid, Live>, id: Uuid) {
        let Some(this) = live.get(&id) else { return };
        let others = live.values().filter(|other| this.shares_client(other));
        for other in others.filter(|other| other.card().is_some()) {
            self.publish(self.shown(live, other), other);
        }
    }

    /// Whoever is rung by a colleague is brought the client the call is about: the one it hands over, or
    /// the one who waits for that colleague meanwhile; whoever picks a call up, the one who was parked.
    fn bring(&self, live: &mut HashMap<Uuid, Live>, id: Uuid, event: &CallEvent) {
        let brought = match event {
            CallEvent::CallOffered { from, .. } => Some((from.clone(), id)),
            CallEvent::CallRinging { extensions, .. } if !extensions.is_empty() => {
                let asks = live.get(&id).and_then(|call| call.asks());
                asks.and_then(|asks| Some((asks.clone(), waiting_for(live, id, &asks)?)))
            }
            CallEvent::CallUnparked { by, .. } => {
                let parked = live.get_mut(&id).and_then(|call| call.now.parked_by.take());
                parked.filter(|parked| parked != by).map(|by| (by, id))
            }
            _ => None,
        };
        if let Some((by, about)) = brought
            && let Some(call) = live.get_mut(&id)
        {
            let name = self.switchboard.employee(&by).map(|one| one.name);
            let by = EmployeeRef {
                name: name.unwrap_or_else(|| by.clone()),
                extension: by,
            };
            call.now.brought = Some((by, about));
        }
    }

    /// Tells of a call, and of those that are about it.
    fn tell_of(&self, live: &HashMap<Uuid, Live>, id: Uuid) {
        let is_about = |call: &&Live| {
            let about = call.now.brought.as_ref().map(|(_, about)| *about);
            call.state.call.id == id || about == Some(id)
        };
        for call in live.values().filter(is_about) {
            self.publish(self.shown(live, call), call);
        }
    }

    /// A call that goes on, with all that is shown of it.
    pub(crate) fn record(&self, id: Uuid) -> Option<CallRecord> {
        let live = self.live();
        Some(self.shown(&live, live.get(&id)?))
    }

    fn shown(&self, live: &HashMap<Uuid, Live>, call: &Live) -> CallRecord {
        let brought = brought(live, call);
        let about = call.now.brought.as_ref().and_then(|(_, id)| live.get(id));
        let source = match call.card() {
            Some(_) => Some(call),
            None => about,
        };
        let client = source.and_then(|source| {
            let mut card = source.card()?.clone();
            card.talking = talking(live, source);
            Some(Box::new(card))
        });
        CallRecord {
            brought,
            client: client.filter(|_| call.state.call.ended_at.is_none()),
            calling_back: self.calling_back(call.state.call.id),
            ..call.record()
        }
    }

    /// Who is returning a missed call this moment.
    pub(crate) fn calling_back(&self, missed: Uuid) -> Option<EmployeeRef> {
        let returning = self
            .returning
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        returning.get(&missed).map(|(_, by)| by.clone())
    }

    /// These missed calls are being returned in this call.
    pub(crate) async fn calls_back(&self, id: Uuid, by: EmployeeRef, missed: Vec<Uuid>) {
        let is_over = |call: &Live| call.state.call.ended_at.is_some();
        if self.live().get(&id).is_none_or(is_over) {
            return;
        }
        for call in &missed {
            let mut returning = self
                .returning
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            returning.insert(*call, (id, by.clone()));
        }
        self.tell_stored(missed).await;
    }

    /// This call returns nothing any more.
    pub(crate) async fn stops_calling_back(&self, id: Uuid) {
        let missed = {
            let mut returning = self
                .returning
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let theirs = returning.extract_if(|_, (by, _)| *by == id);
            theirs.map(|(missed, _)| missed).collect()
        };
        self.tell_stored(missed).await;
    }

    async fn tell_stored(&self, calls: Vec<Uuid>) {
        for id in calls {
            match self.store.call_state(id).await {
                Ok(Some(state)) => {
                    self.tell(&Live::new(state.clone(), self.stored(&state.call).await))
                }
                Ok(None) => {}
                Err(error) => tracing::error!(%error, "a missed call could not be read"),
            }
        }
    }

    /// A call as it is now, if it goes on or is not written yet.
    pub(crate) fn current(&self, id: Uuid) -> Option<CallState> {
        let live = self.live().get(&id).map(|call| call.state.clone());
        live.or_else(|| self.writer.unwritten(id))
    }

    /// Writes what people or rules say about a call; `false` when there is no such call.
    pub(crate) async fn amend(&self, id: Uuid, change: &CallChange) -> Result<bool, StoreError> {
        if !self.store.change_call(id, change).await? {
            // It may have begun this moment.
            self.writer.flush(Duration::from_secs(2)).await;
            if !self.store.change_call(id, change).await? {
                return Ok(false);
            }
        }
        self.amended(id, change).await?;
        Ok(true)
    }

    /// The same of a call whose row is changed already.
    pub(crate) async fn amended(&self, id: Uuid, change: &CallChange) -> Result<(), StoreError> {
        self.writer.amend(id, |row| change.apply(row));
        if self.amend_live(id, change) {
            if change.contact.is_some() || change.deal.is_some() {
                self.read_again([id]);
            }
            return Ok(());
        }
        if let Some(state) = self.store.call_state(id).await? {
            let about = self.stored(&state.call).await;
            self.tell(&Live::new(state, about));
        }
        Ok(())
    }

    fn read_again(&self, calls: impl IntoIterator<Item = Uuid>) {
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        late.extend(calls);
        drop(late);
        self.is_late.notify_one();
    }

    /// Reads cards that took too long, or changed, until the process ends.
    pub(crate) async fn read_cards(self: Arc<Self>) {
        loop {
            self.is_late.notified().await;
            let late: Vec<Uuid> = {
                let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
                late.drain().collect()
            };
            for id in late {
                self.look_up_again(id).await;
            }
        }
    }

    /// Whether the call goes on.
    fn amend_live(&self, id: Uuid, change: &CallChange) -> bool {
        let mut live = self.live();
        let Some(call) = live.get_mut(&id) else {
            return false;
        };
        change.apply(&mut call.state.call);
        self.tell_of(&live, id);
        true
    }

    /// Whom and what a call that goes on is about may be another by now.
    async fn look_up_again(&self, id: Uuid) {
        let row = self.live().get(&id).map(|call| call.state.call.clone());
        let Some(row) = row else { return };
        let about = About::live(&self.store, &self.work, &self.switchboard.office(), &row).await;
        let about = match about {
            Ok(about) => about,
            Err(error) => return tracing::error!(%error, "a caller could not be looked up"),
        };
        let mut live = self.live();
        if let Some(call) = live.get_mut(&id)
            && call.about != about
        {
            call.about = about;
            self.tell_of(&live, id);
        }
    }

    /// Contacts changed: calls that go on may be about somebody else now.
    pub(crate) async fn contacts_changed(&self) {
        self.items_changed();
    }

    /// Items changed: cards of calls that go on may say something else now.
    pub(crate) fn items_changed(&self) {
        let live: Vec<Uuid> = self.live().keys().copied().collect();
        self.read_again(live);
    }

    /// Waits until everything is written.
    pub(crate) async fn flush(&self, patience: Duration) -> bool {
        self.writer.flush(patience).await
    }

    /// Writes and shows a state made elsewhere (recovery).
    pub(super) async fn adopt(&self, state: CallState) {
        let about = self.stored(&state.call).await;
        let call = Live::new(state, about);
        self.tell(&call);
        self.writer.put(call.state.clone());
        if !call.is_over() {
            self.live().insert(call.state.call.id, call);
        }
    }

    fn live(&self) -> MutexGuard<'_, HashMap<Uuid, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, call: &Live) {
        let calling_back = self.calling_back(call.state.call.id);
        let record = CallRecord {
            calling_back,
            ..call.record()
        };
        self.publish(record, call);
    }

    fn publish(&self, mut record: CallRecord, call: &Live) {
        if let Some(recording) = &mut record.recording {
            let office = self.switchboard.office();
            recording.kept_until = self.work.kept_until(&office, &call.state.call);
        }
        let audience = Audience::Call(call.state.viewers.clone());
        self.hub.publish(&Event::Call(record), audience);
    }

    /// Takes a call among the live ones, or begins it.
    async fn make_live(&self, id: Uuid, event: &CallEvent) -> Known {
        if self.live().contains_key(&id) {
            return Known::Before;
        }
        let stored = match self.writer.unwritten(id) {
            Some(state) => Some(state),
            None => self.store.call_state(id).await.unwrap_or_else(|error| {
                // A call that begins is taken down all the same: the store keeps an older one.
                tracing::error!(call.id = %id, %error, "a call could not be looked up");
                None
            }),
        };
        let (known, state) = match (stored, event) {
            (Some(state), _) => (Known::Before, state),
            (None, CallEvent::CallStarted { .. }) => {
                let call = begin(event, &self.switchboard.office());
                let (viewers, recording) = (Vec::new(), None);
                let state = CallState {
                    call,
                    viewers,
                    recording,
                };
                (Known::BegunNow, state)
            }
            (None, _) => return Known::Before,
        };
        let about = self.about(&state.call).await;
        self.live().insert(id, Live::new(state, about));
        known
    }

    /// Whom and what a call that goes on is about.
    async fn about(&self, row: &call::Model) -> About {
        let office = self.switchboard.office();
        match About::ringing(&self.store, &self.work, &office, row).await {
            Some(Ok(about)) => return about,
            Some(Err(error)) => tracing::error!(%error, "a caller could not be looked up"),
            None => {
                tracing::warn!(call.id = %row.id, "a card is late");
                self.read_again([row.id]);
            }
        }
        About::default()
    }

    /// Whom and what a call that is over is about.
    async fn stored(&self, row: &call::Model) -> About {
        let about = About::stored(&self.store, &self.work, row).await;
        about.unwrap_or_else(|error| {
            tracing::error!(%error, "a caller could not be looked up");
            About::default()
        })
    }
}

/// What comes with a call.
fn brought(live: &HashMap<Uuid, Live>, call: &Live) -> Option<Brought> {
    let (by, about) = call.now.brought.as_ref()?;
    Some(live.get(about)?.brought_by(by.clone()))
}

/// Colleagues who talk with the same client, or somebody of the same company.
fn talking(live: &HashMap<Uuid, Live>, this: &Live) -> Vec<EmployeeRef> {
    let talks = |call: &&Live| call.state.call.status == word(CallStatus::Talking);
    let others = live.values().filter(|other| this.shares_client(other));
    let mut talking: Vec<EmployeeRef> = others
        .filter(talks)
        .filter_map(|other| other.record().employee)
        .collect();
    talking.sort_by(|a, b| a.extension.cmp(&b.extension));
    talking.dedup();
    talking
}

/// The call with a client that waits while its employee asks a colleague: the one that began last.
fn waiting_for(live: &HashMap<Uuid, Live>, asking: Uuid, extension: &str) -> Option<Uuid> {
    let waits = |call: &&Live| {
        let row = &call.state.call;
        row.id != asking
            && row.employee_extension.as_deref() == Some(extension)
            && row.status == word(CallStatus::Talking)
            && row.direction != word(Direction::Internal)
    };
    let waiting = live.values().filter(waits);
    let last = waiting.max_by_key(|call| call.state.call.started_at);
    last.map(|call| call.state.call.id)
}

/// Whether an event can belong to this call, which was known before. A call begins once; after its
/// end only its own recording may still change, until it is there.
fn may_follow(state: &CallState, event: &CallEvent) -> bool {
    match event {
        CallEvent::CallStarted { .. } => false,
        CallEvent::RecordingReady { .. } | CallEvent::RecordingFailed { .. } => {
            match &state.recording {
                Some(recording) => recording.state != "ready",
                None => state.call.ended_at.is_none(),
            }
        }
        _ => state.call.ended_at.is_none(),
    }
}

/// Which call an event is about.
fn call_of(event: &CallEvent) -> Option<Uuid> {
    match event {
        CallEvent::CallStarted { id, .. }
        | CallEvent::CallRinging { id, .. }
        | CallEvent::CallAnswered { id, .. }
        | CallEvent::CallTransferred { id, .. }
        | CallEvent::CallJoined { id, .. }
        | CallEvent::CallHeld { id, .. }
        | CallEvent::CallOffered { id, .. }
        | CallEvent::CallVanished { id, .. }
        | CallEvent::CallReattached { id, .. }
        | CallEvent::CallParked { id, .. }
        | CallEvent::CallUnparked { id, .. }
        | CallEvent::ThirdJoined { id, .. }
        | CallEvent::ThirdLeft { id, .. }
        | CallEvent::RecordingStarted { id, .. }
        | CallEvent::CallEnded { id, .. }
        | CallEvent::RecordingReady { id, .. }
        | CallEvent::RecordingFailed { id, .. }
        | CallEvent::PathStep { id, .. }
        | CallEvent::Digit { id, .. } => Some(*id),
        CallEvent::LegMeasured { .. }
        | CallEvent::LineUsage { .. }
        | CallEvent::LineChanged { .. }
        | CallEvent::BindingsChanged { .. }
        | CallEvent::LockedOut { .. } => None,
    }
}

#[cfg(test)]
#[path = "book_tests.rs"]
pub(super) mod tests;

//! One card: which of its three faces it shows.

use crate::components::reactive::{changing, flag, text};
use api_types::{CallRecord, ClientCard};
use leptos::prelude::*;
use phone::{CallPhase, CallView, MediaWay, Side};

use super::{
    active::ActiveCard,
    ended::EndedCard,
    note_field::NoteField,
    ringing::{RingingCard, SmallCard},
    say_who,
    slot::Slot,
    strip::{FoldedCard, StripCard},
};
use crate::{
    components::reactive::{When, act},
    i18n::*,
    platform::bridge::{self, Topic},
    state::phone::use_phone,
    view::{
        card::{Face, phase_name, target},
        stack::{CardId, plain_id},
    },
};

/// What a card's parts read.
#[derive(Clone, Copy)]
pub struct CardModel {
    /// The phone's call, once there.
    pub call: Memo<Option<CallView>>,
    /// The server's record, once there.
    pub record: Memo<Option<CallRecord>>,
    /// Both merged.
    pub face: Memo<Face>,
    /// What is known of the client.
    pub client: Memo<Option<Box<ClientCard>>>,
    /// What of the later module stands in it.
    pub slot: RwSignal<Option<Slot>>,
    /// The person folded it.
    pub folded: RwSignal<bool>,
    /// The person wants it to keep its size.
    pub pinned: RwSignal<bool>,
    /// Somebody points at it or types in it.
    pub touched: RwSignal<bool>,
    /// It may not go yet: something required is missing.
    pub required: RwSignal<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ringing,
    Small,
    Folded,
    Active,
    Strip,
    Ended,
}

fn kind(phase: Option<&CallPhase>) -> Kind {
    match phase {
        None | Some(CallPhase::RingingIn) => Kind::Ringing,
        Some(CallPhase::Ended(_)) => Kind::Ended,
        Some(_) => Kind::Active,
    }
}

impl CardModel {
    fn new(id: CardId) -> Self {
        let phone = use_phone();
        let entry = Memo::new(move |_| {
            phone
                .stack
                .with(|stack| stack.cards().iter().find(|card| card.id == id).cloned())
        });
        // A card that left the stack keeps its last face until it is unmounted.
        let call = Memo::new(move |before: Option<&Option<CallView>>| {
            let key = entry.get().and_then(|entry| entry.key);
            let now = phone.state.with(|state| {
                state
                    .calls
                    .iter()
                    .find(|call| Some(call.key) == key)
                    .cloned()
            });
            now.or_else(|| before.cloned().flatten())
        });
        let record = Memo::new(move |before: Option<&Option<CallRecord>>| {
            let id = entry.get().and_then(|entry| entry.call_id)?;
            let now = phone.records.with(|records| records.get(&id).cloned());
            now.or_else(|| before.cloned().flatten())
        });
        let face = Memo::new(move |_| {
            call.with(|call| record.with(|record| phone.face(call.as_ref(), record.as_ref())))
        });
        let client = Memo::new(move |_| record.with(|record| record.as_ref()?.client.clone()));
        Self {
            call,
            record,
            face,
            client,
            slot: RwSignal::new(None),
            folded: RwSignal::new(false),
            pinned: RwSignal::new(false),
            touched: RwSignal::new(false),
            required: RwSignal::new(false),
        }
    }

    /// Whether its call was talked in.
    pub fn has_talk(self) -> bool {
        self.call.with(|call| {
            call.as_ref().is_some_and(|call| match &call.phase {
                CallPhase::Ended(reason) => reason.talk_ms > 0,
                _ => call.answered_at.is_some(),
            })
        })
    }

    /// Hears what the later module says of it.
    fn hear(self) {
        let phone = use_phone();
        bridge::hear(Topic::Card, move |said| {
            let (word, which) = said.split_once(' ').unwrap_or_default();
            let key = self
                .call
                .try_with_untracked(|call| call.as_ref().map(|call| call.key.0.to_string()));
            let is_ours = key.flatten().as_deref() == Some(which);
            match word {
                "show" if self.is_of(which) => {
                    self.folded.set(false);
                }
                "close" if is_ours => self.slot.set(None),
                "handed" if is_ours => phone.hand_on.set(None),
                "hold" if is_ours => self.required.set(true),
                "free" if is_ours => self.required.set(false),
                _ => {}
            }
        });
    }

    fn is_of(self, id: &str) -> bool {
        let of = |record: &Option<CallRecord>| {
            let record = record.as_ref();
            record.is_some_and(|record| plain_id(&record.id) == plain_id(id))
        };
        self.record.try_with_untracked(of).unwrap_or_default()
    }
}

/// A card of the stack.
#[component]
pub fn CallCard(id: CardId) -> impl IntoView {
    let i18n = use_i18n();
    let model = CardModel::new(id);
    let phone = use_phone();
    model.hear();
    let kind = Memo::new(move |_| {
        let (pinned, folded) = (model.pinned.get(), model.folded.get());
        phone.state.with(|state| {
            model.call.with(|call| {
                let is_strip = |call: &CallView| target::is_strip(&state.calls, call);
                let key = call.as_ref().map(|call| call.key);
                match kind(call.as_ref().map(|call| &call.phase)) {
                    Kind::Ringing if target::is_small(&state.calls, key) => Kind::Small,
                    Kind::Active if !pinned && call.as_ref().is_some_and(is_strip) => Kind::Strip,
                    Kind::Active | Kind::Ended if folded => Kind::Folded,
                    kind => kind,
                }
            })
        })
    });
    let has_note = move || matches!(kind.get(), Kind::Active | Kind::Ended) && model.has_talk();
    let touched = move |on: bool| model.touched.set(on);
    let held = move || {
        model
            .call
            .with(|call| call.as_ref().is_some_and(|call| call.held))
    };
    let back = move || {
        model
            .call
            .with(|call| call.as_ref().is_some_and(|call| call.returning))
    };
    let way = move || {
        model.call.with(|call| {
            let way = call.as_ref().and_then(|call| call.way);
            way.map_or("", MediaWay::name)
        })
    };
    let phase = move || {
        model.call.with(|call| {
            call.as_ref()
                .map_or("ringing-in", |call| phase_name(&call.phase))
        })
    };
    let label = move || {
        let (who, side) = model
            .face
            .with(|face| (say_who(i18n, &face.who), face.side));
        match (kind.get(), side) {
            (Kind::Ended, _) => fill!(i18n, card.ended_label, who = who),
            (_, Side::Incoming) => fill!(i18n, card.incoming_label, who = who),
            (_, Side::Outgoing) => fill!(i18n, card.outgoing_label, who = who),
        }
    };
    view! {
        <section class="call call--in" class:call--strip=flag(move || matches!(kind.get(), Kind::Strip | Kind::Small | Kind::Folded)) role="region" aria-label=text(label) data-testid="call-card"
            on:mouseenter=act(move |_| touched(true)) on:mouseleave=act(move |_| touched(false)) on:focusin=act(move |_| touched(true)) on:focusout=act(move |_| touched(false))
            data-phase=text(phase) data-held=text(held) data-returning=text(back) data-way=text(way)>
            {changing(move || match kind.get() {
                Kind::Ringing => view! { <RingingCard model/> }.into_any(),
                Kind::Active => view! { <ActiveCard model/> }.into_any(),
                Kind::Strip => view! { <StripCard model/> }.into_any(),
                Kind::Ended => view! { <EndedCard model/> }.into_any(),
                Kind::Small => view! { <SmallCard model/> }.into_any(),
                Kind::Folded => view! { <FoldedCard model/> }.into_any(),
            })}
            // Stands through the end of the call, so that who types goes on typing.
            <When when=has_note><NoteField model/></When>
        </section>
    }
}

//! One card: which of its three faces it shows.

use crate::components::reactive::{changing, flag, text};
use api_types::CallRecord;
use leptos::prelude::*;
use phone::{CallPhase, CallView, MediaWay, Side};

use super::{
    active::ActiveCard, ended::EndedCard, ringing::RingingCard, say_who, strip::StripCard,
};
use crate::{
    i18n::*,
    state::phone::use_phone,
    view::{
        card::{Face, phase_name, target},
        stack::CardId,
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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ringing,
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
        Self { call, record, face }
    }
}

/// A card of the stack.
#[component]
pub fn CallCard(id: CardId) -> impl IntoView {
    let i18n = use_i18n();
    let model = CardModel::new(id);
    let phone = use_phone();
    let kind = Memo::new(move |_| {
        let is_strip = |call: &CallView| {
            phone
                .state
                .with(|state| target::is_strip(&state.calls, call))
        };
        model.call.with(|call| match call {
            Some(call) if is_strip(call) => Kind::Strip,
            call => kind(call.as_ref().map(|call| &call.phase)),
        })
    });
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
        <section class="call call--in" class:call--strip=flag(move || kind.get() == Kind::Strip) role="region" aria-label=text(label) data-testid="call-card"
            data-phase=text(phase) data-held=text(held) data-returning=text(back) data-way=text(way)>
            {changing(move || match kind.get() {
                Kind::Ringing => view! { <RingingCard model/> }.into_any(),
                Kind::Active => view! { <ActiveCard model/> }.into_any(),
                Kind::Strip => view! { <StripCard model/> }.into_any(),
                Kind::Ended => view! { <EndedCard model/> }.into_any(),
            })}
        </section>
    }
}

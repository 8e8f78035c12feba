//! Where the phone stands, and whether a card opens by itself when a call rings.

use gloo::events::EventListener;
use leptos::prelude::*;
use phone::CallPhase;

use crate::{
    components::{
        Icon,
        reactive::{When, act, text},
    },
    i18n::*,
    platform::{
        bridge::{self, Topic},
        pop_up,
    },
    state::{
        phone::{PhoneLink, use_phone},
        session::use_session,
    },
    view::{pop_up::PopUp, stack::Card},
};

/// What of the cards is on the screen.
#[derive(Clone, Copy)]
pub struct Opening {
    set: RwSignal<PopUp>,
    /// The person wants to see the cards that ring now.
    wanted: RwSignal<bool>,
}

impl Opening {
    /// As the person has set it, followed in every tab.
    pub fn follow() -> Self {
        let session = use_session();
        let opening = Self {
            set: RwSignal::new(PopUp::default()),
            wanted: RwSignal::new(false),
        };
        let read = move || {
            let own = session.me_now(|me| me.extension.clone()).flatten();
            let set = own.map_or_else(PopUp::default, |own| pop_up::kept(&own));
            pop_up::place(set);
            opening.set.set(set);
        };
        let own = Memo::new(move |_| session.me(|me| me.extension.clone()).flatten());
        Effect::new(move |_| {
            own.track();
            read();
        });
        bridge::hear(Topic::PopUp, move |_| read());
        bridge::keep(EventListener::new(&window(), "storage", move |_| read()));
        opening
    }

    /// Whether a card waits for the person to want it.
    pub fn holds(self, phone: PhoneLink, card: &Card) -> bool {
        !self.set.with(|set| set.opens) && !self.wanted.get() && rings(phone, card)
    }
}

fn rings(phone: PhoneLink, card: &Card) -> bool {
    phone.state.with(|state| {
        let call = state.calls.iter().find(|call| Some(call.key) == card.key);
        call.is_none_or(|call| call.phase == CallPhase::RingingIn)
    })
}

/// In place of the cards that do not open by themselves: who calls, and a way to the card.
#[component]
pub fn Held(opening: Opening, #[prop(into)] who: Signal<String>) -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let ringing = Memo::new(move |_| {
        !opening.set.with(|set| set.opens)
            && phone
                .stack
                .with(|stack| stack.cards().iter().any(|card| rings(phone, card)))
    });
    // The next call waits again.
    Effect::new(move |_| {
        if !ringing.get() {
            opening.wanted.set(false);
        }
    });
    view! {
        <When when=move || ringing.get() && !opening.wanted.get()>
            <div class="note note--float" data-testid="held-card">
                <Icon name="phone-incoming"/><span class="grow cut">{text(move || who.get())}</span>
                <button class="btn" data-testid="show-card" on:click=act(move |_| opening.wanted.set(true))>{tr!(i18n, common.show)}</button>
            </div>
        </When>
    }
}

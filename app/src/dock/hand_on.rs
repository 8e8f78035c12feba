//! Handing a call on from its card: how that goes, and two answered calls put together. To whom is
//! asked by the later module.

use leptos::prelude::*;
use phone::{CallKey, Command};

use super::card::CardModel;
use crate::{
    components::{
        Icon,
        reactive::{When, act, changing, flag, text},
    },
    i18n::*,
    pages::host::Part,
    state::phone::use_phone,
    view::card::{HandOnWords, target},
};

/// The other answered call of the person, which this one can be put together with.
pub fn partner(model: CardModel) -> Memo<Option<CallKey>> {
    let phone = use_phone();
    Memo::new(move |_| {
        let call = model.call.get().filter(|call| call.is_talking())?;
        phone
            .state
            .with(|state| target::partner(&state.calls, &call).map(|other| other.key))
    })
}

/// How a transfer goes, while the call is on the screen.
#[component]
pub fn Progress(model: CardModel) -> impl IntoView {
    let i18n = use_i18n();
    let said = Memo::new(move |_| {
        let transfer = model.call.with(|call| call.as_ref()?.transfer.clone());
        transfer.map(|transfer| (HandOnWords::of(&transfer).0, sentence(i18n, &transfer)))
    });
    let is_failure = move || said.get().is_some_and(|(words, _)| words.is_failure());
    view! {
        <When when=move || said.get().is_some()>
            <div class="call__why row" class:stop=flag(is_failure) role="status" data-testid="hand-on-state">
                <Icon name="phone-forwarded"/><span class="grow">{text(move || said.get().map(|(_, words)| words))}</span>
            </div>
        </When>
    }
}

/// What becomes of a transfer, in a sentence.
pub fn sentence(i18n: I18n, transfer: &phone::Transfer) -> String {
    let (words, slot) = HandOnWords::of(transfer);
    crate::view::format::fill(
        words.say(i18n),
        &[
            ("to", &transfer.to),
            ("slot", slot.as_deref().unwrap_or_default()),
        ],
    )
}

/// Two answered calls: connect them and leave, or talk all three.
#[component]
pub fn Together(model: CardModel) -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let other = partner(model);
    let both = move || {
        let call = model
            .call
            .with_untracked(|call| call.as_ref().map(|call| call.key))?;
        Some((call, other.get_untracked()?))
    };
    // Who waits is handed over to whoever is heard.
    let connect = move |_| {
        if let Some((to, call)) = both() {
            phone.send(Command::Connect { call, to });
        }
    };
    let join = move |_| {
        if let Some((other, call)) = both() {
            phone.send(Command::Join { call, other });
        }
    };
    view! {
        <When when=move || other.get().is_some()>
            <div class="call__act">
                <button class="btn" data-testid="connect" on:click=act(connect)><Icon name="phone-forwarded"/>{tr!(i18n, hand_on.connect)}</button>
                <button class="btn" data-testid="join" on:click=act(join)><Icon name="merge"/>{tr!(i18n, hand_on.join)}</button>
            </div>
        </When>
    }
}

/// The panel, while it is open for this call.
#[component]
pub fn HandOn(model: CardModel) -> impl IntoView {
    let phone = use_phone();
    let open = Memo::new(move |_| {
        let call = model.call.get().filter(|call| call.is_talking())?;
        phone.hand_on.get().filter(|(key, _)| *key == call.key)
    });
    changing(move || {
        open.get().map(|(call, only_add)| {
            let detail = format!("{} {only_add}", call.0);
            view! { <Part name="hand_on" detail/> }
        })
    })
}

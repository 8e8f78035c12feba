//! The card of a call that waits while another is heard.

use crate::components::reactive::{When, act, text};
use leptos::prelude::*;
use phone::Command;

use super::{
    card::CardModel,
    hand_on::{Progress, partner},
    say_who, timer,
};
use crate::{
    components::{Avatar, Icon},
    i18n::*,
    state::phone::use_phone,
};

/// Who waits, and how to go on with them.
#[component]
pub fn StripCard(model: CardModel) -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let who = Memo::new(move |_| model.face.with(|face| say_who(i18n, &face.who)));
    let answered = Signal::derive(move || {
        model
            .call
            .with(|call| call.as_ref().and_then(|call| call.answered_at))
            .map(|at| at as i64)
    });
    let time = timer::since(answered);
    let number = move || model.face.with(|face| face.number.clone());
    let key = move || {
        model
            .call
            .with_untracked(|call| call.as_ref().map(|call| call.key))
    };
    let send = move |command: fn(phone::CallKey) -> Command| {
        if let Some(key) = key() {
            phone.send(command(key));
        }
    };
    let other = partner(model);
    let join = move |_| {
        if let (Some(call), Some(other)) = (key(), other.get_untracked()) {
            phone.send(Command::Join { call, other });
        }
    };
    view! {
        <div class="call__state call__state--hold">
            <Icon name="pause" class="i--14"/><span>{tr!(i18n, card.on_hold)}</span>
            <span class="push num call__wait">{text(move || fill!(i18n, card.call_time, time = time.get()))}</span>
        </div>
        <div class="call__head">
            <Avatar name=who/>
            <div class="grow"><div class="med t14 cut">{who}</div><div class="call__sub t12 num"><span class="cut">{text(number)}</span></div></div>
            <button class="btn" data-testid="resume" title="Alt P" on:click=act(move |_| send(|key| Command::Hold(key, false)))><Icon name="play"/>{tr!(i18n, card.resume)}</button>
            <When when=move || other.get().is_some()>
                <button class="btn btn--icon" data-testid="strip-join" aria-label=tr!(i18n, card.join) title=tr!(i18n, card.join) on:click=act(join)><Icon name="merge"/></button>
            </When>
            <button class="btn btn--icon btn--reject-quiet" data-testid="hang-up" aria-label=tr!(i18n, card.end) title=tr!(i18n, card.end) on:click=act(move |_| send(Command::HangUp))><Icon name="phone-off"/></button>
        </div>
        <Progress model/>
    }
}

/// A card the person folded: who, how long, back to its size.
#[component]
pub fn FoldedCard(model: CardModel) -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let who = Memo::new(move |_| model.face.with(|face| say_who(i18n, &face.who)));
    let number = move || model.face.with(|face| face.number.clone());
    let answered = Signal::derive(move || {
        let of = |call: &Option<phone::CallView>| call.as_ref()?.answered_at.map(|at| at as i64);
        model.call.with(of)
    });
    let time = timer::since(answered);
    let is_over = move || {
        model.call.with(|call| {
            call.as_ref()
                .is_none_or(|call| matches!(call.phase, phone::CallPhase::Ended(_)))
        })
    };
    let end = move |_| {
        if let Some(call) = model.call.get_untracked() {
            phone.send(Command::HangUp(call.key));
        }
    };
    view! {
        <div class="call__head">
            <Avatar name=who/>
            <div class="grow"><div class="med t14 cut">{who}</div><div class="call__sub t12 num"><span class="cut">{text(number)}</span></div></div>
            <When when=move || !is_over()><span class="num med t12">{time}</span></When>
            <button class="btn btn--icon" data-testid="card-unfold" aria-label=tr!(i18n, client.unfold) title=tr!(i18n, client.unfold) on:click=act(move |_| model.folded.set(false))><Icon name="chevron-up"/></button>
            <When when=move || !is_over()>
                <button class="btn btn--icon btn--reject-quiet" data-testid="hang-up" aria-label=tr!(i18n, card.end) title="Alt X" on:click=act(end)><Icon name="phone-off"/></button>
            </When>
        </div>
    }
}

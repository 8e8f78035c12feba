//! A card that rings.

use crate::components::reactive::{When, act, changing, text};
use leptos::prelude::*;
use phone::{CallKey, Command, Rejection};

use super::{
    card::CardModel,
    client::ClientPart,
    new_contact::NewContact,
    parts::{LineName, Noted, Who},
    say_who, timer,
};
use crate::{
    components::{Avatar, Icon},
    i18n::*,
    state::phone::use_phone,
};

/// Painted on the first sign of the call; the buttons come with the call itself, into their place.
#[component]
pub fn RingingCard(model: CardModel) -> impl IntoView {
    let i18n = use_i18n();
    let began = Signal::derive(move || {
        let by_phone = model
            .call
            .with(|call| call.as_ref().map(|call| call.began_at as i64));
        by_phone.or_else(|| {
            model
                .record
                .with(|record| record.as_ref().map(|record| record.started_at))
        })
    });
    let waited = timer::since(began);
    let waiting = move || fill!(i18n, card.waiting, time = waited.get());
    // Beside a call in talk only who it is, so that both have room.
    let phone = use_phone();
    let alone = move || phone.state.with(|state| state.engaged().is_none());
    view! {
        <div class="call__state call__state--ring">
            <Icon name="phone-incoming" class="i--14"/>
            <span>{tr!(i18n, card.incoming)}</span>
            <LineName model/>
            <span class="push num call__wait">{text(waiting)}</span>
        </div>
        <div class="call__head call__head--mid"><Who model ringing=true/></div>
        <Noted model ringing=true/>
        <NewContact model/>
        <When when=alone><ClientPart model ringing=true/></When>
        <Buttons model/>
    }
}

/// A card that rings while another does: who, since when, and the two buttons.
#[component]
pub fn SmallCard(model: CardModel) -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let who = Memo::new(move |_| model.face.with(|face| say_who(i18n, &face.who)));
    let began = Signal::derive(move || {
        let of = |call: &Option<phone::CallView>| call.as_ref().map(|call| call.began_at as i64);
        model.call.with(of)
    });
    let waited = timer::since(began);
    let second = move || {
        let (number, line) = model
            .face
            .with(|face| (face.number.clone(), face.line.clone()));
        let line = line.map(|(label, _)| label);
        [number, line]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · ")
    };
    let send = move |command: fn(CallKey) -> Command| {
        let key = model
            .call
            .with_untracked(|call| call.as_ref().map(|call| call.key));
        if let Some(key) = key {
            phone.send(command(key));
        }
    };
    view! {
        <div class="call__head">
            <span class="ring"><Avatar name=who kind="av--lg"/></span>
            <div class="grow"><div class="med t14 cut">{who}</div><div class="call__sub t12"><span class="num cut">{text(second)}</span></div></div>
            <span class="num wait med t12">{waited}</span>
            <button class="btn btn--lg btn--icon btn--reject-quiet" data-testid="reject" aria-label=tr!(i18n, card.reject) title=tr!(i18n, card.reject) on:click=act(move |_| send(|key| Command::Reject(key, Rejection::Busy)))><Icon name="phone-off" class="i--18"/></button>
            <button class="btn btn--lg btn--icon btn--answer" data-testid="answer" aria-label=tr!(i18n, card.answer) title=tr!(i18n, card.answer) on:click=act(move |_| send(Command::Answer))><Icon name="phone" class="i--18"/></button>
        </div>
    }
}

#[component]
fn Buttons(model: CardModel) -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let key = Memo::new(move |_| model.call.with(|call| call.as_ref().map(|call| call.key)));
    let engaged = Memo::new(move |_| phone.state.with(|state| state.engaged().is_some()));
    let (answer, hold_and_answer) = (tr!(i18n, card.answer), tr!(i18n, card.hold_and_answer));
    let reasons = RwSignal::new(false);
    let words = move || {
        if engaged.get() {
            hold_and_answer.get()
        } else {
            answer.get()
        }
    };
    view! {
        <div class="anchor">
        <div class="call__act call__act--keep">
            {changing(move || key.get().map(|key| view! {
                <div class="btns">
                    <button class="btn btn--lg btn--reject-quiet grow" data-testid="reject" title="Alt X" on:click=act(move |_| phone.send(Command::Reject(key, Rejection::Busy)))>
                        <Icon name="phone-off" class="i--18"/>{tr!(i18n, card.reject)}
                    </button>
                    <button class="btn btn--lg btn--icon btn--reject-quiet" data-testid="reject-how" aria-haspopup="menu" aria-label=tr!(i18n, card.reject_how) aria-expanded=text(move || reasons.get().to_string()) on:click=act(move |_| reasons.update(|open| *open = !*open))>
                        <Icon name="chevron-down"/>
                    </button>
                </div>
                <button class="btn btn--lg btn--answer" data-testid="answer" title="Alt A" on:click=act(move |_| phone.send(Command::Answer(key)))>
                    <Icon name="phone" class="i--18"/>{text(words)}
                </button>
            }))}
        </div>
        {changing(move || key.get().filter(|_| reasons.get()).map(|key| view! { <Reasons call=key/> }))}
        </div>
        <div class="call__foot call__keys t12 mute">
            <span><kbd>"Alt A"</kbd><i>{tr!(i18n, card.answer)}</i></span><span><kbd>"Alt X"</kbd><i>{tr!(i18n, card.reject)}</i></span>
        </div>
    }
}

/// Why the call is not taken, for whoever calls. Below the buttons, which do not move.
#[component]
fn Reasons(call: CallKey) -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let row = move |rejection: Rejection,
                    name: &'static str,
                    icon: &'static str,
                    words: Signal<String>| {
        view! { <button role="menuitem" tabindex="-1" data-testid=name on:click=act(move |_| phone.send(Command::Reject(call, rejection)))><Icon name=icon/>{words}</button> }
    };
    view! {
        <div class="menu call__reasons" role="menu" aria-label=tr!(i18n, card.reject)>
            {row(Rejection::CallBack, "reject-later", "history", tr!(i18n, card.reject_later))}
            {row(Rejection::Busy, "reject-busy", "phone-off", tr!(i18n, card.reject_busy))}
            {row(Rejection::Decline, "reject-decline", "circle-x", tr!(i18n, card.reject_decline))}
        </div>
    }
}

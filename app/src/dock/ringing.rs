//! A card that rings.

use crate::components::reactive::{act, changing, text};
use leptos::prelude::*;
use phone::Command;

use super::{
    card::CardModel,
    new_contact::NewContact,
    parts::{LineName, Who},
    timer,
};
use crate::{components::Icon, i18n::*, state::phone::use_phone};

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
    view! {
        <div class="call__state call__state--ring">
            <Icon name="phone-incoming" class="i--14"/>
            <span>{tr!(i18n, card.incoming)}</span>
            <LineName model/>
            <span class="push num call__wait">{text(waiting)}</span>
        </div>
        <div class="call__head call__head--mid"><Who model ringing=true/></div>
        <NewContact model/>
        <Buttons model/>
    }
}

#[component]
fn Buttons(model: CardModel) -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let key = Memo::new(move |_| model.call.with(|call| call.as_ref().map(|call| call.key)));
    let engaged = Memo::new(move |_| phone.state.with(|state| state.engaged().is_some()));
    let (answer, end_and_answer) = (tr!(i18n, card.answer), tr!(i18n, card.end_and_answer));
    let words = move || {
        if engaged.get() {
            end_and_answer.get()
        } else {
            answer.get()
        }
    };
    view! {
        <div class="call__act call__act--keep">
            {changing(move || key.get().map(|key| view! {
                <button class="btn btn--lg btn--reject-quiet" data-testid="reject" title="Alt X" on:click=act(move |_| phone.send(Command::Reject(key)))>
                    <Icon name="phone-off" class="i--18"/>{tr!(i18n, card.reject)}
                </button>
                <button class="btn btn--lg btn--answer" data-testid="answer" title="Alt A" on:click=act(move |_| phone.send(Command::Answer(key)))>
                    <Icon name="phone" class="i--18"/>{text(words)}
                </button>
            }))}
        </div>
        <div class="call__foot call__keys t12 mute">
            <span><kbd>"Alt A"</kbd><i>{tr!(i18n, card.answer)}</i></span><span><kbd>"Alt X"</kbd><i>{tr!(i18n, card.reject)}</i></span>
        </div>
    }
}

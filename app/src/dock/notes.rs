//! What is wrong with the phone, at its top, each with its remedy.

use crate::components::reactive::{act, changing, text};
use leptos::prelude::*;
use phone::Command;

use crate::{
    components::Icon,
    i18n::*,
    state::phone::{PhoneLink, use_phone},
    view::{
        format::fill,
        trouble::{Note, Remedy, notes},
    },
};

/// Every trouble's note.
#[component]
pub fn Notes() -> impl IntoView {
    let phone = use_phone();
    let list = Memo::new(move |_| phone.state.with(notes));
    view! {
        <div class="dock__notes" role="status">
            {changing(move || list.get().into_iter().map(|note| view! { <NoteLine note/> }).collect_view())}
        </div>
    }
}

#[component]
fn NoteLine(note: Note) -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let class = if note.passing {
        "note note--wait note--float"
    } else {
        "note note--stop note--float"
    };
    let button = note.button.map(|remedy| {
        let words = move || match remedy {
            Remedy::Microphone => t_string!(i18n, trouble.retry_microphone),
            Remedy::Sound => t_string!(i18n, trouble.unlock_sound),
            Remedy::Reconnect => t_string!(i18n, trouble.reconnect),
        };
        view! { <button class="btn" on:click=act(move |_| apply(phone, remedy))>{text(words)}</button> }
    });
    let remedy = move || {
        let names = note.names.iter();
        let names: Vec<_> = names.map(|(name, value)| (*name, value.as_str())).collect();
        fill(note.remedy.say(i18n), &names)
    };
    view! {
        <div class=class data-testid="trouble">
            <Icon name=note.icon/>
            <span class="grow"><b class="med">{text(move || note.title.say(i18n))}</b>" "{text(remedy)}{note.detail.map(|detail| format!(" {detail}"))}</span>
            {button}
        </div>
    }
}

fn apply(phone: PhoneLink, remedy: Remedy) {
    match remedy {
        Remedy::Microphone => phone.send(Command::RetryMicrophone),
        // The click allows sound in this tab only.
        Remedy::Sound if !phone.leads() => phone.take_over(),
        Remedy::Sound => phone.send(Command::UnlockSound),
        Remedy::Reconnect => phone.reconnect(),
    }
}

//! Who is there: a list beside the desktop. A click calls.

use crate::components::reactive::{When, act, changing, text};
use api_types::Colleague;
use leptos::prelude::*;

use crate::{
    components::Avatar,
    i18n::*,
    platform::{
        bridge::{self, Topic},
        time,
    },
    state::colleagues::use_colleagues,
    view::people::{Doing, available, back_at},
};

/// Everybody but oneself.
#[component]
pub fn ColleagueList() -> impl IntoView {
    let i18n = use_i18n();
    let colleagues = use_colleagues();
    let others = Memo::new(move |_| colleagues.others());
    let count = move || {
        others.with(|all| fill!(i18n, presence.count, some = available(all), all = all.len()))
    };
    view! {
        <aside class="home__side" aria-label=tr!(i18n, presence.colleagues)>
            <When when=move || others.with(|all| !all.is_empty())>
                <div class="sec sec--side"><h2 class="h2">{tr!(i18n, presence.colleagues)}</h2><span class="t12 mute push">{text(count)}</span></div>
                <ul class="list people">
                    {changing(move || others.get().into_iter().map(|one| view! { <Person one/> }).collect_view())}
                </ul>
            </When>
        </aside>
    }
}

#[component]
fn Person(one: Colleague) -> impl IntoView {
    let i18n = use_i18n();
    let doing = Doing::of(&one);
    let until = back_at(doing, &one.presence);
    let words = move || match until {
        Some(until) => {
            let clock = time::clock(until, i18n.get_locale());
            fill!(i18n, presence.until, doing = doing.say(i18n), time = clock)
        }
        None => doing.say(i18n).to_owned(),
    };
    let Colleague {
        name, extension, ..
    } = one;
    let label = {
        let name = name.clone();
        move || fill!(i18n, common.call_number, number = name.clone())
    };
    let number = extension.clone();
    let call = move |_| bridge::tell(Topic::Dial, &number);
    view! {
        <li data-testid="colleague">
            <span class="av-box"><Avatar name=name.clone()/><i class=doing.dot()></i></span>
            <button class="med cut person" aria-label=text(label) on:click=act(call)>{name}</button>
            <span class="push t12 mute num cut">{text(words)}</span>
            <span class="num t12 mute person__ext">{extension}</span>
        </li>
    }
}

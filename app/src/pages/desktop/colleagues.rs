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
    state::house::use_house,
    view::people::{Doing, Said, available, said},
};

/// Everybody but oneself.
#[component]
pub fn ColleagueList() -> impl IntoView {
    let i18n = use_i18n();
    let house = use_house();
    let others = Memo::new(move |_| house.others());
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
    let what = said(doing, &one.presence);
    let words = Signal::derive(move || match &what {
        Some(what) => since(i18n, doing, what),
        None => doing.say(i18n).to_owned(),
    });
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
            <span class="push t12 mute num cut" title=words>{words}</span>
            <span class="num t12 mute person__ext">{extension}</span>
        </li>
    }
}

/// `Lunch since 13:20`, `Lunch 13:20–13:50`
fn since(i18n: I18n, doing: Doing, what: &Said) -> String {
    let locale = i18n.get_locale();
    let words = what.reason.as_deref().unwrap_or(doing.say(i18n));
    let begun = time::clock(what.since, locale);
    match what.until {
        Some(until) => format!("{words} {begun}–{}", time::clock(until, locale)),
        None => fill!(i18n, presence.since, doing = words, time = begun),
    }
}

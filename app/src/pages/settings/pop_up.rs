//! How the call card opens for this person in this browser.

use leptos::prelude::*;

use crate::{
    components::{
        form::{Bound, Cell, Flag, Switch},
        reactive::text,
    },
    i18n::*,
    platform::{
        bridge::{self, Topic},
        pop_up,
    },
    state::session::use_session,
    view::pop_up::{PopUp, offset},
};

/// The rows of the profile; nothing for those without a phone. What is typed holds at once.
#[component]
pub fn PopUpRows() -> impl IntoView {
    let session = use_session();
    let extension = session.me_now(|me| me.extension.clone()).flatten();
    extension.map(|extension| view! { <Rows extension/> })
}

#[component]
fn Rows(extension: String) -> impl IntoView {
    let i18n = use_i18n();
    let now = RwSignal::new(pop_up::kept(&extension));
    let keep = Callback::new(move |set: PopUp| {
        now.set(set);
        pop_up::keep(&extension, set);
        bridge::tell(Topic::PopUp, "");
    });
    let change = move |change: &dyn Fn(&mut PopUp)| {
        let mut set = now.get_untracked();
        change(&mut set);
        keep.run(set);
    };
    let opens = Flag {
        read: Signal::derive(move || now.with(|set| set.opens)),
        write: Callback::new(move |on| change(&|set| set.opens = on)),
    };
    let edge = move |testid: &'static str,
                     label: Signal<String>,
                     read: fn(&PopUp) -> u16,
                     write: fn(&mut PopUp, u16)| {
        let typed = RwSignal::new(now.with_untracked(read).to_string());
        let bound = Bound::new(
            move || typed.get(),
            move |text| {
                if let Some(pixels) = offset(&text) {
                    change(&|set| write(set, pixels));
                }
                typed.set(text);
            },
        );
        let fault = Signal::derive(move || match typed.with(|typed| offset(typed)) {
            Some(_) => String::new(),
            None => t_string!(i18n, pop_up.bad_offset).to_owned(),
        });
        view! {
            <div class="set__row"><span class="med">{label}</span>
                <span class="beside"><Cell bound label fault class="input num input--secs" testid/><span class="soft t12">{tr!(i18n, pop_up.pixels)}</span>
                <span class="stop t12" role="status">{text(move || fault.get())}</span></span></div>
        }
    };
    view! {
        <header class="set__head"><div class="grow"><h3 class="h2">{tr!(i18n, pop_up.title)}</h3><p class="soft t12">{tr!(i18n, pop_up.lead)}</p></div></header>
        <div class="set__rows">
            <div class="set__row"><span class="med">{tr!(i18n, pop_up.at_ring)}</span><Switch id="pop-up-opens" words=tr!(i18n, pop_up.opens) bound=opens/></div>
            {edge("pop-up-right", tr!(i18n, pop_up.right), |set| set.right, |set, pixels| set.right = pixels)}
            {edge("pop-up-bottom", tr!(i18n, pop_up.bottom), |set| set.bottom, |set, pixels| set.bottom = pixels)}
        </div>
    }
}

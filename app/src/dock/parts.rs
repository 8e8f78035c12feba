//! What every card has: who is there, and on which line.

use crate::components::reactive::text;
use leptos::prelude::*;

use super::{card::CardModel, say_who};
use crate::{components::Avatar, i18n::*};

/// Line's name and number after a dot, once known.
#[component]
pub fn LineName(model: CardModel) -> impl IntoView {
    let line = move || model.face.with(|face| face.line.clone());
    // The name may be cut, the number never.
    move || {
        line().map(|(label, number)| {
            view! { <span class="call__line row"><span class="cut">{format!("· {label}")}</span><span class="num">{number}</span></span> }
        })
    }
}

/// The picture and the two lines beside it. The second line's place is kept while the server has
/// not yet said who that is.
#[component]
pub fn Who(model: CardModel, ringing: bool) -> impl IntoView {
    let i18n = use_i18n();
    let who = Memo::new(move |_| model.face.with(|face| say_who(i18n, &face.who)));
    let second = move || {
        let (number, network, unknown) = model.face.with(|face| {
            (
                face.number.clone(),
                face.network_name.clone(),
                face.unknown_number.is_some(),
            )
        });
        let parts: Vec<String> = [network, number]
            .into_iter()
            .flatten()
            .chain(unknown.then(|| t_string!(i18n, card.not_in_contacts).to_owned()))
            .collect();
        parts.join(" · ")
    };
    view! {
        <span class:ring=ringing><Avatar name=who kind="av--lg"/></span>
        <div class="grow">
            <div class="call__name cut">{who}</div>
            <div class="call__sub"><span class="num cut">{text(second)}</span></div>
        </div>
    }
}

//! The phone at the lower right: notes, cards, number field. Above every page, never covered.

mod active;
mod alerts;
mod card;
mod client;
pub mod dialer;
mod ended;
mod foot;
mod hand_on;
pub mod keypad;
mod linked;
mod new_contact;
pub mod note_field;
mod notes;
mod opening;
mod parts;
pub mod quality;
mod ringing;
mod slot;
mod strip;
mod timer;
mod wrap_up;

use crate::components::{
    menu,
    reactive::{Rows, act, text},
};
use leptos::prelude::*;
use phone::CallPhase;

use crate::{
    i18n::*,
    platform::mini,
    state::phone::{PhoneLink, use_phone},
    view::card::{Face, Who},
    view::stack::CardId,
};

/// The phone. New cards stand above old ones; nothing below moves.
#[component]
pub fn Dock() -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let ringing = Memo::new(move |_| ringing_face(phone));
    show_in_title(i18n, ringing);
    alerts::follow(i18n, phone, move |face| notice_words(i18n, face));
    linked::take(phone);
    on_cleanup(mini::close);
    let announcement = text(move || {
        let face = ringing.get();
        face.map(|face| announce(i18n, &face)).unwrap_or_default()
    });
    let opening = opening::Opening::follow();
    let cards = Signal::derive(move || {
        phone.stack.with(|stack| {
            let cards = stack.cards().iter();
            cards
                .filter(|card| !opening.holds(phone, card))
                .map(|card| card.id.0.to_string())
                .collect()
        })
    });
    let card = move |key: String| {
        key.parse()
            .ok()
            .map(|id| view! { <card::CallCard id=CardId(id)/> })
            .into_any()
    };
    view! {
        <section class="dock" aria-label=tr!(i18n, phone.title) data-testid="dock" on:keydown=act(menu::key) on:click=act(menu::click)>
            <div class="sr" role="status" aria-live="assertive">{announcement}</div>
            <notes::Notes/>
            <alerts::Offer/>
            <opening::Held opening who=announcement/>
            <Rows keys=cards row=card/>
            <dialer::Dialer/>
        </section>
    }
}

/// Who rings, if somebody does: the newest.
fn ringing_face(phone: PhoneLink) -> Option<Face> {
    phone.stack.with(|stack| {
        stack.cards().iter().find_map(|card| {
            let call = phone.state.with(|state| {
                state
                    .calls
                    .iter()
                    .find(|call| Some(call.key) == card.key)
                    .cloned()
            });
            let rings = call
                .as_ref()
                .is_none_or(|call| call.phase == CallPhase::RingingIn);
            let record = card
                .call_id
                .as_ref()
                .and_then(|id| phone.records.with(|records| records.get(id).cloned()));
            rings.then(|| phone.face(call.as_ref(), record.as_ref()))
        })
    })
}

/// The big line of a card in words.
fn say_who(i18n: I18n, who: &Who) -> String {
    who.text().map_or_else(
        || t_string!(i18n, common.withheld).to_owned(),
        str::to_owned,
    )
}

fn announce(i18n: I18n, face: &Face) -> String {
    let who = say_who(i18n, &face.who);
    match &face.line {
        Some((line, _)) => fill!(i18n, card.announce_line, who = who, line = line.clone()),
        None => fill!(i18n, card.announce, who = who),
    }
}

/// Who calls, and which line.
fn notice_words(i18n: I18n, face: &Face) -> [String; 2] {
    let title = fill!(i18n, card.announce, who = say_who(i18n, &face.who));
    let line = face.line.as_ref().map(|(line, _)| line.clone());
    [title, line.unwrap_or_default()]
}

/// The tab says who rings.
fn show_in_title(i18n: I18n, ringing: Memo<Option<Face>>) {
    Effect::new(move |_| {
        let title = match ringing.get() {
            Some(face) => fill!(i18n, card.title_ringing, who = say_who(i18n, &face.who)),
            None => t_string!(i18n, brand).to_owned(),
        };
        document().set_title(&title);
    });
}

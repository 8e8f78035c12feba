//! What every card has: who is there, and on which line.

use crate::components::reactive::{When, changing, text};
use api_types::CallRecord;
use leptos::prelude::*;
use phone::Side;

use super::{card::CardModel, client::Tags, say_who};
use crate::{components::Avatar, i18n::*, view::card::Face};

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

/// What a colleague who brings the call has noted; in talk only of another call, for its own note has
/// a field then.
#[component]
pub fn Noted(model: CardModel, ringing: bool) -> impl IntoView {
    let has_field = move |record: &Option<CallRecord>| {
        let record = record.as_ref().filter(|_| !ringing);
        record.is_some_and(|record| {
            let brought = record.brought.as_ref();
            brought.is_some_and(|brought| brought.call == record.id)
        })
    };
    let note = Memo::new(move |_| {
        let note = |face: &Face| face.brought.as_ref().map(|(_, note)| note.clone());
        let note = model.face.with(note).unwrap_or_default();
        if model.record.with(has_field) {
            String::new()
        } else {
            note
        }
    });
    view! {
        <When when=move || !note.with(String::is_empty)><p class="call__noted t12" data-testid="brought-note">{note}</p></When>
    }
}

/// The picture and the two lines beside it. The second line's place is kept while the server has
/// not yet said who that is.
#[component]
pub fn Who(model: CardModel, ringing: bool) -> impl IntoView {
    let i18n = use_i18n();
    let who = Memo::new(move |_| model.face.with(|face| say_who(i18n, &face.who)));
    let first = Memo::new(move |_| {
        let is_first = |client: &Option<Box<api_types::ClientCard>>| {
            let client = client.as_ref();
            client.is_some_and(|client| client.call_count == 0 && client.contacts.is_empty())
        };
        model.client.with(is_first)
    });
    let page = move || {
        let of = |record: &Option<CallRecord>| {
            let record = record.as_ref()?;
            let brought = record.brought.as_ref();
            let contact =
                brought.map_or(record.contact.as_ref(), |brought| brought.contact.as_ref());
            let row = record.row.as_ref().filter(|_| brought.is_none());
            match (contact, row) {
                (Some(contact), _) => Some(format!("/contacts/{}", contact.id)),
                (None, Some(row)) => Some(format!("/tables/{}?open={}", row.table, row.id)),
                (None, None) => None,
            }
        };
        model.record.with(of)
    };
    let name = move || match page() {
        Some(page) => {
            view! { <a class="call__name cut" href=page data-testid="card-name">{who}</a> }
                .into_any()
        }
        None => view! { <div class="call__name cut">{who}</div> }.into_any(),
    };
    let second = move || {
        let (side, number, network, unknown, by) = model.face.with(|face| {
            (
                face.side,
                face.number.clone(),
                face.network_name.clone(),
                face.unknown_number.is_some(),
                face.brought.as_ref().map(|(by, _)| by.clone()),
            )
        });
        let by = by.map(|by| match side {
            Side::Incoming => fill!(i18n, card.brought_by, who = by),
            Side::Outgoing => fill!(i18n, card.parked_by, who = by),
        });
        let parts: Vec<String> = [by, network, number]
            .into_iter()
            .flatten()
            .chain(unknown.then(|| t_string!(i18n, card.not_in_contacts).to_owned()))
            .chain(
                first
                    .get()
                    .then(|| t_string!(i18n, client.first_call).to_owned()),
            )
            .collect();
        parts.join(" · ")
    };
    view! {
        <span class:ring=ringing><Avatar name=who kind="av--lg"/></span>
        <div class="grow">
            <div class="row call__named">{changing(name)}<Tags model/></div>
            <div class="call__sub"><span class="num cut">{text(second)}</span></div>
        </div>
    }
}

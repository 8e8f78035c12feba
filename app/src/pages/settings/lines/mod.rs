//! Lines: SIP accounts at providers, with their live state.

mod account;
mod advanced;
mod check;
mod dial_rules;
mod form;
mod further;
mod outgoing;
mod people;
mod plan;
mod prices;
mod rewrites;
mod row;
mod tariffs;

use api_types::{Event, Line};
use leptos::prelude::*;

use super::Panel;
use crate::{
    api::{events::use_live, use_api},
    components::{
        Empty, Icon,
        reactive::{Rows, When, act, changing, flag, followed, text},
        remote_view::RemoteView,
    },
    i18n::*,
    state::remote::{Remote, read_into},
};
use form::{Form, LineForm};
use outgoing::OutgoingBox;
use row::LineRow;

/// What is being edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Editing {
    /// Nothing.
    Nothing,
    /// A line to be.
    New,
    /// A line.
    Line {
        /// Its id.
        id: String,
        /// Whether it is checked at once.
        check: bool,
    },
    /// The order of outgoing calls.
    Order,
}

/// Takes a new line into the list at once, in the context: its event may come later.
#[derive(Clone, Copy)]
struct TakeIn(Callback<Line>);

/// The section of the panel.
#[component]
pub fn LinesPage() -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let lines = RwSignal::new(Remote::<Vec<Line>>::Loading);
    let editing = RwSignal::new(Editing::Nothing);
    provide_context(TakeIn(Callback::new(move |line| {
        let _ = lines.try_update(|lines| add(lines, line));
    })));
    let read = move || read_into(lines, api.lines());
    read();
    use_live().follow(move |event| match event {
        Event::Line(line) => lines.update(|lines| take_in(lines, line.clone())),
        Event::LineDeleted { id } => lines.update(|lines| {
            if let Some(list) = lines.ready_mut() {
                list.retain(|line| line.id != *id);
            }
        }),
        Event::Resync => read(),
        _ => {}
    });
    let several =
        Memo::new(move |_| lines.with(|lines| lines.ready().is_some_and(|list| list.len() > 1)));
    let ordering = Memo::new(move |_| editing.with(|editing| *editing == Editing::Order));
    let order = move |_| {
        editing.set(if ordering.get_untracked() {
            Editing::Nothing
        } else {
            Editing::Order
        });
    };
    view! {
        <Panel>
            <header class="set__head">
                <div class="grow"><h2 class="h1">{tr!(i18n, lines.title)}</h2><p class="soft">{tr!(i18n, lines.lead)}</p></div>
                <When when=move || several.get()><button class="btn" data-testid="outgoing-order" aria-label=tr!(i18n, lines.order) aria-expanded=text(move || ordering.get()) on:click=act(order)><Icon name="list-ordered"/><span class="wide">{tr!(i18n, lines.order)}</span></button></When>
                <button class="btn btn--main" data-testid="add-line" on:click=act(move |_| editing.set(Editing::New))><Icon name="plus"/>{tr!(i18n, lines.add)}</button>
            </header>
            <RemoteView source=lines again=move |()| read()>
                <When when=move || ordering.get()><OutgoingBox lines close=move |()| { editing.set(Editing::Nothing); read(); }/></When>
                <LineList lines editing/>
            </RemoteView>
        </Panel>
    }
}

/// Unless it is there: then its events have come, and they know more than the answer to Save.
fn add(lines: &mut Remote<Vec<Line>>, line: Line) {
    if let Some(list) = lines.ready_mut()
        && list.iter().all(|known| known.id != line.id)
    {
        list.push(line);
    }
}

fn take_in(lines: &mut Remote<Vec<Line>>, line: Line) {
    let Some(list) = lines.ready_mut() else {
        return;
    };
    match list.iter_mut().find(|known| known.id == line.id) {
        Some(known) => *known = line,
        None => list.push(line),
    }
}

#[component]
fn LineList(lines: RwSignal<Remote<Vec<Line>>>, editing: RwSignal<Editing>) -> impl IntoView {
    let i18n = use_i18n();
    let ids = Memo::new(move |_| {
        lines.with(|lines| {
            lines
                .ready()
                .map(|list| list.iter().map(|line| line.id.clone()).collect::<Vec<_>>())
                .unwrap_or_default()
        })
    });
    let find = move |id: &str| {
        lines.with(|lines| {
            lines
                .ready()
                .and_then(|list| list.iter().find(|line| line.id == id).cloned())
        })
    };
    let new = Memo::new(move |_| editing.with(|editing| *editing == Editing::New));
    let none = move || ids.with(Vec::is_empty) && !new.get();
    let row = move |id: String| {
        followed(move || find(&id))
            .map(|line| view! { <LineRow line editing/> })
            .into_any()
    };
    view! {
        <div class="lns" class:lns--none=flag(none)>
            {changing(move || new.get().then(|| view! { <div class="ln ln--open"><LineForm form=Form::new() editing/></div> }))}
            <Rows keys=ids row/>
            <When when=none><Empty icon="phone" title=tr!(i18n, lines.empty) lead=tr!(i18n, lines.empty_lead)/></When>
        </div>
    }
}

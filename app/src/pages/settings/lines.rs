//! Lines: SIP accounts at providers, with their live state.

use crate::components::reactive::{Rows, When, act, flag, followed, text};
use api_types::{Event, Line, LineState};
use leptos::{prelude::*, task::spawn_local};

use super::{Panel, line_form::LineForm};
use crate::{
    api::{events::use_live, use_api},
    components::{Dialog, Empty, Icon, remote_view::RemoteView, say_failure_now},
    i18n::*,
    pages::desktop::short_time,
    state::{
        remote::{Remote, read_into},
        toasts::use_toasts,
    },
    view::line::{LineWords, provider_said},
};

/// What is being edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Editing {
    /// Nothing.
    Nothing,
    /// A line to be.
    New,
    /// The line with this id.
    Line(String),
}

/// The section of the panel.
#[component]
pub fn LinesPage() -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let lines = RwSignal::new(Remote::<Vec<Line>>::Loading);
    let editing = RwSignal::new(Editing::Nothing);
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
        Event::Call(_) | Event::Contact(_) | Event::ContactDeleted { .. } => {}
    });
    view! {
        <Panel>
            <header class="set__head">
                <div class="grow"><h2 class="h1">{tr!(i18n, lines.title)}</h2><p class="soft">{tr!(i18n, lines.lead)}</p></div>
                <button class="btn btn--main" data-testid="add-line" on:click=act(move |_| editing.set(Editing::New))><Icon name="plus"/>{tr!(i18n, lines.add)}</button>
            </header>
            <RemoteView source=lines again=move |()| read()><LineList lines editing/></RemoteView>
        </Panel>
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
    let none = move || ids.with(Vec::is_empty) && editing.get() != Editing::New;
    let saved = move |line: Line| {
        lines.update(|lines| take_in(lines, line));
        editing.set(Editing::Nothing);
    };
    let row = move |id: String| {
        followed(move || find(&id))
            .map(|line| view! { <LineRow line editing saved/> })
            .into_any()
    };
    view! {
        <div class="lns" class:lns--none=flag(none)>
            <When when=move || editing.get() == Editing::New><div class="ln ln--open"><LineForm saved=saved cancel=move |()| editing.set(Editing::Nothing)/></div></When>
            <Rows keys=ids row/>
            <When when=none><Empty icon="phone" title=tr!(i18n, lines.empty) lead=tr!(i18n, lines.empty_lead)/></When>
        </div>
    }
}

#[component]
fn LineRow(
    line: Signal<Line>,
    editing: RwSignal<Editing>,
    #[prop(into)] saved: Callback<Line>,
) -> impl IntoView {
    let i18n = use_i18n();
    let id = line.with_untracked(|line| line.id.clone());
    let open = Memo::new({
        let id = id.clone();
        move |_| editing.with(|editing| *editing == Editing::Line(id.clone()))
    });
    let toggle = move |_| {
        editing.set(if open.get_untracked() {
            Editing::Nothing
        } else {
            Editing::Line(id.clone())
        })
    };
    let recorded = move || {
        if line.with(|line| line.record) {
            t_string!(i18n, lines.recorded)
        } else {
            t_string!(i18n, lines.not_recorded)
        }
    };
    let chevron = Signal::derive(move || {
        if open.get() {
            "chevron-up"
        } else {
            "chevron-down"
        }
    });
    let edit_words = move || {
        fill!(
            i18n,
            lines.edit,
            name = line.with(|line| line.label.clone())
        )
    };
    view! {
        <div class="ln" class:ln--open=flag(move || open.get()) data-testid="line">
            <div class="ln__r">
                <StateSign line/>
                <div class="ln__n">
                    <div class="row"><span class="med t14 cut">{text(move || line.with(|line| line.label.clone()))}</span><When when=move || line.with(|line| line.default_outgoing)><span class="chip chip--acc">{tr!(i18n, lines.default)}</span></When></div>
                    <div class="t12 mute num cut">{text(move || line.with(|line| line.number.display.clone()))}</div>
                </div>
                <div class="ln__p"><div class="cut">{text(move || line.with(|line| line.domain.clone()))}</div><div class="t12 mute">{text(recorded)}</div></div>
                <StateWords line/>
                <button class="btn btn--icon btn--quiet" data-testid="edit-line" aria-label=text(edit_words) title=text(edit_words) aria-expanded=text(move || open.get().to_string()) on:click=act(toggle)><Icon name=chevron/></button>
            </div>
            <When when=move || open.get()>
                <LineForm line=line.get_untracked() saved cancel=move |()| editing.set(Editing::Nothing)/>
                <RemoveLine line/>
            </When>
        </div>
    }
}

#[component]
fn StateSign(line: Signal<Line>) -> impl IntoView {
    let state = Memo::new(move |_| line.with(|line| line.registration.clone()));
    let class = move || {
        state.with(|state| match state {
            LineState::Registered { .. } => "hs hs--ok",
            LineState::Trying => "hs hs--try",
            LineState::Failed { .. } => "hs hs--no",
        })
    };
    let icon = Signal::derive(move || {
        state.with(|state| match state {
            LineState::Registered { .. } => "phone",
            LineState::Trying => "phone-call",
            LineState::Failed { .. } => "phone-off",
        })
    });
    view! { <span class=text(class)><Icon name=icon/></span> }
}

#[component]
fn StateWords(line: Signal<Line>) -> impl IntoView {
    let i18n = use_i18n();
    let class = move || {
        line.with(|line| match line.registration {
            LineState::Registered { .. } => "med go cut",
            LineState::Trying => "med soft cut",
            LineState::Failed { .. } => "med stop cut",
        })
    };
    let words = move || {
        line.with(|line| {
            let said = provider_said(&line.registration);
            let words = LineWords::of(&line.registration).say(i18n);
            if said.is_empty() {
                words.to_owned()
            } else {
                format!(
                    "{said}: {}",
                    String::from(js_sys::JsString::from(words).to_lower_case())
                )
            }
        })
    };
    let details = move || {
        line.with(|line| {
            let since = fill!(i18n, lines.since, time = short_time(i18n, line.changed_at));
            match line.registration {
                LineState::Registered {
                    expires_secs,
                    round_trip_ms,
                } => format!(
                    "{since} · {} · {}",
                    fill!(i18n, lines.renews, secs = expires_secs),
                    fill!(i18n, unit.ms, count = round_trip_ms)
                ),
                LineState::Trying | LineState::Failed { .. } => since,
            }
        })
    };
    view! { <div class="ln__s" role="status"><div class=text(class) data-testid="line-state">{text(words)}</div><div class="t12 mute num cut">{text(details)}</div></div> }
}

#[component]
fn RemoveLine(line: Signal<Line>) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let asking = RwSignal::new(false);
    let name = move || line.with(|line| line.label.clone());
    let remove = move |_| {
        asking.set(false);
        let (id, name) = line.with_untracked(|line| (line.id.clone(), line.label.clone()));
        spawn_local(async move {
            match api.delete_line(&id).await {
                Ok(()) => toasts.say(fill_now!(i18n, lines.deleted, name = name)),
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    let title = Signal::derive(move || fill!(i18n, lines.delete_title, name = name()));
    view! {
        <div class="ed__x"><button class="btn btn--quiet" data-testid="delete-line" on:click=act(move |_| asking.set(true))><Icon name="trash-2"/>{tr!(i18n, common.delete)}</button></div>
        <When when=move || asking.get()>
            <Dialog title close=move |()| asking.set(false) foot=Box::new(move || view! {
                <button class="btn" on:click=act(move |_| asking.set(false))>{tr!(i18n, common.keep)}</button>
                <button class="btn btn--main" data-testid="confirm" on:click=act(remove)>{tr!(i18n, common.delete)}</button>
            }.into_any())>
                <p>{tr!(i18n, lines.delete_lead)}</p>
            </Dialog>
        </When>
    }
}

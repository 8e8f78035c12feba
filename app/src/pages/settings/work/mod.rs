//! How the house works with clients: deals and choices, fields and tables, what happens by itself.

mod choices;
mod fields;
mod rules;

use std::sync::Arc;

use api_types::WorkSettings;
use leptos::{prelude::*, task::spawn_local};

use super::Panel;
use crate::{
    api::{events::use_live, use_api},
    components::{
        form::{Bound, IconButton, move_item},
        reactive::{act, text},
        remote_view::RemoteView,
        say_failure_now,
    },
    i18n::*,
    platform::now_ms,
    state::{
        house::use_house,
        remote::{Remote, read_into},
        toasts::use_toasts,
    },
};

/// Pipelines, stages, results, reasons, states.
#[component]
pub fn ChoicesPage() -> impl IntoView {
    let i18n = use_i18n();
    view! { <Section title=tr!(i18n, work_set.choices) lead=tr!(i18n, work_set.choices_lead) body=ViewFn::from(|| view! { <choices::Choices/> })/> }
}

/// The house's own fields and tables, what the card shows, where a caller is looked up.
#[component]
pub fn FieldsPage() -> impl IntoView {
    let i18n = use_i18n();
    view! { <Section title=tr!(i18n, work_set.fields) lead=tr!(i18n, work_set.fields_lead) body=ViewFn::from(|| view! { <fields::Fields/> })/> }
}

/// What happens by itself.
#[component]
pub fn RulesPage() -> impl IntoView {
    let i18n = use_i18n();
    view! { <Section title=tr!(i18n, work_set.rules) lead=tr!(i18n, work_set.rules_lead) body=ViewFn::from(|| view! { <rules::Rules/> })/> }
}

/// What is typed, and what the server has.
#[derive(Clone, Copy)]
pub struct Draft {
    /// As typed.
    pub now: RwSignal<WorkSettings>,
    saved: RwSignal<WorkSettings>,
}

/// From the context of a section.
fn use_draft() -> Draft {
    expect_context()
}

impl Draft {
    /// Changes what is typed.
    pub fn change(self, change: impl FnOnce(&mut WorkSettings)) {
        self.now.update(change);
    }
}

#[component]
fn Section(
    #[prop(into)] title: Signal<String>,
    #[prop(into)] lead: Signal<String>,
    body: ViewFn,
) -> impl IntoView {
    let i18n = use_i18n();
    let (api, toasts, house) = (use_api(), use_toasts(), use_house());
    let source = RwSignal::new(Remote::<WorkSettings>::Loading);
    let draft = Draft {
        now: RwSignal::new(WorkSettings::default()),
        saved: RwSignal::new(WorkSettings::default()),
    };
    provide_context(draft);
    let read = move || read_into(source, api.get("/work"));
    read();
    Effect::new(move |_| {
        if let Remote::Ready(work) = source.get() {
            draft.saved.set(work.clone());
            draft.now.set(work);
        }
    });
    let is_changed =
        Memo::new(move |_| draft.now.with(|now| draft.saved.with(|saved| now != saved)));
    // Somebody else's change is taken while nothing is typed here.
    use_live().follow(move |event| {
        if let api_types::Event::Work(work) = event {
            draft.saved.set((**work).clone());
            if !is_changed.get_untracked() {
                draft.now.set((**work).clone());
            }
        }
    });
    let fault = RwSignal::new(String::new());
    let save = move |_| {
        fault.set(String::new());
        let mut wanted = draft.now.get_untracked();
        spawn_local(async move {
            // How long things are kept is set on a page of its own.
            if let Ok(now) = api.get::<WorkSettings>("/work").await {
                wanted.retention = now.retention;
            }
            match api.put::<WorkSettings>("/settings/work", &wanted).await {
                Ok(work) => {
                    house.set_work(work.clone());
                    let _ = source.try_set(Remote::Ready(work));
                    toasts.say(tu_string!(i18n, settings.saved).to_owned());
                }
                Err(failure) => {
                    let _ = fault.try_set(say_failure_now(i18n, &failure));
                }
            }
        });
    };
    let body = StoredValue::new(body);
    let words = text(move || {
        if is_changed.get() {
            t_string!(i18n, work_set.unsaved)
        } else {
            ""
        }
    });
    view! {
        <Panel>
            <div class="set__head"><div class="grow"><h2 class="h1">{title}</h2><p class="soft">{lead}</p></div></div>
            <RemoteView source again=move |()| read()>
                <div class="wk">{body.get_value().run()}</div>
                <div class="nm__b"><button class="btn btn--main" data-testid="save-work" disabled=move || !is_changed.get() on:click=act(save)>{tr!(i18n, common.save)}</button>
                    <button class="btn" disabled=move || !is_changed.get() on:click=act(move |_| draft.now.set(draft.saved.get_untracked()))>{tr!(i18n, work_set.revert)}</button><span class="soft">{words}</span><span class="stop wrap" role="alert">{fault}</span></div>
            </RemoteView>
        </Panel>
    }
}

/// A key nobody has yet; it stays when the name changes.
pub fn new_key(prefix: &str) -> String {
    let mut rest = u64::try_from(now_ms()).unwrap_or_default();
    let mut key = String::new();
    while rest > 0 {
        key.push(char::from_digit((rest % 36) as u32, 36).unwrap_or('0'));
        rest /= 36;
    }
    format!("{prefix}_{}", key.chars().rev().collect::<String>())
}

/// A list of the settings.
pub type ListOf<T> = Arc<dyn Fn(&mut WorkSettings) -> &mut Vec<T> + Send + Sync>;

/// Buttons that move a line up and down and take it away.
pub fn line_buttons<T: 'static>(
    draft: Draft,
    list: ListOf<T>,
    place: usize,
    can_go: Signal<bool>,
) -> AnyView {
    let i18n = use_i18n();
    let (up, down, gone) = (list.clone(), list.clone(), list);
    view! {
        <span class="row wk__b"><IconButton icon="chevron-up" label=tr!(i18n, form.up) press=move |()| draft.change(|work| move_item(up(work), place, true))/>
            <IconButton icon="chevron-down" label=tr!(i18n, form.down) press=move |()| draft.change(|work| move_item(down(work), place, false))/>
            <IconButton icon="x" label=tr!(i18n, form.remove) disabled=Signal::derive(move || !can_go.get()) press=move |()| draft.change(|work| { let list = gone(work); if place < list.len() { list.remove(place); } })/></span>
    }
    .into_any()
}

/// A tick of the settings.
pub fn flag_of(
    draft: Draft,
    read: fn(&WorkSettings) -> bool,
    write: fn(&mut WorkSettings, bool),
) -> crate::components::form::Flag {
    crate::components::form::Flag {
        read: Signal::derive(move || draft.now.with(read)),
        write: Callback::new(move |on| draft.change(|work| write(work, on))),
    }
}

/// A text of the settings.
pub fn text_of(
    draft: Draft,
    read: impl Fn(&WorkSettings) -> String + Send + Sync + 'static,
    write: impl Fn(&mut WorkSettings, String) + Send + Sync + 'static,
) -> Bound {
    Bound::new(
        move || draft.now.with(&read),
        move |text| draft.change(|work| write(work, text)),
    )
}

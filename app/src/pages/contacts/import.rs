//! Clients out of a file: choose it, say what its columns are, watch, see what became of it.

mod mapping;
mod outcome;

use std::time::Duration;

use api_types::{Import, ImportState};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::File;

use crate::{
    api::use_api,
    components::{
        Icon,
        reactive::{When, act, changing, flag},
        say_failure_now,
    },
    i18n::*,
    platform::address::{amend, use_address},
    state::toasts::use_toasts,
    view::query::query,
};

/// How often it is asked how far an import is.
const LOOK: Duration = Duration::from_millis(500);
/// Octets of a file at most.
const LARGEST: f64 = 64.0 * 1024.0 * 1024.0;

/// The import this page is about; none: no file is chosen yet.
type Current = RwSignal<Option<Import>>;

/// `/contacts/import`; `?id=` names one that was begun.
#[component]
pub fn ImportPage() -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let address = use_address();
    let current = Current::new(None);
    let read = move |id: String| {
        spawn_local(async move {
            // One that is gone: a file is chosen anew.
            let found = api.get::<Import>(&format!("/imports/{id}")).await.ok();
            let _ = current.try_set(found);
        });
    };
    if let Some(id) = untrack(|| address.param("id")) {
        read(id);
    }
    Effect::new(move |_| {
        if let Some(id) = current.with(|import| import.as_ref().map(|import| import.id.clone())) {
            amend(&query(&[("id", &id)]));
        }
    });
    let is_running = move || state(current) == Some(ImportState::Running);
    let look = move || {
        if is_running()
            && let Some(id) =
                current.with_untracked(|import| import.as_ref().map(|import| import.id.clone()))
        {
            read(id);
        }
    };
    if let Ok(every) = set_interval_with_handle(move || untrack(look), LOOK) {
        on_cleanup(move || every.clear());
    }
    let step = Memo::new(move |_| state(current));
    let body = move || match step.get() {
        None => view! { <Choose current/> }.into_any(),
        Some(ImportState::Ready) => view! { <mapping::Mapping current/> }.into_any(),
        Some(
            ImportState::Running | ImportState::Done | ImportState::Stopped | ImportState::Undone,
        ) => view! { <outcome::Outcome current/> }.into_any(),
    };
    view! {
        <div class="page__head">
            <a class="btn btn--icon btn--quiet" href="/contacts" aria-label=tr!(i18n, contacts.title) title=tr!(i18n, contacts.title)><Icon name="arrow-left"/></a>
            <h1 class="h1">{tr!(i18n, import.title)}</h1>
        </div>
        <div class="imp" data-testid="import">{changing(body)}</div>
    }
}

fn state(current: Current) -> Option<ImportState> {
    current.with(|import| import.as_ref().map(|import| import.progress.state))
}

/// A place to drop a file into.
#[component]
fn Choose(current: Current) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let (over, busy) = (RwSignal::new(false), RwSignal::new(false));
    let fault = RwSignal::new(String::new());
    let take = move |file: File| {
        if file.size() > LARGEST {
            return fault.set(tu_string!(i18n, import.too_large).to_owned());
        }
        fault.set(String::new());
        busy.set(true);
        spawn_local(async move {
            let path = format!("/imports{}", query(&[("name", &file.name())]));
            let answer = api.send_file::<Import>(&path, &file).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(import) => {
                    let _ = current.try_set(Some(import));
                }
                Err(failure) => {
                    let said = say_failure_now(i18n, &failure);
                    if fault.try_set(said.clone()).is_some() {
                        toasts.fail(said);
                    }
                }
            }
        });
    };
    let chosen = move |change: web_sys::Event| {
        let input: Option<web_sys::HtmlInputElement> =
            change.target().and_then(|target| target.dyn_into().ok());
        if let Some(input) = input {
            if let Some(file) = input.files().and_then(|files| files.get(0)) {
                take(file);
            }
            input.set_value("");
        }
    };
    let dropped = move |drop: web_sys::DragEvent| {
        drop.prevent_default();
        over.set(false);
        let files = drop.data_transfer().and_then(|data| data.files());
        if let Some(file) = files.and_then(|files| files.get(0)) {
            take(file);
        }
    };
    let hover = move |drag: web_sys::DragEvent| {
        drag.prevent_default();
        over.set(true);
    };
    view! {
        <label class="imp__drop" class:is-on=flag(move || over.get()) on:drop=act(dropped) on:dragover=act(hover) on:dragleave=act(move |_| over.set(false))>
            <Icon name="upload" class="i--18"/>
            <b>{tr!(i18n, import.choose)}</b>
            <span class="soft">{tr!(i18n, import.kinds)}</span>
            <When when=move || busy.get()><span class="row" role="status"><Icon name="loader" class="i--spin"/>{tr!(i18n, import.reading)}</span></When>
            <input class="sr" type="file" accept=".csv,.txt,.tsv,.vcf,text/csv,text/vcard,text/plain" data-testid="import-file" disabled=busy on:change=act(chosen)/>
        </label>
        <When when=move || !fault.with(String::is_empty)><p class="note note--stop" role="alert" data-testid="import-fault"><Icon name="circle-x"/><span>{fault}</span></p></When>
    }
}

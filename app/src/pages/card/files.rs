//! Files of the client in a card: looked at, added.

use api_types::{Event, StoredFile};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;

use super::Of;
use crate::{
    api::{events::use_live, http, use_api},
    components::{
        Icon,
        reactive::{act, changing},
        remote_view::RemoteView,
    },
    i18n::*,
    pages::{client::alike, desktop::short_time},
    platform::time,
    state::{
        remote::{Remote, read_into},
        toasts::use_toasts,
    },
    view::{format, query::query},
};

/// Of the client, else of the call.
#[component]
pub fn Files(of: Of) -> impl IntoView {
    let (i18n, api, toasts) = (use_i18n(), use_api(), use_toasts());
    let list = RwSignal::new(Remote::<Vec<StoredFile>>::Loading);
    let place = Memo::new(move |_| match of.contact() {
        Some(contact) => ("contact", contact.id),
        None => ("call", of.id()),
    });
    let read = move || {
        let (kind, id) = place.get();
        let path = format!("/files{}", query(&[(kind, &id)]));
        read_into(list, async move { api.get::<Vec<StoredFile>>(&path).await });
    };
    Effect::new(move |_| read());
    use_live().follow(move |event| {
        let is_here = |of: &String| {
            place
                .try_get_untracked()
                .is_some_and(|(_, id)| alike(&id, of))
        };
        if matches!(event, Event::Files { id } if is_here(id)) {
            read();
        }
    });
    let add = move |change: leptos::ev::Event| {
        let input: Option<web_sys::HtmlInputElement> =
            change.target().and_then(|target| target.dyn_into().ok());
        let Some(input) = input else { return };
        let file = input.files().and_then(|files| files.get(0));
        input.set_value("");
        let Some(file) = file else { return };
        let (kind, id) = place.get_untracked();
        let path = format!("/files{}", query(&[("name", &file.name()), (kind, &id)]));
        spawn_local(async move {
            match http::upload_file(&path, &file).await {
                Ok(_) => toasts.say(fill_now!(i18n, wrap.file_added, name = file.name())),
                Err(failure) => toasts.fail(format!(
                    "{} {}",
                    fill_now!(i18n, wrap.file_failed, name = file.name()),
                    crate::components::say_failure_now(i18n, &failure)
                )),
            }
            read();
        });
    };
    let rows = move || {
        list.with(|list| {
            let all = list.ready().cloned().unwrap_or_default();
            match all.is_empty() {
                true => view! { <p class="t12 mute">{tr!(i18n, wrap.no_files)}</p> }.into_any(),
                false => view! { <ul class="part__list">{all.into_iter().map(|file| view! { <Row file/> }).collect_view()}</ul> }.into_any(),
            }
        })
    };
    let rows = StoredValue::new(changing(rows));
    view! {
        <div data-testid="card-files">
            <RemoteView source=list again=move |()| read()>{rows.get_value()}</RemoteView>
            <label class="btn btn--acc part__add"><Icon name="upload"/>{tr!(i18n, wrap.add_file)}<input class="sr" type="file" data-testid="card-file" on:change=act(add)/></label>
        </div>
    }
}

#[component]
fn Row(file: StoredFile) -> impl IntoView {
    let i18n = use_i18n();
    let (size, unit) = format::size(file.bytes);
    let size = format!(
        "{} {}",
        time::decimal(size, i18n.get_locale_untracked()),
        unit.say(i18n)
    );
    view! {
        <li class="row"><Icon name="file-text" class="i--14"/><a class="grow cut" href=format!("/api/v1/files/{}/content", file.id) target="_blank" rel="noopener">{file.name}</a><span class="t12 mute num">{size}</span><span class="t12 mute num">{short_time(i18n, file.created_at)}</span></li>
    }
}

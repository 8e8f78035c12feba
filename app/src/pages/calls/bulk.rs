//! What is done with many calls at once, and the list as a file.

use api_types::{CallRecord, Undo};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::prelude::wasm_bindgen;

use super::Log;
use crate::{
    api::use_api,
    components::{
        Icon,
        form::IconButton,
        reactive::{When, act, changing, flag, text},
        say_failure_now,
    },
    i18n::*,
    platform::time,
    state::{house::use_house, toasts::use_toasts},
    view::{format, list::Selection, query::query},
};

/// The list as a file.
#[component]
pub fn Export(log: Log) -> impl IntoView {
    let i18n = use_i18n();
    let open = RwSignal::new(false);
    let href = move |form: &'static str| {
        move || {
            log.filter.track();
            let filter = log.query();
            let form = query(&[("format", form)]);
            format!("/api/v1/calls/export{}", super::joined(&form, &filter))
        }
    };
    let link = move |form: &'static str, words: &'static str| {
        view! { <a role="menuitem" tabindex="-1" href=text(href(form)) download="" rel="external" data-testid=format!("export-{form}") on:click=act(move |_| open.set(false))><Icon name="file-text"/>{words}</a> }
    };
    view! {
        <div class="anchor">
            <button class="btn" data-testid="export" aria-haspopup="menu" aria-expanded=text(move || open.get().to_string()) on:click=act(move |_| open.update(|open| *open = !*open))><Icon name="download"/><span class="wide">{tr!(i18n, log.export)}</span></button>
            <When when=move || open.get()>
                <div class="veil" on:click=act(move |_| open.set(false))></div>
                <div class="pop menu pop--right" role="menu" aria-label=tr!(i18n, log.export)>{link("csv", "CSV")}{link("xlsx", "Excel (XLSX)")}</div>
            </When>
        </div>
    }
}

/// The ticked calls that are listed.
fn ticked(log: Log) -> Vec<CallRecord> {
    log.chosen.with(|chosen| {
        log.list.with(|list| {
            let items = list.ready().map(|page| page.items.iter());
            let items = items.into_iter().flatten();
            items.filter(|call| chosen.has(&call.id)).cloned().collect()
        })
    })
}

/// The bar above the table while something is ticked.
#[component]
pub fn Bar(log: Log) -> impl IntoView {
    let i18n = use_i18n();
    let number = move |count: u64| time::decimal(count as f64, i18n.get_locale());
    let total = move || {
        log.totals
            .with(|totals| totals.as_ref().map_or(0, |totals| totals.calls))
    };
    let count = move || log.chosen.with(|chosen| chosen.count(total()));
    let is_all = move || log.chosen.with(|chosen| chosen.all);
    let can_all = move || !is_all() && total() > count();
    view! {
        <div class="bulk" role="toolbar" aria-label=tr!(i18n, list.bulk) data-testid="bulk">
            <b class="num" role="status">{text(move || fill!(i18n, list.selected, count = number(count())))}</b>
            <When when=can_all><button class="btn btn--acc num" data-testid="select-all" on:click=act(move |_| log.chosen.update(|chosen| chosen.all = true))>{text(move || fill!(i18n, list.select_all, count = number(total())))}</button></When>
            <span class="push"></span>
            <Records log/>
            <When when=move || !is_all()><Assign log/><Delete log/></When>
            <IconButton icon="x" label=tr!(i18n, list.unselect) press=move |()| log.chosen.set(Selection::default()) testid="unselect"/>
        </div>
    }
}

#[wasm_bindgen(inline_js = "
export async function saveRecords(path, body) {
  const answer = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  if (!answer.ok) throw new Error(String(answer.status));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await answer.blob());
  link.download = 'records.zip';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
")]
extern "C" {
    /// The browser keeps what comes on its disk, not in our memory.
    #[wasm_bindgen(js_name = saveRecords)]
    fn save_records(path: &str, body: &str) -> js_sys::Promise;
}

/// Their recordings in one file.
#[component]
fn Records(log: Log) -> impl IntoView {
    let (i18n, toasts) = (use_i18n(), use_toasts());
    let bytes = move || match log.chosen.with(|chosen| chosen.all) {
        true => log
            .totals
            .with(|totals| totals.as_ref().map_or(0, |totals| totals.recording_bytes)),
        false => ticked(log)
            .iter()
            .filter_map(|call| call.recording.as_ref())
            .map(|one| one.bytes)
            .sum(),
    };
    let size = move || {
        let (size, unit) = format::size(bytes());
        format!(
            "{} {}",
            time::decimal(size, i18n.get_locale()),
            unit.say(i18n)
        )
    };
    let busy = RwSignal::new(false);
    let save = move |_| {
        let (all, ids) = log
            .chosen
            .with_untracked(|chosen| (chosen.all, chosen.ids.iter().cloned().collect::<Vec<_>>()));
        let filter = if all { log.query() } else { String::new() };
        let path = format!("/api/v1/calls/records.zip{filter}");
        let body = serde_json::json!({ "ids": if all { Vec::new() } else { ids } }).to_string();
        busy.set(true);
        spawn_local(async move {
            if wasm_bindgen_futures::JsFuture::from(save_records(&path, &body))
                .await
                .is_err()
            {
                toasts.fail(tu_string!(i18n, log.not_saved).to_owned());
            }
            let _ = busy.try_set(false);
        });
    };
    view! {
        <When when=move || bytes() != 0>
            <button class="btn" data-testid="records-zip" disabled=flag(move || busy.get()) on:click=act(save)><Icon name="download"/>"records.zip "<span class="mute num">{text(size)}</span></button>
        </When>
    }
}

/// Their clients get somebody responsible.
#[component]
fn Assign(log: Log) -> impl IntoView {
    let (i18n, api, toasts, house) = (use_i18n(), use_api(), use_toasts(), use_house());
    let clients = move || {
        let mut ids: Vec<String> = ticked(log)
            .into_iter()
            .filter_map(|call| call.contact)
            .map(|one| one.id)
            .collect();
        ids.sort();
        ids.dedup();
        ids
    };
    let people = house.people(tr!(i18n, log.assign));
    let options = move || {
        people
            .get()
            .into_iter()
            .map(|(id, name)| view! { <option value=id>{name}</option> })
            .collect_view()
    };
    let assign = move |change| {
        let (to, ids) = (event_target_value(&change), untrack(clients));
        if to.is_empty() {
            return;
        }
        let count = ids.len();
        spawn_local(async move {
            let body = serde_json::json!({ "ids": ids, "responsible": to });
            match api.post::<Undo>("/contacts/bulk", &body).await {
                Ok(undo) => {
                    let words = fill_now!(
                        i18n,
                        log.assigned,
                        count = count,
                        who = untrack(|| house.person(Some(&to)))
                    );
                    toasts.say_with(words, tu_string!(i18n, common.undo), move || {
                        let path = format!("/operations/{}/undo", undo.operation);
                        spawn_local(async move {
                            if let Err(failure) = api.order::<Undo>(&path).await {
                                toasts.fail(say_failure_now(i18n, &failure));
                            }
                        });
                    });
                    log.chosen.set(Selection::default());
                }
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    view! {
        <When when=move || !clients().is_empty()><select class="select select--chip" aria-label=tr!(i18n, log.assign) data-testid="assign" on:change=act(assign)>{changing(options)}</select></When>
    }
}

/// Deletes them, with undo.
#[component]
fn Delete(log: Log) -> impl IntoView {
    let (i18n, api, toasts) = (use_i18n(), use_api(), use_toasts());
    let delete = move |_| {
        let ids = log.chosen.with_untracked(|chosen| chosen.ids.clone());
        spawn_local(async move {
            let mut gone = Vec::new();
            for id in ids {
                match api.delete(&format!("/calls/{id}")).await {
                    Ok(()) => gone.push(id),
                    Err(failure) => {
                        toasts.fail(say_failure_now(i18n, &failure));
                        break;
                    }
                }
            }
            log.list.update(|list| {
                if let Some(page) = list.ready_mut() {
                    page.items.retain(|call| !gone.contains(&call.id));
                }
            });
            log.chosen.set(Selection::default());
            if gone.is_empty() {
                return;
            }
            let words = fill_now!(i18n, log.deleted, count = gone.len());
            toasts.say_with(words, tu_string!(i18n, common.undo), move || {
                let gone = gone.clone();
                spawn_local(async move {
                    for id in gone {
                        let _ = api
                            .order::<CallRecord>(&format!("/calls/{id}/restore"))
                            .await;
                    }
                    log.filter.update(|_| {});
                });
            });
        });
    };
    view! { <button class="btn" data-testid="delete-calls" on:click=act(delete)><Icon name="trash-2"/><span class="wide">{tr!(i18n, common.delete)}</span></button> }
}

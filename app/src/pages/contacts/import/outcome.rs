//! An import at work, and what became of it.

use api_types::{Import, ImportProgress, ImportState, Undo};
use leptos::{prelude::*, task::spawn_local};

use super::Current;
use crate::{
    api::use_api,
    components::{
        Icon,
        reactive::{When, act, changing, flag, text},
        say_failure_now,
    },
    i18n::*,
    platform::time,
    state::toasts::use_toasts,
};

#[component]
pub fn Outcome(current: Current) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let id = move || {
        current.with_untracked(|import| {
            import
                .as_ref()
                .map(|import| import.id.clone())
                .unwrap_or_default()
        })
    };
    let is = move |state: ImportState| flag(move || super::state(current) == Some(state));
    let read = move || async move {
        if let Ok(import) = api.get::<Import>(&format!("/imports/{}", id())).await {
            let _ = current.try_set(Some(import));
        }
    };
    let undo = move |_| {
        busy.set(true);
        spawn_local(async move {
            match api.order::<Undo>(&format!("/imports/{}/undo", id())).await {
                Ok(_) => read().await,
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
            let _ = busy.try_set(false);
        });
    };
    let again = move |_| {
        spawn_local(async move {
            match api
                .order::<Import>(&format!("/imports/{}/start", id()))
                .await
            {
                Ok(import) => {
                    let _ = current.try_set(Some(import));
                }
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    let title = text(move || match super::state(current)? {
        ImportState::Running => Some(t_string!(i18n, import.running)),
        ImportState::Done => Some(t_string!(i18n, import.done)),
        ImportState::Stopped => Some(t_string!(i18n, import.stopped)),
        ImportState::Undone => Some(t_string!(i18n, import.undone)),
        ImportState::Ready => None,
    });
    let done = Signal::derive(move || {
        current.with(|import| import.as_ref().map_or(0, |import| import.progress.done))
    });
    let all = Signal::derive(move || {
        current.with(|import| import.as_ref().map_or(1, |import| import.rows.max(1)))
    });
    let failed = Memo::new(move |_| {
        current.with(|import| import.as_ref().map_or(0, |import| import.progress.failed))
    });
    let has_failed = flag(move || failed.get() > 0);
    let errors = text(move || {
        let lang = match i18n.get_locale() {
            Locale::ru => "ru",
            Locale::en => "en",
        };
        format!("/api/v1/imports/{}/errors.csv?lang={lang}", id())
    });
    let name =
        text(move || current.with(|import| import.as_ref().map(|import| import.file_name.clone())));
    view! {
        <div class="row imp__file"><Icon name="file-text"/><b>{name}</b></div>
        <h2 class="h2" role="status" data-testid="import-state">{title}</h2>
        <progress class="imp__bar" max=text(move || all.get().to_string()) value=text(move || done.get().to_string()) aria-label=title></progress>
        {changing(move || figures(i18n, current))}
        <div class="row row--wrap imp__foot">
            <When when=is(ImportState::Stopped)><button class="btn btn--main" on:click=act(again)>{tr!(i18n, import.go_on)}</button></When>
            <When when=move || super::state(current) != Some(ImportState::Running)><a class="btn" href="/contacts">{tr!(i18n, import.to_contacts)}</a></When>
            <When when=has_failed><a class="btn" data-testid="import-errors" download="errors.csv" href=errors><Icon name="download"/>{tr!(i18n, import.errors)}</a></When>
            <When when=move || matches!(super::state(current), Some(ImportState::Done | ImportState::Stopped))><button class="btn" data-testid="import-undo" disabled=busy on:click=act(undo)><Icon name="undo-2"/>{tr!(i18n, import.undo)}</button></When>
            <When when=move || super::state(current) != Some(ImportState::Running)><button class="btn btn--quiet" on:click=act(move |_| current.set(None))>{tr!(i18n, import.another)}</button></When>
        </div>
    }
}

fn figures(i18n: I18n, current: Current) -> Option<AnyView> {
    let ImportProgress {
        done,
        created,
        companies,
        updated,
        skipped,
        failed,
        rows_per_sec,
        kept,
        ..
    } = current.with(|import| import.as_ref().map(|import| import.progress.clone()))?;
    let number = |count: u64| time::decimal(count as f64, i18n.get_locale());
    let row = |label: Signal<String>, count: u64, testid: &'static str| {
        (count > 0 || testid == "done").then(|| view! { <dt>{label}</dt><dd class="num" data-testid=format!("import-{testid}")>{number(count)}</dd> })
    };
    Some(
        view! {
            <dl class="kv imp__kv">
                {row(tr!(i18n, import.rows_done), done, "done")}
                {row(tr!(i18n, import.created), created, "created")}
                {row(tr!(i18n, import.companies_made), companies, "companies")}
                {row(tr!(i18n, import.updated), updated, "updated")}
                {row(tr!(i18n, import.skipped), skipped, "skipped")}
                {row(tr!(i18n, import.failed), failed, "failed")}
                {row(tr!(i18n, import.kept), kept, "kept")}
                {row(tr!(i18n, import.speed), rows_per_sec, "speed")}
            </dl>
        }
        .into_any(),
    )
}

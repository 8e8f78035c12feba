//! Prices of a line: a table and the import of CSV.

use api_types::{TariffImport, Tariffs};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use super::{
    form::Form,
    prices::{PricePart, PriceTable},
};
use crate::{
    api::use_api,
    components::{
        Icon,
        form::{Bound, Select},
        reactive::{When, act, changing},
        remote_view::RemoteView,
        say_failure_now,
    },
    i18n::*,
    state::{
        remote::{Remote, read_into},
        toasts::use_toasts,
    },
};

/// Currencies offered.
const CURRENCIES: [&str; 8] = ["RUB", "USD", "EUR", "GBP", "KZT", "BYN", "UAH", "CNY"];

/// The tab; of a line that is not saved it says so.
#[component]
pub fn TariffsTab(form: Form) -> impl IntoView {
    let i18n = use_i18n();
    match form.id.get_value() {
        None => view! { <p class="soft">{tr!(i18n, tariffs.after_save)}</p> }.into_any(),
        Some(id) => view! { <Prices id/> }.into_any(),
    }
}

#[component]
fn Prices(id: String) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let path = StoredValue::new(format!("/lines/{id}/tariffs"));
    let tariffs = RwSignal::new(Remote::<Tariffs>::Loading);
    let problems = RwSignal::new(TariffImport::default());
    let read = move || read_into(tariffs, async move { api.get(&path.get_value()).await });
    read();
    let put = move |wanted: Tariffs, said: fn(I18n) -> &'static str| {
        spawn_local(async move {
            match api.put::<Tariffs>(&path.get_value(), &wanted).await {
                Ok(now) => {
                    let _ = tariffs.try_set(Remote::Ready(now));
                    toasts.say(untrack(|| said(i18n)).to_owned());
                }
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    let now = move || tariffs.with(|tariffs| tariffs.ready().cloned().unwrap_or_default());
    // Without prices the currency is only remembered for the import.
    let wanted = RwSignal::new(usual_currency(i18n).to_owned());
    let in_force = Memo::new(move |_| {
        Some(now().currency)
            .filter(|currency| !currency.is_empty())
            .unwrap_or_else(|| wanted.get())
    });
    let currency = Bound::new(
        move || in_force.get(),
        move |currency| {
            wanted.set(currency.clone());
            let rows = untrack(now).rows;
            if rows.is_empty() {
                let _ = tariffs.try_update(|tariffs| {
                    if let Some(tariffs) = tariffs.ready_mut() {
                        tariffs.currency.clone_from(&currency);
                    }
                });
            } else {
                put(Tariffs { currency, rows }, |i18n| {
                    t_string!(i18n, settings.saved)
                });
            }
        },
    );
    let clear = move |_| {
        put(
            Tariffs {
                currency: in_force.get_untracked(),
                rows: Vec::new(),
            },
            |i18n| t_string!(i18n, tariffs.cleared),
        )
    };
    let import = move |csv: String| {
        spawn_local(async move {
            let path = format!(
                "{}/import?currency={}",
                path.get_value(),
                in_force.get_untracked()
            );
            match api.upload::<TariffImport>(&path, csv).await {
                Ok(import) => {
                    if import.problems.is_empty() {
                        toasts.say(fill_now!(i18n, tariffs.imported, count = import.rows));
                        read();
                    }
                    let _ = problems.try_set(import);
                }
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    let chosen = move |change: web_sys::Event| {
        let input: Option<web_sys::HtmlInputElement> =
            change.target().and_then(|target| target.dyn_into().ok());
        let Some(file) = input.as_ref().and_then(|input| input.files()?.get(0)) else {
            return;
        };
        spawn_local(async move {
            if let Some(csv) = JsFuture::from(file.text())
                .await
                .ok()
                .and_then(|text| text.as_string())
            {
                import(csv);
            }
        });
        if let Some(input) = input {
            input.set_value("");
        }
    };
    let currencies = Signal::derive(move || {
        let now = in_force.get();
        let others = CURRENCIES
            .iter()
            .map(|name| (*name).to_owned())
            .filter(|name| *name != now);
        std::iter::once(now.clone())
            .chain(others.collect::<Vec<_>>())
            .map(|name| (name.clone(), name))
            .collect()
    });
    let any = Memo::new(move |_| {
        tariffs.with(|tariffs| {
            tariffs
                .ready()
                .is_some_and(|tariffs| !tariffs.rows.is_empty())
        })
    });
    view! {
        <p class="t12 soft">{tr!(i18n, tariffs.lead)}</p>
        <div class="row row--wrap ed__s">
            <label class="btn"><Icon name="upload"/>{tr!(i18n, tariffs.import)}<input class="sr" type="file" accept=".csv,text/csv" data-testid="tariff-file" on:change=act(chosen)/></label>
            <Select bound=currency options=currencies label=tr!(i18n, tariffs.currency) class="select select--in"/>
            <When when=move || any.get()><button type="button" class="btn btn--quiet push" on:click=act(clear)><Icon name="trash-2"/>{tr!(i18n, tariffs.clear)}</button></When>
        </div>
        <Problems problems/>
        <RemoteView source=tariffs again=move |()| read()>
            <PriceTable part=PricePart { path, tariffs, currency: in_force.into() }/>
        </RemoteView>
    }
}

/// The currency where the language is spoken.
fn usual_currency(i18n: I18n) -> &'static str {
    match i18n.get_locale_untracked() {
        Locale::en => "USD",
        Locale::ru => "RUB",
    }
}

#[component]
fn Problems(problems: RwSignal<TariffImport>) -> impl IntoView {
    let i18n = use_i18n();
    changing(move || {
        let found = problems.get().problems;
        (!found.is_empty()).then(|| {
            let rows = found.into_iter().map(|row| {
                view! { <li class="num">{fill!(i18n, tariffs.problem, line = row.line, column = row.column, value = row.value)}</li> }
            });
            view! { <div class="note note--stop" role="alert"><Icon name="circle-x"/><div><p>{tr!(i18n, tariffs.problems)}</p><ul>{rows.collect_view()}</ul></div></div> }
        })
    })
}

//! The prices of a line as a table: each row is added, changed and removed by itself.

use api_types::{Tariff, Tariffs};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{Api, use_api},
    components::{
        Empty, Icon,
        form::{Bound, Cell, IconButton},
        reactive::{act, changing},
        say_failure_now,
    },
    i18n::*,
    state::{remote::Remote, toasts::use_toasts},
    view::{
        dialling::{micros, money},
        failure::Failure,
    },
};

/// Rows shown at most: a price list may have tens of thousands.
const MOST_SHOWN: usize = 200;

/// What the table works on.
#[derive(Clone, Copy)]
pub struct PricePart {
    /// Where the prices are.
    pub path: StoredValue<String>,
    /// As they are now.
    pub tariffs: RwSignal<Remote<Tariffs>>,
    /// The currency of a first price.
    pub currency: Signal<String>,
}

/// A row being typed.
#[derive(Clone, Copy)]
struct Typed {
    prefix: RwSignal<String>,
    label: RwSignal<String>,
    minute: RwSignal<String>,
    call: RwSignal<String>,
    round: RwSignal<String>,
}

impl Typed {
    fn of(row: Option<&Tariff>) -> Self {
        let text = |read: fn(&Tariff) -> String| RwSignal::new(row.map(read).unwrap_or_default());
        Self {
            prefix: text(|row| row.prefix.clone()),
            label: text(|row| row.label.clone()),
            minute: text(|row| money(row.minute_micros)),
            call: text(|row| money(row.call_micros)),
            round: RwSignal::new(row.map_or(60, |row| row.round_secs).to_string()),
        }
    }

    /// The row, unless a price or the seconds cannot be read.
    fn read(self) -> Option<Tariff> {
        let or_nothing = |text: String| {
            if text.trim().is_empty() {
                Some(0)
            } else {
                micros(&text)
            }
        };
        let prefix = self.prefix.get_untracked();
        let digits: String = prefix.chars().filter(char::is_ascii_digit).collect();
        Some(Tariff {
            prefix: format!("+{digits}"),
            label: self.label.get_untracked().trim().to_owned(),
            minute_micros: micros(&self.minute.get_untracked())?,
            call_micros: or_nothing(self.call.get_untracked())?,
            round_secs: self.round.get_untracked().trim().parse().ok()?,
        })
    }
}

/// Which row is being typed: one of the list by its prefix, or a new one.
#[derive(Clone, PartialEq, Eq)]
enum Editing {
    Nothing,
    New,
    Row(String),
}

impl PricePart {
    async fn save(self, api: Api, before: Option<String>, row: Tariff) -> Result<Tariffs, Failure> {
        let path = self.path.get_value();
        let is_first = self
            .tariffs
            .with_untracked(|now| now.ready().is_none_or(|now| now.rows.is_empty()));
        if is_first {
            let currency = self.currency.get_untracked();
            let rows = vec![row];
            return api.put(&path, &Tariffs { currency, rows }).await;
        }
        let prefix = before.unwrap_or_else(|| row.prefix.clone());
        api.put(&format!("{path}/{prefix}"), &row).await
    }

    async fn remove(self, api: Api, prefix: &str) -> Result<Tariffs, Failure> {
        api.remove(&format!("{}/{prefix}", self.path.get_value()))
            .await
    }
}

/// The table.
#[component]
pub fn PriceTable(part: PricePart) -> impl IntoView {
    let i18n = use_i18n();
    let editing = RwSignal::new(Editing::Nothing);
    let table = move || {
        let rows = part.tariffs.with(|tariffs| {
            tariffs
                .ready()
                .map(|now| now.rows.clone())
                .unwrap_or_default()
        });
        let now = editing.get();
        let is_new = now == Editing::New;
        if rows.is_empty() && !is_new {
            return view! { <Empty icon="upload" title=tr!(i18n, tariffs.none) lead=tr!(i18n, tariffs.none_lead)/> }.into_any();
        }
        let rows = rows.into_iter().take(MOST_SHOWN).map(|row| {
            if now == Editing::Row(row.prefix.clone()) {
                view! { <TypedRow part editing row=Some(row)/> }.into_any()
            } else {
                view! { <Shown part editing row/> }.into_any()
            }
        });
        view! {
            <div class="scroll"><table class="table table--in prc">
                <thead><tr><th>{tr!(i18n, tariffs.prefix)}</th><th>{tr!(i18n, tariffs.label)}</th><th class="r">{tr!(i18n, tariffs.minute)}</th><th class="r">{tr!(i18n, tariffs.call)}</th><th class="r">{tr!(i18n, tariffs.round)}</th><th></th></tr></thead>
                <tbody>{is_new.then(|| view! { <TypedRow part editing row=None/> })}{rows.collect_view()}</tbody>
            </table></div>
        }
        .into_any()
    };
    view! {
        {changing(table)}
        <button type="button" class="btn btn--acc ed__s" data-testid="add-price" on:click=act(move |_| editing.set(Editing::New))><Icon name="plus"/>{tr!(i18n, tariffs.add)}</button>
    }
}

#[component]
fn Shown(part: PricePart, editing: RwSignal<Editing>, row: Tariff) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let round = row.round_secs;
    let prefix = StoredValue::new(row.prefix.clone());
    let remove = move |()| {
        spawn_local(async move {
            match part.remove(api, &prefix.get_value()).await {
                Ok(now) => drop(part.tariffs.try_set(Remote::Ready(now))),
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    view! {
        <tr data-testid="tariff"><td class="num">{row.prefix}</td><td class="cut">{row.label}</td><td class="num r">{money(row.minute_micros)}</td><td class="num r">{money(row.call_micros)}</td><td class="num r">{move || fill!(i18n, unit.sec, count = round)}</td>
            <td class="r prc__b"><IconButton icon="pencil" label=tr!(i18n, common.edit) press=move |()| editing.set(Editing::Row(prefix.get_value())) testid="edit-price"/><IconButton icon="trash-2" label=tr!(i18n, form.remove) press=remove testid="remove-price"/></td></tr>
    }
}

#[component]
fn TypedRow(part: PricePart, editing: RwSignal<Editing>, row: Option<Tariff>) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let typed = Typed::of(row.as_ref());
    let before = StoredValue::new(row.map(|row| row.prefix));
    let save = move |()| {
        let Some(row) = typed.read() else {
            return toasts.fail(tu_string!(i18n, tariffs.bad_price).to_owned());
        };
        spawn_local(async move {
            match part.save(api, before.get_value(), row).await {
                Ok(now) => {
                    let _ = editing.try_set(Editing::Nothing);
                    let _ = part.tariffs.try_set(Remote::Ready(now));
                }
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    let keyed = move |press: leptos::ev::KeyboardEvent| match press.key().as_str() {
        // Enter in a cell keeps the row and does not send the line's form.
        "Enter" => {
            press.prevent_default();
            save(());
        }
        "Escape" => {
            press.prevent_default();
            editing.set(Editing::Nothing);
        }
        _ => {}
    };
    view! {
        <tr data-testid="typed-price" on:keydown=act(keyed)>
            <td><Cell bound=Bound::of(typed.prefix) label=tr!(i18n, tariffs.prefix) placeholder=Signal::stored("+7495".to_owned()) testid="price-prefix"/></td>
            <td><Cell bound=Bound::of(typed.label) label=tr!(i18n, tariffs.label) class="input" testid="price-label"/></td>
            <td><Cell bound=Bound::of(typed.minute) label=tr!(i18n, tariffs.minute) class="input num r" testid="price-minute"/></td>
            <td><Cell bound=Bound::of(typed.call) label=tr!(i18n, tariffs.call) class="input num r" testid="price-call"/></td>
            <td><Cell bound=Bound::of(typed.round) label=tr!(i18n, tariffs.round) class="input num r" testid="price-round"/></td>
            <td class="r prc__b"><IconButton icon="check" label=tr!(i18n, common.save) press=save testid="save-price"/><IconButton icon="x" label=tr!(i18n, common.cancel) press=move |()| editing.set(Editing::Nothing)/></td>
        </tr>
    }
}

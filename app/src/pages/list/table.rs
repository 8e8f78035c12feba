//! The rows: only those near the screen are made. One tab stop; arrows, Enter, Space, Esc.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

use super::{Cell, Column, List, ROW, Record};
use crate::{
    components::{
        Icon,
        reactive::{Rows, When, act, changing, flag, followed, maybe, text},
    },
    i18n::*,
    platform::address::go,
    view::list::{Selection, window},
};

/// Rows from the end at which more are read.
const AHEAD: usize = 40;

/// Where one is in the table.
#[derive(Clone, Copy)]
struct Place {
    around: NodeRef<html::Div>,
    /// How far it is scrolled, and its height, in pixels.
    scrolled: RwSignal<(f64, f64)>,
    /// The row with the tab stop.
    at: RwSignal<usize>,
}

#[component]
pub fn Table<T: Record>(list: List<T>, actions: Option<Cell<T>>) -> impl IntoView {
    let i18n = use_i18n();
    let place = Place {
        around: NodeRef::new(),
        scrolled: RwSignal::new((0.0, 900.0)),
        at: RwSignal::new(0),
    };
    let measure = move || {
        if let Some(around) = place.around.get_untracked() {
            place.scrolled.set((
                f64::from(around.scroll_top()),
                f64::from(around.client_height()),
            ));
        }
    };
    place
        .around
        .on_load(move |_| request_animation_frame(measure));
    let count = Memo::new(move |_| list.rows.with(|rows| rows.ready().map_or(0, Vec::len)));
    let shown = Memo::new(move |_| {
        let (top, height) = place.scrolled.get();
        window(top, height, ROW, count.get())
    });
    Effect::new(move |_| {
        if shown.get().1 + AHEAD > count.get() {
            list.read_on();
        }
    });
    let seen = Memo::new(move |_| {
        let (first, end) = shown.get();
        list.rows.with(|rows| {
            rows.ready()
                .map(|rows| rows[first.min(rows.len())..end.min(rows.len())].to_vec())
                .unwrap_or_default()
        })
    });
    let keys = Signal::derive(move || {
        seen.with(|seen| seen.iter().map(|row| row.id().to_owned()).collect())
    });
    let columns = Memo::new(move |_| Shown(list.columns()));
    let actions = StoredValue::new(actions);
    let row = move |id: String| {
        let found =
            followed(move || seen.with(|seen| seen.iter().find(|row| row.id() == id).cloned()));
        found
            .map(|record| view! { <Line list record columns place shown seen actions/> })
            .into_any()
    };
    let space = move |pixels: f64| format!("{pixels}px");
    let (before, after) = (
        move || space(shown.get().0 as f64 * ROW),
        move || space((count.get() - shown.get().1.min(count.get())) as f64 * ROW),
    );
    let width = move || (columns.with(|columns| columns.0.len()) + 2).to_string();
    view! {
        <div class="vt" node_ref=place.around on:scroll=act(move |_| measure())>
            <table class="table vt__t" aria-rowcount=text(move || list.total.get().map_or_else(|| "-1".to_owned(), |total| total.to_string()))>
                <Head list columns has_actions=actions.with_value(Option::is_some)/>
                <tbody><tr class="vt__gap" aria-hidden="true"><td colspan=text(width) style:height=text(before)></td></tr></tbody>
                <tbody on:keydown=act(move |press| step(&press, list, place, count.get_untracked()))><Rows keys row/></tbody>
                <tbody><tr class="vt__gap" aria-hidden="true"><td colspan=text(width) style:height=text(after)></td></tr></tbody>
            </table>
            <When when=move || list.more.get()><div class="more mute" role="status">{tr!(i18n, common.loading)}</div></When>
        </div>
    }
}

/// The columns, told apart by their keys.
#[derive(Clone)]
struct Shown<T: 'static>(Vec<Column<T>>);

impl<T> PartialEq for Shown<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self
                .0
                .iter()
                .zip(&other.0)
                .all(|(one, other)| one.key == other.key)
    }
}

#[component]
fn Head<T: Record>(list: List<T>, columns: Memo<Shown<T>>, has_actions: bool) -> impl IntoView {
    let i18n = use_i18n();
    let all = move || {
        list.rows.with(|rows| {
            rows.ready().is_some_and(|rows| {
                !rows.is_empty()
                    && list
                        .chosen
                        .with(|chosen| rows.iter().all(|row| chosen.has(row.id())))
            })
        })
    };
    let tick = move |_| {
        let every: Vec<String> = list.rows.with_untracked(|rows| {
            rows.ready()
                .map(|rows| rows.iter().map(|row| row.id().to_owned()).collect())
                .unwrap_or_default()
        });
        let was_all = untrack(all);
        list.chosen.set(Selection {
            ids: if was_all {
                Default::default()
            } else {
                every.into_iter().collect()
            },
            all: false,
        });
    };
    let heads = move || {
        columns.get().0.into_iter().map(|column| {
            let (label, class) = (column.label, column.class);
            match column.sort {
                None => view! { <th class=class scope="col">{label}</th> }.into_any(),
                Some(key) => {
                    let sorted = move || list.query.with(|query| query.sorted(key));
                    let icon = move || sorted().map(|order| view! { <Icon name=if order == "ascending" { "chevron-up" } else { "chevron-down" }/> });
                    view! { <th class=class scope="col" aria-sort=maybe(sorted)><button class="vt__sort" on:click=act(move |_| list.query.update(|query| query.sort_by(key)))>{label}{changing(icon)}</button></th> }.into_any()
                }
            }
        }).collect_view()
    };
    view! {
        <thead><tr>
            <th class="c-tick"><input class="cb" type="checkbox" data-testid="tick-all" aria-label=tr!(i18n, list.tick_all) prop:checked=flag(all) on:change=act(tick)/></th>
            {changing(heads)}
            {has_actions.then(|| view! { <th class="c-acts"><span class="sr">{tr!(i18n, list.actions)}</span></th> })}
        </tr></thead>
    }
}

#[component]
fn Line<T: Record>(
    list: List<T>,
    record: Signal<T>,
    columns: Memo<Shown<T>>,
    place: Place,
    shown: Memo<(usize, usize)>,
    seen: Memo<Vec<T>>,
    actions: StoredValue<Option<Cell<T>>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let id = record.with_untracked(|record| record.id().to_owned());
    let (testid, href, name) = list
        .spec
        .with_value(|spec| (spec.testid, spec.href, spec.name));
    let at = {
        let id = id.clone();
        Memo::new(move |_| {
            shown.get().0
                + seen.with(|seen| seen.iter().position(|row| row.id() == id).unwrap_or(0))
        })
    };
    let is_chosen = {
        let id = id.clone();
        Memo::new(move |_| list.chosen.with(|chosen| chosen.has(&id)))
    };
    let toggle = {
        let id = id.clone();
        move |_: ev::Event| toggle(list, &id)
    };
    let open = move |click: ev::MouseEvent| {
        let inner = click
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let inner = inner.and_then(|target| {
            target
                .closest("a, button, input, select, label")
                .ok()
                .flatten()
        });
        if inner.is_none() {
            go(&record.with_untracked(href));
        }
    };
    let cells = move || {
        columns.get().0.into_iter().map(|column| view! { <td class=column.class>{record.with(|record| (column.cell)(record))}</td> }).collect_view()
    };
    let label = move || fill!(i18n, list.tick, name = record.with(name));
    let own = move || {
        actions.with_value(|actions| actions.as_ref().map(|cell| view! { <td class="c-acts"><div class="row">{record.with(|record| cell(record))}</div></td> }))
    };
    view! {
        <tr class="clickable" data-testid=testid data-id=id data-at=text(move || at.get().to_string()) aria-rowindex=text(move || (at.get() + 2).to_string())
            tabindex=text(move || if place.at.get() == at.get() { "0" } else { "-1" }) aria-selected=text(move || is_chosen.get()) on:click=act(open) on:focus=act(move |_| place.at.set(at.get_untracked()))>
            <td class="c-tick"><input class="cb" type="checkbox" tabindex="-1" aria-label=text(label) prop:checked=flag(move || is_chosen.get()) on:change=act(toggle)/></td>
            {changing(cells)}{changing(own)}
        </tr>
    }
}

fn toggle<T: Record>(list: List<T>, id: &str) {
    let loaded: Vec<String> = list.rows.with_untracked(|rows| {
        rows.ready()
            .map(|rows| rows.iter().map(|row| row.id().to_owned()).collect())
            .unwrap_or_default()
    });
    list.chosen
        .update(|chosen| chosen.toggle(id, loaded.into_iter()));
}

/// Arrows (J, K) go from row to row, also to those not made yet; Space (X) ticks, Enter opens, Esc unticks.
fn step<T: Record>(press: &ev::KeyboardEvent, list: List<T>, place: Place, count: usize) {
    let on_row = press
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|element| element.tag_name() == "TR");
    if press.ctrl_key() || press.alt_key() || press.meta_key() || !on_row || count == 0 {
        return;
    }
    let at = place.at.get_untracked().min(count - 1);
    let record = || {
        list.rows
            .with_untracked(|rows| rows.ready().and_then(|rows| rows.get(at).cloned()))
    };
    let page = (place.scrolled.get_untracked().1 / ROW) as usize;
    let to = match press.code().as_str() {
        "ArrowDown" | "KeyJ" => at + 1,
        "ArrowUp" | "KeyK" => at.saturating_sub(1),
        "PageDown" => at + page,
        "PageUp" => at.saturating_sub(page),
        "Home" => 0,
        "End" => count - 1,
        "Enter" | "NumpadEnter" => {
            return record()
                .into_iter()
                .for_each(|record| go(&list.spec.with_value(|spec| (spec.href)(&record))));
        }
        "Space" | "KeyX" => {
            press.prevent_default();
            return record()
                .into_iter()
                .for_each(|record| toggle(list, record.id()));
        }
        "Escape" if !list.chosen.with_untracked(Selection::is_empty) => {
            return list.chosen.set(Selection::default());
        }
        _ => return,
    };
    press.prevent_default();
    focus(place, to.min(count - 1));
}

/// Scrolls to a row and gives it the focus once it is made.
fn focus(place: Place, to: usize) {
    let Some(around) = place.around.get_untracked() else {
        return;
    };
    let (top, height) = place.scrolled.get_untracked();
    let at = to as f64 * ROW;
    // The head stays on top of the rows.
    if at < top {
        around.set_scroll_top(at as i32);
    } else if at + 2.0 * ROW > top + height {
        around.set_scroll_top((at + 2.0 * ROW - height) as i32 + 1);
    }
    place.at.set(to);
    place.scrolled.set((f64::from(around.scroll_top()), height));
    request_animation_frame(move || {
        let row = around
            .query_selector(&format!("tr[data-at=\"{to}\"]"))
            .ok()
            .flatten();
        if let Some(row) = row.and_then(|row| row.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = row.focus();
        }
    });
}

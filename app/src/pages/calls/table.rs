//! The table of calls, by days.

use crate::components::reactive::{Rows, act, flag, followed, maybe, text};
use api_types::CallRecord;
use leptos::{html, prelude::*};

use super::Log;
use crate::{
    api::use_api,
    components::call_parts::{CallNumber, DirectionMark, client_name},
    i18n::*,
    pages::result_chip::ResultChip,
    platform::{now_ms, time},
    view::{format, list::window, outcome},
};

/// One row of the table's body: the head of a day with a moment in it and its calls, or a call.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    Day(i64, usize),
    Call(String),
}

impl Line {
    fn key(&self) -> String {
        match self {
            Self::Day(at, count) => format!("day {at} {count}"),
            Self::Call(id) => id.clone(),
        }
    }
}

fn lines(calls: &[CallRecord]) -> Vec<Line> {
    let mut lines = Vec::with_capacity(calls.len() + 8);
    let mut rest = calls;
    while let Some(first) = rest.first() {
        let day = time::day_number(first.started_at);
        let count = rest
            .iter()
            .take_while(|call| time::day_number(call.started_at) == day)
            .count();
        lines.push(Line::Day(first.started_at, count));
        lines.extend(rest[..count].iter().map(|call| Line::Call(call.id.clone())));
        rest = &rest[count..];
    }
    lines
}

/// Height of a row in pixels, of a day's head too; the style sheet says the same.
const ROW: f64 = 38.0;
/// Rows from the end at which more are read.
const AHEAD: usize = 60;

/// Rows open the drawer; arrows go from row to row. Only those near the screen are made.
#[component]
pub fn CallTable(log: Log) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let around = NodeRef::<html::Div>::new();
    let scrolled = RwSignal::new((0.0, 900.0));
    let measure = move || {
        if let Some(around) = around.get_untracked() {
            scrolled.set((
                f64::from(around.scroll_top()),
                f64::from(around.client_height()),
            ));
        }
    };
    around.on_load(move |_| request_animation_frame(measure));
    let body = Memo::new(move |_| {
        log.list.with(|list| {
            list.ready()
                .map(|page| lines(&page.items))
                .unwrap_or_default()
        })
    });
    let count = Memo::new(move |_| body.with(Vec::len));
    let shown = Memo::new(move |_| {
        let (top, height) = scrolled.get();
        window(top, height, ROW, count.get())
    });
    Effect::new(move |_| {
        if shown.get().1 + AHEAD > count.get() {
            log.read_on(api);
        }
    });
    let keys = Signal::derive(move || {
        let (first, end) = shown.get();
        body.with(|body| {
            let seen = &body[first.min(body.len())..end.min(body.len())];
            seen.iter().map(Line::key).collect()
        })
    });
    let row = move |key: String| {
        let line = body.with_untracked(|body| body.iter().find(|line| line.key() == key).cloned());
        match line {
            Some(Line::Day(at, count)) => view! { <DayHead at count/> }.into_any(),
            Some(Line::Call(id)) => {
                let found = followed({
                    let id = id.clone();
                    move || log.find(&id)
                });
                found.map(|call| view! { <Row log id call/> }).into_any()
            }
            None => ().into_any(),
        }
    };
    let space = |rows: usize| format!("{}px", rows as f64 * ROW);
    let before = move || space(shown.get().0);
    let after = move || space(count.get().saturating_sub(shown.get().1));
    let all = move || {
        log.list
            .with(|list| list.ready().map_or(0, |page| page.items.len()))
    };
    let is_all = move || {
        log.chosen
            .with(|chosen| chosen.all || (all() > 0 && chosen.ids.len() == all()))
    };
    let tick_all = move |_| {
        let ids = log.list.with_untracked(|list| {
            let items = list.ready().map(|page| page.items.iter());
            items
                .into_iter()
                .flatten()
                .map(|call| call.id.clone())
                .collect()
        });
        let was = untrack(is_all);
        log.chosen.update(|chosen| {
            chosen.all = false;
            chosen.ids = if was { Default::default() } else { ids };
        });
    };
    view! {
        <div class="cl__t" node_ref=around on:scroll=act(move |_| measure())>
        <table class="table table--log">
            <thead><tr>
                <th class="c-tick"><input class="cb" type="checkbox" aria-label=tr!(i18n, log.tick_all) data-testid="tick-all" prop:checked=flag(is_all) on:change=act(tick_all)/></th>
                <th class="c-dir"><span class="sr">{tr!(i18n, direction.title)}</span></th><th class="w-time">{tr!(i18n, calls.time)}</th><th>{tr!(i18n, calls.client)}</th><th class="w-num">{tr!(i18n, calls.number)}</th>
                <th class="c-wide w-line">{tr!(i18n, calls.line)}</th><th class="c-wide w-who">{tr!(i18n, calls.employee)}</th><th class="r c-wide w-dur">{tr!(i18n, calls.wait)}</th><th class="r c-mid w-dur">{tr!(i18n, calls.talk)}</th><th class="c-mid w-res">{tr!(i18n, calls.result)}</th>
            </tr></thead>
            <tbody aria-hidden="true"><tr class="vt__gap"><td colspan="10" style:height=text(before)></td></tr></tbody>
            <tbody on:keydown=step>
                <Rows keys row/>
            </tbody>
            <tbody aria-hidden="true"><tr class="vt__gap"><td colspan="10" style:height=text(after)></td></tr></tbody>
        </table>
        </div>
    }
}

#[component]
fn DayHead(at: i64, count: usize) -> impl IntoView {
    let i18n = use_i18n();
    let words = move || {
        let locale = i18n.get_locale();
        let inside = time::day_inside(at, locale);
        const DAY_MS: i64 = 24 * 3_600_000;
        let number = time::day_number(at);
        if number == time::day_number(now_ms()) {
            format!("{}, {inside}", t_string!(i18n, calls.today))
        } else if number == time::day_number(now_ms() - DAY_MS) {
            format!("{}, {inside}", t_string!(i18n, calls.yesterday))
        } else {
            time::day(at, locale)
        }
    };
    let calls = move || time::count_calls(i18n, count);
    view! { <tr class="grp"><th colspan="5" scope="rowgroup">{text(words)}" "<span class="mute num grp__n">{text(calls)}</span></th><td colspan="3" class="c-wide"></td><td colspan="2" class="c-mid"></td></tr> }
}

#[component]
fn Row(log: Log, id: String, call: Signal<CallRecord>) -> impl IntoView {
    let i18n = use_i18n();
    let is_open = Memo::new({
        let id = id.clone();
        move |_| log.open.with(|open| open.as_ref() == Some(&id))
    });
    let show = Callback::new({
        let id = id.clone();
        move |()| log.show(Some(id.clone()))
    });
    let ticked = Memo::new({
        let id = id.clone();
        move |_| log.chosen.with(|chosen| chosen.has(&id))
    });
    let tick = Callback::new({
        let id = id.clone();
        move |()| {
            let loaded = log.list.with_untracked(|list| {
                let items = list.ready().map(|page| page.items.iter());
                items
                    .into_iter()
                    .flatten()
                    .map(|call| call.id.clone())
                    .collect::<Vec<_>>()
            });
            log.chosen
                .update(|chosen| chosen.toggle(&id, loaded.into_iter()));
        }
    });
    let label = move || {
        let at = call.with(|call| time::clock(call.started_at, i18n.get_locale()));
        fill!(i18n, log.tick, time = at)
    };
    let on_key = move |press: leptos::ev::KeyboardEvent| match press.code().as_str() {
        "Enter" | "NumpadEnter" => show.run(()),
        "KeyX" if !press.alt_key() && !press.ctrl_key() => tick.run(()),
        _ => {}
    };
    let read = move |read: fn(&CallRecord) -> Option<String>| move || call.with(read);
    view! {
        <tr class="clickable" aria-selected=maybe(move || ticked.get().then_some("true")) class:is-open=flag(move || is_open.get()) tabindex="0" aria-current=maybe(move || is_open.get().then_some("true")) data-testid="call-row" data-id=id on:click=act(move |_| show.run(())) on:keydown=act(on_key)>
            <td class="c-tick" on:click=act(|click: leptos::ev::MouseEvent| click.stop_propagation())><input class="cb" type="checkbox" tabindex="-1" data-testid="tick" aria-label=text(label) prop:checked=flag(move || ticked.get()) on:change=act(move |_| tick.run(()))/></td>
            <td class="c-dir"><DirectionMark call/></td>
            <td class="num soft">{text(move || call.with(|call| time::clock(call.started_at, i18n.get_locale())))}</td>
            <td class="c-name cut"><span class="med">{text(move || call.with(|call| client_name(i18n, call)))}</span></td>
            <td class="num"><CallNumber call/></td>
            <td class="soft c-wide cut">{read(|call| call.line.as_ref().map(|line| line.label.clone()))}</td>
            <td class="soft c-wide cut">{read(|call| call.employee.as_ref().map(|employee| employee.name.clone()))}</td>
            <td class="num soft r c-wide">{read(|call| outcome::wait_ms(call).map(format::duration))}</td>
            <td class="num r c-mid">{read(|call| outcome::talk_ms(call).map(format::duration))}</td>
            <td class="c-mid"><ResultChip call/></td>
        </tr>
    }
}

/// Arrows (and J, K) move the focus between rows.
fn step(press: leptos::ev::KeyboardEvent) {
    use wasm_bindgen::JsCast;
    let forward = match press.code().as_str() {
        "ArrowDown" | "KeyJ" => true,
        "ArrowUp" | "KeyK" if !press.ctrl_key() && !press.alt_key() => false,
        _ => return,
    };
    let mut row = document().active_element();
    loop {
        row = row.and_then(|row| {
            if forward {
                row.next_element_sibling()
            } else {
                row.previous_element_sibling()
            }
        });
        match &row {
            Some(row) if row.has_attribute("tabindex") => {
                press.prevent_default();
                let _ = row.unchecked_ref::<web_sys::HtmlElement>().focus();
                return;
            }
            Some(_) => {}
            None => return,
        }
    }
}

//! The agent's home.

use crate::components::reactive::{Rows, When, act, followed, text};
use api_types::{CallRecord, Event};
use leptos::prelude::*;

use super::{home, settings::PasswordNote};
use crate::{
    api::{events::use_live, use_api},
    components::{
        Empty, Icon,
        call_parts::{CallNumber, DirectionMark, OutcomeChip, client_name},
        remote_view::RemoteView,
    },
    i18n::*,
    platform::{address::go, now_ms, time},
    state::{
        remote::{Remote, read_into},
        session::use_session,
    },
    view::{
        call_log::{Filter, take_in},
        format, outcome,
    },
};

mod colleagues;
mod demo;

/// Calls on the desktop.
const LAST: u32 = 12;

/// The day, the test network (in a demo), the last calls.
#[component]
pub fn DesktopPage() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let now = RwSignal::new(now_ms());
    let ticking = StoredValue::new_local(Some(gloo::timers::callback::Interval::new(
        5_000,
        move || now.set(now_ms()),
    )));
    on_cleanup(move || {
        ticking.try_update_value(Option::take);
    });
    let demo = Memo::new(move |_| session.me(|me| me.demo).unwrap_or(false));
    view! {
        <div class="home">
            <div class="home__main">
                <div class="page__head">
                    <h1 class="h1">{text(move || time::day(now.get(), i18n.get_locale()))}</h1>
                    <span class="mute num">{text(move || time::clock(now.get(), i18n.get_locale()))}</span>
                </div>
                <PasswordNote/>
                <When when=move || demo.get()><demo::TestNetwork/></When>
                <div class="home__work">{home::home()}</div>
                <LastCalls/>
            </div>
            <colleagues::ColleagueList/>
        </div>
    }
}

#[component]
fn LastCalls() -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let calls = RwSignal::new(Remote::<Vec<CallRecord>>::Loading);
    let read = move || {
        read_into(calls, async move {
            api.calls(&Filter::default().query((None, None), LAST, ""))
                .await
                .map(|page| page.items)
        })
    };
    read();
    use_live().follow(move |event| match event {
        Event::Call(call) => calls.update(|calls| {
            if let Some(list) = calls.ready_mut() {
                take_in(list, call.clone(), &Filter::default());
                list.truncate(LAST as usize);
            }
        }),
        Event::Contact(_) | Event::ContactDeleted { .. } | Event::Many | Event::Resync => read(),
        _ => {}
    });
    view! {
        <section aria-labelledby="last-calls">
            <div class="sec sec--pad"><h2 class="h2" id="last-calls">{tr!(i18n, desktop.last_calls)}</h2><a href="/calls" class="link push t12">{tr!(i18n, desktop.call_log)}</a></div>
            <RemoteView source=calls again=move |()| read()><LastTable calls/></RemoteView>
        </section>
    }
}

#[component]
fn LastTable(calls: RwSignal<Remote<Vec<CallRecord>>>) -> impl IntoView {
    let i18n = use_i18n();
    let ids = Memo::new(move |_| {
        calls.with(|calls| {
            calls
                .ready()
                .map(|list| list.iter().map(|call| call.id.clone()).collect::<Vec<_>>())
                .unwrap_or_default()
        })
    });
    let find = move |id: &str| {
        calls.with(|calls| {
            calls
                .ready()
                .and_then(|list| list.iter().find(|call| call.id == id).cloned())
        })
    };
    let row = move |id: String| {
        followed(move || find(&id))
            .map(|call| view! { <LastRow call/> })
            .into_any()
    };
    let nothing = move || view! { <Empty icon="phone" title=tr!(i18n, desktop.no_calls) lead=tr!(i18n, desktop.no_calls_lead)/> };
    view! {
        <When when=move || !ids.with(Vec::is_empty) otherwise=ViewFn::from(nothing)>
            <div class="scroll"><table class="table table--last">
                <thead><tr>
                    <th class="c-dir"><span class="sr">{tr!(i18n, direction.title)}</span></th><th>{tr!(i18n, calls.client)}</th><th class="w-num">{tr!(i18n, calls.number)}</th><th class="c-wide w-line">{tr!(i18n, calls.line)}</th>
                    <th class="w-time">{tr!(i18n, calls.time)}</th><th class="r c-mid w-dur">{tr!(i18n, calls.talk)}</th><th class="c-mid w-res">{tr!(i18n, calls.result)}</th><th class="c-play"><span class="sr">{tr!(i18n, calls.recording)}</span></th>
                </tr></thead>
                <tbody><Rows keys=ids row/></tbody>
            </table></div>
        </When>
    }
}

#[component]
fn LastRow(call: Signal<CallRecord>) -> impl IntoView {
    let i18n = use_i18n();
    let open = move || go(&call.with_untracked(|call| format!("/calls?call={}", call.id)));
    let talk = move || call.with(|call| outcome::talk_ms(call).map(format::duration));
    let line = move || call.with(|call| call.line.as_ref().map(|line| line.label.clone()));
    view! {
        <tr class="clickable" data-testid="last-call" on:click=act(move |_| open())>
            <td class="c-dir"><DirectionMark call/></td>
            <td class="c-name cut"><a class="med" href=text(move || call.with(|call| format!("/calls?call={}", call.id))) on:click=act(|click: leptos::ev::MouseEvent| click.stop_propagation())>{text(move || call.with(|call| client_name(i18n, call)))}</a></td>
            <td class="num"><CallNumber call/></td>
            <td class="soft c-wide">{text(line)}</td>
            <td class="num soft">{text(move || call.with(|call| short_time(i18n, call.started_at)))}</td>
            <td class="num soft r c-mid">{text(talk)}</td>
            <td class="c-mid"><OutcomeChip call/></td>
            <td class="c-play"><When when=move || call.with(outcome::is_playable)>
                <button class="btn btn--icon btn--quiet" aria-label=tr!(i18n, calls.play) title=tr!(i18n, calls.play) on:click=act(move |click: leptos::ev::MouseEvent| { click.stop_propagation(); open(); })><Icon name="play"/></button>
            </When></td>
        </tr>
    }
}

/// Clock today, else day and clock.
pub fn short_time(i18n: I18n, at: i64) -> String {
    let locale = i18n.get_locale();
    if time::day_number(at) == time::day_number(now_ms()) {
        time::clock(at, locale)
    } else {
        format!(
            "{}, {}",
            time::short_day(at, locale),
            time::clock(at, locale)
        )
    }
}

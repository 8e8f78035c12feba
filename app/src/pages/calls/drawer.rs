//! One call: who, when, how it ended, the recording, notes.

use crate::components::reactive::{When, act, changing, flag, text};
use api_types::{CallRecord, RecordingState};
use leptos::{prelude::*, task::spawn_local};

use super::{
    Log,
    listened::Listened,
    moments::{MomentNotes, Moments},
    path::CallPath,
    player::Player,
    quality::{self, Quality},
    said::Said,
};
use crate::{
    api::use_api,
    components::{
        Avatar, Empty, Icon,
        call_parts::{CallNumber, client_name},
    },
    dock::note_field::NoteStanding,
    i18n::*,
    pages::{desktop::short_time, result_chip::ResultChip},
    platform::{
        address::use_address,
        bridge::{self, Topic},
        time,
    },
    state::call_note::CallNote,
    view::{
        ending::CodeWords,
        format,
        outcome::{self, WhoHungUp},
    },
};

/// Reads the call itself if the list does not have it. Escape closes.
#[component]
pub fn Drawer(log: Log, id: String) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let fetched = RwSignal::new(None::<CallRecord>);
    let missing = RwSignal::new(false);
    let wanted = id.clone();
    let call = Memo::new(move |before: Option<&Option<CallRecord>>| {
        log.find(&id)
            .or_else(|| fetched.get())
            .or_else(|| before.cloned().flatten())
    });
    if call.get_untracked().is_none() {
        spawn_local(async move {
            match api.call(&wanted).await {
                Ok(call) => drop(fetched.try_set(Some(call))),
                Err(_) => drop(missing.try_set(true)),
            }
        });
    }
    let key = leptos::prelude::window_event_listener(leptos::ev::keydown, move |press| {
        if press.key() == "Escape" && !press.default_prevented() {
            log.show(None);
        }
    });
    let shown = Callback::new(move |call: CallRecord| {
        fetched.set(Some(call.clone()));
        log.list.update(|list| {
            if let Some(page) = list.ready_mut()
                && let Some(known) = page.items.iter_mut().find(|known| known.id == call.id)
            {
                *known = call;
            }
        });
    });
    on_cleanup(move || key.remove());
    view! {
        <aside class="drawer" data-testid="call-drawer">
            {changing(move || match call.get() {
                Some(first) => view! { <Inside log shown call=Signal::derive(move || call.get().unwrap_or_else(|| first.clone()))/> }.into_any(),
                None => view! { <When when=move || missing.get()><Empty icon="phone" title=tr!(i18n, call.gone) lead="">
                    <button class="btn" on:click=act(move |_| log.show(None))>{tr!(i18n, common.close)}</button></Empty></When> }.into_any(),
            })}
        </aside>
    }
}

#[component]
fn Inside(log: Log, call: Signal<CallRecord>, shown: Callback<CallRecord>) -> impl IntoView {
    let i18n = use_i18n();
    let sound = quality::followed(call);
    let id = call.with_untracked(|call| call.id.clone());
    let moments = Moments::of(&id);
    let address = use_address();
    let wanted = RwSignal::new(untrack(|| address.param("at")).and_then(|at| at.parse().ok()));
    let seek = Callback::new(move |ms| wanted.set(Some(ms)));
    let beside = move |below: bool| {
        let id = id.clone();
        Signal::derive(move || log.beside(&id, below))
    };
    let step = move |to: Signal<Option<String>>,
                     name: &'static str,
                     icon: &'static str,
                     words: Signal<String>| {
        view! { <button class="btn btn--icon btn--quiet" data-testid=name aria-label=words title=words disabled=flag(move || to.with(Option::is_none)) on:click=act(move |_| log.show(to.get_untracked()))><Icon name=icon/></button> }
    };
    let (above, below) = (beside(false), beside(true));
    let is_running = move || call.with(|call| !outcome::is_over(call.status));
    let show = move |_| {
        call.with_untracked(|call| bridge::tell(Topic::Card, &format!("show {}", call.id)))
    };
    let name = Signal::derive(move || call.with(|call| client_name(i18n, call)));
    let when = move || call.with(|call| short_time(i18n, call.started_at));
    let talk = move || {
        call.with(|call| outcome::talk_ms(call).map(|ms| format!(" · {}", format::duration(ms))))
    };
    let contact = Signal::derive(move || {
        call.with(|call| {
            call.contact
                .as_ref()
                .map(|contact| contact.name.clone())
                .unwrap_or_default()
        })
    });
    view! {
        <header class="drawer__head">
            <Avatar name=contact kind="av--lg"/>
            <div class="grow">
                <div class="row"><span class="call__name cut">{name}</span><ResultChip call/></div>
                <div class="soft num drawer__sub"><CallNumber call/>" "<span class="mute">"·"</span>" "{text(when)}{text(talk)}</div>
            </div>
            {step(above, "call-above", "chevron-up", tr!(i18n, log.above))}{step(below, "call-below", "chevron-down", tr!(i18n, log.below))}
            <button class="btn btn--icon btn--quiet" data-testid="close-drawer" aria-label=tr!(i18n, common.close) title=tr!(i18n, common.close) on:click=act(move |_| log.show(None))><Icon name="x"/></button>
        </header>
        <Recording call moments wanted/>
        <div class="dbody">
            <When when=is_running><div><button class="btn" data-testid="show-card" on:click=act(show)><Icon name="phone"/>{tr!(i18n, log.show_card)}</button></div></When>
            <Said call shown/><CallPath call sound/><Quality found=sound/><Note call/><MomentNotes moments seek/><Facts call/><Listened call/>
        </div>
    }
}

#[component]
fn Recording(
    call: Signal<CallRecord>,
    moments: Moments,
    wanted: RwSignal<Option<u64>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let state = Memo::new(move |_| {
        call.with(|call| call.recording.as_ref().map(|recording| recording.state))
    });
    let note = move |words: &'static str| {
        view! { <section class="rec"><div class="row soft"><Icon name="audio-lines"/><span>{words}</span></div></section> }.into_any()
    };
    move || match state.get() {
        None => ().into_any(),
        Some(RecordingState::Ready) => view! { <Player call moments wanted/> }.into_any(),
        Some(RecordingState::Running) => note(t_string!(i18n, player.running)),
        Some(RecordingState::Finishing) => note(t_string!(i18n, player.finishing)),
        Some(RecordingState::Failed) => {
            let why = call.with(|call| {
                call.recording
                    .as_ref()
                    .map(|recording| recording.note.clone())
            });
            view! { <section class="rec"><div class="row stop"><Icon name="circle-x"/><span>{t_string!(i18n, player.failed)}" "{why}</span></div></section> }.into_any()
        }
    }
}

#[component]
fn Facts(call: Signal<CallRecord>) -> impl IntoView {
    let i18n = use_i18n();
    let at = move |moment: Option<i64>| {
        moment.map(|moment| time::clock_with_seconds(moment, i18n.get_locale()))
    };
    let answered = move || {
        call.with(|call| at(call.answered_at))
            .unwrap_or_else(|| t_string!(i18n, call.not_answered).to_owned())
    };
    let ended = move || {
        call.with(|call| at(call.ended_at))
            .unwrap_or_else(|| t_string!(i18n, call.running).to_owned())
    };
    let rows = move || {
        let call = call.get();
        let line = call
            .line
            .as_ref()
            .map(|line| format!("{} {}", line.label, line.number.display));
        let employee = call
            .employee
            .as_ref()
            .map(|employee| format!("{}, {}", employee.name, employee.extension));
        let hung_up = call
            .hung_up_by
            .map(|who| WhoHungUp::from(who).say(i18n).to_owned());
        let digits = Some(call.digits.clone()).filter(|digits| !digits.is_empty());
        let sip = CodeWords::of(call.sip_code)
            .map(|words| format!("{} {}: {}", call.sip_code, call.sip_reason, words.say(i18n)));
        let rung = Some(call.rung.join(", ")).filter(|rung| !rung.is_empty());
        let returned = call.returned.as_ref().map(|back| {
            let when = short_time(i18n, back.at);
            match &back.by {
                Some(who) => format!("{when}, {}", who.name),
                None => format!("{when}, {}", t_string!(i18n, call.by_client)),
            }
        });
        [
            (
                t_string!(i18n, call.waited),
                outcome::wait_ms(&call).map(format::duration),
            ),
            (
                t_string!(i18n, call.talked),
                outcome::talk_ms(&call).map(format::duration),
            ),
            (t_string!(i18n, hung_up.title), hung_up),
            (t_string!(i18n, call.sip), sip),
            (t_string!(i18n, call.line), line),
            (t_string!(i18n, call.employee), employee),
            (t_string!(i18n, call.rung), rung),
            (t_string!(i18n, call.returned), returned),
            (t_string!(i18n, call.digits), digits),
        ]
        .into_iter()
        .filter_map(|(title, value)| {
            value.map(|value| view! { <dt>{title}</dt><dd class="num wrap">{value}</dd> })
        })
        .collect_view()
    };
    view! {
        <dl class="kv facts">
            <dt>{tr!(i18n, call.began)}</dt><dd class="num">{text(move || call.with(|call| at(Some(call.started_at))))}</dd>
            <dt>{tr!(i18n, call.answered)}</dt><dd class="num">{text(answered)}</dd>
            <dt>{tr!(i18n, call.ended)}</dt><dd class="num">{text(ended)}</dd>
            {changing(rows)}
        </dl>
    }
}

/// Kept at each pause in typing.
#[component]
fn Note(call: Signal<CallRecord>) -> impl IntoView {
    let i18n = use_i18n();
    let note = call.with_untracked(|call| CallNote::of(&call.id, &call.note));
    Effect::new(move |_| call.with(|call| note.changed(&call.note)));
    view! {
        <div class="field">
            <label class="field__label" for="call-note">{tr!(i18n, call.note)}<NoteStanding standing=note.standing/></label>
            <textarea class="area" id="call-note" rows="3" placeholder=tr!(i18n, call.note_hint) data-testid="call-note" prop:value=note.text on:input=act(move |input| note.typed(event_target_value(&input)))></textarea>
        </div>
    }
}

//! The path of a call: whom it rang, by which rule, how long.

use api_types::{CallQuality, CallRecord, CallStep, Colleague};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::use_api,
    components::reactive::changing,
    i18n::*,
    view::{
        call_path::{Dot, PathRow, PathWords, rows, with_incidents},
        call_quality::incidents,
        format::fill,
        outcome::WhoHungUp,
    },
};

/// What was read for it.
#[derive(Clone, Default)]
struct Found {
    steps: Vec<CallStep>,
    people: Vec<Colleague>,
}

/// The list; read anew whenever the call itself changes.
#[component]
pub fn CallPath(call: Signal<CallRecord>, sound: Memo<CallQuality>) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let found = RwSignal::new(Found::default());
    let version = Memo::new(move |_| {
        call.with(|call| {
            let employee = call.employee.as_ref().map(|one| one.extension.clone());
            (call.id.clone(), call.status, call.ended_at, employee)
        })
    });
    Effect::new(move |_| {
        let id = version.get().0;
        spawn_local(async move {
            let Ok(steps) = api.get::<Vec<CallStep>>(&format!("/calls/{id}/path")).await else {
                return;
            };
            let people = found.try_get_untracked().map(|found| found.people);
            let people = match people {
                Some(people) if !people.is_empty() => people,
                Some(_) => api.get("/colleagues").await.unwrap_or_default(),
                None => return,
            };
            let _ = found.try_set(Found { steps, people });
        });
    });
    let list = move || {
        let met = sound.with(incidents);
        let rows = call.with(|call| {
            found.with(|found| with_incidents(call, rows(call, &found.steps, &found.people), &met))
        });
        let by = call.with(|call| call.hung_up_by);
        (rows.len() > 1).then(|| {
            let rows = rows.into_iter().map(|row| {
                let by = by.filter(|_| row.words == PathWords::Ended);
                let note = by.map(|by| WhoHungUp::from(by).say(i18n).to_owned());
                let note = note.unwrap_or_else(|| row.note.clone());
                view! { <Row row=PathRow { note, ..row }/> }
            });
            view! {
                <section class="path" data-testid="call-path">
                    <h2 class="eyebrow">{tr!(i18n, path.title)}</h2>
                    <ol class="legs">{rows.collect_view()}</ol>
                </section>
            }
        })
    };
    changing(list)
}

#[component]
fn Row(row: PathRow) -> impl IntoView {
    let i18n = use_i18n();
    let dot = match row.dot {
        Dot::Plain => "lg",
        Dot::Good => "lg g",
        Dot::Bad => "lg w",
        Dot::End => "lg n",
    };
    let words = fill(row.words.say(i18n), &[("who", &row.who)]);
    let rule = row
        .rule
        .map(|(rule, name)| fill(rule.say(i18n), &[("name", &name)]));
    let result = match row.result {
        Some(result) => fill(result.say(i18n), &[("time", &row.note), ("who", &row.note)]),
        None => row.note,
    };
    view! {
        <li><span class="num mute t12 legs__t">{row.at}</span><i class=dot></i>
            <div class="grow legs__w">{words}{rule.map(|rule| view! { <span class="soft t12">{rule}</span> })}</div>
            <span class="soft t12 num">{result}</span></li>
    }
}

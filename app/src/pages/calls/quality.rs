//! How the call sounded: a line of figures, and every leg behind it.

use api_types::{CallQuality, CallRecord, DirectionFigures, LegQuality};
use gloo::timers::callback::Interval;
use leptos::{prelude::*, task::spawn_local};
use phone::MediaWay;

use crate::{
    api::use_api,
    components::reactive::{changing, text},
    i18n::*,
    view::{
        call_quality::{Curve, HEIGHT, LegWords, WIDTH, curve, grade, headline, owner, worse},
        format::fill,
        quality::{GradeWords, percent, tenths},
        way,
    },
};

/// A call that goes on is read again so often, and so is one that has just ended: its last figures
/// come a moment later. Milliseconds.
const AGAIN_MS: u32 = 5_000;
/// How long after its end, milliseconds.
const SETTLED_MS: i64 = 20_000;

/// What is known of a call, followed while it goes on.
pub fn followed(call: Signal<CallRecord>) -> Memo<CallQuality> {
    let api = use_api();
    let found = RwSignal::new(CallQuality::default());
    let id = Memo::new(move |_| call.with(|call| call.id.clone()));
    let read = move || {
        let id = id.get_untracked();
        spawn_local(async move {
            if let Ok(quality) = api.get(&format!("/calls/{id}/quality")).await {
                let _ = found.try_set(quality);
            }
        });
    };
    Effect::new(move |_| {
        id.track();
        read();
    });
    let again = Interval::new(AGAIN_MS, move || {
        let ended = call.try_with_untracked(|call| call.ended_at).flatten();
        let now = js_sys::Date::now() as i64;
        if ended.is_none_or(|ended| now < ended + SETTLED_MS) {
            read();
        }
    });
    let again = StoredValue::new_local(Some(again));
    on_cleanup(move || {
        again.try_update_value(Option::take);
    });
    // What is opened stays open while nothing changes.
    Memo::new(move |_| found.get())
}

/// The line and what is behind it.
#[component]
pub fn Quality(found: Memo<CallQuality>) -> impl IntoView {
    changing(move || {
        found.with(|quality| {
            headline(quality).map(|(leg, _)| {
                let (leg, all) = (leg.clone(), quality.legs.clone());
                view! { <Told leg all/> }
            })
        })
    })
}

#[component]
fn Told(leg: LegQuality, all: Vec<LegQuality>) -> impl IntoView {
    let i18n = use_i18n();
    let total = leg.total.unwrap_or_default();
    let (worst, word) = (worse(&total), GradeWords::of(grade(&total)));
    let trip = total.round_trip_ms;
    let drawn = curve(&leg.slots);
    let mos = move || tenths(worst.mos_tenths.into(), has_comma(i18n));
    let loss = move || percent(worst.loss_permille, has_comma(i18n));
    let good = move || fill!(i18n, sound.mos, word = word.say(i18n).to_lowercase());
    let all = all.into_iter().filter(|leg| leg.total.is_some());
    view! {
        <section class="sound" data-testid="call-quality" aria-label=tr!(i18n, sound.title)>
            <div class="qs">
                <Figure value=text(mos) unit=tr!(i18n, sound.of_five) name=text(good) testid="quality-mos"/>
                <Figure value=text(loss) unit=Signal::stored("%".to_owned()) name=tr!(i18n, sound.loss) testid="quality-loss"/>
                <Figure value=Signal::stored(worst.jitter_ms.to_string()) unit=tr!(i18n, sound.ms) name=tr!(i18n, sound.jitter) testid="quality-jitter"/>
                {trip.map(|trip| view! { <Figure value=Signal::stored(trip.to_string()) unit=tr!(i18n, sound.ms) name=tr!(i18n, sound.round_trip) testid="quality-trip"/> })}
                {drawn.map(|curve| view! { <Line curve/> })}
            </div>
            <details class="sound__legs"><summary>{tr!(i18n, sound.legs)}</summary>
                <div class="sound__scroll"><table class="table table--plain"><thead><tr><th scope="col">{tr!(i18n, sound.leg)}</th><th scope="col">{tr!(i18n, sound.heard)}</th><th scope="col">{tr!(i18n, sound.said)}</th></tr></thead>
                <tbody>{all.map(|leg| view! { <Leg leg/> }).collect_view()}</tbody></table></div>
            </details>
        </section>
    }
}

#[component]
fn Figure(
    value: Signal<String>,
    unit: Signal<String>,
    name: Signal<String>,
    testid: &'static str,
) -> impl IntoView {
    view! {
        <div data-testid=testid><div class="num strong t14">{value}<span class="mute t12">" "{unit}</span></div><div class="t12 soft">{name}</div></div>
    }
}

#[component]
fn Line(curve: Curve) -> impl IntoView {
    let i18n = use_i18n();
    let (least, most) = curve.between;
    let label = move || {
        let comma = has_comma(i18n);
        let [least, most] = [least, most].map(|mos| tenths(mos.into(), comma));
        fill!(i18n, sound.through, least = least, most = most)
    };
    let floor = format!("M0 {}.5H{WIDTH}", HEIGHT - 1);
    view! {
        <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") width=WIDTH height=HEIGHT class="sound__line" role="img" aria-label=text(label)>
            <path d=curve.path class="sound__mos"/><path d=floor class="sound__floor"/>
        </svg>
    }
}

#[component]
fn Leg(leg: LegQuality) -> impl IntoView {
    let i18n = use_i18n();
    let total = leg.total.unwrap_or_default();
    let (words, who) = (LegWords::of(&leg), owner(&leg));
    let title = move || fill(words.say(i18n), &[("who", &who)]);
    let route = MediaWay::ALL
        .into_iter()
        .find(|known| known.name() == leg.way)
        .map(|known| way::words(known).0);
    let codec = leg.codec.to_uppercase();
    let detail = move || {
        let route = route.map(|route| route.say(i18n).to_owned());
        let codec = Some(codec.clone()).filter(|codec| !codec.is_empty());
        [codec, route]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", ")
    };
    let cell = move |way: Option<DirectionFigures>| {
        text(move || {
            way.map(|way| figures(i18n, way))
                .unwrap_or_else(|| "–".to_owned())
        })
    };
    view! {
        <tr><th scope="row"><div>{text(title)}</div><div class="t12 soft">{text(detail)}</div></th>
            <td class="num t12">{cell(total.heard)}</td><td class="num t12">{cell(total.said)}</td></tr>
    }
}

fn figures(i18n: I18n, way: DirectionFigures) -> String {
    let comma = has_comma(i18n);
    fill!(
        i18n,
        sound.figures,
        mos = tenths(way.mos_tenths.into(), comma),
        loss = percent(way.loss_permille, comma),
        jitter = way.jitter_ms
    )
}

fn has_comma(i18n: I18n) -> bool {
    i18n.get_locale() == Locale::ru
}

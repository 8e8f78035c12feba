//! The check before a call: microphone, signalling, every way of the audio, and some seconds of a real
//! one that comes back.

use leptos::{prelude::*, task::spawn_local};
use phone::{
    Ear, Grade, IceServer,
    quality::{Codec, Figures, Snapshot, figures},
};

use super::Panel;
use crate::{
    api::{Api, use_api},
    components::{
        Icon,
        reactive::{When, act, changing, flag, text},
    },
    i18n::*,
    platform::echo::{By, Echo, Fault, Microphone, microphone, now_ms, pause, signalling},
    view::{
        format::fill,
        precheck::{Mark, Precheck, Row, StepTitle, StepWords},
        quality::{AdviceWords, percent, tenths},
        way,
    },
};

/// Seconds for which the echo is listened to.
const LISTEN_SECS: u64 = 6;
/// Millionths of full scale below which a microphone is silent.
const SILENCE_PPM: u32 = 20;
/// Packets that must come back of a hundred that were sent.
const ENOUGH: u64 = 80;

type Check = RwSignal<Precheck>;

/// The section of the panel.
#[component]
pub fn CheckPage() -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let check = RwSignal::new(Precheck::default());
    let begin = move |_| {
        check.set(Precheck {
            runs: true,
            ..Precheck::default()
        });
        spawn_local(async move {
            run(i18n, api, check).await;
            let _ = check.try_update(|check| check.runs = false);
        });
    };
    let runs = move || check.with(|check| check.runs);
    let verdict = move || match check.with(Precheck::verdict) {
        Some(true) => Some(t_string!(i18n, precheck.all_good)),
        Some(false) => Some(t_string!(i18n, precheck.not_all_good)),
        None => None,
    };
    let rows = move || check.with(|check| check.rows.clone());
    let route = move || check.with(|check| check.way).map(way::words);
    view! {
        <Panel>
            <header class="set__head"><div class="grow"><h2 class="h1">{tr!(i18n, precheck.title)}</h2><p class="soft">{tr!(i18n, precheck.lead)}</p></div>
                <button class="btn btn--main" data-testid="precheck-run" disabled=flag(runs) on:click=act(begin)>{tr!(i18n, precheck.run)}</button></header>
            <ul class="ckl ckl--wide" data-testid="precheck">
                {changing(move || rows().into_iter().map(|row| view! { <Step row/> }).collect_view())}
            </ul>
            <p class="soft" data-testid="precheck-way">{text(move || route().map(|(_, meaning)| meaning.say(i18n)))}</p>
            <p class="med" role="status" data-testid="precheck-verdict">{text(verdict)}</p>
            <When when=move || check.with(|check| check.verdict() == Some(false))><p class="soft">{tr!(i18n, precheck.tell)}</p></When>
        </Panel>
    }
}

#[component]
fn Step(row: Row) -> impl IntoView {
    let i18n = use_i18n();
    let (icon, class, name) = match row.mark {
        Mark::Good => ("circle-check", "ckl__mark acc", "good"),
        Mark::Bad => ("circle-x", "ckl__mark stop", "bad"),
        Mark::Open => ("circle-dot", "ckl__mark mute", "open"),
    };
    let words = move || fill(row.words.say(i18n), &[("value", &row.value)]);
    let step = row.title.key();
    view! {
        <li data-step=step data-mark=name>
            <span class=class><Icon name=icon class="i--18"/></span>
            <div class="grow"><div class="med">{text(move || row.title.say(i18n))}</div><div class="t12 soft">{text(words)}</div></div>
        </li>
    }
}

fn tell(check: Check, title: StepTitle, mark: Mark, words: StepWords, value: impl ToString) {
    let value = value.to_string();
    let _ = check.try_update(|check| check.set(title, mark, words, value));
}

fn begins(check: Check, title: StepTitle) {
    tell(check, title, Mark::Open, StepWords::Running, "");
}

async fn run(i18n: I18n, api: Api, check: Check) {
    begins(check, StepTitle::Microphone);
    let opened = microphone().await;
    match &opened {
        // How loud it is turns out with the sound.
        Ok(_) => tell(
            check,
            StepTitle::Microphone,
            Mark::Good,
            StepWords::MicrophoneOpen,
            "",
        ),
        Err(words) => tell(check, StepTitle::Microphone, Mark::Bad, *words, ""),
    }
    let microphone = opened.ok();
    check_signalling(check).await;
    let Some(microphone) = microphone else {
        // Without it browsers hide the addresses that calls use.
        let rest = [
            StepTitle::Udp,
            StepTitle::Tcp,
            StepTitle::Turn,
            StepTitle::Sound,
        ];
        return rest.into_iter().for_each(|title| {
            tell(check, title, Mark::Open, StepWords::Skipped, "");
        });
    };
    let udp = check_way(api, check, &microphone, By::Udp).await;
    let tcp = check_way(api, check, &microphone, By::Tcp).await;
    let turn = check_relays(api, check, &microphone).await;
    begins(check, StepTitle::Sound);
    let sound = match udp.or(tcp).or(turn) {
        None => Err(StepWords::SoundNoWay),
        Some(echo) => listen(check, &echo, &microphone).await,
    };
    match sound {
        Err(words) => tell(check, StepTitle::Sound, Mark::Bad, words, ""),
        Ok(heard) => judge(i18n, check, &heard),
    }
}

async fn check_signalling(check: Check) {
    begins(check, StepTitle::Signalling);
    match signalling().await {
        Some(ms) => tell(
            check,
            StepTitle::Signalling,
            Mark::Good,
            StepWords::SignallingGood,
            ms,
        ),
        None => {
            let host = window().location().host().unwrap_or_default();
            tell(
                check,
                StepTitle::Signalling,
                Mark::Bad,
                StepWords::SignallingBlocked,
                host,
            );
        }
    }
}

async fn check_relays(api: Api, check: Check, microphone: &Microphone) -> Option<Echo> {
    let servers = api.phone_credentials().await.map(|given| given.ice_servers);
    let servers = servers.unwrap_or_default().into_iter();
    let servers: Vec<IceServer> = servers
        .map(|server| IceServer {
            urls: server.urls,
            username: server.username,
            credential: server.credential,
        })
        .collect();
    if servers.is_empty() {
        tell(check, StepTitle::Turn, Mark::Open, StepWords::NotSetUp, "");
        return None;
    }
    check_way(api, check, microphone, By::Turn(servers)).await
}

async fn check_way(api: Api, check: Check, microphone: &Microphone, by: By) -> Option<Echo> {
    let (title, good, blocked) = match by {
        By::Udp => (StepTitle::Udp, StepWords::WayGood, StepWords::UdpBlocked),
        By::Tcp => (StepTitle::Tcp, StepWords::WayGood, StepWords::TcpBlocked),
        By::Turn(_) => (StepTitle::Turn, StepWords::TurnGood, StepWords::TurnBlocked),
    };
    let relays = match &by {
        By::Turn(servers) => addresses(servers),
        By::Udp | By::Tcp => String::new(),
    };
    begins(check, title);
    match Echo::open(api, microphone, by).await {
        Ok(echo) => {
            tell(check, title, Mark::Good, good, relays);
            Some(echo)
        }
        Err(Fault::NotSetUp) => {
            tell(check, title, Mark::Open, StepWords::NotSetUp, "");
            None
        }
        Err(Fault::NoServer) => {
            tell(check, title, Mark::Bad, StepWords::NoServer, "");
            None
        }
        Err(Fault::Blocked(port)) => {
            let what = if relays.is_empty() { port } else { relays };
            tell(check, title, Mark::Bad, blocked, what);
            None
        }
    }
}

/// As an administrator has set them up.
fn addresses(servers: &[IceServer]) -> String {
    let all = servers.iter().flat_map(|server| server.urls.iter());
    all.map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// What came back in some seconds.
struct Heard {
    figures: Figures,
    sent: u64,
    came: u64,
    codec: Codec,
}

async fn listen(check: Check, echo: &Echo, microphone: &Microphone) -> Result<Heard, StepWords> {
    let ear = Ear::new(&microphone.0, now_ms());
    let ear = ear.as_ref();
    // The first packets wait for DTLS; they would count as lost.
    pause(1_000).await;
    let (first, _) = echo.look(ear).await.ok_or(StepWords::SoundNothing)?;
    let mut last: Snapshot = first;
    for _ in 0..LISTEN_SECS {
        pause(1_000).await;
        let Some((now, way)) = echo.look(ear).await else {
            continue;
        };
        last = now;
        let _ = check.try_update(|check| check.way = way.or(check.way));
    }
    let sent = last.said.packets.saturating_sub(first.said.packets);
    let came = last.heard.packets.saturating_sub(first.heard.packets);
    if came == 0 {
        return Err(StepWords::SoundNothing);
    }
    let figures = figures(&first, &last);
    let codec = last.codec;
    Ok(Heard {
        figures,
        sent,
        came,
        codec,
    })
}

fn judge(i18n: I18n, check: Check, heard: &Heard) {
    let way = heard.figures.heard.unwrap_or_default();
    if let Some(ppm) = heard.figures.microphone_ppm {
        let loudness = ppm.div_ceil(10_000);
        match ppm < SILENCE_PPM {
            true => tell(
                check,
                StepTitle::Microphone,
                Mark::Bad,
                StepWords::MicrophoneSilent,
                "",
            ),
            false => tell(
                check,
                StepTitle::Microphone,
                Mark::Good,
                StepWords::MicrophoneHeard,
                loudness,
            ),
        }
    }
    let comma = i18n.get_locale_untracked() == Locale::ru;
    let told = fill_now!(
        i18n,
        quality.figures,
        mos = tenths(way.mos_tenths.into(), comma),
        loss = percent(way.loss_permille, comma),
        jitter = way.jitter_ms,
        trip = heard.figures.round_trip_ms.unwrap_or_default()
    );
    let told = match heard.codec.name() {
        "" => told,
        codec => format!("{told} · {}", codec.to_uppercase()),
    };
    let is_good = Grade::of(way.mos_tenths) == Grade::Good;
    if is_good && heard.came * 100 >= heard.sent * ENOUGH {
        return tell(
            check,
            StepTitle::Sound,
            Mark::Good,
            StepWords::SoundGood,
            told,
        );
    }
    let advice = AdviceWords::of(Grade::Good, advice(&heard.figures), comma);
    let advice = match advice {
        (AdviceWords::Fine, _) => String::new(),
        (words, value) => fill(words.say(i18n), &[("value", &value)]),
    };
    let said = format!("{told}. {advice}");
    tell(
        check,
        StepTitle::Sound,
        Mark::Bad,
        StepWords::SoundNarrow,
        said,
    );
}

/// What stands in the way most. The echo makes every loss ours.
fn advice(figures: &Figures) -> Option<phone::Advice> {
    let way = figures.heard.unwrap_or_default();
    match (way.loss_permille, figures.late_ms, way.jitter_ms) {
        (loss @ 20.., _, _) => Some(phone::Advice::OwnLoss(loss)),
        (_, late @ 200.., _) => Some(phone::Advice::Late(late)),
        (_, _, jitter @ 40..) => Some(phone::Advice::Uneven(jitter)),
        _ => None,
    }
}

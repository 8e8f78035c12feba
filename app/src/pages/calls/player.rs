//! The stereo player: agent above, client below, each with its own volume.

use crate::components::reactive::{When, act, changing, text};
use api_types::{CallRecord, Peaks};
use leptos::{ev, html, prelude::*, task::spawn_local};

use super::{moments::Moments, player_sound::Sound};
use crate::{
    api::use_api,
    components::Icon,
    i18n::*,
    platform::time,
    state::toasts::use_toasts,
    view::{
        format,
        wave::{self, Half},
    },
};

/// Speeds in the order of the button.
const RATES: [f64; 5] = [1.0, 1.25, 1.5, 2.0, 0.75];
/// What an arrow skips, in seconds.
const SKIP: f64 = 5.0;
/// What the button skips, in seconds.
const BACK: f64 = 10.0;

/// What the parts of the player share. Times in seconds.
#[derive(Clone, Copy)]
struct Deck {
    audio: NodeRef<html::Audio>,
    position: RwSignal<f64>,
    length: Signal<f64>,
    playing: RwSignal<bool>,
    broken: RwSignal<bool>,
    rate: RwSignal<usize>,
    volumes: (RwSignal<f64>, RwSignal<f64>),
    sound: StoredValue<Option<Sound>, LocalStorage>,
}

impl Deck {
    fn toggle(self) {
        let Some(audio) = self.audio.get_untracked() else {
            return;
        };
        if !audio.paused() {
            let _ = audio.pause();
            return;
        }
        if self.sound.with_value(Option::is_none) {
            self.sound.set_value(Sound::new(&audio).ok());
            self.apply_volumes();
        }
        audio.set_playback_rate(RATES[self.rate.get_untracked()]);
        let _ = audio.play();
    }

    fn seek(self, to: f64) {
        let to = to.clamp(0.0, self.length.get_untracked().max(0.0));
        if let Some(audio) = self.audio.get_untracked() {
            audio.set_current_time(to);
        }
        self.position.set(to);
    }

    fn next_rate(self) {
        self.rate.update(|rate| *rate = (*rate + 1) % RATES.len());
        if let Some(audio) = self.audio.get_untracked() {
            audio.set_playback_rate(RATES[self.rate.get_untracked()]);
        }
    }

    fn apply_volumes(self) {
        self.sound.with_value(|sound| {
            if let Some(sound) = sound {
                sound.set_volumes(
                    self.volumes.0.get_untracked(),
                    self.volumes.1.get_untracked(),
                );
            }
        });
    }

    fn moved(self) {
        if let Some(audio) = self.audio.get_untracked() {
            self.position.set(audio.current_time());
        }
    }
}

/// Plays the recording of a call.
#[component]
pub fn Player(
    call: Signal<CallRecord>,
    moments: Moments,
    /// Wanted by a note: to this moment, ms.
    wanted: RwSignal<Option<u64>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let length = Signal::derive(move || {
        call.with(|call| {
            call.recording
                .as_ref()
                .map_or(0, |recording| recording.duration_ms)
        }) as f64
            / 1000.0
    });
    let deck = Deck {
        audio: NodeRef::new(),
        position: RwSignal::new(0.0),
        length,
        playing: RwSignal::new(false),
        broken: RwSignal::new(false),
        rate: RwSignal::new(0),
        volumes: (RwSignal::new(1.0), RwSignal::new(1.0)),
        sound: StoredValue::new_local(None),
    };
    Effect::new(move |_| {
        if let Some(ms) = wanted.get() {
            deck.seek(ms as f64 / 1000.0);
        }
    });
    let source = call.with_untracked(|call| format!("/api/v1/calls/{}/recording", call.id));
    let gap = move || {
        call.with(|call| {
            call.recording
                .as_ref()
                .map(|recording| recording.gap_ms)
                .filter(|gap| *gap > 0)
        })
        .map(|gap| fill!(i18n, player.gap, time = format::duration(gap)))
    };
    on_cleanup(move || {
        if let Some(audio) = deck.audio.try_get_untracked().flatten() {
            let _ = audio.pause();
        }
    });
    view! {
        <section class="rec" aria-label=tr!(i18n, player.title) tabindex="0" data-testid="player" data-position=text(move || format::thousandths((deck.position.get() * 1000.0) as u64)) on:keydown=act(move |press| on_key(&press, deck))>
            <audio node_ref=deck.audio src=source preload="metadata"
                on:timeupdate=act(move |_| deck.moved()) on:play=act(move |_| deck.playing.set(true)) on:pause=act(move |_| deck.playing.set(false))
                on:ended=act(move |_| deck.playing.set(false)) on:error=act(move |_| deck.broken.set(true))></audio>
            <Volume deck upper=true words=tr!(i18n, player.agent) label=tr!(i18n, player.volume_agent)><Size call/></Volume>
            <Wave deck call moments/>
            <Volume deck upper=false words=tr!(i18n, player.client) label=tr!(i18n, player.volume_client)><span class="push mute num" data-testid="kept-until">{text(move || gap().or_else(|| kept(i18n, call)))}</span></Volume>
            <Buttons deck call moments/>
            <When when=move || deck.broken.get()><p class="field__error" role="alert"><Icon name="circle-x"/>{tr!(i18n, player.broken)}</p></When>
        </section>
    }
}

/// `kept until 19 Dec`, where a rule takes it away.
fn kept(i18n: I18n, call: Signal<CallRecord>) -> Option<String> {
    let (until, held) = call.with(|call| {
        let recording = call.recording.as_ref();
        (recording.and_then(|one| one.kept_until), call.legal_hold)
    });
    if held {
        return Some(t_string!(i18n, log.held).to_owned());
    }
    let day = time::short_day(until?, i18n.get_locale());
    Some(fill!(i18n, log.kept_until, day = day))
}

/// Space plays, arrows skip; buttons and sliders keep their own keys.
fn on_key(press: &ev::KeyboardEvent, deck: Deck) {
    use wasm_bindgen::JsCast;
    let own = press
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "BUTTON" | "A"));
    let now = deck.position.get_untracked();
    match press.code().as_str() {
        "Space" if !own => deck.toggle(),
        "ArrowLeft" if !own => deck.seek(now - SKIP),
        "ArrowRight" if !own => deck.seek(now + SKIP),
        _ => return,
    }
    press.prevent_default();
}

#[component]
fn Size(call: Signal<CallRecord>) -> impl IntoView {
    let i18n = use_i18n();
    let words = move || {
        let (size, unit) = format::size(call.with(|call| {
            call.recording
                .as_ref()
                .map_or(0, |recording| recording.bytes)
        }));
        fill!(
            i18n,
            player.stereo,
            size = format!(
                "{} {}",
                time::decimal(size, i18n.get_locale()),
                unit.say(i18n)
            )
        )
    };
    view! { <span class="push mute num">{text(words)}</span> }
}

#[component]
fn Volume(
    deck: Deck,
    upper: bool,
    #[prop(into)] words: Signal<String>,
    #[prop(into)] label: Signal<String>,
    children: Children,
) -> impl IntoView {
    let volume = if upper {
        deck.volumes.0
    } else {
        deck.volumes.1
    };
    let percent = move || format!("{}%", (volume.get() * 100.0) as u32);
    let slide = move |input| {
        volume.set(
            event_target_value(&input)
                .parse::<u32>()
                .map_or(1.0, |percent| f64::from(percent) / 100.0),
        );
        deck.apply_volumes();
    };
    view! {
        <div class="row t12 soft">
            <span class="rec__who cut">{words}</span>
            <input class="range rec__vol" type="range" min="0" max="100" aria-label=label style:--v=text(percent) prop:value=text(move || ((volume.get() * 100.0) as u32).to_string()) on:input=act(slide)/>
            {children()}
        </div>
    }
}

#[component]
fn Wave(deck: Deck, call: Signal<CallRecord>, moments: Moments) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let peaks = RwSignal::new(None::<Peaks>);
    let path = call.with_untracked(|call| format!("/calls/{}/recording/peaks", call.id));
    spawn_local(async move {
        if let Ok(read) = api.get::<Peaks>(&path).await {
            let _ = peaks.try_set(Some(read));
        }
    });
    let bars = Memo::new(move |_| {
        peaks.with(|peaks| {
            peaks
                .as_ref()
                .map(|peaks| {
                    (
                        wave::path(&peaks.left, Half::Upper),
                        wave::path(&peaks.right, Half::Lower),
                    )
                })
                .unwrap_or_default()
        })
    });
    let part = move || {
        if deck.length.get() > 0.0 {
            (deck.position.get() / deck.length.get()).min(1.0)
        } else {
            0.0
        }
    };
    let seek = move |click: ev::MouseEvent| {
        use wasm_bindgen::JsCast;
        let Some(bed) = click
            .current_target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        else {
            return;
        };
        let place = bed.get_bounding_client_rect();
        deck.seek(
            (f64::from(click.client_x()) - place.left()) / place.width().max(1.0)
                * deck.length.get_untracked(),
        );
    };
    let marks = move || {
        let length = deck.length.get().max(0.001) * 1000.0;
        let notes = moments.notes.get().into_iter();
        let mark = |note: api_types::Item| {
            let at = note.moment_ms? as f64 / length * 100_000.0;
            let place = format::thousandths((at as u64).min(100_000)) + "%";
            Some(view! { <i class="mark" title=note.text style:left=place></i> })
        };
        notes.filter_map(mark).collect_view()
    };
    let frame = format!("0 0 {} {}", wave::WIDTH, wave::HEIGHT);
    let middle = format!("M0 {0}H{1}", wave::HEIGHT / 2, wave::WIDTH);
    let drawing = move |class: &'static str| {
        view! { <svg class=class viewBox=frame.clone() preserveAspectRatio="none" aria-hidden="true"><path class="mid" d=middle.clone()/><path class="a" d=text(move || bars.get().0)/><path class="b" d=text(move || bars.get().1)/></svg> }
    };
    view! {
        <div class="bed" role="slider" aria-label=tr!(i18n, player.seek) aria-valuemin="0" aria-valuemax=text(move || (deck.length.get() as u64).to_string()) aria-valuenow=text(move || (deck.position.get() as u64).to_string())
            aria-valuetext=text(move || format::duration((deck.position.get() * 1000.0) as u64)) style:--at=text(move || format::thousandths((part() * 100_000.0) as u64) + "%") on:click=act(seek)>
            {drawing("wave")}{drawing("wave wave--done")}{changing(marks)}<i class="bed__head"></i>
        </div>
    }
}

#[component]
fn Buttons(deck: Deck, call: Signal<CallRecord>, moments: Moments) -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let now_ms = move || (deck.position.get_untracked() * 1000.0) as u64;
    let link = move |_| {
        let origin = window().location().origin().unwrap_or_default();
        let id = call.with_untracked(|call| call.id.clone());
        let link = format!("{origin}/calls?call={id}&at={}", now_ms());
        let _ = window().navigator().clipboard().write_text(&link);
        toasts.say(tu_string!(i18n, log.link_copied).to_owned());
    };
    let words = move || {
        if deck.playing.get() {
            t_string!(i18n, player.pause)
        } else {
            t_string!(i18n, player.play)
        }
    };
    let icon = Signal::derive(move || if deck.playing.get() { "pause" } else { "play" });
    let clock = |secs: f64| format::duration((secs * 1000.0) as u64);
    let rate = move || {
        format!(
            "{}×",
            time::decimal(RATES[deck.rate.get()], i18n.get_locale())
        )
    };
    let rate_words = move || fill!(i18n, player.speed, rate = rate());
    let file = move || {
        call.with(|call| {
            call.recording
                .as_ref()
                .map(|recording| recording.file_name.clone())
                .unwrap_or_default()
        })
    };
    let href = move || call.with(|call| format!("/api/v1/calls/{}/recording?download", call.id));
    let download = move || fill!(i18n, player.download, name = file());
    view! {
        <div class="row rec__buttons">
            <button class="play play--on rec__play" data-testid="player-play" aria-label=text(words) title=text(words) on:click=act(move |_| deck.toggle())><Icon name=icon/></button>
            <button class="btn btn--icon btn--quiet" aria-label=tr!(i18n, player.back) title=tr!(i18n, player.back) on:click=act(move |_| deck.seek(deck.position.get_untracked() - BACK))><Icon name="undo-2"/></button>
            <span class="num med rec__time">{text(move || clock(deck.position.get()))}" "<span class="mute">"/ "{text(move || clock(deck.length.get()))}</span></span>
            <button class="btn btn--quiet num" aria-label=text(rate_words) title=text(rate_words) on:click=act(move |_| deck.next_rate())>{text(rate)}</button>
            <button class="btn btn--icon btn--quiet push" data-testid="player-note" aria-label=tr!(i18n, log.moment) title=tr!(i18n, log.moment) on:click=act(move |_| moments.writing.set(Some(now_ms())))><Icon name="message-square"/></button>
            <button class="btn btn--icon btn--quiet" data-testid="player-link" aria-label=tr!(i18n, log.link) title=tr!(i18n, log.link) on:click=act(link)><Icon name="link"/></button>
            <a class="btn btn--icon btn--quiet" data-testid="player-download" href=text(href) download=text(file) aria-label=text(download) title=text(download) rel="external"><Icon name="download"/></a>
        </div>
    }
}

//! A recording inside a time line: play, waveform, time, speed, download.

use api_types::{CallRecord, Peaks};
use leptos::{html, prelude::*, task::spawn_local};

use crate::{
    api::use_api,
    components::{
        Icon,
        reactive::{act, text},
    },
    i18n::*,
    platform::time,
    view::{
        format,
        wave::{self, Half},
    },
};

/// Speeds in the order of the button.
const RATES: [f64; 5] = [1.0, 1.25, 1.5, 2.0, 0.75];

#[component]
pub fn Strip(call: CallRecord) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let audio = NodeRef::<html::Audio>::new();
    let (position, playing, rate) = (
        RwSignal::new(0.0_f64),
        RwSignal::new(false),
        RwSignal::new(0_usize),
    );
    let recording = call.recording.clone();
    let length = recording
        .as_ref()
        .map_or(0, |recording| recording.duration_ms) as f64
        / 1000.0;
    let file = recording
        .map(|recording| recording.file_name)
        .unwrap_or_default();
    let peaks = RwSignal::new((String::new(), String::new()));
    let (source, path) = (
        format!("/api/v1/calls/{}/recording", call.id),
        format!("/calls/{}/recording/peaks", call.id),
    );
    spawn_local(async move {
        if let Ok(read) = api.get::<Peaks>(&path).await {
            let _ = peaks.try_set((
                wave::path(&read.left, Half::Upper),
                wave::path(&read.right, Half::Lower),
            ));
        }
    });
    on_cleanup(move || {
        if let Some(audio) = audio.try_get_untracked().flatten() {
            let _ = audio.pause();
        }
    });
    let toggle = move |_| {
        let Some(audio) = audio.get_untracked() else {
            return;
        };
        if audio.paused() {
            audio.set_playback_rate(RATES[rate.get_untracked()]);
            let _ = audio.play();
        } else {
            let _ = audio.pause();
        }
    };
    let seek_to = move |to: f64| {
        let to = to.clamp(0.0, length.max(0.0));
        if let Some(audio) = audio.get_untracked() {
            audio.set_current_time(to);
        }
        position.set(to);
    };
    let seek = move |click: leptos::ev::MouseEvent| {
        use wasm_bindgen::JsCast;
        let bed = click
            .current_target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if let Some(bed) = bed {
            let place = bed.get_bounding_client_rect();
            seek_to((f64::from(click.client_x()) - place.left()) / place.width().max(1.0) * length);
        }
    };
    let on_key = move |press: leptos::ev::KeyboardEvent| {
        let by = match press.key().as_str() {
            "ArrowLeft" => -5.0,
            "ArrowRight" => 5.0,
            _ => return,
        };
        press.prevent_default();
        seek_to(position.get_untracked() + by);
    };
    let faster = move |_| {
        rate.update(|rate| *rate = (*rate + 1) % RATES.len());
        if let Some(audio) = audio.get_untracked() {
            audio.set_playback_rate(RATES[rate.get_untracked()]);
        }
    };
    let words = text(move || {
        if playing.get() {
            t_string!(i18n, player.pause)
        } else {
            t_string!(i18n, player.play)
        }
    });
    let face = Signal::derive(move || if playing.get() { "pause" } else { "play" });
    let class = text(move || {
        if playing.get() {
            "play play--on"
        } else {
            "play"
        }
    });
    let clock = move || {
        format!(
            "{} / {}",
            format::duration((position.get() * 1000.0) as u64),
            format::duration((length * 1000.0) as u64)
        )
    };
    let speed = move || format!("{}×", time::decimal(RATES[rate.get()], i18n.get_locale()));
    let speed_words = move || fill!(i18n, player.speed, rate = speed());
    let frame = format!("0 0 {} {}", wave::WIDTH, wave::HEIGHT);
    let middle = format!("M0 {0}H{1}", wave::HEIGHT / 2, wave::WIDTH);
    let drawing = move |class: &'static str| view! { <svg class=class viewBox=frame.clone() preserveAspectRatio="none" aria-hidden="true"><path class="mid" d=middle.clone()/><path class="a" d=text(move || peaks.get().0)/><path class="b" d=text(move || peaks.get().1)/></svg> };
    let part = move || {
        if length > 0.0 {
            (position.get() / length).min(1.0)
        } else {
            0.0
        }
    };
    let download = {
        let file = file.clone();
        text(move || fill!(i18n, player.download, name = file.clone()))
    };
    let href = format!("{source}?download");
    view! {
        <div class="player" role="group" aria-label=tr!(i18n, player.title) data-testid="strip">
            <audio node_ref=audio src=source preload="none" on:timeupdate=act(move |_| if let Some(audio) = audio.get_untracked() { position.set(audio.current_time()); })
                on:play=act(move |_| playing.set(true)) on:pause=act(move |_| playing.set(false)) on:ended=act(move |_| playing.set(false))></audio>
            <button class=class data-testid="strip-play" aria-label=words title=words on:click=act(toggle)><Icon name=face/></button>
            <div class="bed bed--strip" role="slider" tabindex="0" aria-label=tr!(i18n, player.seek) aria-valuemin="0" aria-valuemax=(length as u64).to_string() aria-valuenow=text(move || (position.get() as u64).to_string()) aria-valuetext=text(move || format::duration((position.get() * 1000.0) as u64))
                style:--at=text(move || format::thousandths((part() * 100_000.0) as u64) + "%") on:click=act(seek) on:keydown=act(on_key)>{drawing("wave")}{drawing("wave wave--done")}<i class="bed__head"></i></div>
            <span class="num t12 soft player__t">{text(clock)}</span>
            <button class="btn btn--quiet num player__r" aria-label=text(speed_words) title=text(speed_words) on:click=act(faster)>{text(speed)}</button>
            <a class="btn btn--icon btn--quiet" href=href download=file aria-label=download title=download rel="external"><Icon name="download"/></a>
        </div>
    }
}

//! Trying the devices out.

use std::rc::Rc;

use gloo::{events::EventListener, timers::callback::Interval};
use leptos::{prelude::*, task::spawn_local};
use phone::{
    Choices, Device, DeviceRole, MicrophoneWish, Trouble,
    check::{self, Ear},
};

use super::mirror::Mirror;
use crate::{
    components::{
        Icon,
        reactive::{When, act, text},
    },
    i18n::*,
    platform::bridge,
    view::{
        sound::{self, Loudness},
        trouble::Note,
    },
};

/// Milliseconds between two looks at the level.
const LOOK_EVERY: u32 = 80;
/// Looks at the level between two looks at what is plugged in.
const LOOKS: u32 = 12;
/// Milliseconds the test records.
const RECORD: u32 = 3_000;

/// The microphone the dialog listens to, and what is plugged in.
#[derive(Clone, Copy)]
pub struct Test {
    /// The phone.
    pub mirror: Mirror,
    /// What is plugged in.
    pub present: RwSignal<Vec<Device>>,
    /// How loud it is, decibels below the loudest there is.
    level: RwSignal<f32>,
    trouble: RwSignal<Option<Trouble>>,
    ear: StoredValue<Option<Rc<Ear>>, LocalStorage>,
    /// How the microphone is to be opened next; while one is being opened, the last wish wins.
    wanted: StoredValue<Option<MicrophoneWish>>,
    is_opening: StoredValue<bool>,
    step: RwSignal<Step>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Idle,
    Recording,
    Playing,
    Silent,
    Done,
}

impl Test {
    /// Listens until the component goes.
    pub fn start(mirror: Mirror) -> Self {
        let test = Self {
            mirror,
            present: RwSignal::new(Vec::new()),
            level: RwSignal::new(sound::SILENCE),
            trouble: RwSignal::new(None),
            ear: StoredValue::new_local(None),
            wanted: StoredValue::new(None),
            is_opening: StoredValue::new(false),
            step: RwSignal::new(Step::Idle),
        };
        let wish = Memo::new(move |_| mirror.devices(wish_of));
        // Another microphone may have come in place of one that went.
        let inputs = Memo::new(move |_| test.present.with(|all| sound::inputs(all)));
        Effect::new(move |_| {
            inputs.track();
            spawn_local(test.listen(wish.get()));
        });
        test.watch();
        test
    }

    fn watch(self) {
        let mut looks = 0_u32;
        let timer = Interval::new(LOOK_EVERY, move || {
            if let Some(ear) = self.ear.try_get_value().flatten() {
                let _ = self.level.try_set(ear.level());
            }
            looks += 1;
            if looks.is_multiple_of(LOOKS) {
                spawn_local(self.look());
            }
        });
        let timer = StoredValue::new_local(Some(timer));
        on_cleanup(move || {
            timer.try_update_value(Option::take);
            self.ear.try_update_value(Option::take);
        });
        if let Ok(devices) = window().navigator().media_devices() {
            bridge::keep(EventListener::new(&devices, "devicechange", move |_| {
                spawn_local(self.look());
            }));
        }
    }

    /// Lets the microphone go, so that the phone can open it in another way (see the phone's own
    /// `stands_in_the_way`); it is opened again with what was chosen.
    pub fn let_go(self) {
        let _ = self.ear.try_set_value(None);
    }

    /// One after the other: what is still being opened in another way would be heard in both.
    async fn listen(self, wish: MicrophoneWish) {
        self.wanted.set_value(Some(wish));
        if self
            .is_opening
            .try_update_value(|is| std::mem::replace(is, true))
            != Some(false)
        {
            return;
        }
        // The dialog may be closed meanwhile.
        while let Some(wish) = self.wanted.try_update_value(Option::take).flatten() {
            self.let_go();
            let opened = Ear::open(&wish).await;
            if self.wanted.try_with_value(Option::is_none) == Some(true) {
                self.opened(opened);
            }
        }
        let _ = self.is_opening.try_set_value(false);
        self.look().await;
    }

    fn opened(self, opened: Result<Ear, Trouble>) {
        let (ear, trouble) = match opened {
            Ok(ear) => (Some(Rc::new(ear)), None),
            Err(trouble) => (None, Some(trouble)),
        };
        let _ = self.trouble.try_set(trouble);
        let _ = self.ear.try_set_value(ear);
    }

    /// What is plugged in now.
    pub async fn look(self) {
        let found = check::devices().await;
        if self.present.try_with_untracked(|known| *known != found) == Some(true) {
            let _ = self.present.try_set(found);
        }
    }

    /// The id of what a role plays by; empty: the system's default.
    fn device(self, role: DeviceRole) -> String {
        self.mirror.devices_now(|devices| {
            let own = devices.of(role).as_ref();
            let chosen = own.or(devices.speaker.as_ref());
            chosen.map(|name| name.id.clone()).unwrap_or_default()
        })
    }

    async fn hear_oneself(self) {
        let Some(ear) = self.ear.get_value() else {
            return;
        };
        self.step.set(Step::Recording);
        let loudest = StoredValue::new(sound::SILENCE);
        let peak = Interval::new(LOOK_EVERY, {
            let ear = ear.clone();
            move || loudest.update_value(|most| *most = most.max(ear.level()))
        });
        let recording = ear.record(RECORD).await;
        drop(peak);
        let is_silent = Loudness::of(loudest.get_value()) == Loudness::Nothing;
        let Ok(recording) = recording else {
            let _ = self.step.try_set(Step::Idle);
            return;
        };
        let _ = self.step.try_set(Step::Playing);
        recording.play(&self.device(DeviceRole::Speaker)).await;
        let _ = self
            .step
            .try_set(if is_silent { Step::Silent } else { Step::Done });
    }
}

fn wish_of(devices: &Choices) -> MicrophoneWish {
    MicrophoneWish {
        device: devices.microphone.as_ref().map(|name| name.id.clone()),
        processing: devices.processing,
        default: None,
    }
}

/// The level as a bar and a word.
#[component]
pub fn Meter(test: Test) -> impl IntoView {
    let i18n = use_i18n();
    let loudness = Memo::new(move |_| Loudness::of(test.level.get()));
    let percent = Memo::new(move |_| sound::percent(test.level.get()));
    let word = move || loudness.get().say(i18n);
    let trouble = move || {
        test.trouble.get().map(|trouble| {
            let note = Note::of(&trouble);
            format!("{} {}", note.title.say(i18n), note.remedy.say(i18n))
        })
    };
    view! {
        <When when=move || test.trouble.with(Option::is_none)
            otherwise=ViewFn::from(move || view! { <p class="note note--stop" role="alert" data-testid="sound-trouble"><Icon name="mic-off"/><span>{text(trouble)}</span></p> })>
            <div class="gear__level">
                <div class="bar bar--level grow" role="meter" aria-label=tr!(i18n, devices.level) aria-valuemin="0" aria-valuemax="100"
                    aria-valuenow=text(move || percent.get().to_string()) aria-valuetext=text(word) data-testid="sound-level">
                    <i style:width=text(move || format!("{}%", percent.get()))></i></div>
                <span class="t12 soft gear__word">{text(word)}</span>
            </div>
        </When>
    }
}

/// Say something and hear yourself.
#[component]
pub fn SelfTest(test: Test) -> impl IntoView {
    let i18n = use_i18n();
    let words = move || match test.step.get() {
        Step::Idle => "",
        Step::Recording => t_string!(i18n, devices.try_recording),
        Step::Playing => t_string!(i18n, devices.try_playing),
        Step::Silent => t_string!(i18n, devices.try_silent),
        Step::Done => t_string!(i18n, devices.try_done),
    };
    let name = move || match test.step.get() {
        Step::Idle => "idle",
        Step::Recording => "recording",
        Step::Playing => "playing",
        Step::Silent => "silent",
        Step::Done => "done",
    };
    let start = move |_| {
        if !matches!(test.step.get_untracked(), Step::Recording | Step::Playing) {
            spawn_local(test.hear_oneself());
        }
    };
    view! {
        <div class="gear__try">
            <button type="button" class="btn" data-testid="sound-try" on:click=act(start)><Icon name="mic"/>{tr!(i18n, devices.try_it)}</button>
            <span class="soft t12" role="status" data-testid="sound-try-state" data-step=text(name)>{text(words)}</span>
        </div>
    }
}

/// Rings once where it would ring.
#[component]
pub fn RingTest(test: Test) -> impl IntoView {
    let i18n = use_i18n();
    let start = move |_| {
        spawn_local(async move { check::ring(&test.device(DeviceRole::Ringer)).await });
    };
    view! { <div class="gear__try"><button type="button" class="btn" data-testid="sound-ring" on:click=act(start)><Icon name="bell"/>{tr!(i18n, devices.ring)}</button></div> }
}

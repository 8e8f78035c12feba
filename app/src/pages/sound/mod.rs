//! The dialog of microphone, speaker and ring: what is used, how loud it is, how it sounds.

pub mod mirror;
mod test;

use leptos::prelude::*;
use phone::{Command, DeviceName, DeviceRole, Processing, check, has_headsets};

use crate::{
    components::{
        Dialog, Field, Icon,
        form::{Bound, Flag, Options, Select, no_fault},
        reactive::{When, act, text},
    },
    i18n::*,
    pages::attend,
    view::sound,
};
use mirror::Mirror;
use test::{Meter, RingTest, SelfTest, Test};

/// Open while it is mounted.
#[component]
pub fn SoundDialog(open: RwSignal<bool>) -> impl IntoView {
    let i18n = use_i18n();
    let mirror = Mirror::new();
    let test = Test::start(mirror);
    let close = move || open.set(false);
    view! {
        <Dialog title=tr!(i18n, devices.title) close=move |()| close()
            foot=Box::new(move || view! { <button class="btn" data-testid="sound-close" on:click=act(move |_| close())>{tr!(i18n, common.close)}</button> }.into_any())>
            <p class="soft">{tr!(i18n, devices.lead)}</p>
            <div class="form gear" data-testid="sound">
                <Choice role=DeviceRole::Microphone test/>
                <Meter test/>
                <SelfTest test/>
                <When when=check::can_direct otherwise=ViewFn::from(move || view! { <p class="soft">{tr!(i18n, devices.no_choice)}</p> })>
                    <Choice role=DeviceRole::Speaker test/>
                    <Choice role=DeviceRole::Ringer test/>
                </When>
                <RingTest test/>
                <Switches test/>
                <Buttons/>
            </div>
        </Dialog>
    }
}

#[component]
fn Choice(role: DeviceRole, test: Test) -> impl IntoView {
    let i18n = use_i18n();
    let (id, label) = match role {
        DeviceRole::Microphone => ("sound-microphone", tr!(i18n, devices.microphone)),
        DeviceRole::Speaker => ("sound-speaker", tr!(i18n, devices.speaker)),
        DeviceRole::Ringer => ("sound-ringer", tr!(i18n, devices.ringer)),
    };
    let mirror = test.mirror;
    let chosen = move || mirror.devices(|devices| devices.of(role).clone());
    let read = move || {
        let chosen = chosen();
        test.present
            .with(|present| sound::value(role, chosen.as_ref(), present))
    };
    let write = move |id: String| {
        let device = test
            .present
            .with_untracked(|present| sound::named(role, &id, present));
        // The one that is unplugged stays chosen.
        if device.is_some() || id.is_empty() {
            mirror.send(&Command::ChooseDevice { role, device });
        }
    };
    let options: Options = Signal::derive(move || {
        let (chosen, present) = (chosen(), test.present.get());
        let first = match role {
            DeviceRole::Ringer => t_string!(i18n, devices.as_speaker),
            _ => t_string!(i18n, devices.default),
        };
        let away = |name: &str| fill!(i18n, devices.away, name = name);
        let nameless = |place: usize| fill!(i18n, devices.nameless, place = place);
        sound::options(role, chosen.as_ref(), &present, first, &away, &nameless)
    });
    let bound = Bound::new(read, write);
    let other = role != DeviceRole::Microphone && check::has_chooser();
    view! {
        <Field id label fault=no_fault()>
            <span class="row"><Select bound options id class="select grow"/>
            {other.then(|| view! { <button type="button" class="btn" on:click=act(move |_| choose_other(role, test))>{tr!(i18n, devices.other_speaker)}</button> })}</span>
        </Field>
    }
}

/// The browser's own list of speakers.
fn choose_other(role: DeviceRole, test: Test) {
    leptos::task::spawn_local(async move {
        let device: Option<DeviceName> = check::choose_speaker().await;
        if device.is_some() {
            test.mirror.send(&Command::ChooseDevice { role, device });
            test.look().await;
        }
    });
}

#[component]
fn Switches(test: Test) -> impl IntoView {
    let i18n = use_i18n();
    let mirror = test.mirror;
    type Part = fn(&mut Processing) -> &mut bool;
    let part = move |part: Part| Flag {
        read: Signal::derive(move || *part(&mut mirror.processing())),
        write: Callback::new(move |on| {
            let mut processing = mirror.processing_now();
            *part(&mut processing) = on;
            test.let_go();
            mirror.process(processing);
        }),
    };
    let theirs = Flag {
        read: Signal::derive(move || mirror.devices(|devices| devices.clean_theirs)),
        write: Callback::new(move |on| mirror.send(&Command::CleanTheirs(on))),
    };
    view! {
        <Switch id="sound-echo" words=tr!(i18n, devices.echo) hint=tr!(i18n, devices.echo_hint) bound=part(|all| &mut all.echo)/>
        <Switch id="sound-noise" words=tr!(i18n, devices.noise) hint=tr!(i18n, devices.noise_hint) bound=part(|all| &mut all.noise)/>
        <Switch id="sound-gain" words=tr!(i18n, devices.gain) hint=tr!(i18n, devices.gain_hint) bound=part(|all| &mut all.gain)/>
        <Switch id="sound-clean" words=tr!(i18n, devices.clean) hint=tr!(i18n, devices.clean_hint) bound=part(|all| &mut all.clean)/>
        <Switch id="sound-clean-theirs" words=tr!(i18n, devices.clean_theirs) hint=Signal::stored(String::new()) bound=theirs/>
    }
}

#[component]
fn Switch(
    id: &'static str,
    words: Signal<String>,
    hint: Signal<String>,
    bound: Flag,
) -> impl IntoView {
    view! {
        <label class="switch"><input type="checkbox" role="switch" data-testid=id prop:checked=bound.read
            on:change=act(move |change| bound.write.run(event_target_checked(&change)))/>
            <span><span class="med">{words}</span>" "<span class="soft">{hint}</span></span></label>
    }
}

/// Headsets whose buttons answer, mute and end.
#[component]
fn Buttons() -> impl IntoView {
    let i18n = use_i18n();
    let words = move || match attend::headset_names().join(", ") {
        names if !names.is_empty() => fill!(i18n, devices.headset_on, names = names),
        _ if has_headsets() => t_string!(i18n, devices.headset_off).to_owned(),
        _ => t_string!(i18n, devices.headset_keys).to_owned(),
    };
    let connect = move |_| leptos::task::spawn_local(attend::connect_headset());
    view! {
        <div class="gear__try">
            {has_headsets().then(|| view! { <button type="button" class="btn" data-testid="sound-headset" on:click=act(connect)><Icon name="phone"/>{tr!(i18n, devices.headset)}</button> })}
            <span class="soft t12" role="status" data-testid="sound-headset-state">{text(words)}</span>
        </div>
    }
}

//! The test network: numbers to call and a robot that calls in. Real calls, so that everything can
//! be tried without a provider.

use crate::components::reactive::{act, changing, flag};
use api_types::Contact;
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::use_api,
    components::{Icon, Tel, say_failure_now},
    i18n::*,
    state::toasts::use_toasts,
};

/// A caller that is in no contact: a number set apart for fiction by Ofcom.
const STRANGER: &str = "+442079460990";
/// Known callers to choose from.
const CALLERS: u32 = 5;

/// Numbers at the left, robot at the right.
#[component]
pub fn TestNetwork() -> impl IntoView {
    let i18n = use_i18n();
    let numbers = [
        ("600", tr!(i18n, demo.n600)),
        ("601", tr!(i18n, demo.n601)),
        ("602", tr!(i18n, demo.n602)),
        ("603", tr!(i18n, demo.n603)),
        ("604", tr!(i18n, demo.n604)),
        ("605", tr!(i18n, demo.n605)),
        ("606", tr!(i18n, demo.n606)),
    ];
    let list = numbers.map(|(number, words)| view! { <li><Tel number=number shown=number/><span class="soft cut">{words}</span></li> });
    view! {
        <section class="demo" aria-labelledby="demo">
            <div class="sec"><h2 class="h2" id="demo">{tr!(i18n, demo.title)}</h2><span class="t12 mute cut">{tr!(i18n, demo.lead)}</span></div>
            <div class="demo__two">
                <ul class="demo__list">{list.into_iter().collect_view()}</ul>
                <Robot/>
            </div>
        </section>
    }
}

#[component]
fn Robot() -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let contacts = RwSignal::new(Vec::<Contact>::new());
    let caller = RwSignal::new(String::new());
    spawn_local(async move {
        let known = api
            .contacts("", CALLERS, "")
            .await
            .map(|page| page.items)
            .unwrap_or_default();
        if let Some(first) = known.first().and_then(|contact| contact.phones.first()) {
            let _ = caller.try_set(first.e164.clone());
        }
        let _ = contacts.try_set(known);
    });
    let call = move |_| {
        let order = order(&caller.get_untracked());
        spawn_local(async move {
            match api.robot_call(&order).await {
                Ok(()) => toasts.say(tu_string!(i18n, demo.called).to_owned()),
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    let options = move || {
        contacts.get().into_iter().filter_map(|contact| {
        let number = contact.phones.first()?.clone();
        let value = number.e164.clone();
        let chosen = move || caller.with(|caller| *caller == number.e164);
        Some(view! { <option value=value prop:selected=flag(chosen)>{format!("{}, {}", contact.name, number.display)}</option> })
    }).collect_view()
    };
    view! {
        <div class="demo__robot">
            <div class="field"><label class="field__label" for="robot-caller">{tr!(i18n, demo.caller)}</label>
                <select class="select" id="robot-caller" data-testid="robot-caller" on:change=act(move |change| caller.set(event_target_value(&change)))>
                    {changing(options)}
                    <option value=STRANGER>{tr!(i18n, demo.caller_unknown)}</option>
                    <option value="withheld">{tr!(i18n, demo.caller_withheld)}</option>
                </select>
            </div>
            <button class="btn" data-testid="robot-call" on:click=act(call)><Icon name="bot"/>{tr!(i18n, demo.call_me)}</button>
        </div>
    }
}

/// What this page tells the robot: a part of [`api_types::RobotCall`], the rest is as it is unless
/// told.
#[derive(serde::Serialize)]
pub struct RobotOrder {
    /// Absent: withheld.
    caller: Option<String>,
}

fn order(caller: &str) -> RobotOrder {
    let caller = match caller {
        "withheld" => None,
        "" => Some(STRANGER.to_owned()),
        number => Some(number.to_owned()),
    };
    RobotOrder { caller }
}

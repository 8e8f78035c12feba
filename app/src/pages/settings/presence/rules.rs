//! What happens to people's states by itself.

use api_types::PresenceRules;
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::use_api,
    components::{
        form::{Bound, Flag, Switch, TextField, digits, number},
        reactive::{When, act},
        remote_view::RemoteView,
        say_failure_now,
    },
    i18n::*,
    state::{
        remote::{Remote, read_into},
        toasts::use_toasts,
    },
};

const PATH: &str = "/settings/presence";
/// What a rule that is switched on begins with: minutes without a sign of life, seconds after a call.
const USUAL: (u32, u32) = (10, 30);
/// Longest times, in the same units.
const LONGEST: (u32, u32) = (480, 3_600);

/// The form, once it is known what is set.
#[component]
pub fn Rules() -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let rules = RwSignal::new(Remote::<PresenceRules>::Loading);
    let read = move || read_into(rules, api.get(PATH));
    read();
    view! {
        <section class="box" aria-labelledby="rules-title">
            <h3 class="h2" id="rules-title">{tr!(i18n, statuses.rules)}</h3>
            <RemoteView source=rules again=move |()| read()><Form rules/></RemoteView>
        </section>
    }
}

/// A rule: switched on, and how long.
#[derive(Clone, Copy)]
struct Rule {
    on: RwSignal<bool>,
    text: RwSignal<String>,
    fault: RwSignal<String>,
}

impl Rule {
    fn new(set: Option<u32>, usual: u32) -> Self {
        Self {
            on: RwSignal::new(set.is_some()),
            text: RwSignal::new(digits(Some(set.unwrap_or(usual)))),
            fault: RwSignal::default(),
        }
    }

    fn flag(self) -> Flag {
        Flag {
            read: self.on.into(),
            write: Callback::new(move |on| self.on.set(on)),
        }
    }

    /// What is set: nothing when it is off; what cannot be is said.
    fn read(self, longest: u32, fault: String) -> Result<Option<u32>, ()> {
        self.fault.set(String::new());
        if !self.on.get_untracked() {
            return Ok(None);
        }
        match number(&self.text.get_untracked()) {
            Some(time) if (1..=longest).contains(&time) => Ok(Some(time)),
            _ => {
                self.fault.set(fault);
                Err(())
            }
        }
    }
}

#[component]
fn Form(rules: RwSignal<Remote<PresenceRules>>) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let set = rules
        .with_untracked(|rules| rules.ready().copied())
        .unwrap_or_default();
    let minutes = set.away_after_secs.map(|secs| secs.div_ceil(60));
    let away = Rule::new(minutes, USUAL.0);
    let wrap_up = Rule::new(set.wrap_up_secs, USUAL.1);
    let save = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        let minutes = away.read(
            LONGEST.0,
            fill_now!(i18n, statuses.between, most = LONGEST.0),
        );
        let secs = wrap_up.read(
            LONGEST.1,
            fill_now!(i18n, statuses.between, most = LONGEST.1),
        );
        let (Ok(minutes), Ok(wrap_up_secs)) = (minutes, secs) else {
            return;
        };
        let wanted = PresenceRules {
            away_after_secs: minutes.map(|minutes| minutes * 60),
            wrap_up_secs,
        };
        spawn_local(async move {
            match api.put::<PresenceRules>(PATH, &wanted).await {
                Ok(_) => toasts.say(tu_string!(i18n, settings.saved).to_owned()),
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    view! {
        <form class="form" on:submit=act(save) novalidate>
            <div class="form">
                <Switch id="away-rule" words=tr!(i18n, statuses.away_rule) bound=away.flag()/>
                <When when=move || away.on.get()>
                    <TextField id="away-after" label=tr!(i18n, statuses.away_after) bound=Bound::of(away.text) fault=away.fault suffix=tr!(i18n, statuses.minutes) hint=tr!(i18n, statuses.away_hint)/>
                </When>
            </div>
            <div class="form">
                <Switch id="wrap-up-rule" words=tr!(i18n, statuses.wrap_up_rule) bound=wrap_up.flag()/>
                <When when=move || wrap_up.on.get()>
                    <TextField id="wrap-up-for" label=tr!(i18n, statuses.wrap_up_for) bound=Bound::of(wrap_up.text) fault=wrap_up.fault suffix=tr!(i18n, statuses.seconds) hint=tr!(i18n, statuses.wrap_up_hint)/>
                </When>
            </div>
            <div><button class="btn btn--main" data-testid="save-rules">{tr!(i18n, common.save)}</button></div>
        </form>
    }
}

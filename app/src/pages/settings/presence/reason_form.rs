//! A reason: its dialog, and the question before it is removed.

use api_types::{Availability, PresenceReason, PresenceReasonDraft};
use leptos::{prelude::*, task::spawn_local};

use super::reasons::{List, PATH, STATES};
use crate::{
    api::use_api,
    components::{
        Dialog,
        form::{Parts, SelectField, SwitchField, TextField},
        reactive::act,
        say_failure, say_failure_now,
    },
    i18n::*,
    state::toasts::use_toasts,
    view::{failure::Failure, named::Named, people::Doing},
};

/// Of a new one, or of one that is there.
#[component]
pub fn ReasonForm(list: List, reason: Option<PresenceReason>) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let title = match &reason {
        None => tr!(i18n, statuses.new),
        Some(reason) => Signal::stored(reason.name.clone()),
    };
    let id = StoredValue::new(reason.as_ref().map(|reason| reason.id.clone()));
    let draft = RwSignal::new(draft_of(reason));
    let fault = RwSignal::new(String::new());
    let minutes_fault = RwSignal::new(String::new());
    let close = Callback::new(move |()| list.editing.set(None));
    let save = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        let wanted = draft.get_untracked();
        if wanted.name.trim().is_empty() {
            return fault.set(tu_string!(i18n, groups.missing_name).to_owned());
        }
        spawn_local(async move {
            let saved: Result<PresenceReason, Failure> = match id.get_value() {
                None => api.post(PATH, &wanted).await,
                Some(id) => api.put(&format!("{PATH}/{id}"), &wanted).await,
            };
            match saved {
                Ok(reason) => {
                    toasts.say(fill_now!(i18n, groups.saved, name = reason.name));
                    list.take_in(reason);
                    close.run(());
                }
                Err(failure) => {
                    let at_minutes = failure.field() == Some("minutes");
                    let field = if at_minutes { minutes_fault } else { fault };
                    let _ = field.try_set(untrack(|| refusal(i18n, &failure)));
                }
            }
        });
    };
    let name = draft.text(|draft| draft.name.clone(), |draft, text| draft.name = text);
    let state = draft.choice(
        |draft| State(draft.availability),
        |draft, state| draft.availability = state.0,
    );
    let states = Signal::derive(move || {
        let words = |state: &Availability| {
            let words = Doing::said(*state).say(i18n).to_owned();
            (State(*state).name(), words)
        };
        STATES.iter().map(words).collect::<Vec<_>>()
    });
    let minutes = draft.number(
        |draft| draft.minutes,
        |draft, minutes| draft.minutes = minutes,
    );
    let offered = draft.flag(
        |draft| draft.takes_calls,
        |draft, on| draft.takes_calls = on,
    );
    let foot = Box::new(move || {
        view! {
            <button type="button" class="btn" on:click=act(move |_| close.run(()))>{tr!(i18n, common.cancel)}</button>
            <button type="submit" form="reason-form" class="btn btn--main" data-testid="save-reason">{tr!(i18n, common.save)}</button>
        }
        .into_any()
    });
    view! {
        <Dialog title close foot>
            <form class="form" id="reason-form" on:submit=act(save) novalidate>
                <TextField id="reason-name" label=tr!(i18n, statuses.name) bound=name fault=fault/>
                <SelectField id="reason-state" label=tr!(i18n, statuses.stands_for) bound=state options=states/>
                <TextField id="reason-minutes" label=tr!(i18n, statuses.ends_after) bound=minutes fault=minutes_fault suffix=tr!(i18n, statuses.minutes) hint=tr!(i18n, statuses.ends_hint)/>
                <SwitchField id="reason-offered" label=tr!(i18n, statuses.calls) words=tr!(i18n, statuses.offered_words) bound=offered/>
            </form>
        </Dialog>
    }
}

/// What a reason stands for, as a choice of the form.
#[derive(Clone, Copy, PartialEq)]
struct State(Availability);

impl Named for State {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Self(STATES[0]), "away"),
        (Self(STATES[1]), "do_not_disturb"),
    ];
}

fn draft_of(reason: Option<PresenceReason>) -> PresenceReasonDraft {
    match reason {
        None => PresenceReasonDraft {
            availability: STATES[0],
            ..PresenceReasonDraft::default()
        },
        Some(reason) => PresenceReasonDraft {
            name: reason.name,
            availability: reason.availability,
            minutes: reason.minutes,
            takes_calls: reason.takes_calls,
        },
    }
}

fn refusal(i18n: I18n, failure: &Failure) -> String {
    let Failure::Refused { error, .. } = failure else {
        return say_failure(i18n, failure);
    };
    match error.code.as_str() {
        "name_taken" => t_string!(i18n, statuses.name_taken).to_owned(),
        "bad_name" => t_string!(i18n, statuses.long_name).to_owned(),
        "too_many" => t_string!(i18n, statuses.too_many).to_owned(),
        "minutes" => fill!(i18n, statuses.between, most = 1440),
        _ => say_failure(i18n, failure),
    }
}

/// Asks first: whoever has it keeps it.
#[component]
pub fn DeleteReason(list: List, reason: PresenceReason) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let reason = StoredValue::new(reason);
    let close = Callback::new(move |()| list.deleting.set(None));
    let remove = move |_| {
        // The dialog takes it along.
        let reason = reason.get_value();
        close.run(());
        spawn_local(async move {
            match api.delete(&format!("{PATH}/{}", reason.id)).await {
                Ok(()) => {
                    toasts.say(fill_now!(i18n, statuses.deleted, name = reason.name));
                    list.change(|all| all.retain(|known| known.id != reason.id));
                }
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    let title = Signal::derive(move || {
        let name = reason.with_value(|reason| reason.name.clone());
        fill!(i18n, statuses.delete_title, name = name)
    });
    view! {
        <Dialog title close foot=Box::new(move || view! {
            <button type="button" class="btn" on:click=act(move |_| close.run(()))>{tr!(i18n, common.keep)}</button>
            <button type="button" class="btn btn--main" data-testid="confirm" on:click=act(remove)>{tr!(i18n, common.delete)}</button>
        }.into_any())>
            <p>{tr!(i18n, statuses.delete_lead)}</p>
        </Dialog>
    }
}

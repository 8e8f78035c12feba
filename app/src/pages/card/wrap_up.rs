//! What is left to do when a call is over: its result, its reason, the next call.

use api_types::{CallPatch, Choice, ItemDraft, ItemKind, Presence, WorkSettings};
use gloo::{
    events::{EventListener, EventListenerOptions},
    storage::{LocalStorage as Kept, Storage},
    timers::future::sleep,
};
use leptos::{html, prelude::*};
use phone::{CallKey, Command, wire};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;

use super::{Of, when};
use crate::{
    api::{http, use_api},
    components::{
        Icon,
        reactive::{When, act, changing, flag, text},
    },
    i18n::*,
    pages::desktop::short_time,
    platform::{
        bridge::{self, Topic},
        is_typing, now_ms,
    },
    state::{
        house::{House, use_house},
        session::use_session,
    },
    view::{choice, failure::Failure, stack::plain_id},
};

/// What the names of what is kept here begin with.
const PREFIX: &str = "trubka.wrap.";
/// Wait before the server is asked again when it did not answer.
const AGAIN: std::time::Duration = std::time::Duration::from_secs(3);

/// What the server has not taken yet.
#[derive(Default, Clone, Serialize, Deserialize)]
struct Left {
    patch: Option<CallPatch>,
    task: Option<ItemDraft>,
}

/// Sends what a page that is gone, or a network that was away, has left here.
pub fn send_left() {
    let kept = Kept::raw();
    let names = (0..kept.length().unwrap_or(0)).filter_map(|at| kept.key(at).ok().flatten());
    let ids: Vec<String> = names
        .filter_map(|name| name.strip_prefix(PREFIX).map(str::to_owned))
        .collect();
    for id in ids {
        spawn_local(send(id));
    }
}

fn leave(id: &str, change: impl FnOnce(&mut Left)) {
    let key = format!("{PREFIX}{id}");
    let mut left: Left = Kept::get(&key).unwrap_or_default();
    change(&mut left);
    let _ = Kept::set(&key, &left);
    spawn_local(send(id.to_owned()));
}

/// Until the server has taken or refused all of it.
async fn send(id: String) {
    let key = format!("{PREFIX}{id}");
    while let Ok(left) = Kept::get::<Left>(&key) {
        let mut waits = false;
        if let Some(patch) = &left.patch {
            waits = is_away(ask("PATCH", &format!("/calls/{id}"), patch).await);
        }
        if let Some(task) = left.task.as_ref().filter(|_| !waits) {
            waits = is_away(ask("POST", "/items", task).await);
        }
        if !waits {
            // What was chosen meanwhile is on its way itself.
            return Kept::delete(&key);
        }
        sleep(AGAIN).await;
    }
}

async fn ask(method: &'static str, path: &str, body: &impl Serialize) -> Result<String, Failure> {
    let body = serde_json::to_string(body).map_err(|_| Failure::Garbled)?;
    http::request(method, path, Some(body)).await
}

fn is_away(answer: Result<String, Failure>) -> bool {
    matches!(
        answer,
        Err(Failure::Unreachable | Failure::SignedOut | Failure::Refused { status: 500.., .. })
    )
}

/// The form, while it stands.
#[derive(Clone, Copy)]
struct Form {
    of: Of,
    result: RwSignal<Option<String>>,
    reason: RwSignal<Option<String>>,
    /// Ms since 1970.
    next: RwSignal<Option<i64>>,
    /// Something required was not given when it was to be saved.
    asked: RwSignal<bool>,
    /// Whether the rule of the house goes on.
    wraps: RwSignal<bool>,
    node: NodeRef<html::Div>,
    who: StoredValue<String>,
    me: StoredValue<Option<String>>,
}

impl Form {
    fn choose(self, result: Option<String>, reason: Option<String>) {
        let patch = CallPatch {
            result: result.clone(),
            reason: reason.clone(),
            ..CallPatch::default()
        };
        if let Some(result) = result {
            self.result.set(Some(result).filter(|key| !key.is_empty()));
        }
        if let Some(reason) = reason {
            self.reason.set(Some(reason).filter(|key| !key.is_empty()));
        }
        leave(&self.of.id(), |left| {
            let known = left.patch.take().unwrap_or_default();
            left.patch = Some(CallPatch {
                result: patch.result.or(known.result),
                reason: patch.reason.or(known.reason),
                ..known
            });
        });
    }

    /// What is required and missing: result, reason.
    fn missing(self, work: &WorkSettings) -> (bool, bool) {
        let no_result = self.result.with(Option::is_none);
        let no_reason = self.reason.with(Option::is_none);
        (
            work.result_required && no_result && !work.results.is_empty(),
            work.reason_required && no_reason && !work.reasons.is_empty(),
        )
    }

    /// The next call becomes a task.
    fn plan(self) {
        let Some(at) = self.next.try_get_untracked().flatten() else {
            return;
        };
        self.next.set(None);
        let call = self.of.call.get_untracked();
        let task = ItemDraft {
            kind: ItemKind::Task,
            title: self.who.get_value(),
            contact: call.contact.map(|contact| contact.id),
            deal: call.deal.map(|deal| deal.id),
            call: Some(call.id.clone()),
            owner: self.me.get_value(),
            due_at: Some(at),
            ..ItemDraft::default()
        };
        leave(&call.id, |left| left.task = Some(task));
    }

    fn save(self, work: &WorkSettings, word: &str) {
        if untrack(|| self.missing(work)) != (false, false) {
            return self.asked.set(true);
        }
        self.plan();
        bridge::tell(Topic::Presence, word);
        let key = self
            .of
            .key
            .with_value(|key| key.parse().unwrap_or_default());
        bridge::tell(
            Topic::Command,
            &wire::write(&Command::Dismiss(CallKey(key))),
        );
    }

    /// Of several cards that are written up the uppermost has the keys.
    fn has_keys(self) -> bool {
        let first = document()
            .query_selector("[data-testid=\"wrap-up\"]")
            .ok()
            .flatten();
        let own = self.node.get_untracked();
        first.is_some() && first.as_deref() == own.as_deref().map(|own| own.as_ref())
    }
}

/// Results by their number, reasons where the house has any, the next call. What is chosen is saved
/// at once, and kept here while the server is away.
#[component]
pub fn WrapUp(of: Of) -> impl IntoView {
    let (i18n, api, work) = (use_i18n(), use_api(), use_house());
    let (result, reason) = of
        .call
        .with_untracked(|call| (call.result.clone(), call.reason.clone()));
    let form = Form {
        of,
        result: RwSignal::new(result),
        reason: RwSignal::new(reason),
        next: RwSignal::new(None),
        asked: RwSignal::new(false),
        wraps: RwSignal::new(false),
        node: NodeRef::new(),
        who: StoredValue::new(fill_now!(i18n, wrap.task, who = of.who())),
        me: StoredValue::new(use_session().me_now(|me| me.id.clone())),
    };
    leptos::task::spawn_local(async move {
        if let Ok(own) = api.get::<Presence>("/me/presence").await {
            let wraps = own.availability == api_types::Availability::WrapUp;
            let _ = form.wraps.try_set(wraps);
        }
    });
    Effect::new(move |_| {
        let missing = work.work(|work| form.missing(work)) != (false, false);
        of.tell(if missing { "hold" } else { "free" });
    });
    bridge::hear(Topic::Card, move |said| {
        let ours = of.key.try_with_value(|key| said == format!("ask {key}"));
        if ours == Some(true) {
            form.asked.set(true);
        }
    });
    keys(form, work);
    // Nothing is lost when the time is over.
    on_cleanup(move || form.plan());
    let reasons = move || work.work(|work| work.reason_required || !work.reasons.is_empty());
    view! {
        <div class="part__wrap" data-testid="wrap-up" node_ref=form.node>
            <Results form/>
            <When when=reasons><Reason form/></When>
            <Next form/>
            <Fault form/>
            <div class="call__save">
                <button class="btn btn--lg" data-testid="wrap-away" on:click=act(move |_| form.save(&untrack(|| work.work(Clone::clone)), "away"))>{tr!(i18n, wrap.away)}</button>
                <button class="btn btn--lg btn--main" data-testid="wrap-save" on:click=act(move |_| form.save(&untrack(|| work.work(Clone::clone)), "done"))>
                    {text(move || if form.wraps.get() { t_string!(i18n, wrap.save) } else { t_string!(i18n, wrap.save_close) })}<kbd class="kbd--in">"Alt S"</kbd>
                </button>
            </div>
        </div>
    }
}

#[component]
fn Fault(form: Form) -> impl IntoView {
    let (i18n, work) = (use_i18n(), use_house());
    let words = move || {
        let missing = work.work(|work| form.missing(work));
        Some(match missing {
            (true, true) => t_string!(i18n, wrap.need_both),
            (true, false) => t_string!(i18n, wrap.need_result),
            (false, true) => t_string!(i18n, wrap.need_reason),
            (false, false) => return None,
        })
        .filter(|_| form.asked.get())
    };
    let words = Memo::new(move |_| words());
    view! {
        <When when=move || words.get().is_some()><p class="field__error" role="alert" data-testid="wrap-fault"><Icon name="circle-x"/><span>{text(move || words.get())}</span></p></When>
    }
}

/// 1 to 9 choose, where nobody types; Alt S saves.
fn keys(form: Form, work: House) {
    let options = EventListenerOptions::enable_prevent_default();
    let listener = EventListener::new_with_options(&window(), "keydown", options, move |event| {
        let Some(press) = event.dyn_ref::<web_sys::KeyboardEvent>() else {
            return;
        };
        let (ctrl, alt) = (press.ctrl_key() || press.meta_key(), press.alt_key());
        if ctrl || press.repeat() || !form.has_keys() {
            return;
        }
        if alt && press.code() == "KeyS" {
            press.prevent_default();
            return form.save(&untrack(|| work.work(Clone::clone)), "done");
        }
        let digit = press
            .code()
            .strip_prefix("Digit")
            .or(press.code().strip_prefix("Numpad"))
            .and_then(|digit| digit.parse::<usize>().ok());
        let Some(place) = digit
            .filter(|_| !alt && !is_typing())
            .and_then(|digit| digit.checked_sub(1))
        else {
            return;
        };
        let chosen = untrack(|| work.work(|work| work.results.clone()))
            .into_iter()
            .nth(place);
        if let Some(chosen) = chosen {
            press.prevent_default();
            form.choose(Some(chosen.key), None);
        }
    });
    bridge::keep(listener);
}

#[component]
fn Results(form: Form) -> impl IntoView {
    let (i18n, work) = (use_i18n(), use_house());
    let button = move |place: usize, one: Choice| {
        let key = one.key.clone();
        let chosen = Memo::new(move |_| form.result.with(|now| now.as_ref() == Some(&key)));
        let own = one.key.clone();
        let choose = move |_| {
            // Once more: it was none of them.
            let key = if chosen.get_untracked() {
                String::new()
            } else {
                own.clone()
            };
            form.choose(Some(key), None);
        };
        let number = (place < 9).then(|| view! { <kbd>{(place + 1).to_string()}</kbd> });
        let name = choice::say(i18n, &one.name, &one.key);
        view! {
            <button class="res" role="radio" aria-checked=text(move || chosen.get().to_string()) data-testid="wrap-result" data-key=one.key.clone() on:click=act(choose)>{number}<span class="cut">{name}</span></button>
        }
    };
    let all = move || {
        let results = work.work(|work| work.results.clone());
        results
            .into_iter()
            .enumerate()
            .map(|(place, one)| button(place, one))
            .collect_view()
    };
    view! {
        <fieldset><legend class="med part__legend">{tr!(i18n, wrap.result)}</legend><div class="resg" role="radiogroup" aria-label=tr!(i18n, wrap.result)>{changing(all)}</div></fieldset>
    }
}

#[component]
fn Reason(form: Form) -> impl IntoView {
    let (i18n, work) = (use_i18n(), use_house());
    let options = move || {
        let reasons = work.work(|work| work.reasons.clone());
        let chosen = form.reason.get_untracked();
        let option = |one: Choice| view! { <option value=one.key.clone() selected=chosen.as_ref() == Some(&one.key)>{choice::say(i18n, &one.name, &one.key)}</option> };
        reasons.into_iter().map(option).collect_view()
    };
    let id = format!("reason-{}", plain_id(&form.of.id()));
    view! {
        <div class="field field--row"><label class="med" for=id.clone()>{tr!(i18n, wrap.reason)}</label>
            <select class="select" id=id data-testid="wrap-reason" on:change=act(move |change| form.choose(None, Some(event_target_value(&change))))><option value="">"—"</option>{changing(options)}</select></div>
    }
}

#[component]
fn Next(form: Form) -> impl IntoView {
    let i18n = use_i18n();
    let picks = RwSignal::new(false);
    let (hour, tomorrow) = (now_ms() + 3_600_000, when::tomorrow());
    let chip = move |at: Option<i64>, name: &'static str, words: Signal<String>| {
        let is_it = move || form.next.get() == at && !picks.get();
        let choose = move |_| {
            picks.set(false);
            form.next.set(at);
        };
        view! { <button class="fchip" class:fchip--on=flag(is_it) aria-pressed=text(move || is_it().to_string()) data-testid=name on:click=act(choose)>{words}</button> }
    };
    let typed = move |input| form.next.set(when::moment(&event_target_value(&input)));
    let said = move || {
        form.next.get().map(|at| {
            if at < now_ms() {
                t_string!(i18n, wrap.past).to_owned()
            } else {
                fill!(i18n, wrap.planned, time = short_time(i18n, at))
            }
        })
    };
    view! {
        <fieldset><legend class="med part__legend">{tr!(i18n, wrap.next)}</legend>
            <div class="row row--wrap part__chips">
                {chip(None, "next-no", tr!(i18n, wrap.no))}
                {chip(Some(hour), "next-hour", tr!(i18n, wrap.hour))}
                {chip(Some(tomorrow), "next-tomorrow", tr!(i18n, wrap.tomorrow))}
                <button class="fchip" class:fchip--on=flag(move || picks.get()) aria-pressed=text(move || picks.get().to_string()) data-testid="next-pick" aria-label=tr!(i18n, wrap.pick) title=tr!(i18n, wrap.pick) on:click=act(move |_| picks.update(|on| *on = !*on))><Icon name="calendar"/></button>
            </div>
            <When when=move || picks.get()><input class="input num" type="datetime-local" aria-label=tr!(i18n, wrap.pick) data-testid="next-at" min=when::field(now_ms()) on:input=act(typed)/></When>
            <When when=move || form.next.get().is_some()><p class="t12 mute" role="status">{text(said)}</p></When>
        </fieldset>
    }
}

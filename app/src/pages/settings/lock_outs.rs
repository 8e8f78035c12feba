//! Who is refused after too many wrong SIP passwords.

use std::time::Duration;

use api_types::{LockOut, LockedOut};
use leptos::{prelude::*, task::spawn_local};

use super::Panel;
use crate::{
    api::use_api,
    components::{
        Empty,
        reactive::{Rows, When, act, followed, text},
        remote_view::RemoteView,
        say_failure_now,
    },
    i18n::*,
    platform::time,
    state::{
        remote::{Remote, read_into},
        toasts::use_toasts,
    },
    view::failure::Failure,
};

const PATH: &str = "/lock-outs";
/// How often the list is read again: lock-outs begin and end by themselves.
const LOOK: Duration = Duration::from_secs(10);

type List = RwSignal<Remote<Vec<LockOut>>>;

/// The section of the panel.
#[component]
pub fn LockOutsPage() -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let list = List::new(Remote::Loading);
    let read = move || read_into(list, api.get(PATH));
    read();
    if let Ok(every) = set_interval_with_handle(read, LOOK) {
        on_cleanup(move || every.clear());
    }
    let keys = Signal::derive(move || {
        list.with(|list| {
            let ready = list.ready().into_iter().flatten();
            ready.map(|one| one.id.clone()).collect::<Vec<_>>()
        })
    });
    let row = move |id: String| {
        let find = move || list.with(|list| list.ready()?.iter().find(|one| one.id == id).cloned());
        followed(find)
            .map(|one| view! { <Row one=one.get_untracked() list/> })
            .into_any()
    };
    let none = move || view! { <Empty icon="lock" title=tr!(i18n, lock_outs.empty) lead=tr!(i18n, lock_outs.empty_lead)/> };
    view! {
        <Panel>
            <header class="set__head"><div class="grow"><h2 class="h1">{tr!(i18n, lock_outs.title)}</h2><p class="soft">{tr!(i18n, lock_outs.lead)}</p></div></header>
            <RemoteView source=list again=move |()| read()>
                <When when=move || !keys.with(Vec::is_empty) otherwise=ViewFn::from(none)><ul class="list" data-testid="lock-outs"><Rows keys row/></ul></When>
            </RemoteView>
        </Panel>
    }
}

#[component]
fn Row(one: LockOut, list: List) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let shown = StoredValue::new(one);
    let who = text(move || shown.with_value(|one| who(i18n, one)));
    let why = move || match shown.with_value(|one| one.whom) {
        LockedOut::AddressAtUser => t_string!(i18n, lock_outs.why_pair),
        LockedOut::Address => t_string!(i18n, lock_outs.why_address),
        LockedOut::User => t_string!(i18n, lock_outs.why_user),
    };
    let times = move || {
        let (at, until) = shown.with_value(|one| (one.at, one.until));
        let clock = |at| time::clock(at, i18n.get_locale());
        fill!(
            i18n,
            lock_outs.times,
            since = clock(at),
            until = clock(until)
        )
    };
    let label = Signal::derive(move || fill!(i18n, lock_outs.unlock_who, who = who.get()));
    let unlock = move |_| {
        let one = shown.get_value();
        let said = fill_now!(i18n, lock_outs.unlocked, who = who.get_untracked());
        spawn_local(async move {
            match api.delete(&format!("{PATH}/{}", one.id)).await {
                Ok(()) => toasts.say(said),
                // Its time was over meanwhile.
                Err(Failure::Refused { status: 404, .. }) => {}
                Err(failure) => return toasts.fail(say_failure_now(i18n, &failure)),
            }
            let _ = list.try_update(|list| {
                if let Some(list) = list.ready_mut() {
                    list.retain(|known| known.id != one.id);
                }
            });
        });
    };
    view! {
        <li data-testid="lock-out">
            <span class="col grow"><span class="med wrap num">{who}</span><span class="t12 soft wrap">{text(why)}</span></span>
            <span class="t12 mute num">{text(times)}</span>
            <button type="button" class="btn" data-testid="unlock" aria-label=label on:click=act(unlock)>{tr!(i18n, lock_outs.unlock)}</button>
        </li>
    }
}

/// `203.0.113.5 → 205 (Anna Orlova)`, or whichever of them it is.
fn who(i18n: I18n, one: &LockOut) -> String {
    let user = match &one.person {
        Some(person) => format!("{} ({person})", one.username),
        None => one.username.clone(),
    };
    match one.whom {
        LockedOut::AddressAtUser => format!("{} → {user}", one.address),
        LockedOut::Address => one.address.clone(),
        LockedOut::User => fill!(i18n, lock_outs.user, user = user),
    }
}

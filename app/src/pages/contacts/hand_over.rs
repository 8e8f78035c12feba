//! Hand over all clients of an employee, with what is open: for whoever goes away.

use api_types::{Contact, Undo, User};
use leptos::{prelude::*, task::spawn_local};
use serde_json::json;

use crate::{
    api::use_api,
    components::{
        Dialog,
        form::{Bound, Options, SelectField},
        reactive::{act, flag, text},
        say_failure_now,
    },
    i18n::*,
    platform::time,
    state::{house::use_house, remote::Turn, session::use_session, toasts::use_toasts},
    view::query::query,
};

/// The dialog. It stands while `open`; `done` is told when clients changed hands, also back.
#[component]
pub fn HandOverDialog(open: RwSignal<bool>, #[prop(into)] done: Callback<()>) -> impl IntoView {
    let (i18n, api, house, toasts) = (use_i18n(), use_api(), use_house(), use_toasts());
    let (from, to) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (count, busy) = (RwSignal::new(None::<u64>), RwSignal::new(false));
    let fault = RwSignal::new(String::new());
    let choose = tr!(i18n, care.choose);
    let here = house.people(choose);
    let gone = gone();
    let all: Options = Signal::derive(move || {
        let mut all = here.get();
        let known = |id: &str| all.iter().any(|(have, _)| have == id);
        let more: Vec<_> = gone.with(|gone| {
            gone.iter()
                .filter(|user| !known(&user.id))
                .map(|user| (user.id.clone(), fill!(i18n, care.left, name = &user.name)))
                .collect()
        });
        all.extend(more);
        all
    });
    let others: Options = Signal::derive(move || {
        let from = from.get();
        here.get()
            .into_iter()
            .filter(|(id, _)| id.is_empty() || *id != from)
            .collect()
    });
    Effect::new(move |_| {
        let responsible = from.get();
        count.set(None);
        let turn = Turn::next(&count);
        if responsible.is_empty() {
            return;
        }
        let path = query(&[("responsible", &responsible), ("limit", "1")]);
        spawn_local(async move {
            if let Ok((_, total)) = api.list::<Contact>(&format!("/contacts{path}")).await
                && turn.is_last()
            {
                let _ = count.try_set(total);
            }
        });
    });
    let how_many = move || {
        let count = count.get()?;
        let number = time::decimal(count as f64, i18n.get_locale());
        Some(fill!(i18n, care.hand_over_count, count = &number))
    };
    let take_back = move |operation: String| {
        spawn_local(async move {
            let path = format!("/operations/{operation}/undo");
            match api.order::<Undo>(&path).await {
                Ok(_) => drop(done.try_run(())),
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    let hand_over = move |_| {
        busy.set(true);
        let wanted = json!({ "from": from.get_untracked(), "to": to.get_untracked() });
        spawn_local(async move {
            match api.post::<Undo>("/contacts/hand-over", &wanted).await {
                Ok(undo) => {
                    let number = untrack(|| time::decimal(undo.changed as f64, i18n.get_locale()));
                    toasts.say_with(
                        untrack(|| fill!(i18n, care.handed_over, count = &number)),
                        tu_string!(i18n, common.undo),
                        move || take_back(undo.operation.clone()),
                    );
                    let _ = open.try_set(false);
                    let _ = done.try_run(());
                }
                Err(failure) => {
                    let _ = fault.try_set(say_failure_now(i18n, &failure));
                    let _ = busy.try_set(false);
                }
            }
        });
    };
    let is_unready = move || {
        busy.get()
            || from.with(String::is_empty)
            || to.with(String::is_empty)
            || from.get() == to.get()
    };
    let foot = Box::new(move || {
        view! {
            <button class="btn" on:click=act(move |_| open.set(false))>{tr!(i18n, common.cancel)}</button>
            <button class="btn btn--main" data-testid="hand-over-now" disabled=flag(is_unready) on:click=act(hand_over)>{tr!(i18n, care.hand_over_now)}</button>
        }
        .into_any()
    });
    view! {
        <Dialog title=tr!(i18n, care.hand_over_title) close=move |()| open.set(false) foot>
            <p>{tr!(i18n, care.hand_over_lead)}</p>
            <SelectField id="hand-over-from" label=tr!(i18n, care.hand_over_from) bound=Bound::new(move || from.get(), move |id| from.set(id)) options=all/>
            <p class="t12 soft num" role="status" data-testid="hand-over-count">{text(move || how_many().unwrap_or_default())}</p>
            <SelectField id="hand-over-to" label=tr!(i18n, care.hand_over_to) bound=Bound::new(move || to.get(), move |id| to.set(id)) options=others/>
            <p class="field__error" role="alert">{text(move || fault.get())}</p>
        </Dialog>
    }
}

/// Employees who left; an admin is told of them.
fn gone() -> RwSignal<Vec<User>> {
    let (api, session) = (use_api(), use_session());
    let gone = RwSignal::new(Vec::new());
    let is_admin = session
        .me(|me| me.role == api_types::Role::Admin)
        .unwrap_or_default();
    if is_admin {
        spawn_local(async move {
            if let Ok(users) = api.get::<Vec<User>>("/users").await {
                let left = users.into_iter().filter(|user| !user.active).collect();
                let _ = gone.try_set(left);
            }
        });
    }
    gone
}

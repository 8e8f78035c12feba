//! The house's own reasons, in the order the menu lists them.

use api_types::{Availability, PresenceReason};
use leptos::{prelude::*, task::spawn_local};

use super::reason_form::{DeleteReason, ReasonForm};
use crate::{
    api::use_api,
    components::{
        Empty, Icon,
        form::{IconButton, move_item},
        reactive::{Rows, When, act, changing, followed},
        remote_view::RemoteView,
        say_failure_now,
    },
    i18n::*,
    state::{
        remote::{Remote, read_into},
        toasts::use_toasts,
    },
    view::people::Doing,
};

/// Where they are.
pub const PATH: &str = "/presence-reasons";

/// What the parts share.
#[derive(Clone, Copy)]
pub struct List {
    /// All of them.
    pub reasons: RwSignal<Remote<Vec<PresenceReason>>>,
    /// The dialog: of a new one, of one.
    pub editing: RwSignal<Option<Option<PresenceReason>>>,
    /// The question.
    pub deleting: RwSignal<Option<PresenceReason>>,
}

impl List {
    /// Takes what the server answered; a new one stands last.
    pub fn take_in(self, reason: PresenceReason) {
        self.change(
            |list| match list.iter_mut().find(|known| known.id == reason.id) {
                Some(known) => *known = reason,
                None => list.push(reason),
            },
        );
    }

    /// Changes what is shown.
    pub fn change(self, change: impl FnOnce(&mut Vec<PresenceReason>)) {
        let _ = self.reasons.try_update(|reasons| {
            if let Some(list) = reasons.ready_mut() {
                change(list);
            }
        });
    }

    fn all(self) -> Vec<PresenceReason> {
        self.reasons
            .with(|reasons| reasons.ready().cloned().unwrap_or_default())
    }
}

/// The list and its dialogs.
#[component]
pub fn Reasons() -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let list = List {
        reasons: RwSignal::new(Remote::Loading),
        editing: RwSignal::new(None),
        deleting: RwSignal::new(None),
    };
    let read = move || read_into(list.reasons, api.get(PATH));
    read();
    let keys = Signal::derive(move || list.all().into_iter().map(|one| one.id).collect::<Vec<_>>());
    let row = move |id: String| {
        let find = move || list.all().into_iter().find(|one| one.id == id);
        followed(find)
            .map(|reason| changing(move || view! { <Row reason=reason.get() list/> }))
            .into_any()
    };
    let none = move || view! { <Empty icon="moon" title=tr!(i18n, statuses.empty) lead=tr!(i18n, statuses.empty_lead)/> };
    view! {
        <section aria-labelledby="reasons-title">
            <div class="row"><h3 class="h2 grow" id="reasons-title">{tr!(i18n, statuses.reasons)}</h3>
                <button class="btn" data-testid="add-reason" on:click=act(move |_| list.editing.set(Some(None)))><Icon name="plus"/>{tr!(i18n, statuses.add)}</button></div>
            <RemoteView source=list.reasons again=move |()| read()>
                <When when=move || !keys.with(Vec::is_empty) otherwise=ViewFn::from(none)><ul class="list"><Rows keys row/></ul></When>
            </RemoteView>
            {changing(move || list.editing.get().map(|reason| view! { <ReasonForm list reason/> }))}
            {changing(move || list.deleting.get().map(|reason| view! { <DeleteReason list reason/> }))}
        </section>
    }
}

#[component]
fn Row(reason: PresenceReason, list: List) -> impl IntoView {
    let i18n = use_i18n();
    let shown = StoredValue::new(reason.clone());
    let words = move || {
        let PresenceReason {
            availability,
            minutes,
            takes_calls,
            ..
        } = shown.get_value();
        let mut words = vec![Doing::said(availability).say(i18n).to_owned()];
        words.extend(minutes.map(|minutes| fill!(i18n, presence.minutes, count = minutes)));
        words.extend(takes_calls.then(|| t_string!(i18n, statuses.offered).to_owned()));
        words.join(" · ")
    };
    let shift = shifter(i18n, list, reason.id);
    let (up, down) = (shift.clone(), shift);
    view! {
        <li data-testid="reason"><i class=Doing::said(reason.availability).dot()></i><span class="col grow"><span class="med wrap">{reason.name}</span><span class="t12 soft wrap">{words}</span></span>
            <IconButton icon="chevron-up" label=tr!(i18n, form.up) press=move |()| up(true) testid="reason-up"/>
            <IconButton icon="chevron-down" label=tr!(i18n, form.down) press=move |()| down(false) testid="reason-down"/>
            <IconButton icon="pencil" label=tr!(i18n, common.edit) press=move |()| list.editing.set(Some(Some(shown.get_value()))) testid="edit-reason"/>
            <IconButton icon="trash-2" label=tr!(i18n, common.delete) press=move |()| list.deleting.set(Some(shown.get_value())) testid="delete-reason"/></li>
    }
}

/// Moves one up or down: at once on the screen, back if the server refuses.
fn shifter(i18n: I18n, list: List, id: String) -> impl Fn(bool) + Clone + Send + Sync {
    let api = use_api();
    let toasts = use_toasts();
    move |up| {
        let before = untrack(|| list.all());
        let Some(place) = before.iter().position(|one| one.id == id) else {
            return;
        };
        list.change(|all| move_item(all, place, up));
        let order: Vec<String> = untrack(|| list.all())
            .into_iter()
            .map(|one| one.id)
            .collect();
        spawn_local(async move {
            let ordered: Result<Vec<PresenceReason>, _> = api.put(PATH, &order).await;
            if let Err(failure) = ordered {
                list.change(|all| *all = before);
                toasts.fail(say_failure_now(i18n, &failure));
            }
        });
    }
}

/// What a reason can stand for.
pub const STATES: [Availability; 2] = [Availability::Away, Availability::DoNotDisturb];

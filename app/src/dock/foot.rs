//! The lower edge of a card in talk: what is made from it, folding, keeping open.

use leptos::prelude::*;
use phone::Command;

use super::{card::CardModel, slot::Slot};
use crate::{
    components::{
        Icon,
        reactive::{When, act, changing, text},
    },
    i18n::*,
    state::phone::use_phone,
};

/// The tabs of a card in talk.
#[component]
pub fn Tabs(model: CardModel) -> impl IntoView {
    let i18n = use_i18n();
    let calls = move || {
        let count = model
            .client
            .with(|client| client.as_ref().map_or(0, |client| client.call_count));
        (count > 0).then(|| count.to_string())
    };
    let has_script = move || {
        model.client.with(|client| {
            let deals = client.as_ref().map(|client| &client.deals);
            deals.is_some_and(|deals| deals.iter().any(|deal| !deal.script.is_empty()))
        })
    };
    let tab = move |slot: Option<Slot>,
                    name: &'static str,
                    words: Signal<String>,
                    count: Signal<String>| {
        view! {
            <button role="tab" data-testid=name aria-selected=text(move || (model.slot.get() == slot).to_string()) on:click=act(move |_| model.slot.set(slot))>
                {words}<span class="mute num">{count}</span>
            </button>
        }
    };
    view! {
        <div class="tabs call__tabs" role="tablist" aria-label=tr!(i18n, client.parts)>
            {tab(None, "card-tab-client", tr!(i18n, client.tab), Signal::default())}
            <When when=has_script>{tab(Some(Slot::Script), "card-tab-script", tr!(i18n, client.script), Signal::default())}</When>
            {tab(Some(Slot::History), "card-tab-history", tr!(i18n, client.history), text(calls))}
            {tab(Some(Slot::Files), "card-tab-files", tr!(i18n, client.files), Signal::default())}
        </div>
    }
}

/// Buttons for what is made from the call.
#[component]
pub fn Foot(model: CardModel) -> impl IntoView {
    let i18n = use_i18n();
    let more = RwSignal::new(false);
    let open = move |slot: Slot| {
        more.set(false);
        model
            .slot
            .update(|now| *now = Some(slot).filter(|_| *now != Some(slot)));
    };
    let button = move |slot: Slot,
                       name: &'static str,
                       icon: &'static str,
                       words: Signal<String>| {
        view! {
            <button class="btn btn--quiet" data-testid=name aria-pressed=text(move || (model.slot.get() == Some(slot)).to_string()) on:click=act(move |_| open(slot))><Icon name=icon/>{words}</button>
        }
    };
    view! {
        <div class="anchor call__last">
        <div class="call__foot">
            {button(Slot::Deal, "card-deal-new", "square-kanban", tr!(i18n, client.deal))}
            {button(Slot::Task, "card-task-new", "square-check", tr!(i18n, client.task_new))}
            {button(Slot::Interaction, "card-interaction-new", "message-square", tr!(i18n, client.interaction))}
            <span class="push"></span>
            <button class="btn btn--icon btn--quiet" data-testid="card-pin" aria-label=tr!(i18n, client.pin) title=tr!(i18n, client.pin) aria-pressed=text(move || model.pinned.get().to_string()) on:click=act(move |_| model.pinned.update(|on| *on = !*on))><Icon name="pin"/></button>
            <button class="btn btn--icon btn--quiet" data-testid="card-more" aria-haspopup="menu" aria-expanded=text(move || more.get().to_string()) aria-label=tr!(i18n, client.more) title=tr!(i18n, client.more) on:click=act(move |_| more.update(|on| *on = !*on))><Icon name="ellipsis"/></button>
            <button class="btn btn--icon btn--quiet" data-testid="card-fold" aria-label=tr!(i18n, client.fold) title=tr!(i18n, client.fold) on:click=act(move |_| model.folded.set(true))><Icon name="chevron-down"/></button>
        </div>
        <When when=move || more.get()><More model open=Callback::new(open)/></When>
        </div>
    }
}

#[component]
fn More(model: CardModel, open: Callback<Slot>) -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let own = phone.own_extension();
    let manager = Memo::new(move |_| {
        let client = model.client.get()?;
        client
            .manager
            .filter(|one| Some(&one.extension) != own.as_ref())
    });
    let hand_over = move |_| {
        let key = model
            .call
            .with_untracked(|call| call.as_ref().map(|call| call.key));
        if let (Some(call), Some(to)) = (key, manager.get_untracked()) {
            phone.send(Command::Transfer {
                call,
                number: to.extension,
            });
        }
    };
    view! {
        <div class="menu call__reasons" role="menu" aria-label=tr!(i18n, client.more)>
            <button role="menuitem" tabindex="-1" data-testid="card-order-new" on:click=act(move |_| open.run(Slot::Order))><Icon name="receipt"/>{tr!(i18n, client.order_new)}</button>
            <button role="menuitem" tabindex="-1" data-testid="card-request-new" on:click=act(move |_| open.run(Slot::Request))><Icon name="life-buoy"/>{tr!(i18n, client.request_new)}</button>
            {changing(move || manager.get().map(|to| view! {
                <button role="menuitem" tabindex="-1" data-testid="card-to-manager" on:click=act(hand_over)><Icon name="phone-forwarded"/>{fill!(i18n, client.to_manager, name = to.name)}</button>
            }))}
        </div>
    }
}

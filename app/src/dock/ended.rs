//! A card of a call that is over: why, in a sentence.

use crate::components::reactive::{When, act, flag, text};
use api_types::{CallRecord, Direction};
use gloo::timers::callback::Timeout;
use leptos::prelude::*;
use phone::{CallPhase, Command, EndReason, Side};

use super::{
    card::CardModel,
    hand_on,
    new_contact::NewContact,
    parts::{LineName, Who},
    slot::{Slot, SlotView},
    wrap_up::{self, WrapClock},
};
use crate::{
    components::Icon,
    i18n::*,
    platform::{
        bridge::{self, Topic},
        time,
    },
    state::phone::use_phone,
    view::{ending::Ending, format, wrap_up::Wrap},
};

/// How long a card stays after a natural end, in milliseconds.
const STAY_MS: u32 = 6_000;
/// The same where there was a talk to be written up, and no rule says how long that takes.
const STAY_TALK_MS: u32 = 20_000;
/// The same where a rule does, after it is over.
const STAY_RULE_MS: u32 = 1_000;
/// How long a card that says what went wrong stays, in milliseconds.
const STAY_FAILED_MS: u32 = 30_000;

/// Goes by itself unless somebody points at it or types in it.
#[component]
pub fn EndedCard(model: CardModel) -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let reason = model
        .call
        .with_untracked(|call| match call.as_ref().map(|call| &call.phase) {
            Some(CallPhase::Ended(reason)) => reason.clone(),
            _ => EndReason {
                by_us: false,
                code: 0,
                reason: String::new(),
                talk_ms: 0,
            },
        });
    let side = model.face.with_untracked(|face| face.side);
    let ending = Ending::of(side, &reason);
    let dismiss = move || {
        if let Some(call) = model.call.get_untracked() {
            phone.send(Command::Dismiss(call.key));
        }
    };
    let talked = reason.talk_ms > 0;
    let own = phone.own_extension();
    // Of a call that was handed over, whoever talked last does.
    let writes_up = Memo::new(move |_| {
        let is_ours = |record: &CallRecord| {
            let employee = record.employee.as_ref();
            record.direction == Direction::Internal
                || employee.is_none_or(|last| own.as_ref() == Some(&last.extension))
        };
        talked
            && model
                .record
                .with(|record| record.as_ref().is_some_and(is_ours))
    });
    let left = wrap_up::left();
    let stay_ms = match (ending.is_normal(), talked) {
        (false, _) => STAY_FAILED_MS,
        (true, true) => STAY_TALK_MS,
        (true, false) => STAY_MS,
    };
    leave_in_time(model, left, stay_ms, dismiss);
    // What was open during the call gives its place to what is left to do; what was typed is kept.
    model.slot.set(None);
    let close = move |_| match model.required.get_untracked() {
        true => {
            let key = model
                .call
                .with_untracked(|call| call.as_ref().map(|call| call.key.0));
            bridge::tell(Topic::Card, &format!("ask {}", key.unwrap_or_default()));
        }
        false => dismiss(),
    };
    let handed_on = model.call.with_untracked(|call| {
        call.as_ref()
            .and_then(|call| call.transfer.clone())
            .filter(|transfer| matches!(transfer.progress, phone::TransferProgress::Done { .. }))
    });
    let why = move || match &handed_on {
        Some(transfer) => hand_on::sentence(i18n, transfer),
        None => ending.say(i18n).to_owned(),
    };
    let icon = if side == Side::Incoming {
        "phone-incoming"
    } else {
        "phone-outgoing"
    };
    let ended = move || {
        let at = model
            .record
            .with(|record| record.as_ref().and_then(|record| record.ended_at));
        at.map(|at| fill!(i18n, wrap.ended, time = time::clock(at, i18n.get_locale())))
    };
    let word = move || match left.with(Option::is_some) {
        true => t_string!(i18n, presence.wrap_up),
        false => t_string!(i18n, card.ended),
    };
    view! {
        <div class="call__state" class:call__state--wrap=flag(move || left.with(Option::is_some))>
            <Icon name=icon class="i--14"/><span>{text(word)}</span>
            <WrapClock left/>
            <When when=move || left.with(Option::is_none)><LineName model/></When>
            <button class="btn btn--quiet btn--icon push" data-testid="dismiss" aria-label=tr!(i18n, card.close) on:click=act(close)><Icon name="x"/></button>
        </div>
        <div class="call__head">
            <Who model ringing=false/>
            <When when=move || talked><div class="call__when"><div class="call__time">{format::duration(reason.talk_ms)}</div><div class="t12 mute num">{text(ended)}</div></div></When>
        </div>
        <div class="call__why row" class:stop=!ending.is_normal() role="status" data-testid="why">
            <Icon name=if ending.is_normal() { "info" } else { "circle-x" }/><span class="grow">{text(why)}</span>
        </div>
        <NewContact model/>
        <When when=move || writes_up.get()>
            <div class="call__body call__body--wrap">
                <SlotView model what=Signal::stored(Some(Slot::WrapUp))/>
            </div>
            <Quad model/>
            <When when=move || model.slot.get().is_some()><div class="call__body call__last"><SlotView model what=model.slot/></div></When>
        </When>
        <When when=move || !writes_up.get()><CallAgain model/></When>
    }
}

/// What can be made of the call still.
#[component]
fn Quad(model: CardModel) -> impl IntoView {
    let i18n = use_i18n();
    let button = move |slot: Slot,
                       name: &'static str,
                       icon: &'static str,
                       words: Signal<String>| {
        view! {
            <button class="btn" data-testid=name aria-pressed=text(move || (model.slot.get() == Some(slot)).to_string())
                on:click=act(move |_| model.slot.update(|now| *now = Some(slot).filter(|_| *now != Some(slot))))><Icon name=icon/>{words}</button>
        }
    };
    view! {
        <div class="quad call__last">
            {button(Slot::Task, "card-task-new", "square-check", tr!(i18n, client.task_new))}
            {button(Slot::Deal, "card-deal-new", "square-kanban", tr!(i18n, client.deal))}
            {button(Slot::Order, "card-order-new", "receipt", tr!(i18n, client.order_new))}
            {button(Slot::Request, "card-request-new", "life-buoy", tr!(i18n, client.request_new))}
        </div>
    }
}

/// The card goes by itself when the wrap-up is over, else after a while; not while somebody points at
/// it or types in it, and not before what is required was given.
fn leave_in_time(
    model: CardModel,
    left: Memo<Option<Wrap>>,
    stay_ms: u32,
    leave: impl Fn() + Copy + Send + Sync + 'static,
) {
    let timer = StoredValue::new_local(None::<Timeout>);
    let stays = Memo::new(move |_| {
        model.touched.get()
            || model.required.get()
            || model.pinned.get()
            || model.slot.get().is_some()
            || left.with(Option::is_some)
    });
    Effect::new(move |had_rule: Option<bool>| {
        let had_rule = had_rule.unwrap_or(false) || left.with(Option::is_some);
        timer.try_update_value(Option::take);
        if !stays.get() {
            let after = if had_rule { STAY_RULE_MS } else { stay_ms };
            timer.try_set_value(Some(Timeout::new(after, leave)));
        }
        had_rule
    });
    on_cleanup(move || {
        timer.try_update_value(Option::take);
    });
}

#[component]
fn CallAgain(model: CardModel) -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let words = move || match model.face.with(|face| face.side) {
        Side::Incoming => t_string!(i18n, card.call_back),
        Side::Outgoing => t_string!(i18n, card.call_again),
    };
    let number = move || {
        let known = model.record.with(|record| {
            record
                .as_ref()
                .and_then(|record| record.number.clone())
                .map(|number| number.e164)
        });
        known
            .or_else(|| {
                model
                    .call
                    .with(|call| call.as_ref().map(|call| call.number.clone()))
            })
            .filter(|number| crate::view::dial::number(number).is_some())
    };
    move || {
        number().map(|number| view! {
        <div class="call__again"><button class="btn" data-testid="call-again" on:click=act(move |_| { phone.dial(&number); })><Icon name="phone"/>{text(words)}</button></div>
    })
    }
}

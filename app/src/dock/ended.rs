//! A card of a call that is over: why, in a sentence.

use crate::components::reactive::{When, act, text};
use gloo::timers::callback::Timeout;
use leptos::prelude::*;
use phone::{CallPhase, Command, EndReason, Side};

use super::{
    card::CardModel,
    hand_on,
    new_contact::NewContact,
    note_field::NoteField,
    parts::{LineName, Who},
};
use crate::{
    components::Icon,
    i18n::*,
    state::phone::use_phone,
    view::{ending::Ending, format},
};

/// How long a card stays after a natural end, in milliseconds.
const STAY_MS: u32 = 6_000;
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
    let leave = go_later(
        if ending.is_normal() {
            STAY_MS
        } else {
            STAY_FAILED_MS
        },
        dismiss,
    );
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
    let failed = reason.talk_ms == 0;
    view! {
        <div class="call__hold" on:mouseenter=act(move |_| leave.stay()) on:mouseleave=act(move |_| leave.go()) on:focusin=act(move |_| leave.stay()) on:focusout=act(move |_| leave.go())>
            <div class="call__state">
                <Icon name=icon class="i--14"/><span>{tr!(i18n, card.ended)}</span><LineName model/>
                <button class="btn btn--quiet btn--icon push" data-testid="dismiss" aria-label=tr!(i18n, card.close) on:click=act(move |_| dismiss())><Icon name="x"/></button>
            </div>
            <div class="call__head">
                <Who model ringing=false/>
                <When when=move || !failed><div class="call__time">{format::duration(reason.talk_ms)}</div></When>
            </div>
            <div class="call__why row" class:stop=!ending.is_normal() role="status" data-testid="why">
                <Icon name=if ending.is_normal() { "info" } else { "circle-x" }/><span class="grow">{text(why)}</span>
            </div>
            <NewContact model/>
            <When when=move || !failed><NoteField model/></When>
            <CallAgain model/>
        </div>
    }
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

/// A card's leaving, which can be held up.
#[derive(Clone, Copy)]
struct Leaving {
    timer: StoredValue<Option<Timeout>, LocalStorage>,
    start: Callback<(), ()>,
}

impl Leaving {
    fn stay(self) {
        self.timer.try_update_value(Option::take);
    }

    fn go(self) {
        self.start.run(());
    }
}

fn go_later(after_ms: u32, leave: impl Fn() + Copy + Send + Sync + 'static) -> Leaving {
    let timer = StoredValue::new_local(None::<Timeout>);
    let start = Callback::new(move |()| {
        timer.try_set_value(Some(Timeout::new(after_ms, leave)));
    });
    start.run(());
    on_cleanup(move || {
        timer.try_update_value(Option::take);
    });
    Leaving { timer, start }
}

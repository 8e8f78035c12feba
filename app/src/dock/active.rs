//! A card of a call that goes out or is in talk.

use crate::components::reactive::{When, act, flag, text};
use api_types::RecordingState;
use leptos::prelude::*;
use phone::{CallPhase, CallView, Command, Side};

use super::{
    card::CardModel,
    client::ClientPart,
    foot::{Foot, Tabs},
    hand_on::{HandOn, Progress, Together},
    keypad::Keypad,
    new_contact::NewContact,
    parts::{LineName, Noted, Who},
    quality::{QualityAdvice, QualitySign, Sign},
    slot::SlotView,
    timer,
};
use crate::{components::Icon, i18n::*, state::phone::use_phone, view::card::PhaseWords};

/// Timer and controls. A button shows what the network has confirmed.
#[component]
pub fn ActiveCard(model: CardModel) -> impl IntoView {
    let answered = Signal::derive(move || {
        model.call.with(|call| {
            call.as_ref()
                .and_then(|call| call.answered_at)
                .map(|at| at as i64)
        })
    });
    let time = timer::since(answered);
    let talks = move || answered.get().is_some();
    // Where Trubka keeps no record there is nothing to make things of.
    let makes = move || talks() && model.record.with(Option::is_some);
    let sign = Sign::new(model);
    view! {
        <StateBar model/>
        <div class="call__head">
            <Who model ringing=false/>
            <When when=talks><div class="call__when"><div class="call__time" role="timer">{time}</div><QualitySign sign/></div></When>
        </div>
        <QualityAdvice model sign/>
        <Noted model ringing=false/>
        <Members model/>
        <Progress model/>
        <Controls model/>
        <Together model/>
        <HandOn model/>
        <NewContact model/>
        <About model/>
        <When when=makes><Foot model/></When>
    }
}

/// The tabs and what stands in them; nothing for a call between colleagues.
#[component]
fn About(model: CardModel) -> impl IntoView {
    let i18n = use_i18n();
    let known = move || model.client.with(Option::is_some);
    let here = move || model.slot.get().is_none();
    let bare = move || {
        model.client.with(|client| {
            let client = client.as_ref();
            client.is_some_and(|client| client.contacts.is_empty() && client.calls.is_empty())
        })
    };
    view! {
        <When when=known>
            <Tabs model/>
            <div class="call__body call__body--talk">
                <When when=here>
                    <ClientPart model ringing=false/>
                    <When when=bare><p class="t12 mute">{tr!(i18n, client.nothing)}</p></When>
                </When>
                <SlotView model what=model.slot/>
            </div>
        </When>
        <When when=move || !known() && !here()><div class="call__body"><SlotView model what=model.slot/></div></When>
    }
}

#[component]
fn StateBar(model: CardModel) -> impl IntoView {
    let i18n = use_i18n();
    let words = move || {
        model
            .call
            .with(|call| call.as_ref().map(|call| PhaseWords::of(call).say(i18n)))
    };
    let icon = Signal::derive(move || match model.face.with(|face| face.side) {
        Side::Incoming => "phone-incoming",
        Side::Outgoing => "phone-outgoing",
    });
    let recorded = move || {
        model.record.with(|record| {
            record
                .as_ref()
                .and_then(|record| record.recording.as_ref())
                .is_some_and(|recording| recording.state == RecordingState::Running)
        })
    };
    let is_waiting = move || {
        model.call.with(|call| {
            call.as_ref()
                .is_some_and(|call| call.phase != CallPhase::Talking)
        })
    };
    let stands_still = move || {
        model.call.with(|call| {
            call.as_ref()
                .is_some_and(|call| call.held || call.returning)
        })
    };
    view! {
        <div class="call__state" class:call__state--ring=flag(is_waiting) class:call__state--hold=flag(stands_still)>
            <Icon name=icon class="i--14"/>
            <span>{text(words)}</span>
            <LineName model/>
            <When when=recorded><span class="push row call__rec"><Icon name="audio-lines" class="i--14"/>{tr!(i18n, card.recording)}</span></When>
        </div>
    }
}

/// The others of a three-way call.
#[component]
fn Members(model: CardModel) -> impl IntoView {
    let names = Memo::new(move |_| {
        let name = |member: &phone::Member| match member.display_name.as_str() {
            "" => member.number.clone(),
            name => name.to_owned(),
        };
        model.call.with(|call| {
            call.as_ref()
                .map(|call| call.members.iter().map(name).collect::<Vec<_>>().join(", "))
                .unwrap_or_default()
        })
    });
    view! {
        <When when=move || !names.with(String::is_empty)>
            <div class="call__members row t12 soft" data-testid="members"><Icon name="users" class="i--14"/><span class="num cut">{names}</span></div>
        </When>
    }
}

#[component]
fn Controls(model: CardModel) -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let read =
        move |read: fn(&CallView) -> bool| model.call.with(|call| call.as_ref().is_some_and(read));
    let muted = Memo::new(move |_| read(|call| call.muted));
    let talks = Memo::new(move |_| read(|call| call.is_talking() && !call.returning));
    let held = Memo::new(move |_| read(|call| call.held));
    let key = move || {
        model
            .call
            .with_untracked(|call| call.as_ref().map(|call| call.key))
    };
    let mute = move |_| {
        if let Some(key) = key() {
            phone.send(Command::Mute(key, !muted.get_untracked()));
        }
    };
    let end = move |_| {
        if let Some(key) = key() {
            phone.send(Command::HangUp(key));
        }
    };
    let hold = move |_| {
        if let Some(key) = key() {
            phone.send(Command::Hold(key, !held.get_untracked()));
        }
    };
    let hand_on = move |only_add: bool| {
        if let Some(key) = key() {
            phone.hand_on_toggle(key, only_add);
        }
    };
    let is_open = move |only_add: bool| {
        let key = model.call.with(|call| call.as_ref().map(|call| call.key));
        phone.hand_on.get() == key.map(|key| (key, only_add))
    };
    let hold_words = move || {
        if held.get() {
            t_string!(i18n, card.resume)
        } else {
            t_string!(i18n, card.hold)
        }
    };
    let hold_icon = Signal::derive(move || if held.get() { "play" } else { "pause" });
    let keypad = phone.keypad_open;
    let mute_icon = Signal::derive(move || if muted.get() { "mic-off" } else { "mic" });
    let mute_words = move || {
        if muted.get() {
            t_string!(i18n, card.muted)
        } else {
            t_string!(i18n, card.mute)
        }
    };
    view! {
        <When when=move || talks.get() && keypad.get()><Keypad model/></When>
        <div class="call__ctl" role="toolbar" aria-label=tr!(i18n, card.controls)>
            <When when=move || talks.get()>
                <button class="ctl" data-testid="mute" title="Alt M" aria-pressed=text(move || muted.get().to_string()) on:click=act(mute)>
                    <Icon name=mute_icon/><span>{text(mute_words)}</span>
                </button>
                <button class="ctl ctl--hold" data-testid="hold" title="Alt P" aria-pressed=text(move || held.get().to_string()) on:click=act(hold)>
                    <Icon name=hold_icon/><span>{text(hold_words)}</span>
                </button>
                <button class="ctl" data-testid="keypad" title="Alt K" aria-pressed=text(move || keypad.get().to_string()) on:click=act(move |_| keypad.update(|open| *open = !*open))>
                    <Icon name="grip"/><span>{tr!(i18n, card.keypad)}</span>
                </button>
                <button class="ctl" data-testid="transfer" title="Alt T" aria-pressed=text(move || is_open(false).to_string()) on:click=act(move |_| hand_on(false))>
                    <Icon name="phone-forwarded"/><span>{tr!(i18n, hand_on.transfer)}</span>
                </button>
                <button class="ctl" data-testid="add" aria-pressed=text(move || is_open(true).to_string()) on:click=act(move |_| hand_on(true))>
                    <Icon name="user-plus"/><span>{tr!(i18n, hand_on.add)}</span>
                </button>
            </When>
            <button class="ctl ctl--end" data-testid="hang-up" title="Alt X" on:click=act(end)><Icon name="phone-off"/><span>{tr!(i18n, card.end)}</span></button>
        </div>
    }
}

//! What the later module does without being seen: headsets and media keys.

use std::cell::{Cell, RefCell};

use gloo::events::EventListener;
use leptos::prelude::*;
use phone::{Headsets, PhoneState, wire};
// Nothing of Leptos is mounted yet, and with it what runs its tasks.
use wasm_bindgen_futures::spawn_local;

use super::{activity, card, presence};
use crate::platform::bridge::{self, Topic};

/// Headsets, and what their dialog shows of them.
struct Attendant {
    headsets: Headsets,
    names: RwSignal<Vec<String>>,
    _listener: EventListener,
}

thread_local! {
    static ATTENDANT: RefCell<Option<Attendant>> = const { RefCell::new(None) };
    static OWNER: Cell<Option<Owner>> = const { Cell::new(None) };
}

/// Begins; again: nothing.
pub fn attend() {
    ATTENDANT.with_borrow_mut(|attendant| {
        attendant.get_or_insert_with(begin);
    });
    bridge::tell(Topic::Command, "");
}

fn begin() -> Attendant {
    let owner = Owner::new();
    let names = owner.with(|| RwSignal::new(Vec::new()));
    OWNER.set(Some(owner));
    activity::watch();
    card::watch();
    card::send_left();
    bridge::listen(Topic::Presence, |word| match word.as_str() {
        "available" => spawn_local(presence::be_available()),
        "longer" => spawn_local(presence::wrap_up_longer()),
        "done" => spawn_local(presence::end_wrap_up()),
        "away" => spawn_local(presence::be_away()),
        _ => {}
    })
    .forget();
    let send = |command| bridge::tell(Topic::Command, &wire::write(&command));
    let headsets = Headsets::new(send, move |known| names.set(known));
    let following = headsets.clone();
    let _listener = bridge::listen(Topic::Phone, move |text| {
        if let Some((leads, state)) = text.split_at_checked(1)
            && let Some(state) = wire::read::<PhoneState>(state)
        {
            following.follow(&state, leads == "1");
        }
    });
    Attendant {
        headsets,
        names,
        _listener,
    }
}

/// The names of the headsets whose buttons work, followed.
pub fn headset_names() -> Vec<String> {
    let names = ATTENDANT.with_borrow(|attendant| attendant.as_ref().map(|one| one.names));
    names.map(|names| names.get()).unwrap_or_default()
}

/// Has the person allow a headset; after a click only.
pub async fn connect_headset() {
    let headsets =
        ATTENDANT.with_borrow(|attendant| attendant.as_ref().map(|one| one.headsets.clone()));
    if let Some(headsets) = headsets {
        headsets.connect().await;
    }
}

//! Which microphone, speaker and ringer are used, and what is done when one comes or goes.
//!
//! ```text
//!  choice, list of devices ─► wish ─► differs from what is open ─► open that one ─► every call's
//!                                                                                  track is renewed
//!  the open one ended ─► lost ─► whatever the system has ─► chosen one is back ─► that one again
//! ```
//! A call is never ended because a device went.

use super::{Machine, MediaAction, Output, call::Step, media::Microphone};
use crate::{
    Choices, Device, DeviceName, DeviceRole, MicrophoneWish, PhoneEvent, Processing, Trouble,
    devices::find, quality::IncidentKind, wire,
};

/// Choices and what is known of the devices.
#[derive(Default)]
pub(super) struct Gear {
    pub(super) choices: Choices,
    /// Those plugged in; `None`: the browser has told no names yet.
    present: Option<Vec<Device>>,
    /// Where the other side is played, and where it rings, as last told; empty: the default.
    outputs: (String, String),
    /// The microphone that went away while it was used.
    pub(super) lost: Option<String>,
    /// Another is opened as soon as it is known what there is.
    is_searching: bool,
    /// What comes is cleaned, as last told.
    cleans: bool,
    is_watched: bool,
    shown: Choices,
}

impl Machine {
    /// What this browser has kept.
    pub(super) fn restore_devices(&mut self, kept: &str) {
        self.gear.choices = wire::read(kept).unwrap_or_default();
    }

    pub(super) fn choose_device(&mut self, role: DeviceRole, device: Option<DeviceName>) {
        *self.gear.choices.of_mut(role) = device;
        self.gear.lost = None;
        self.keep_choices();
    }

    pub(super) fn process(&mut self, processing: Processing) {
        self.gear.choices.processing = processing;
        self.keep_choices();
    }

    pub(super) fn clean_theirs(&mut self, on: bool) {
        self.gear.choices.clean_theirs = on;
        self.keep_choices();
    }

    fn keep_choices(&mut self) {
        let text = wire::write(&self.gear.choices);
        self.outputs.push_back(Output::KeepDevices(text));
    }

    /// The browser tells what is plugged in. Names are empty as long as no microphone was allowed.
    pub(super) fn devices_found(&mut self, devices: Vec<Device>) {
        let is_told = devices.iter().any(|device| !device.name.label.is_empty());
        self.gear.present = is_told.then_some(devices);
        let (gear, mut is_renamed) = (&mut self.gear, false);
        for role in ROLES {
            let is_input = role == DeviceRole::Microphone;
            let present = gear.present.as_deref().unwrap_or_default();
            if let Some(chosen) = gear.choices.of_mut(role)
                && let Some(found) = find(chosen, is_input, present)
                && found != chosen
            {
                *chosen = found.clone();
                is_renamed = true;
            }
        }
        if is_renamed {
            self.keep_choices();
        }
        self.learn_default();
        let searches = std::mem::take(&mut self.gear.is_searching);
        if self.microphone == Microphone::Closed
            && self.has_live_calls()
            && (searches || self.could_come() && self.has_input())
        {
            self.open_microphone();
        }
    }

    /// Names became known with the permission; what is open is the default they tell now.
    fn learn_default(&mut self) {
        let wish = self.microphone_wish();
        if let Microphone::Open { wish: open, .. } | Microphone::Opening { wish: open, .. } =
            &mut self.microphone
            && open.device.is_none()
            && open.default.is_none()
        {
            open.default = wish.default;
        }
    }

    /// There was no microphone, which may have changed.
    fn could_come(&self) -> bool {
        let may_pass = [Trouble::NoMicrophone, Trouble::MicrophoneBusy];
        may_pass.iter().any(|one| self.troubles.contains(one))
    }

    fn has_input(&self) -> bool {
        let devices = self.gear.present.iter().flatten();
        devices.into_iter().any(|device| device.is_input)
    }

    /// The person has allowed the microphone.
    pub(super) fn microphone_allowed(&mut self) {
        if !self.troubles.contains(&Trouble::MicrophoneDenied) {
            return;
        }
        if self.has_live_calls() {
            self.open_microphone();
        } else {
            self.set_trouble(Trouble::MicrophoneDenied, false);
        }
    }

    /// The microphone in use was unplugged, or the permission taken back.
    pub(super) fn microphone_ended(&mut self) {
        match &mut self.microphone {
            Microphone::Closed => return,
            Microphone::Opening { before, .. } => {
                self.gear.lost = before.take().or_else(|| self.gear.lost.take());
                return;
            }
            Microphone::Open { label, .. } => {
                self.gear.lost.get_or_insert_with(|| label.clone());
                self.microphone = Microphone::Closed;
            }
        }
        self.microphone_was_lost = true;
        self.note_all(IncidentKind::MicrophoneLost);
        if self.has_live_calls() {
            self.gear.is_searching = true;
            self.outputs.push_back(Output::FindDevices);
        }
    }

    /// What is to be open as microphone.
    pub(super) fn microphone_wish(&self) -> MicrophoneWish {
        let device = self.device_id(DeviceRole::Microphone);
        let inputs = self.gear.present.iter().flatten();
        let default = inputs
            .into_iter()
            .find(|device| device.is_input)
            .map(|device| device.name.clone())
            .filter(|_| device.is_none());
        MicrophoneWish {
            device,
            processing: self.gear.choices.processing,
            default,
        }
    }

    /// The chosen device unless it is known to be away.
    fn device_id(&self, role: DeviceRole) -> Option<String> {
        let chosen = self.gear.choices.of(role).as_ref()?;
        (!self.is_away(role)).then(|| chosen.id.clone())
    }

    fn is_away(&self, role: DeviceRole) -> bool {
        let is_input = role == DeviceRole::Microphone;
        let Some(present) = &self.gear.present else {
            return false;
        };
        let chosen = self.gear.choices.of(role).as_ref();
        // Some browsers name no speaker before it was asked for.
        present.iter().any(|device| device.is_input == is_input)
            && chosen.is_some_and(|chosen| find(chosen, is_input, present).is_none())
    }

    /// Follows up on what came, went or was chosen.
    pub(super) fn follow_devices(&mut self) {
        self.change_microphone();
        self.direct_sound();
        let cleans = self.gear.choices.clean_theirs;
        if std::mem::replace(&mut self.gear.cleans, cleans) != cleans {
            self.outputs.push_back(Output::CleanTheirs(cleans));
        }
        let lives = self.has_live_calls();
        if self.gear.is_watched != lives {
            self.gear.is_watched = lives;
            self.outputs.push_back(Output::WatchDevices(lives));
        }
        if !lives {
            self.gear.lost = None;
        }
        self.say_what_is_away();
        if self.gear.shown != self.gear.choices {
            self.gear.shown = self.gear.choices.clone();
            let told = Box::new(self.gear.choices.clone());
            self.tell(PhoneEvent::DevicesChanged(told));
        }
    }

    fn change_microphone(&mut self) {
        let wanted = self.microphone_wish();
        if let Microphone::Open { wish, label } = &self.microphone
            && *wish != wanted
        {
            let before = Some(label.clone());
            if self.is_away(DeviceRole::Microphone) {
                self.gear.lost = before.clone();
            }
            self.ask_for_microphone(wanted, before);
        }
    }

    pub(super) fn ask_for_microphone(&mut self, wish: MicrophoneWish, before: Option<String>) {
        self.outputs.push_back(Output::OpenMicrophone(wish.clone()));
        self.microphone = Microphone::Opening { wish, before };
    }

    /// Every call speaks through the microphone that was opened last.
    pub(super) fn renew_tracks(&mut self) {
        for call in self.calls.iter().filter(|call| has_media(&call.step)) {
            let action = Output::Media(call.key(), MediaAction::RenewTrack);
            self.outputs.push_back(action);
        }
    }

    fn direct_sound(&mut self) {
        let speaker = self.device_id(DeviceRole::Speaker).unwrap_or_default();
        let ringer = self.device_id(DeviceRole::Ringer);
        let ringer = ringer.unwrap_or_else(|| speaker.clone());
        if self.gear.outputs != (speaker.clone(), ringer.clone()) {
            self.gear.outputs = (speaker.clone(), ringer.clone());
            self.outputs.push_back(Output::Direct { speaker, ringer });
        }
    }

    /// During a call: what the person chose is not what they speak into or hear by.
    fn say_what_is_away(&mut self) {
        let lives = self.has_live_calls();
        let microphone = match &self.microphone {
            Microphone::Open { label, .. } if lives => self.microphone_gone(label),
            // It is being found out.
            Microphone::Opening { .. } => return,
            _ => None,
        };
        let speaker = self.gear.choices.speaker.as_ref();
        let speaker = speaker
            .filter(|_| lives && self.is_away(DeviceRole::Speaker))
            .map(|name| Trouble::SpeakerGone {
                name: name.label.clone(),
            });
        let is_such = |trouble: &Trouble| {
            matches!(
                trouble,
                Trouble::MicrophoneGone { .. } | Trouble::SpeakerGone { .. }
            )
        };
        let gone: Vec<Trouble> = microphone.into_iter().chain(speaker).collect();
        let known: Vec<Trouble> = self
            .troubles
            .iter()
            .filter(|one| is_such(one))
            .cloned()
            .collect();
        if gone != known {
            self.troubles.retain(|one| !is_such(one));
            self.troubles.extend(gone);
            self.tell(PhoneEvent::TroubleChanged(self.troubles.clone()));
        }
    }

    fn microphone_gone(&self, used: &str) -> Option<Trouble> {
        let chosen = self.gear.choices.microphone.as_ref();
        let away = chosen.filter(|_| self.is_away(DeviceRole::Microphone));
        let name = away.map_or_else(|| self.gear.lost.clone(), |away| Some(away.label.clone()))?;
        Some(Trouble::MicrophoneGone {
            name,
            used: used.to_owned(),
        })
    }
}

/// Whether the browser has been asked for the call's audio.
fn has_media(step: &Step) -> bool {
    match step {
        Step::NeedsMicrophone
        | Step::Ringing { .. }
        | Step::AnswerNeedsMicrophone { .. }
        | Step::AwaitsCallBack { .. }
        | Step::Over => false,
        Step::Returning(returning) => returning.is_asked,
        _ => true,
    }
}

const ROLES: [DeviceRole; 3] = [
    DeviceRole::Microphone,
    DeviceRole::Speaker,
    DeviceRole::Ringer,
];

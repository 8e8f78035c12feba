//! The audio of one call: a peer connection and the element that plays the far end.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use gloo::timers::{callback::Interval, future::TimeoutFuture};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    HtmlAudioElement, MediaStream, MediaStreamTrack, RtcConfiguration, RtcIceGatheringState,
    RtcOfferOptions, RtcPeerConnection, RtcPeerConnectionState, RtcRtpSender, RtcRtpTransceiver,
    RtcRtpTransceiverDirection, RtcSdpType, RtcSessionDescriptionInit, RtcTrackEvent, window,
};

use super::{
    Ear, Feed,
    denoise::{Clean, stream_of},
    devices::{direct, redirect},
    look, media_way, octets_in, page,
};
use crate::{
    CallKey,
    machine::{Input, MediaAction, MediaEvent},
    quality::Loudness,
};

/// Dropping it closes the connection and takes the element away.
pub(super) struct Peer {
    shared: Rc<Shared>,
    sender: RtcRtpSender,
    track: RefCell<MediaStreamTrack>,
    is_muted: Cell<bool>,
    is_held: Cell<bool>,
    _counting: Interval,
    _on_state: Closure<dyn FnMut()>,
    _on_track: Closure<dyn FnMut(RtcTrackEvent)>,
}

struct Shared {
    call: CallKey,
    connection: RtcPeerConnection,
    audio: HtmlAudioElement,
    /// Descriptions wait for our candidates.
    gathers: bool,
    /// What the far end sends.
    far: RefCell<Option<MediaStreamTrack>>,
    wants_clean: Cell<bool>,
    /// What is played instead of it. Chromium hands nothing on of a track that no element plays, so
    /// one plays it unheard.
    clean: RefCell<Option<(Clean, HtmlAudioElement)>>,
    sent: RefCell<MediaStreamTrack>,
    /// Where statistics do not tell how loud that is; `Some(None)`: it cannot be told at all.
    ear: RefCell<Option<Option<Ear>>>,
    feed: Feed,
}

impl Peer {
    /// A connection that sends `track`. It needs no STUN server: the gateway learns our address from
    /// our checks.
    pub(super) fn new(
        call: CallKey,
        track: MediaStreamTrack,
        speaker: &str,
        configuration: &RtcConfiguration,
        gathers: bool,
        feed: Feed,
    ) -> Result<Self, JsValue> {
        let connection = RtcPeerConnection::new_with_configuration(configuration)?;
        let stream = MediaStream::new()?;
        stream.add_track(&track);
        let sender = connection.add_track_0(&track, &stream);
        let shared = Rc::new(Shared {
            call,
            connection,
            audio: element(call)?,
            gathers,
            far: RefCell::default(),
            wants_clean: Cell::new(false),
            clean: RefCell::default(),
            // Another handle of the same track, not the clone of Media Capture and Streams §4.3.
            sent: RefCell::new(Clone::clone(&track)),
            ear: RefCell::default(),
            feed,
        });
        let (stated, tracked) = (Rc::downgrade(&shared), Rc::downgrade(&shared));
        let on_state = Closure::new(move || {
            if let Some(shared) = stated.upgrade() {
                shared.state_changed();
            }
        });
        let on_track = Closure::new(move |event: RtcTrackEvent| {
            if let Some(shared) = tracked.upgrade() {
                shared.heard(&event);
            }
        });
        direct(&shared.audio, speaker);
        let connection = &shared.connection;
        connection.set_onconnectionstatechange(Some(on_state.as_ref().unchecked_ref()));
        connection.set_ontrack(Some(on_track.as_ref().unchecked_ref()));
        Ok(Self {
            _counting: count(&shared),
            shared,
            sender,
            track: RefCell::new(track),
            is_muted: Cell::new(false),
            is_held: Cell::new(false),
            _on_state: on_state,
            _on_track: on_track,
        })
    }

    /// Other TURN servers or credentials, from the next ICE restart on.
    pub(super) fn configure(&self, configuration: &RtcConfiguration) {
        let connection = &self.shared.connection;
        // The old ones serve on where this is refused.
        let _ = connection.set_configuration_with_configuration(configuration);
    }

    pub(super) fn perform(&self, action: MediaAction) {
        match action {
            MediaAction::MakeOffer { restart_ice } => {
                self.describe(move |shared| async move { shared.offer(restart_ice).await });
            }
            MediaAction::AnswerOffer(sdp) => {
                self.describe(move |shared| async move { shared.answer(&sdp).await });
            }
            MediaAction::ApplyAnswer(sdp) => self.apply(RtcSdpType::Answer, sdp),
            MediaAction::Rollback => self.roll_back(),
            MediaAction::SetMuted(muted) => {
                self.is_muted.set(muted);
                self.open_track();
            }
            MediaAction::SetHold(held) => self.hold(held),
            MediaAction::SendDigits(digits) => self.send_digits(&digits),
            MediaAction::Count => spawn_local(count_once(self.shared.clone())),
            MediaAction::RenewTrack | MediaAction::Close => {}
        }
    }

    fn open_track(&self) {
        let is_open = !self.is_muted.get() && !self.is_held.get();
        self.track.borrow().set_enabled(is_open);
    }

    /// Sends nothing until there is another track.
    pub(super) fn let_go(&self) {
        self.track.borrow().stop();
    }

    /// Sends another microphone's track in place of the one before.
    pub(super) fn renew_track(&self, track: MediaStreamTrack) {
        // Another handle; the method of this name makes another track.
        let before = self.track.replace(Clone::clone(&track));
        self.open_track();
        self.shared.sent.replace(Clone::clone(&track));
        self.shared.ear.take();
        let replaced = self.sender.replace_track(Some(&track));
        spawn_local(async move {
            drop(JsFuture::from(replaced).await);
            before.stop();
        });
    }

    /// Takes all that is no voice out of what comes, or no more.
    pub(super) fn clean(&self, on: bool) {
        if self.shared.wants_clean.replace(on) != on {
            self.shared.show_clean();
        }
    }

    /// Plays the far end by a device; empty: the system's default.
    pub(super) fn direct(&self, speaker: &str, wait: u32) {
        redirect(&self.shared.audio, speaker, wait);
    }

    /// Silence both ways at once; descriptions made from now on say `sendonly`, so that packets of
    /// silence keep the way open.
    fn hold(&self, held: bool) {
        self.is_held.set(held);
        self.open_track();
        self.shared.audio.set_muted(held);
        let direction = if held {
            RtcRtpTransceiverDirection::Sendonly
        } else {
            RtcRtpTransceiverDirection::Sendrecv
        };
        let transceivers = self.shared.connection.get_transceivers();
        if let Ok(transceiver) = transceivers.get(0).dyn_into::<RtcRtpTransceiver>() {
            transceiver.set_direction(direction);
        }
    }

    /// Tries again to play what the browser refused to play.
    pub(super) fn play(&self) {
        self.shared.play();
    }

    fn describe<F>(&self, make: impl FnOnce(Rc<Shared>) -> F + 'static)
    where
        F: Future<Output = Result<String, JsValue>> + 'static,
    {
        let shared = self.shared.clone();
        spawn_local(async move {
            let event = match make(shared.clone()).await {
                Ok(sdp) => MediaEvent::LocalDescription(sdp),
                Err(_) => MediaEvent::DescriptionFailed,
            };
            shared.tell(event);
        });
    }

    fn apply(&self, kind: RtcSdpType, sdp: String) {
        let shared = self.shared.clone();
        spawn_local(async move {
            if shared.set_remote(kind, &sdp).await.is_err() {
                shared.tell(MediaEvent::DescriptionFailed);
            }
        });
    }

    fn roll_back(&self) {
        let description = RtcSessionDescriptionInit::new(RtcSdpType::Rollback);
        let promise = self.shared.connection.set_local_description(&description);
        // Nothing to roll back is as good as rolled back.
        spawn_local(async move { drop(JsFuture::from(promise).await) });
    }

    /// Digits sent while others are still on their way follow them.
    fn send_digits(&self, digits: &str) {
        if let Some(dtmf) = self.sender.dtmf() {
            dtmf.insert_dtmf(&(dtmf.tone_buffer() + digits));
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.shared.connection.set_onconnectionstatechange(None);
        self.shared.connection.set_ontrack(None);
        self.shared.connection.close();
        self.track.borrow().stop();
        self.shared.wants_clean.set(false);
        self.shared.clean.take();
        self.shared.audio.set_src_object(None);
        self.shared.audio.remove();
    }
}

impl Shared {
    fn tell(&self, event: MediaEvent) {
        (self.feed)(Input::Media(self.call, event));
    }

    async fn offer(&self, restart_ice: bool) -> Result<String, JsValue> {
        let options = RtcOfferOptions::new();
        options.set_ice_restart(restart_ice);
        let made = self
            .connection
            .create_offer_with_rtc_offer_options(&options);
        self.set_local(JsFuture::from(made).await?).await
    }

    async fn answer(&self, offer: &str) -> Result<String, JsValue> {
        self.set_remote(RtcSdpType::Offer, offer).await?;
        self.set_local(JsFuture::from(self.connection.create_answer()).await?)
            .await
    }

    /// Towards our gateway the description goes out without waiting for candidates: it has all it
    /// needs.
    async fn set_local(&self, description: JsValue) -> Result<String, JsValue> {
        let description = description.unchecked_into();
        JsFuture::from(self.connection.set_local_description(&description)).await?;
        if self.gathers {
            self.gathered().await;
        }
        let local = self.connection.local_description().ok_or(JsValue::NULL)?;
        Ok(local.sdp())
    }

    /// Until all candidates are known, or there are enough.
    async fn gathered(&self) {
        for _ in 0..GATHERING_MS / LOOK_MS {
            if self.connection.ice_gathering_state() == RtcIceGatheringState::Complete {
                return;
            }
            TimeoutFuture::new(LOOK_MS).await;
        }
    }

    async fn set_remote(&self, kind: RtcSdpType, sdp: &str) -> Result<(), JsValue> {
        let description = RtcSessionDescriptionInit::new(kind);
        description.set_sdp(sdp);
        JsFuture::from(self.connection.set_remote_description(&description))
            .await
            .map(drop)
    }

    fn state_changed(&self) {
        match self.connection.connection_state() {
            RtcPeerConnectionState::Connected => self.tell(MediaEvent::Connected),
            RtcPeerConnectionState::Disconnected => self.tell(MediaEvent::Disconnected),
            RtcPeerConnectionState::Failed => self.tell(MediaEvent::Failed),
            _ => {}
        }
    }

    fn microphone(&self, now: u64) -> Option<Loudness> {
        let mut ear = self.ear.borrow_mut();
        let ear = ear.get_or_insert_with(|| Ear::new(&self.sent.borrow(), now));
        ear.as_ref()?.loudness(now)
    }

    fn heard(self: &Rc<Self>, event: &RtcTrackEvent) {
        self.far.replace(Some(event.track()));
        if let Ok(stream) = stream_of(&event.track()) {
            self.audio.set_src_object(Some(&stream));
            self.play();
        }
        self.show_clean();
    }

    /// Plays what comes without noise, or as it comes, whichever is wanted.
    fn show_clean(self: &Rc<Self>) {
        let Some(far) = self.far.borrow().clone() else {
            return;
        };
        if !self.wants_clean.get() {
            if self.clean.take().is_some()
                && let Ok(stream) = stream_of(&far)
            {
                self.audio.set_src_object(Some(&stream));
                self.play();
            }
            return;
        }
        let shared = self.clone();
        spawn_local(async move {
            let Some(clean) = Clean::of(&far).await else {
                return;
            };
            if let (true, Ok(plain), Ok(unheard), Ok(cleaned)) = (
                shared.wants_clean.get(),
                stream_of(&far),
                HtmlAudioElement::new(),
                stream_of(&clean.track),
            ) {
                unheard.set_muted(true);
                unheard.set_autoplay(true);
                unheard.set_src_object(Some(&plain));
                shared.clean.replace(Some((clean, unheard)));
                shared.audio.set_src_object(Some(&cleaned));
                shared.play();
            }
        });
    }

    fn play(&self) {
        let Ok(playing) = self.audio.play() else {
            return;
        };
        let feed = self.feed.clone();
        spawn_local(async move {
            let error = JsFuture::from(playing).await.err();
            // AbortError only means that the call is over already.
            let blocked = error.is_some_and(|error| is_refusal(&error));
            feed(Input::SoundBlocked(blocked));
        });
    }
}

/// The longest a description waits for candidates, milliseconds: a server that does not answer keeps a
/// browser gathering for many seconds.
const GATHERING_MS: u32 = 500;
/// Milliseconds between two looks at whether they are there.
const LOOK_MS: u32 = 20;
/// Milliseconds between two looks at what comes in.
const COUNT_EVERY: u32 = 1_000;

fn count(shared: &Rc<Shared>) -> Interval {
    let counted = Rc::downgrade(shared);
    Interval::new(COUNT_EVERY, move || {
        if let Some(shared) = counted.upgrade() {
            spawn_local(async move {
                if let Ok(report) = JsFuture::from(shared.connection.get_stats()).await {
                    if let Some(way) = media_way(&report) {
                        shared.tell(MediaEvent::Way(way));
                    }
                    shared.tell(MediaEvent::Heard(octets_in(&report)));
                    let now = page::now().mono;
                    let mut look = look(&report, now);
                    if look.said.loudness.is_none() && look.said.packets > 0 {
                        look.said.loudness = shared.microphone(now);
                    }
                    shared.tell(MediaEvent::Received(look.heard.packets));
                    shared.tell(MediaEvent::Look(Box::new(look)));
                }
            });
        }
    })
}

async fn count_once(shared: Rc<Shared>) {
    if let Ok(report) = JsFuture::from(shared.connection.get_stats()).await {
        let packets = look(&report, page::now().mono).heard.packets;
        shared.tell(MediaEvent::Received(packets));
    }
}

/// The browser does not allow sound yet.
pub(super) fn is_refusal(error: &JsValue) -> bool {
    error
        .dyn_ref::<web_sys::DomException>()
        .is_some_and(|error| error.name() == "NotAllowedError")
}

fn element(call: CallKey) -> Result<HtmlAudioElement, JsValue> {
    let audio = HtmlAudioElement::new()?;
    audio.set_autoplay(true);
    audio.set_attribute("data-trubka", "remote")?;
    audio.set_attribute("data-call", &call.0.to_string())?;
    let body = window()
        .and_then(|window| window.document())
        .and_then(|document| document.body());
    body.ok_or(JsValue::NULL)?.append_child(&audio)?;
    Ok(audio)
}

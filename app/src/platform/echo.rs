//! What the check before a call asks of the browser: the microphone, a WebSocket, and a peer connection
//! to the server's echo.

use std::{cell::RefCell, rc::Rc};

use api_types::{EchoAnswer, EchoOffer};
use gloo::timers::future::sleep;
use js_sys::Reflect;
use phone::{Ear, IceServer, MediaWay, quality::Snapshot};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    MediaStream, MediaStreamConstraints, MediaStreamTrack, MessageEvent, RtcConfiguration,
    RtcIceTransportPolicy, RtcPeerConnection, RtcPeerConnectionState, RtcSdpType,
    RtcSessionDescriptionInit, WebSocket, window,
};

use crate::{
    api::Api,
    view::precheck::{StepWords, only_by},
};

/// How long a path may take to open, and a WebSocket to answer, milliseconds.
const PATIENCE_MS: u64 = 6_000;
/// Between two looks at whether it has.
const LOOK_MS: u64 = 50;

/// Milliseconds on a clock that never goes back.
pub fn now_ms() -> u64 {
    let clock = window().and_then(|window| window.performance());
    clock.map_or(0.0, |clock| clock.now()) as u64
}

/// Waits.
pub async fn pause(ms: u64) {
    sleep(std::time::Duration::from_millis(ms)).await;
}

/// The microphone; letting go of it closes it.
pub struct Microphone(pub MediaStreamTrack);

impl Drop for Microphone {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// Opens the microphone; a refusal in words.
pub async fn microphone() -> Result<Microphone, StepWords> {
    let page = window().ok_or(StepWords::MicrophoneNone)?;
    if !page.is_secure_context() {
        return Err(StepWords::MicrophoneInsecure);
    }
    let wanted = MediaStreamConstraints::new();
    wanted.set_audio(&JsValue::TRUE);
    let asked = page
        .navigator()
        .media_devices()
        .and_then(|devices| devices.get_user_media_with_constraints(&wanted));
    let stream = match asked {
        Ok(asked) => JsFuture::from(asked).await,
        Err(error) => Err(error),
    };
    let stream: MediaStream = stream.map_err(|error| refusal(&error))?.unchecked_into();
    let track = stream.get_audio_tracks().get(0);
    let track = track.dyn_into().map_err(|_| StepWords::MicrophoneNone)?;
    Ok(Microphone(track))
}

/// Media Capture and Streams §10.1.4.
fn refusal(error: &JsValue) -> StepWords {
    let name = Reflect::get(error, &"name".into()).unwrap_or_default();
    match name.as_string().unwrap_or_default().as_str() {
        "NotAllowedError" | "SecurityError" => StepWords::MicrophoneDenied,
        "NotReadableError" | "AbortError" => StepWords::MicrophoneBusy,
        _ => StepWords::MicrophoneNone,
    }
}

/// Opens a WebSocket as the phone does, and pings it (RFC 5626 §4.4.1, RFC 7118): milliseconds there and
/// back. `None`: it does not open, or nothing comes back.
pub async fn signalling() -> Option<u64> {
    let location = window()?.location();
    let secure = location.protocol().ok()? == "https:";
    let scheme = if secure { "wss" } else { "ws" };
    let url = format!("{scheme}://{}/sip", location.host().ok()?);
    let socket = WebSocket::new_with_str(&url, "sip").ok()?;
    let heard = Rc::new(RefCell::new(None));
    let told = heard.clone();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
        if message.data().as_string().as_deref() == Some("\r\n") {
            told.borrow_mut().get_or_insert(now_ms());
        }
    });
    socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    let is_open = || socket.ready_state() == WebSocket::OPEN;
    let mut answered = None;
    if holds(is_open).await && socket.send_with_str("\r\n\r\n").is_ok() {
        let sent = now_ms();
        holds(|| heard.borrow().is_some()).await;
        answered = heard.borrow().map(|at| at.saturating_sub(sent).max(1));
    }
    socket.set_onmessage(None);
    let _ = socket.close();
    answered
}

async fn holds(is_so: impl Fn() -> bool) -> bool {
    let until = now_ms() + PATIENCE_MS;
    while !is_so() {
        if now_ms() >= until {
            return false;
        }
        pause(LOOK_MS).await;
    }
    true
}

/// Which way an echo is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// Straight by UDP.
    Udp,
    /// Straight by TCP.
    Tcp,
    /// Over one of these relays.
    Turn(Vec<IceServer>),
}

/// Why there is no echo.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server offers no such way.
    NotSetUp,
    /// The server did not answer.
    NoServer,
    /// Nothing gets through to this port.
    Blocked(String),
}

/// A connection on which what is said comes back. Letting go of it closes it.
pub struct Echo(RtcPeerConnection);

impl Drop for Echo {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Echo {
    /// Opens one.
    pub async fn open(api: Api, microphone: &Microphone, by: By) -> Result<Self, Fault> {
        let configuration = match &by {
            By::Udp | By::Tcp => RtcConfiguration::new(),
            By::Turn(servers) => {
                let configuration = phone::rtc_configuration(servers);
                configuration.set_ice_transport_policy(RtcIceTransportPolicy::Relay);
                configuration
            }
        };
        let connection = RtcPeerConnection::new_with_configuration(&configuration);
        let echo = Self(connection.map_err(|_| Fault::NoServer)?);
        let offer = echo.offer(microphone).await.map_err(|_| Fault::NoServer)?;
        let answer: EchoAnswer = api
            .post("/phone/echo", &EchoOffer { sdp: offer })
            .await
            .map_err(|_| Fault::NoServer)?;
        let transport = match by {
            // From the relay on it is UDP.
            By::Udp | By::Turn(_) => "udp",
            By::Tcp => "tcp",
        };
        let (sdp, port) = only_by(&answer.sdp, transport).ok_or(Fault::NotSetUp)?;
        let description = RtcSessionDescriptionInit::new(RtcSdpType::Answer);
        description.set_sdp(&sdp);
        let set = echo.0.set_remote_description(&description);
        JsFuture::from(set).await.map_err(|_| Fault::NoServer)?;
        let is_up = || echo.0.connection_state() == RtcPeerConnectionState::Connected;
        if holds(is_up).await {
            Ok(echo)
        } else {
            Err(Fault::Blocked(port))
        }
    }

    async fn offer(&self, microphone: &Microphone) -> Result<String, JsValue> {
        let stream = MediaStream::new()?;
        stream.add_track(&microphone.0);
        self.0.add_track_0(&microphone.0, &stream);
        let offer = JsFuture::from(self.0.create_offer())
            .await?
            .unchecked_into();
        JsFuture::from(self.0.set_local_description(&offer)).await?;
        let local = self.0.local_description().ok_or(JsValue::NULL)?;
        Ok(local.sdp())
    }

    /// A look at its statistics; `ear` where they do not tell how loud the microphone is.
    pub async fn look(&self, ear: Option<&Ear>) -> Option<(Snapshot, Option<MediaWay>)> {
        let report = JsFuture::from(self.0.get_stats()).await.ok()?;
        let mut look = phone::look(&report, now_ms());
        if look.said.loudness.is_none() {
            look.said.loudness = ear.and_then(|ear| ear.loudness(now_ms()));
        }
        Some((look, phone::media_way(&report)))
    }
}

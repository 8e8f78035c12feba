//! What the first call will need, checked while the password is typed.

use crate::components::reactive::{When, act, text};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::{api::http, components::Icon, i18n::*};

/// How the server answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Server {
    Asking,
    Answers(u32),
    Silent,
}

/// What the browser says of the microphone without being asked to open it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Microphone {
    Unknown,
    Allowed,
    Ask,
    Denied,
    Absent,
}

/// The list at the right.
#[component]
pub fn ComputerCheck() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <aside class="si__a" aria-labelledby="check-title">
            <div class="si__c">
                <h2 class="h2" id="check-title">{tr!(i18n, check.title)}</h2>
                <p class="soft si__cl">{tr!(i18n, check.lead)}</p>
                <ul class="ckl"><ServerCheck/><PageCheck/><BrowserCheck/><MicrophoneCheck/></ul>
            </div>
        </aside>
    }
}

/// `good`: `None` while it is not known or not yet needed.
#[component]
fn Line(
    #[prop(into)] good: Signal<Option<bool>>,
    #[prop(into)] title: Signal<String>,
    #[prop(into)] detail: Signal<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let icon = Signal::derive(move || match good.get() {
        Some(true) => "circle-check",
        Some(false) => "circle-x",
        None => "circle-dot",
    });
    let mark = move || match good.get() {
        Some(true) => "ckl__mark acc",
        Some(false) => "ckl__mark stop",
        None => "ckl__mark mute",
    };
    view! {
        <li>
            <span class=text(mark)><Icon name=icon class="i--18"/></span>
            <div class="grow"><div class="med">{title}</div><div class="t12 soft">{detail}</div></div>
            {children.map(|children| children())}
        </li>
    }
}

#[component]
fn ServerCheck() -> impl IntoView {
    let i18n = use_i18n();
    let server = RwSignal::new(Server::Asking);
    spawn_local(async move {
        let began = js_sys::Date::now();
        let answers = http::is_there().await;
        let took = (js_sys::Date::now() - began).max(1.0) as u32;
        let _ = server.try_set(if answers {
            Server::Answers(took)
        } else {
            Server::Silent
        });
    });
    let good = Signal::derive(move || match server.get() {
        Server::Asking => None,
        Server::Answers(_) => Some(true),
        Server::Silent => Some(false),
    });
    let title = Signal::derive(move || {
        if server.get() == Server::Silent {
            t_string!(i18n, check.server_down)
        } else {
            t_string!(i18n, check.server)
        }
        .to_owned()
    });
    let host = window().location().host().unwrap_or_default();
    let detail = Signal::derive(move || match server.get() {
        Server::Asking => host.clone(),
        Server::Answers(ms) => fill!(i18n, check.server_ms, host = host.clone(), ms = ms),
        Server::Silent => t_string!(i18n, check.server_down_do).to_owned(),
    });
    view! { <Line good title detail/> }
}

#[component]
fn PageCheck() -> impl IntoView {
    let i18n = use_i18n();
    let secure = window().is_secure_context();
    let title = Signal::derive(move || {
        if secure {
            t_string!(i18n, check.secure)
        } else {
            t_string!(i18n, check.secure_no)
        }
        .to_owned()
    });
    let origin = window().location().origin().unwrap_or_default();
    let detail = Signal::derive(move || {
        if secure {
            origin.clone()
        } else {
            t_string!(i18n, check.secure_no_do).to_owned()
        }
    });
    view! { <Line good=Signal::stored(Some(secure)) title detail/> }
}

#[component]
fn BrowserCheck() -> impl IntoView {
    let i18n = use_i18n();
    let can = js_sys::Reflect::has(&window(), &"RTCPeerConnection".into()).unwrap_or(false);
    let title = Signal::derive(move || {
        if can {
            t_string!(i18n, check.browser)
        } else {
            t_string!(i18n, check.browser_no)
        }
        .to_owned()
    });
    let detail = Signal::derive(move || {
        if can {
            "WebRTC".to_owned()
        } else {
            t_string!(i18n, check.browser_no_do).to_owned()
        }
    });
    view! { <Line good=Signal::stored(Some(can)) title detail/> }
}

#[component]
fn MicrophoneCheck() -> impl IntoView {
    let i18n = use_i18n();
    let state = RwSignal::new(Microphone::Unknown);
    spawn_local(async move {
        let _ = state.try_set(microphone().await);
    });
    let allow = move |_| {
        spawn_local(async move {
            let _ = state.try_set(open_microphone().await);
        })
    };
    let good = Signal::derive(move || match state.get() {
        Microphone::Allowed => Some(true),
        Microphone::Denied | Microphone::Absent => Some(false),
        Microphone::Unknown | Microphone::Ask => None,
    });
    let detail = Signal::derive(move || {
        match state.get() {
            Microphone::Allowed => t_string!(i18n, check.microphone_allowed),
            Microphone::Denied => t_string!(i18n, check.microphone_denied),
            Microphone::Absent => t_string!(i18n, check.microphone_none),
            Microphone::Unknown | Microphone::Ask => t_string!(i18n, check.microphone_ask),
        }
        .to_owned()
    });
    view! {
        <Line good title=tr!(i18n, check.microphone) detail>
            <When when=move || matches!(state.get(), Microphone::Ask)><button type="button" class="btn" on:click=act(allow)>{tr!(i18n, check.allow)}</button></When>
        </Line>
    }
}

/// Asks the Permissions API; browsers without it will ask at the first call.
async fn microphone() -> Microphone {
    let Ok(devices) = window().navigator().media_devices() else {
        return Microphone::Unknown;
    };
    if devices.is_undefined() {
        return Microphone::Unknown;
    }
    let wanted = js_sys::Object::new();
    let _ = js_sys::Reflect::set(&wanted, &"name".into(), &"microphone".into());
    let Ok(asked) = window()
        .navigator()
        .permissions()
        .and_then(|permissions| permissions.query(&wanted))
    else {
        return Microphone::Ask;
    };
    match JsFuture::from(asked)
        .await
        .map(|status| status.unchecked_into::<web_sys::PermissionStatus>().state())
    {
        Ok(web_sys::PermissionState::Granted) => Microphone::Allowed,
        Ok(web_sys::PermissionState::Denied) => Microphone::Denied,
        _ => Microphone::Ask,
    }
}

/// Opens the microphone once, so that the browser asks now, and closes it at once.
async fn open_microphone() -> Microphone {
    match try_open().await {
        Ok(()) => Microphone::Allowed,
        Err(error) => {
            let name = js_sys::Reflect::get(&error, &"name".into())
                .ok()
                .and_then(|name| name.as_string());
            if name.as_deref() == Some("NotFoundError") {
                Microphone::Absent
            } else {
                Microphone::Denied
            }
        }
    }
}

async fn try_open() -> Result<(), JsValue> {
    let wanted = web_sys::MediaStreamConstraints::new();
    wanted.set_audio(&JsValue::TRUE);
    let asked = window()
        .navigator()
        .media_devices()?
        .get_user_media_with_constraints(&wanted)?;
    let stream: web_sys::MediaStream = JsFuture::from(asked).await?.unchecked_into();
    for track in stream.get_tracks().iter() {
        track.unchecked_into::<web_sys::MediaStreamTrack>().stop();
    }
    Ok(())
}

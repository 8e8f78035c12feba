//! Notifications of the system, shown by the service worker (`assets/sw.js`), which can give them
//! buttons and bring the page back from behind another window.

use gloo::events::EventListener;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    MessageEvent, Notification, NotificationPermission, ServiceWorkerContainer,
    ServiceWorkerRegistration,
};

/// Whether the browser lets us show notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// This browser, or a page without HTTPS, has none.
    Missing,
    /// It asks when told to.
    Unasked,
    /// They are shown.
    Granted,
    /// Refused; only the browser's own settings change that.
    Denied,
}

/// What a click on a notification asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// The page, nothing else.
    Look,
    /// Take the call.
    Answer,
    /// Refuse it.
    Reject,
}

/// A call's notification.
pub struct Notice {
    /// Names it; a second one with this name replaces the first.
    pub tag: String,
    /// First line.
    pub title: String,
    /// The line called.
    pub body: String,
    /// Words of the buttons: answer, reject. Firefox shows none.
    pub buttons: [String; 2],
}

/// Registers the worker and hears what is clicked: the notification's tag and the wish.
pub fn begin(clicked: impl Fn(&str, Wish) + 'static) -> Option<EventListener> {
    let container = container()?;
    let _ = container.register("/sw.js");
    Some(EventListener::new(&container, "message", move |event| {
        let said = event.dyn_ref::<MessageEvent>().map(MessageEvent::data);
        let read = |name| js_sys::Reflect::get(said.as_ref()?, &JsValue::from_str(name)).ok();
        if let Some(tag) = read("call").and_then(|tag| tag.as_string()) {
            let action = read("action").and_then(|action| action.as_string());
            clicked(&tag, wish(action.as_deref()));
        }
    }))
}

fn wish(action: Option<&str>) -> Wish {
    match action {
        Some("answer") => Wish::Answer,
        Some("reject") => Wish::Reject,
        _ => Wish::Look,
    }
}

/// What the browser allows.
pub fn permission() -> Permission {
    if container().is_none() || !has(&leptos::prelude::window(), "Notification") {
        return Permission::Missing;
    }
    match Notification::permission() {
        NotificationPermission::Granted => Permission::Granted,
        NotificationPermission::Denied => Permission::Denied,
        _ => Permission::Unasked,
    }
}

/// Lets the browser ask. To be called from a click.
pub async fn ask() {
    if let Ok(asked) = Notification::request_permission() {
        let _ = JsFuture::from(asked).await;
    }
}

/// Shows a notification.
pub fn show(notice: &Notice) {
    let [answer, reject] = &notice.buttons;
    post(&[
        ("show", &notice.tag),
        ("title", &notice.title),
        ("body", &notice.body),
        ("answer", answer),
        ("reject", reject),
    ]);
}

/// Takes a notification away.
pub fn close(tag: &str) {
    post(&[("close", tag)]);
}

fn post(fields: &[(&str, &str)]) {
    let message = js_sys::Object::new();
    for (name, value) in fields {
        let _ = js_sys::Reflect::set(
            &message,
            &JsValue::from_str(name),
            &JsValue::from_str(value),
        );
    }
    spawn_local(async move {
        let ready = container().and_then(|container| container.ready().ok());
        let Some(ready) = ready else { return };
        let registration = JsFuture::from(ready).await.map(JsCast::unchecked_into);
        let worker = registration
            .ok()
            .and_then(|found: ServiceWorkerRegistration| found.active());
        if let Some(worker) = worker {
            let _ = worker.post_message(&message);
        }
    });
}

/// Absent on pages without HTTPS and in private windows of some browsers.
fn container() -> Option<ServiceWorkerContainer> {
    let navigator = leptos::prelude::window().navigator();
    has(&navigator, "serviceWorker").then(|| navigator.service_worker())
}

fn has(object: &JsValue, name: &str) -> bool {
    js_sys::Reflect::has(object, &JsValue::from_str(name)).unwrap_or(false)
}

//! The desk's side of the pages that are fetched later.

use std::time::Duration;

use leptos::{html::Div, prelude::*, task::spawn_local};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

use crate::{
    components::{
        Icon,
        reactive::{When, act},
    },
    i18n::*,
};

#[wasm_bindgen(inline_js = "
let pages;
export function fetchPages() {
  pages ??= import('/pages.js').then(async (module) => { await module.default({ module_or_path: '/pages_bg.wasm' }); module.attend(); return module; });
  pages.catch(() => { pages = undefined; });
  return pages;
}
export async function openPages(root) { const module = await fetchPages(); if (root.isConnected) module.open(root); }
export async function openDialog(name) { (await fetchPages()).dialog(name); }
export async function openPresence(root) { const module = await fetchPages(); if (root.isConnected) module.presence(root); }
export async function openPart(root, name, detail) { const module = await fetchPages(); if (root.isConnected) module.part(root, name, detail); }
export async function closePart(root) { (await pages)?.close_part(root); }
export async function closePages() { (await pages)?.close(); }
")]
extern "C" {
    #[wasm_bindgen(js_name = fetchPages)]
    fn fetch_pages() -> js_sys::Promise;
    #[wasm_bindgen(js_name = openPages)]
    fn open_pages(root: &web_sys::HtmlElement) -> js_sys::Promise;
    #[wasm_bindgen(js_name = openDialog)]
    fn open_dialog(name: &str) -> js_sys::Promise;
    #[wasm_bindgen(js_name = openPresence)]
    fn open_presence_menu(root: &web_sys::HtmlElement) -> js_sys::Promise;
    #[wasm_bindgen(js_name = openPart)]
    fn open_part(root: &web_sys::HtmlElement, name: &str, detail: &str) -> js_sys::Promise;
    #[wasm_bindgen(js_name = closePart)]
    fn close_part(root: &web_sys::HtmlElement) -> js_sys::Promise;
    #[wasm_bindgen(js_name = closePages)]
    fn close_pages() -> js_sys::Promise;
}

/// Whether the later module may be fetched: the phone comes first. In the context.
#[derive(Clone, Copy)]
pub struct Later(RwSignal<bool>);

impl Later {
    /// Not yet.
    pub fn provide() -> Self {
        let later = Self(RwSignal::new(false));
        provide_context(later);
        later
    }

    /// Fetches it before it is wanted, and makes what of it stands on the desk's own screens.
    pub fn fetch(self) {
        if !self.0.get_untracked() {
            quietly(fetch_pages());
            self.0.set(true);
        }
    }
}

/// Wait before a part is asked for again that could not be fetched.
const AGAIN: Duration = Duration::from_secs(3);

/// A part of the desk's own screens that the later module makes; `detail` says of what.
#[component]
pub fn Part(name: &'static str, #[prop(into, optional)] detail: String) -> impl IntoView {
    let root = NodeRef::<Div>::new();
    let later: Later = expect_context();
    let element = StoredValue::new_local(None::<web_sys::HtmlDivElement>);
    Effect::new(move |_| {
        let Some(root) = root.get().filter(|_| later.0.get()) else {
            return;
        };
        element.set_value(Some(root.clone()));
        let detail = detail.clone();
        spawn_local(async move {
            while JsFuture::from(open_part(&root, name, &detail))
                .await
                .is_err()
            {
                gloo::timers::future::sleep(AGAIN).await;
                if !root.is_connected() {
                    return;
                }
            }
        });
    });
    on_cleanup(move || {
        if let Some(root) = element.try_get_value().flatten() {
            quietly(close_part(&root));
        }
    });
    view! { <div class="part" node_ref=root></div> }
}

/// Shows the dialog of microphone, speaker and ring.
pub fn open_sound() {
    quietly(open_dialog("sound"));
}

/// Shows the list of keys.
pub fn open_keys() {
    quietly(open_dialog("keys"));
}

/// Shows the menu of what one says of oneself; whether it could.
pub async fn open_presence(root: &web_sys::HtmlElement) -> bool {
    JsFuture::from(open_presence_menu(root)).await.is_ok()
}

/// Where they stand.
#[component]
pub fn Host() -> impl IntoView {
    let i18n = use_i18n();
    let root = NodeRef::<Div>::new();
    let state = RwSignal::new(State::Fetching);
    let show = move || {
        let Some(root) = root.get_untracked() else {
            return;
        };
        state.set(State::Fetching);
        spawn_local(async move {
            let opened = JsFuture::from(open_pages(&root)).await;
            let _ = state.try_set(if opened.is_ok() {
                State::Open
            } else {
                State::Failed
            });
        });
    };
    root.on_load(move |_| show());
    on_cleanup(|| quietly(close_pages()));
    view! {
        <When when=move || state.get() == State::Fetching><div class="page__wait mute" role="status">{tr!(i18n, common.loading)}</div></When>
        <When when=move || state.get() == State::Failed>
            <div class="note note--page" role="alert"><Icon name="circle-x"/><span class="grow">{tr!(i18n, failure.unreachable)}</span><button class="btn" on:click=act(move |_| show())>{tr!(i18n, common.again)}</button></div>
        </When>
        <div class="page__root" node_ref=root></div>
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Fetching,
    Open,
    Failed,
}

/// Waits for a promise whose outcome says nothing here.
fn quietly(promise: js_sys::Promise) {
    spawn_local(async move {
        let _: Result<JsValue, JsValue> = JsFuture::from(promise).await;
    });
}

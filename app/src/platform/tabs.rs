//! The tabs of one browser: one leads, which has the phone's socket, the microphone and the stream of
//! events; the others show what it tells them. Who leads holds a Web Lock, so that the browser lets
//! the next tab lead when it goes, and does not freeze it before.

use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{BroadcastChannel, MessageEvent};

/// The lock's name, and the channel's.
const NAME: &str = "trubka";
/// Between topic and text of a message.
const END: char = '\u{1e}';

/// The other tabs.
#[derive(Clone, Copy)]
pub struct Tabs {
    /// Whether this tab leads.
    pub leads: RwSignal<bool>,
    /// Whether this tab is one of those that may lead.
    takes_part: StoredValue<bool>,
    /// Gives the lock back.
    give_back: StoredValue<Option<Function>, LocalStorage>,
    channel: StoredValue<Option<BroadcastChannel>, LocalStorage>,
}

impl Tabs {
    /// Leads nobody yet.
    pub fn provide() -> Self {
        Self {
            leads: RwSignal::new(false),
            takes_part: StoredValue::new(false),
            give_back: StoredValue::new_local(None),
            channel: StoredValue::new_local(BroadcastChannel::new(NAME).ok()),
        }
    }

    /// Asks to lead: somebody is signed in here.
    pub fn join(self) {
        if !self.takes_part.get_value() {
            self.takes_part.set_value(true);
            self.ask(false);
        }
    }

    /// Lets another tab lead: nobody is signed in here any more.
    pub fn leave(self) {
        self.takes_part.set_value(false);
        self.leads.set(false);
        if let Some(give_back) = self.give_back.try_update_value(Option::take).flatten() {
            let _ = give_back.call0(&JsValue::NULL);
        }
    }

    /// Leads now, whoever else does.
    pub fn take_over(self) {
        if self.takes_part.get_value() && !self.leads.get_untracked() {
            self.ask(true);
        }
    }

    /// Tells the other tabs.
    pub fn say(self, topic: &str, text: &str) {
        self.channel.with_value(|channel| {
            let message = JsValue::from_str(&format!("{topic}{END}{text}"));
            let _ = channel
                .as_ref()
                .map(|channel| channel.post_message(&message));
        });
    }

    /// Hears the other tabs, as long as the page stands.
    pub fn hear(self, heard: impl Fn(&str, &str) + 'static) {
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            let text = message.data().as_string().unwrap_or_default();
            if let Some((topic, text)) = text.split_once(END) {
                heard(topic, text);
            }
        });
        self.channel.with_value(|channel| {
            if let Some(channel) = channel {
                channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
            }
        });
        heard.forget();
    }

    fn ask(self, steal: bool) {
        // A browser without locks, or a page that is not secure: every tab for itself.
        if self.request(steal).is_none() {
            self.leads.set(true);
        }
    }

    /// Holds the lock until [`Self::leave`] or as long as the page stands. Another tab that steals it
    /// ends the promise.
    fn request(self, steal: bool) -> Option<()> {
        let get = |object: &JsValue, name: &str| {
            Reflect::get(object, &name.into())
                .ok()
                .filter(|value| !value.is_undefined())
        };
        let locks = get(&window().navigator(), "locks")?;
        let request: Function = get(&locks, "request")?.dyn_into().ok()?;
        let options = Object::new();
        let _ = Reflect::set(&options, &"steal".into(), &steal.into());
        let held = Closure::once_into_js(move |_: JsValue| {
            let takes_part = self.takes_part.get_value();
            self.leads.set(takes_part);
            Promise::new(&mut |give_back, _| match takes_part {
                true => self.give_back.set_value(Some(give_back)),
                false => drop(give_back.call0(&JsValue::NULL)),
            })
        });
        let asked: Promise = request
            .call3(&locks, &NAME.into(), &options, &held)
            .ok()?
            .dyn_into()
            .ok()?;
        let stolen = Closure::once(move |_: JsValue| {
            self.leads.set(false);
            if self.takes_part.get_value() {
                self.ask(false);
            }
        });
        let _ = asked.catch(&stolen);
        stolen.forget();
        Some(())
    }
}

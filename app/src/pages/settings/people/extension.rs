//! The extension of a user while it is typed: whose it is, and the next free one.

use std::time::Duration;

use api_types::ExtensionOffer;
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};

use super::user_form::Typed;
use crate::{api::use_api, i18n::*};

/// Pause in typing before the server is asked about an extension.
const PAUSE: Duration = Duration::from_millis(250);

/// What is known of the extension typed.
#[derive(Clone, Copy)]
pub struct Extension {
    next: RwSignal<Option<String>>,
    asked: RwSignal<Option<ExtensionOffer>>,
    mine: StoredValue<Option<String>>,
}

impl Extension {
    /// Follows what is typed, and offers the next free one to somebody new.
    pub fn follow(typed: RwSignal<Typed>, mine: Option<String>, is_new: bool) -> Self {
        let api = use_api();
        let extension = Self {
            next: RwSignal::new(None),
            asked: RwSignal::new(None),
            mine: StoredValue::new(mine),
        };
        spawn_local(async move {
            let Ok(offer) = api.get::<ExtensionOffer>("/users/extensions/next").await else {
                return;
            };
            let free = Some(offer.extension);
            let _ = extension.next.try_set(free.clone());
            if is_new {
                let _ = typed.try_update(|typed| typed.extension.clone_from(&free));
            }
        });
        let wanted =
            Memo::new(move |_| typed.with(|typed| typed.extension.clone().unwrap_or_default()));
        let timer = StoredValue::new(None::<TimeoutHandle>);
        Effect::new(move |_| {
            let wanted = wanted.get();
            extension.asked.set(None);
            if let Some(timer) = timer.get_value() {
                timer.clear();
            }
            if wanted.is_empty()
                || !wanted.chars().all(|sign| sign.is_ascii_digit())
                || extension.is_mine(&wanted)
            {
                return;
            }
            let ask = move || {
                let path = format!("/users/extensions/{wanted}");
                spawn_local(async move {
                    if let Ok(offer) = api.get(&path).await {
                        let _ = extension.asked.try_set(Some(offer));
                    }
                });
            };
            timer.set_value(set_timeout_with_handle(ask, PAUSE).ok());
        });
        extension
    }

    fn is_mine(self, wanted: &str) -> bool {
        self.mine.with_value(|mine| mine.as_deref() == Some(wanted))
    }

    fn next_words(self) -> String {
        self.next.get().unwrap_or_default()
    }

    /// Whose it is, and which is free.
    pub fn fault(self, i18n: I18n) -> Option<String> {
        let offer = self.asked.get().filter(|offer| !offer.free)?;
        let next = self.next_words();
        Some(match offer.taken_by {
            Some(name) => fill!(
                i18n,
                people.extension_taken,
                name = name,
                extension = offer.extension,
                next = next
            ),
            None => fill!(
                i18n,
                people.extension_busy,
                extension = offer.extension,
                next = next
            ),
        })
    }

    /// What is known of it, or which is free.
    pub fn hint(self, i18n: I18n, typed: RwSignal<Typed>) -> String {
        let wanted = typed.with(|typed| typed.extension.clone().unwrap_or_default());
        match self.asked.get() {
            Some(offer) if offer.hides_emergency => fill!(
                i18n,
                people.extension_emergency,
                extension = offer.extension
            ),
            Some(offer) if offer.free => {
                fill!(i18n, people.extension_free, extension = offer.extension)
            }
            _ if wanted.is_empty() => format!(
                "{} {}",
                t_string!(i18n, people.extension_none),
                fill!(i18n, people.extension_next, extension = self.next_words())
            ),
            _ => String::new(),
        }
    }
}

//! Light or dark: follows the system unless the person chose.

use gloo::storage::{LocalStorage, Storage};
use leptos::prelude::*;

use super::bridge::{self, Topic};

const KEY: &str = "trubka.theme";

/// What the person chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The choice as a signal; setting it changes the page and is remembered.
#[derive(Clone, Copy)]
pub struct ThemeChoice(RwSignal<Theme>);

impl ThemeChoice {
    /// The remembered choice, put into force.
    pub fn provide() {
        let known = remembered();
        let choice = Self(RwSignal::new(known));
        bridge::hear(Topic::Appearance, move |_| {
            if choice.0.get_untracked() != remembered() {
                choice.0.set(remembered());
            }
        });
        choice.apply(known);
        provide_context(choice);
    }

    /// From the context.
    pub fn use_it() -> Self {
        expect_context()
    }

    /// The choice.
    pub fn get(self) -> Theme {
        self.0.get()
    }

    /// Whether the page is dark now.
    pub fn is_dark(self) -> bool {
        match self.0.get() {
            Theme::Dark => true,
            Theme::Light => false,
            Theme::System => system_is_dark(),
        }
    }

    /// Chooses.
    pub fn set(self, theme: Theme) {
        self.apply(theme);
        let _ = LocalStorage::set(KEY, theme.name());
        self.0.set(theme);
        bridge::tell(Topic::Appearance, "");
    }

    fn apply(self, theme: Theme) {
        let Some(root) = document().document_element() else {
            return;
        };
        let _ = match theme {
            Theme::System => root.remove_attribute("data-theme"),
            Theme::Light | Theme::Dark => root.set_attribute("data-theme", theme.name()),
        };
    }
}

fn remembered() -> Theme {
    match LocalStorage::get::<String>(KEY)
        .unwrap_or_default()
        .as_str()
    {
        "light" => Theme::Light,
        "dark" => Theme::Dark,
        _ => Theme::System,
    }
}

fn system_is_dark() -> bool {
    window()
        .match_media("(prefers-color-scheme: dark)")
        .ok()
        .flatten()
        .is_some_and(|query| query.matches())
}

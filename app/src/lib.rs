//! Trubka in the browser: pages, components and view state.
//!
//! [`view`] is pure: what a screen shows is computed from API records, the phone's state and
//! events, and it is tested natively. Everything else exists in the browser only.

#[macro_use]
mod phrase;
pub mod view;

/// The texts of `locales/*.json`.
#[cfg(target_arch = "wasm32")]
#[expect(
    deprecated,
    reason = "the build script in its place would be built with every native build"
)]
mod texts {
    leptos_i18n::load_locales!();
}
#[cfg(target_arch = "wasm32")]
mod api;
#[cfg(target_arch = "wasm32")]
mod components;
#[cfg(target_arch = "wasm32")]
mod dock;
#[cfg(target_arch = "wasm32")]
mod i18n;
#[cfg(target_arch = "wasm32")]
mod pages;
#[cfg(target_arch = "wasm32")]
mod platform;
#[cfg(target_arch = "wasm32")]
mod root;
#[cfg(target_arch = "wasm32")]
mod shell;
#[cfg(target_arch = "wasm32")]
mod state;

#[cfg(target_arch = "wasm32")]
pub use {
    pages::attend::attend as attend_pages,
    pages::root::{
        close as close_pages, close_part, open as open_pages, open_dialog, open_part, open_presence,
    },
    root::start,
};

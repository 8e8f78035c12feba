//! The ordered map of this crate: the standard library's, except in the browser.

#[cfg(not(target_arch = "wasm32"))]
pub use std::collections::BTreeMap as Map;

#[cfg(target_arch = "wasm32")]
pub use small::Map;

#[cfg(any(test, target_arch = "wasm32"))]
mod small;

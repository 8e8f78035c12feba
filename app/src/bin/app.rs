//! Starts the app in the page that loaded it.

#[cfg(target_arch = "wasm32")]
fn main() {
    app::start();
}

/// Natively there is nothing to start: the app runs in a browser.
#[cfg(not(target_arch = "wasm32"))]
fn main() {}

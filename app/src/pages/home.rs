//! What of the agent's home is made here.

use leptos::prelude::*;

/// Later filled.
pub fn home() -> AnyView {
    ().into_any()
}

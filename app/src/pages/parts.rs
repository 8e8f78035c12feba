//! What of the desk's own screens is made here: in the cards, on the desktop.

use leptos::prelude::*;

use super::{card, desktop, notices, search, tables};

/// A part by its name; `detail` says of what.
pub fn part(name: &str, detail: String) -> AnyView {
    match name {
        "desktop" => view! { <desktop::DesktopPage/> }.into_any(),
        "search" => search::search(),
        "tables" => tables::links(),
        "bell" => notices::bell(),
        "count" => notices::count(&detail),
        name => card::part(name, &detail),
    }
}

//! What the agent says at the stage of the client's open deals, in a card.

use leptos::prelude::*;

use super::Of;
use crate::{components::reactive::changing, view::choice};

/// The script of each open deal that has one, newest first.
#[component]
pub fn Script(of: Of) -> impl IntoView {
    let i18n = crate::i18n::use_i18n();
    let deals = Memo::new(move |_| {
        let deals = of.call.with(|call| {
            let client = call.client.as_ref();
            client.map_or_else(Vec::new, |client| client.deals.clone())
        });
        deals
            .into_iter()
            .filter(|deal| !deal.script.is_empty())
            .collect::<Vec<_>>()
    });
    let parts = move || {
        let part = |deal: api_types::DealBrief| {
            let stage = choice::say(i18n, &deal.stage_name, &deal.stage);
            view! {
                <section class="script"><div class="t12 mute cut">{format!("{}: {stage}", deal.title)}</div><div class="script__t">{deal.script}</div></section>
            }
        };
        deals.get().into_iter().map(part).collect_view()
    };
    view! { <div data-testid="card-script">{changing(parts)}</div> }
}

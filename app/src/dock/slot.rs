//! What stands in a card but is made by the later module: history, files, forms, the wrap-up.

use leptos::prelude::*;

use super::card::CardModel;
use crate::{components::reactive::changing, pages::host::Part};

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// Everything in time order.
    History,
    /// Files of the client.
    Files,
    /// What is said at the stages of the open deals.
    Script,
    /// A new deal.
    Deal,
    /// A new task.
    Task,
    /// What was said.
    Interaction,
    /// A new order.
    Order,
    /// A new support request.
    Request,
    /// The number is that of a contact there is.
    Attach,
    /// What is left to do after the call.
    WrapUp,
}

impl Slot {
    /// What the later module knows it as.
    fn name(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Files => "files",
            Self::Script => "script",
            Self::Deal => "deal",
            Self::Task => "task",
            Self::Interaction => "interaction",
            Self::Order => "order",
            Self::Request => "request",
            Self::Attach => "attach",
            Self::WrapUp => "wrap_up",
        }
    }
}

/// Shows it, for the call of this card. It is told `key id`.
#[component]
pub fn SlotView(model: CardModel, #[prop(into)] what: Signal<Option<Slot>>) -> impl IntoView {
    let id = Memo::new(move |_| {
        model
            .record
            .with(|record| record.as_ref().map(|record| record.id.clone()))
    });
    changing(move || {
        let (slot, id) = (what.get()?, id.get()?);
        let key = model
            .call
            .with_untracked(|call| call.as_ref().map_or(0, |call| call.key.0));
        let detail = format!("{key} {id}");
        Some(view! { <Part name=slot.name() detail=detail/> })
    })
}

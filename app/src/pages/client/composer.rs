//! Where a note, an interaction or a task is written. What is typed is kept in the browser until it is saved.

use api_types::{ContactRef, Item, ItemKind, ItemRef};
use gloo::storage::{LocalStorage, Storage};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::use_api,
    components::{
        Icon,
        form::{Bound, Select},
        reactive::{When, act, maybe, text},
        say_failure_now,
    },
    i18n::*,
    pages::client::files::attach,
    platform::time,
    state::{house::use_house, toasts::use_toasts},
    view::{item_draft, work::KindName},
};

const KINDS: [ItemKind; 3] = [ItemKind::Note, ItemKind::Interaction, ItemKind::Task];

/// What it is written about.
#[derive(Debug, Clone)]
pub struct About {
    /// The client.
    pub contact: Option<ContactRef>,
    /// The deal.
    pub deal: Option<ItemRef>,
}

impl About {
    /// What files stand with: the deal, else the client.
    fn place(&self) -> (&'static str, String) {
        match (&self.deal, &self.contact) {
            (Some(deal), _) => ("item", deal.id.clone()),
            (None, contact) => (
                "contact",
                contact
                    .as_ref()
                    .map(|contact| contact.id.clone())
                    .unwrap_or_default(),
            ),
        }
    }
}

#[component]
pub fn Composer(about: Signal<About>) -> impl IntoView {
    let i18n = use_i18n();
    let (api, toasts, house) = (use_api(), use_toasts(), use_house());
    let kept = StoredValue::new(format!(
        "trubka.composer.{}",
        about.with_untracked(|about| about.place().1)
    ));
    let kind = RwSignal::new(ItemKind::Note);
    let typed = RwSignal::new(LocalStorage::get::<String>(kept.get_value()).unwrap_or_default());
    let (result, due) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let busy = RwSignal::new(false);
    let write = move |words: String| {
        let _ = if words.is_empty() {
            LocalStorage::delete(kept.get_value());
            Ok(())
        } else {
            LocalStorage::set(kept.get_value(), &words)
        };
        typed.set(words);
    };
    let add = move || {
        let words = typed.get_untracked().trim().to_owned();
        if words.is_empty() || busy.get_untracked() {
            return;
        }
        let kind = kind.get_untracked();
        let mut draft = about.with_untracked(|about| {
            item_draft::new(kind, about.contact.as_ref(), about.deal.as_ref())
        });
        draft.owner = Some(untrack(|| house.me()));
        match kind {
            ItemKind::Task => {
                draft.title = words;
                draft.due_at = time::from_input(&due.get_untracked());
            }
            ItemKind::Interaction => {
                draft.text = words;
                draft.state = result.get_untracked();
            }
            _ => draft.text = words,
        }
        busy.set(true);
        spawn_local(async move {
            let saved = api.post::<Item>("/items", &draft).await;
            let _ = busy.try_set(false);
            match saved {
                Ok(_) => write(String::new()),
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    let tab = move |one: ItemKind| view! { <button class="ct" data-testid=format!("compose-{}", crate::view::work::kind_key(one)) aria-pressed=text(move || kind.get() == one) on:click=act(move |_| kind.set(one))>{text(move || KindName::of(one).say(i18n))}</button> };
    let place = text(move || match kind.get() {
        ItemKind::Task => t_string!(i18n, timeline.task_ph),
        ItemKind::Interaction => t_string!(i18n, timeline.interaction_ph),
        _ => t_string!(i18n, timeline.note_ph),
    });
    let on_key = move |press: leptos::ev::KeyboardEvent| {
        if press.key() == "Enter" && !press.shift_key() && !press.is_composing() {
            press.prevent_default();
            add();
        }
    };
    let file = move |change: leptos::ev::Event| {
        let (by, id) = about.with_untracked(About::place);
        attach(&change, api, toasts, i18n, by, id);
    };
    let is_empty = Memo::new(move |_| typed.with(|typed| typed.trim().is_empty()));
    view! {
        <div class="compose">
            <div class="row compose__k">{KINDS.map(tab).into_iter().collect_view()}</div>
            <div class="row"><textarea class="bare grow" rows="1" data-testid="compose-text" aria-label=place placeholder=place prop:value=typed on:input=act(move |input| write(event_target_value(&input))) on:keydown=act(on_key)></textarea>
                <When when=move || kind.get() == ItemKind::Interaction><Select bound=Bound::of(result) options=house.choices(tr!(i18n, timeline.result), |work| &work.results) label=tr!(i18n, timeline.result) class="select select--in"/></When>
                <When when=move || kind.get() == ItemKind::Task><input class="input compose__due num" type="datetime-local" data-testid="compose-due" aria-label=tr!(i18n, items.due) prop:value=due on:input=act(move |input| due.set(event_target_value(&input)))/></When>
                <label class="btn btn--icon btn--quiet attach" title=tr!(i18n, files.attach)><Icon name="paperclip"/><span class="sr">{tr!(i18n, files.attach)}</span><input class="sr" type="file" multiple data-testid="compose-file" on:change=act(file)/></label>
                <button class="btn" data-testid="compose-add" disabled=move || is_empty.get() || busy.get() aria-busy=maybe(move || busy.get().then_some("true")) on:click=act(move |_| add())>{tr!(i18n, timeline.add)}</button></div>
        </div>
    }
}

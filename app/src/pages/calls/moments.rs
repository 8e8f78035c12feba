//! Notes on a moment of the recording.

use api_types::{Event, Item, ItemDraft, ItemKind, Page};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{events::use_live, use_api},
    components::{
        Icon,
        reactive::{When, act, changing, flag, text},
        say_failure_now,
    },
    i18n::*,
    pages::desktop::short_time,
    state::{house::use_house, toasts::use_toasts},
    view::format,
};

/// The notes of a call, for the player's marks and the list below.
#[derive(Clone, Copy)]
pub struct Moments {
    /// By moment.
    pub notes: RwSignal<Vec<Item>>,
    /// The moment one writes about, ms.
    pub writing: RwSignal<Option<u64>>,
    call: StoredValue<String>,
}

impl Moments {
    /// Of a call: read, and followed.
    pub fn of(call: &str) -> Self {
        let moments = Self {
            notes: RwSignal::new(Vec::new()),
            writing: RwSignal::new(None),
            call: StoredValue::new(call.to_owned()),
        };
        let api = use_api();
        let path = format!("/items?kind=note&call={call}&limit=100");
        spawn_local(async move {
            if let Ok(page) = api.get::<Page<Item>>(&path).await {
                page.items.iter().for_each(|item| moments.take(item));
            }
        });
        use_live().follow(move |event| match event {
            Event::Item(item) if item.kind == ItemKind::Note && moments.has(item) => {
                moments.take(item);
            }
            Event::ItemDeleted { id } => moments
                .notes
                .update(|notes| notes.retain(|one| one.id != *id)),
            _ => {}
        });
        moments
    }

    fn has(self, item: &Item) -> bool {
        self.call
            .with_value(|call| item.call.as_ref() == Some(call))
    }

    fn take(self, item: &Item) {
        let _ = self.notes.try_update(|notes| {
            notes.retain(|one| one.id != item.id);
            let at = notes.partition_point(|one| one.moment_ms <= item.moment_ms);
            notes.insert(at, item.clone());
        });
    }
}

/// The list, and the field while one writes. `seek`: to a moment, in ms.
#[component]
pub fn MomentNotes(moments: Moments, seek: Callback<u64>) -> impl IntoView {
    let i18n = use_i18n();
    let rows = move || {
        let notes = moments.notes.get();
        notes
            .into_iter()
            .map(|note| view! { <Row note seek/> })
            .collect_view()
    };
    let any = move || {
        moments.notes.with(|notes| !notes.is_empty()) || moments.writing.with(Option::is_some)
    };
    view! {
        <When when=any>
            <section data-testid="moments">
                <h3 class="eyebrow">{tr!(i18n, log.moments)}</h3>
                {changing(move || moments.writing.get().map(|at| view! { <Write moments at/> }))}
                <ul class="part__list">{changing(rows)}</ul>
            </section>
        </When>
    }
}

#[component]
fn Row(note: Item, seek: Callback<u64>) -> impl IntoView {
    let (i18n, house) = (use_i18n(), use_house());
    let who = note.created_by.clone();
    let at = note.moment_ms.map(|ms| view! { <button class="btn btn--acc moment" on:click=act(move |_| seek.run(ms))>{format::duration(ms)}</button> });
    let words = if note.text.is_empty() {
        note.title.clone()
    } else {
        note.text.clone()
    };
    view! {
        <li><div class="row t12"><span class="med">{text(move || house.person(who.as_deref()))}</span>{at}<span class="mute num push">{short_time(i18n, note.created_at)}</span></div><p class="wrap">{words}</p></li>
    }
}

#[component]
fn Write(moments: Moments, at: u64) -> impl IntoView {
    let (i18n, api, toasts) = (use_i18n(), use_api(), use_toasts());
    let words = RwSignal::new(String::new());
    let save = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        let draft = ItemDraft {
            kind: ItemKind::Note,
            text: words.get_untracked().trim().to_owned(),
            call: Some(moments.call.get_value()),
            moment_ms: Some(at),
            ..ItemDraft::default()
        };
        spawn_local(async move {
            match api.post::<Item>("/items", &draft).await {
                Ok(item) => {
                    moments.take(&item);
                    let _ = moments.writing.try_set(None);
                }
                // What was typed stays.
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    let key = move |press: leptos::ev::KeyboardEvent| {
        if press.key() == "Escape" {
            press.stop_propagation();
            press.prevent_default();
            moments.writing.set(None);
        }
    };
    view! {
        <form class="row moment__write" on:submit=act(save) on:keydown=act(key)>
            <span class="num med">{format::duration(at)}</span>
            <input class="input grow" autofocus aria-label=tr!(i18n, log.moment) placeholder=tr!(i18n, log.moment) data-testid="moment-text" autocomplete="off" prop:value=words on:input=act(move |input| words.set(event_target_value(&input)))/>
            <button class="btn" data-testid="moment-save" disabled=flag(move || words.with(|words| words.trim().is_empty()))><Icon name="check"/>{tr!(i18n, common.save)}</button>
        </form>
    }
}

//! What is done with many at once, and taken back.

use api_types::Undo;
use leptos::{prelude::*, task::spawn_local};
use serde_json::{Map, Value};

use super::{List, Record};
use crate::{
    api::{Api, use_api},
    components::{
        Icon,
        form::{Bound, IconButton, Options, Select},
        reactive::{When, act, text},
        say_failure_now,
    },
    i18n::*,
    platform::time,
    state::toasts::{Toasts, use_toasts},
    view::{failure::Failure, list::Selection},
};

/// Records one request may name.
const CHUNK: usize = 1000;
/// Records done at once; more take a filter.
const MOST: usize = 10_000;

/// The bar above the table.
#[component]
pub fn Bar<T: Record>(list: List<T>, children: Children) -> impl IntoView {
    let i18n = use_i18n();
    let number = move |count: u64| time::decimal(count as f64, i18n.get_locale());
    let total = move || list.total.get().unwrap_or_default();
    let words = move || {
        fill!(
            i18n,
            list.selected,
            count = number(list.chosen.with(|chosen| chosen.count(total())))
        )
    };
    let can_all = move || {
        !list.chosen.with(|chosen| chosen.all)
            && total() > list.chosen.with(|chosen| chosen.count(0))
    };
    view! {
        <div class="bulk" role="toolbar" aria-label=tr!(i18n, list.bulk) data-testid="bulk">
            <b class="num" role="status">{text(words)}</b>
            <When when=can_all><button class="btn btn--acc num" data-testid="select-all" on:click=act(move |_| list.chosen.update(|chosen| chosen.all = true))>{text(move || fill!(i18n, list.select_all, count = number(total())))}</button></When>
            <span class="push"></span>
            {children()}
            <IconButton icon="x" label=tr!(i18n, list.unselect) press=move |()| list.chosen.set(Selection::default()) testid="unselect"/>
        </div>
    }
}

/// One deed as a button.
#[component]
pub fn BulkButton(
    icon: &'static str,
    #[prop(into)] words: Signal<String>,
    #[prop(into)] press: Callback<()>,
    testid: &'static str,
) -> impl IntoView {
    view! { <button class="btn" data-testid=testid on:click=act(move |_| press.run(()))><Icon name=icon/><span class="wide">{words}</span></button> }
}

/// One deed with a choice; the first option is its name.
#[component]
pub fn BulkSelect(
    options: Options,
    #[prop(into)] label: Signal<String>,
    #[prop(into)] choose: Callback<String>,
    id: &'static str,
) -> impl IntoView {
    let shown = Signal::derive(move || {
        let mut all = vec![("?".to_owned(), label.get())];
        all.extend(options.get());
        all
    });
    let bound = Bound::new(
        || "?".to_owned(),
        move |chosen: String| {
            if chosen != "?" {
                choose.run(chosen);
            }
        },
    );
    view! { <Select bound options=shown label id class="select select--chip"/> }
}

/// Does things with what is ticked.
pub struct Deeds<T: 'static> {
    list: List<T>,
    api: Api,
    toasts: Toasts,
    i18n: I18n,
    path: &'static str,
}

impl<T> Clone for Deeds<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Deeds<T> {}

/// For a list whose bulk address is `path`.
pub fn use_deeds<T: Record>(list: List<T>, path: &'static str) -> Deeds<T> {
    Deeds {
        list,
        api: use_api(),
        toasts: use_toasts(),
        i18n: use_i18n(),
        path,
    }
}

impl<T: Record> Deeds<T> {
    /// Changes `key` to `value` for everything ticked; `say` makes the sentence from the number.
    pub fn set(self, key: &str, value: impl Into<Value>, say: fn(I18n, &str) -> String) {
        let change = Map::from_iter([(key.to_owned(), value.into())]);
        spawn_local(async move {
            let mut undos = Vec::new();
            let done = self.all(change, &mut undos).await;
            let count = undos.iter().map(|undo| undo.changed).sum::<u64>();
            if let Err(failure) = done {
                self.toasts.fail(say_failure_now(self.i18n, &failure));
            }
            if count > 0 {
                let count = untrack(|| time::decimal(count as f64, self.i18n.get_locale()));
                let operations: Vec<String> =
                    undos.into_iter().map(|undo| undo.operation).rev().collect();
                self.toasts.say_with(
                    untrack(|| say(self.i18n, &count)),
                    tu_string!(self.i18n, common.undo),
                    move || self.undo(operations.clone()),
                );
            }
            let _ = self.list.chosen.try_set(Selection::default());
            self.again();
        });
    }

    async fn all(self, change: Map<String, Value>, undos: &mut Vec<Undo>) -> Result<(), Failure> {
        let ids = self.list.ids(MOST).await?;
        for chunk in ids.chunks(CHUNK) {
            let mut body = change.clone();
            body.insert("ids".to_owned(), chunk.into());
            undos.push(self.api.post(self.path, &body).await?);
        }
        Ok(())
    }

    fn undo(self, operations: Vec<String>) {
        spawn_local(async move {
            for operation in operations {
                let undone = self
                    .api
                    .order::<Undo>(&format!("/operations/{operation}/undo"))
                    .await;
                if let Err(failure) = undone {
                    return self.toasts.fail(say_failure_now(self.i18n, &failure));
                }
            }
            self.again();
        });
    }

    fn again(self) {
        if self.list.rows.try_get_untracked().is_some() {
            self.list.read();
        }
    }
}

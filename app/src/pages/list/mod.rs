//! A long list: filters, order, columns, views kept by name, ticks, and rows that are read and made as one
//! scrolls. Contacts and items are listed by it.

mod bulk;
mod head;
mod table;
mod views;

use std::{sync::Arc, time::Duration};

use api_types::{Contact, Event, Item};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};
use serde::de::DeserializeOwned;

use crate::{
    api::{Api, events::use_live, use_api},
    components::{
        Empty,
        form::Options,
        reactive::{When, act, changing},
        remote_view::RemoteView,
    },
    i18n::*,
    platform::{
        address::{amend, use_address},
        now_ms, time,
    },
    state::remote::Remote,
    view::{
        failure::Failure,
        list::{ListQuery, Selection, time_filter},
    },
};
pub use bulk::{BulkButton, BulkSelect, use_deeds};

/// Rows a page.
pub const PAGE: u32 = 100;
/// Pause before the server is asked again.
const PAUSE: Duration = Duration::from_millis(200);
/// Height of a row in pixels; the style sheet says the same.
pub const ROW: f64 = 40.0;

/// A record that can be listed.
pub trait Record: Clone + PartialEq + Send + Sync + DeserializeOwned + 'static {
    /// Its id.
    fn id(&self) -> &str;
    /// What an event says of records of this kind.
    fn news(event: &Event) -> Option<News<Self>>;
}

/// Something happened to a record.
pub enum News<T> {
    /// It was made or changed.
    Changed(T),
    /// It was deleted.
    Gone(String),
}

impl Record for Contact {
    fn id(&self) -> &str {
        &self.id
    }

    fn news(event: &Event) -> Option<News<Self>> {
        match event {
            Event::Contact(contact) => Some(News::Changed(contact.clone())),
            Event::ContactDeleted { id } => Some(News::Gone(id.clone())),
            _ => None,
        }
    }
}

impl Record for Item {
    fn id(&self) -> &str {
        &self.id
    }

    fn news(event: &Event) -> Option<News<Self>> {
        match event {
            Event::Item(item) => Some(News::Changed(item.clone())),
            Event::ItemDeleted { id } => Some(News::Gone(id.clone())),
            _ => None,
        }
    }
}

/// How a cell shows a record.
pub type Cell<T> = Arc<dyn Fn(&T) -> AnyView + Send + Sync>;

/// A column.
#[derive(Clone)]
pub struct Column<T: 'static> {
    /// Names it in addresses and views.
    pub key: String,
    /// Its head.
    pub label: Signal<String>,
    /// What the server sorts by.
    pub sort: Option<&'static str>,
    /// Class of its cells.
    pub class: &'static str,
    /// Whether it is shown unless chosen otherwise.
    pub usual: bool,
    /// The cell.
    pub cell: Cell<T>,
}

impl<T: 'static> Column<T> {
    /// A usual one that cannot be sorted by.
    pub fn new(
        key: &str,
        label: Signal<String>,
        class: &'static str,
        cell: impl Fn(&T) -> AnyView + Send + Sync + 'static,
    ) -> Self {
        Self {
            key: key.to_owned(),
            label,
            sort: None,
            class,
            usual: true,
            cell: Arc::new(cell),
        }
    }

    /// The server sorts by it.
    pub fn sorted(mut self, key: &'static str) -> Self {
        self.sort = Some(key);
        self
    }

    /// Only where chosen.
    pub fn rare(mut self) -> Self {
        self.usual = false;
        self
    }
}

/// A filter with a list of values.
#[derive(Clone)]
pub struct Filter {
    /// The parameter.
    pub key: String,
    /// What it is of; also what it says when nothing is chosen.
    pub label: Signal<String>,
    /// Values and words, without an empty one.
    pub options: Options,
}

/// What is said where there is nothing.
#[derive(Clone, Copy)]
pub struct Words {
    /// Sign.
    pub icon: &'static str,
    /// Nothing at all.
    pub empty: Signal<String>,
    /// Why, and what to do.
    pub empty_lead: Signal<String>,
    /// In the search field.
    pub search: Signal<String>,
}

/// What makes one list differ from another.
pub struct Spec<T: 'static> {
    /// Names it among the saved views.
    pub page: String,
    /// Where the records are.
    pub path: &'static str,
    /// What is always asked for.
    pub fixed: Vec<(String, String)>,
    /// Every column there is.
    pub columns: Signal<Vec<Column<T>>>,
    /// Every filter there is.
    pub filters: Signal<Vec<Filter>>,
    /// What is said where there is nothing.
    pub words: Words,
    /// Where a record's own page is.
    pub href: fn(&T) -> String,
    /// `data-testid` of a row.
    pub testid: &'static str,
    /// What its name is, for those who hear the tick.
    pub name: fn(&T) -> String,
}

/// A list, shared by its parts.
pub struct List<T: 'static> {
    spec: StoredValue<Spec<T>>,
    /// Rows read so far.
    pub rows: RwSignal<Remote<Vec<T>>>,
    /// What is asked for.
    pub query: RwSignal<ListQuery>,
    /// What is ticked.
    pub chosen: RwSignal<Selection>,
    next: RwSignal<Option<String>>,
    total: RwSignal<Option<u64>>,
    /// Counts what was asked: an older answer is passed over.
    turn: StoredValue<u32>,
    more: RwSignal<bool>,
    timer: StoredValue<Option<TimeoutHandle>>,
    api: Api,
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for List<T> {}

impl<T: Record> List<T> {
    /// Of this kind; it follows the address and the events.
    pub fn new(spec: Spec<T>) -> Self {
        let address = use_address();
        let list = Self {
            spec: StoredValue::new(spec),
            rows: RwSignal::new(Remote::Loading),
            query: RwSignal::new(ListQuery::default()),
            chosen: RwSignal::new(Selection::default()),
            next: RwSignal::new(None),
            total: RwSignal::new(None),
            turn: StoredValue::new(0),
            more: RwSignal::new(false),
            timer: StoredValue::new(None),
            api: use_api(),
        };
        list.query
            .set(ListQuery::read(&address.query_now(), &list.known()));
        let asked = Memo::new(move |_| {
            list.query.with(|query| {
                let mut asked = query.clone();
                asked.columns.clear();
                asked
            })
        });
        Effect::new(move |_| {
            asked.with(|_| ());
            list.chosen.set(Selection::default());
            list.read();
        });
        Effect::new(move |before: Option<()>| {
            let query = list.query.with(ListQuery::address);
            if before.is_some() {
                amend(&query);
            }
        });
        use_live().follow(move |event| list.hear(event));
        list
    }

    fn known(self) -> Vec<String> {
        self.spec.with_value(|spec| {
            let filters = spec.filters.get_untracked();
            filters
                .into_iter()
                .map(|filter| filter.key)
                .chain(["tag", "company", "when", "owner"].map(str::to_owned))
                .collect()
        })
    }

    fn request(self, limit: u32, cursor: &str) -> String {
        let mut query = self.query.get_untracked();
        let mut fixed = self.spec.with_value(|spec| spec.fixed.clone());
        if let Some(when) = query.filters.remove("when") {
            let now = now_ms();
            let times = time_filter(&when, now, time::midnight_after(now));
            fixed.retain(|(key, _)| times.iter().all(|(other, _)| other != key));
            fixed.extend(times);
        }
        if query
            .filters
            .get("owner")
            .is_some_and(|owner| owner == "all")
        {
            query.filters.remove("owner");
            fixed.retain(|(key, _)| key != "owner");
        }
        if !query.sort.is_empty() {
            fixed.retain(|(key, _)| key != "sort");
        }
        let path = self.spec.with_value(|spec| spec.path);
        format!("{path}{}", query.request(&fixed, limit, cursor))
    }

    /// Reads from the beginning.
    pub fn read(self) {
        let turn = self.turn.with_value(|turn| turn + 1);
        self.turn.set_value(turn);
        let path = self.request(PAGE, "");
        spawn_local(async move {
            let answer = self.api.list::<T>(&path).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            match answer {
                Ok((page, total)) => {
                    let whole = page
                        .next_cursor
                        .is_none()
                        .then_some(page.items.len() as u64);
                    self.total.set(total.or(whole));
                    self.next.set(page.next_cursor);
                    self.rows.set(Remote::Ready(page.items));
                }
                Err(failure) => self.rows.set(Remote::Failed(failure)),
            }
        });
    }

    /// Reads on, once at a time.
    fn read_on(self) {
        let Some(cursor) = self
            .next
            .get_untracked()
            .filter(|_| !self.more.get_untracked())
        else {
            return;
        };
        self.more.set(true);
        let (turn, path) = (self.turn.get_value(), self.request(PAGE, &cursor));
        spawn_local(async move {
            let answer = self.api.list::<T>(&path).await;
            let _ = self.more.try_set(false);
            if let (Ok((page, _)), true) = (answer, self.turn.try_get_value() == Some(turn)) {
                self.next.set(page.next_cursor);
                self.rows.update(|rows| {
                    if let Some(rows) = rows.ready_mut() {
                        rows.extend(page.items);
                    }
                });
            }
        });
    }

    fn hear(self, event: &Event) {
        match T::news(event) {
            Some(News::Changed(record)) if self.replace(&record) => {}
            Some(News::Changed(_)) => self.read_soon(),
            Some(News::Gone(id)) => self.take_out(&id),
            None if matches!(event, Event::Many | Event::Resync) => self.read_soon(),
            None => {}
        }
    }

    /// Puts a changed record in the place of the old one; whether it was there.
    pub fn replace(self, record: &T) -> bool {
        let mut was_there = false;
        self.rows.update(|rows| {
            let known = rows
                .ready_mut()
                .and_then(|rows| rows.iter_mut().find(|known| known.id() == record.id()));
            if let Some(known) = known {
                *known = record.clone();
                was_there = true;
            }
        });
        was_there
    }

    /// Takes a row off the screen.
    pub fn take_out(self, id: &str) {
        let is_there = self.rows.with_untracked(|rows| {
            rows.ready()
                .is_some_and(|rows| rows.iter().any(|row| row.id() == id))
        });
        if !is_there {
            return;
        }
        self.rows.update(|rows| {
            if let Some(rows) = rows.ready_mut() {
                rows.retain(|row| row.id() != id);
            }
        });
        self.total
            .update(|total| *total = total.map(|total| total.saturating_sub(1)));
        self.chosen.update(|chosen| {
            chosen.ids.remove(id);
        });
    }

    /// Something may belong here now. Whoever has read far down keeps his place.
    pub fn read_soon(self) {
        let is_long = self
            .rows
            .with_untracked(|rows| rows.ready().is_some_and(|rows| rows.len() > PAGE as usize));
        if is_long {
            return;
        }
        if let Some(Some(timer)) = self.timer.try_get_value() {
            timer.clear();
        }
        let timer = set_timeout_with_handle(
            move || {
                if self.turn.try_get_value().is_some() {
                    self.read();
                }
            },
            PAUSE,
        );
        self.timer.try_set_value(timer.ok());
    }

    /// The columns that are shown, in their order.
    fn columns(self) -> Vec<Column<T>> {
        let all = self.spec.with_value(|spec| spec.columns).get();
        self.query.with(|query| {
            if query.columns.is_empty() {
                all.into_iter().filter(|column| column.usual).collect()
            } else {
                all.into_iter()
                    .filter(|column| query.columns.contains(&column.key))
                    .collect()
            }
        })
    }

    /// Ids of what is ticked, all of the filter's where that is meant, at most `most`.
    async fn ids(self, most: usize) -> Result<Vec<String>, Failure> {
        let chosen = self.chosen.get_untracked();
        if !chosen.all {
            return Ok(chosen.ids.into_iter().take(most).collect());
        }
        let (mut ids, mut cursor) = (Vec::new(), String::new());
        loop {
            let (page, _) = self.api.list::<T>(&self.request(PAGE, &cursor)).await?;
            ids.extend(page.items.iter().map(|row| row.id().to_owned()));
            match page.next_cursor {
                Some(next) if ids.len() < most => cursor = next,
                _ => break,
            }
        }
        ids.truncate(most);
        Ok(ids)
    }
}

/// Views, filters, bulk bar and table. `bulk` holds what can be done with many; `actions` a row's own buttons.
#[component]
pub fn ListBody<T: Record>(
    list: List<T>,
    #[prop(into)] bulk: ViewFn,
    #[prop(optional)] actions: Option<Cell<T>>,
    /// What can be done where there is nothing yet.
    #[prop(optional, into)]
    first: ViewFn,
) -> impl IntoView {
    let i18n = use_i18n();
    let words = list.spec.with_value(|spec| spec.words);
    let is_empty = Memo::new(move |_| {
        list.rows
            .with(|rows| rows.ready().is_none_or(Vec::is_empty))
    });
    let (first, bulk) = (StoredValue::new(first), StoredValue::new(bulk));
    let nothing = move || {
        if list.query.with(ListQuery::is_narrowed) {
            view! {
                <Empty icon="search" title=tr!(i18n, list.none) lead=tr!(i18n, list.none_lead)>
                    <button class="btn" on:click=act(move |_| list.query.update(|query| { query.search.clear(); query.filters.clear(); }))>{tr!(i18n, calls.clear)}</button>
                </Empty>
            }
            .into_any()
        } else {
            view! { <Empty icon=words.icon title=words.empty lead=words.empty_lead>{first.get_value().run()}</Empty> }.into_any()
        }
    };
    let actions = StoredValue::new(actions);
    let table = move || view! { <table::Table list actions=actions.get_value()/> };
    view! {
        <views::Views list/>
        <head::Filters list/>
        <When when=move || !list.chosen.with(Selection::is_empty)><bulk::Bar list>{bulk.get_value().run()}</bulk::Bar></When>
        <RemoteView source=list.rows again=move |()| list.read()>
            <When when=move || !is_empty.get() otherwise=ViewFn::from(nothing)>{changing(table)}</When>
        </RemoteView>
    }
}

//! The call log: tabs, filters, totals, table, and the drawer of one call.

mod bulk;
mod drawer;
mod filters;
mod listened;
mod moments;
mod path;
mod player;
mod player_sound;
mod quality;
mod said;
mod table;
mod totals;
mod views;

use crate::components::reactive::{When, act, changing, flag};
use api_types::{CallRecord, Event, Page};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{events::use_live, use_api},
    components::{Empty, remote_view::RemoteView},
    i18n::*,
    platform::{
        address::{amend, go, use_address},
        time,
    },
    state::remote::{Remote, read_into},
    view::{
        call_log::{Filter, take_in},
        list::Selection,
        query::query,
    },
};

/// Calls a page.
const PAGE: u32 = 100;

/// What the parts of this page share.
#[derive(Clone, Copy)]
pub struct Log {
    /// Newest first.
    pub list: RwSignal<Remote<Page<CallRecord>>>,
    /// What is shown.
    pub filter: RwSignal<Filter>,
    /// The call in the drawer (`?call=id`).
    pub open: Memo<Option<String>>,
    /// What is ticked.
    pub chosen: RwSignal<Selection>,
    /// How many the filter finds, and how large their recordings are.
    pub totals: RwSignal<Option<api_types::CallTotals>>,
    /// Filters kept by a name.
    pub views: RwSignal<Vec<api_types::SavedView>>,
    /// More is being read.
    reads: RwSignal<bool>,
}

impl Log {
    /// Opens a call's drawer, or closes it.
    pub fn show(self, id: Option<String>) {
        let filter = self.filter.with_untracked(Filter::address);
        let call = query(&[("call", id.as_deref().unwrap_or_default())]);
        go(&format!("/calls{}", joined(&filter, &call)));
    }

    /// A call of the list.
    pub fn find(self, id: &str) -> Option<CallRecord> {
        self.list.with(|list| {
            list.ready()
                .and_then(|page| page.items.iter().find(|call| call.id == id).cloned())
        })
    }

    /// The call above or below the one in the drawer.
    pub fn beside(self, id: &str, below: bool) -> Option<String> {
        self.list.with(|list| {
            let items = &list.ready()?.items;
            let at = items.iter().position(|call| call.id == id)?;
            let at = if below { at + 1 } else { at.checked_sub(1)? };
            items.get(at).map(|call| call.id.clone())
        })
    }

    /// The query string of what is shown, without pages.
    pub fn query(self) -> String {
        self.filter.with_untracked(|filter| {
            let span = filter.days.span(time::day_start);
            filter.query(span, 0, "")
        })
    }

    fn page(self, cursor: &str) -> String {
        self.filter.with_untracked(|filter| {
            let span = filter.days.span(time::day_start);
            filter.query(span, PAGE, cursor)
        })
    }
}

/// Two query strings as one.
fn joined(first: &str, second: &str) -> String {
    match (first, second.strip_prefix('?')) {
        ("", _) => second.to_owned(),
        (first, Some(second)) => format!("{first}&{second}"),
        (first, None) => first.to_owned(),
    }
}

/// The page. Filter and open call are in the address.
#[component]
pub fn CallsPage() -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let address = use_address();
    let open = Memo::new(move |_| address.param("call"));
    let log = Log {
        list: RwSignal::new(Remote::Loading),
        filter: RwSignal::new(Filter::read(&address.query_now())),
        open,
        chosen: RwSignal::new(Selection::default()),
        totals: RwSignal::new(None),
        views: RwSignal::new(Vec::new()),
        reads: RwSignal::new(false),
    };
    views::read(log);
    let read = move || {
        read_into(log.list, async move { api.calls(&log.page("")).await });
    };
    Effect::new(move |before: Option<()>| {
        let filter = log.filter.with(Filter::address);
        if before.is_some() {
            let call = query(&[("call", open.get_untracked().as_deref().unwrap_or_default())]);
            amend(&joined(&filter, &call));
            log.chosen.set(Selection::default());
        }
        read();
    });
    // A link to another view of the same page.
    Effect::new(move |_| {
        if address.param("view").is_some() {
            log.filter.set(Filter::read(&address.query_now()));
        }
    });
    use_live().follow(move |event| match event {
        Event::Call(call) => log.list.update(|list| {
            if let Some(page) = list.ready_mut() {
                log.filter
                    .with_untracked(|filter| take_in(&mut page.items, call.clone(), filter));
            }
        }),
        Event::Contact(_) | Event::ContactDeleted { .. } | Event::Many | Event::Resync => read(),
        _ => {}
    });
    view! {
        <div class="cl" class:cl--open=flag(move || log.open.with(Option::is_some))>
            <div class="cl__m">
                <div class="page__head cl__head"><h1 class="h1">{tr!(i18n, calls.title)}</h1><span class="push"></span><views::Save log/><bulk::Export log/></div>
                <views::Tabs log/>
                <filters::Filters filter=log.filter/>
                <totals::Totals log/>
                <When when=move || !log.chosen.with(Selection::is_empty)><bulk::Bar log/></When>
                <RemoteView source=log.list again=move |()| read()><LogList log/></RemoteView>
            </div>
            {changing(move || log.open.get().map(|id| view! { <drawer::Drawer log id/> }))}
        </div>
    }
}

#[component]
fn LogList(log: Log) -> impl IntoView {
    let i18n = use_i18n();
    let is_empty = Memo::new(move |_| {
        log.list
            .with(|list| list.ready().is_none_or(|page| page.items.is_empty()))
    });
    let nothing = move || {
        if log.filter.with(Filter::is_empty) {
            view! { <Empty icon="phone" title=tr!(i18n, calls.empty) lead=tr!(i18n, calls.empty_lead)/> }.into_any()
        } else if log.filter.with(|filter| filter.missed) {
            view! { <Empty icon="circle-check" title=tr!(i18n, log.all_returned) lead=tr!(i18n, log.all_returned_lead)/> }.into_any()
        } else {
            view! {
            <Empty icon="search" title=tr!(i18n, calls.none) lead=tr!(i18n, calls.none_lead)>
                <button class="btn" on:click=act(move |_| log.filter.set(Filter::default()))>{tr!(i18n, calls.clear)}</button>
            </Empty>
        }.into_any()
        }
    };
    view! { <When when=move || !is_empty.get() otherwise=ViewFn::from(nothing)><table::CallTable log/></When> }
}

impl Log {
    /// Reads the next page, once at a time.
    pub fn read_on(self, api: crate::api::Api) {
        let cursor = self.list.with_untracked(|list| {
            let page = list.ready()?;
            page.next_cursor.clone()
        });
        let Some(cursor) = cursor.filter(|_| !self.reads.get_untracked()) else {
            return;
        };
        self.reads.set(true);
        let asked = self.page(&cursor);
        spawn_local(async move {
            let next = api.calls(&asked).await;
            // The filter may have changed meanwhile: then this page belongs to nothing.
            let _ = self.list.try_update(|list| {
                if let (Some(page), Ok(next)) = (list.ready_mut(), next)
                    && page.next_cursor.as_ref() == Some(&cursor)
                {
                    page.items.extend(next.items);
                    page.next_cursor = next.next_cursor;
                }
            });
            let _ = self.reads.try_set(false);
        });
    }
}

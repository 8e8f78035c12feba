//! The call log: filters, table, and the drawer of one call.

mod drawer;
mod filters;
mod path;
mod player;
mod player_sound;
mod quality;
mod table;

use crate::components::reactive::{When, act, changing, flag};
use api_types::{CallRecord, Event, Page};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{events::use_live, use_api},
    components::{Empty, remote_view::RemoteView},
    i18n::*,
    platform::address::{go, use_address},
    state::remote::{Remote, read_into},
    view::call_log::{Filter, take_in},
};

/// Calls a page.
const PAGE: u32 = 50;

/// What the parts of this page share.
#[derive(Clone, Copy)]
pub struct Log {
    /// Newest first.
    pub list: RwSignal<Remote<Page<CallRecord>>>,
    /// What is shown.
    pub filter: RwSignal<Filter>,
    /// The call in the drawer (`?call=id`).
    pub open: Memo<Option<String>>,
}

impl Log {
    /// Opens a call's drawer, or closes it.
    pub fn show(self, id: Option<String>) {
        go(&id.map_or_else(|| "/calls".to_owned(), |id| format!("/calls?call={id}")));
    }

    /// A call of the list.
    pub fn find(self, id: &str) -> Option<CallRecord> {
        self.list.with(|list| {
            list.ready()
                .and_then(|page| page.items.iter().find(|call| call.id == id).cloned())
        })
    }
}

/// The page. The open call is in the address.
#[component]
pub fn CallsPage() -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let address = use_address();
    let log = Log {
        list: RwSignal::new(Remote::Loading),
        filter: RwSignal::new(Filter::default()),
        open: Memo::new(move |_| address.param("call")),
    };
    let read = move || {
        read_into(log.list, async move {
            api.calls(&log.filter.get_untracked().query(PAGE, "")).await
        })
    };
    Effect::new(move |_| {
        log.filter.track();
        read();
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
                <div class="page__head"><h1 class="h1">{tr!(i18n, calls.title)}</h1></div>
                <filters::Filters filter=log.filter/>
                <div class="cl__t"><RemoteView source=log.list again=move |()| read()><LogList log/></RemoteView></div>
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
        } else {
            view! {
            <Empty icon="search" title=tr!(i18n, calls.none) lead=tr!(i18n, calls.none_lead)>
                <button class="btn" on:click=act(move |_| log.filter.set(Filter::default()))>{tr!(i18n, calls.clear)}</button>
            </Empty>
        }.into_any()
        }
    };
    view! { <When when=move || !is_empty.get() otherwise=ViewFn::from(nothing)><table::CallTable log/><More log/></When> }
}

#[component]
fn More(log: Log) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let cursor = Memo::new(move |_| {
        log.list
            .with(|list| list.ready().and_then(|page| page.next_cursor.clone()))
    });
    let more = move |_| {
        let query = log
            .filter
            .get_untracked()
            .query(PAGE, &cursor.get_untracked().unwrap_or_default());
        spawn_local(async move {
            let Ok(next) = api.calls(&query).await else {
                return;
            };
            let _ = log.list.try_update(|list| {
                if let Some(page) = list.ready_mut() {
                    page.items.extend(next.items);
                    page.next_cursor = next.next_cursor;
                }
            });
        });
    };
    view! { <When when=move || cursor.with(Option::is_some)><div class="more"><button class="btn" data-testid="load-more" on:click=act(more)>{tr!(i18n, common.load_more)}</button></div></When> }
}

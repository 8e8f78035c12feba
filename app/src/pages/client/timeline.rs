//! Everything that happened with a client or in a deal, newest first, by days.

use std::time::Duration;

use api_types::{Event, Page, StoredFile, TimelineEntry};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};

use super::{Client, entry::entry, files::Preview};
use crate::{
    api::{events::use_live, use_api},
    components::{
        Empty, Icon,
        reactive::{Rows, When, act, changing, followed, text},
        remote_view::RemoteView,
    },
    i18n::*,
    pages::item_form,
    platform::{
        bridge::{self, Topic},
        now_ms, time,
    },
    state::remote::Remote,
    view::{failure::Failure, query::query},
};

/// Entries a page.
const PAGE: &str = "40";
/// Events come in bursts.
const PAUSE: Duration = Duration::from_millis(250);

/// What the entries share.
#[derive(Clone, Copy)]
pub struct Line {
    /// A form that is open over the page.
    pub making: RwSignal<Option<item_form::Target>>,
    /// A file that is looked at.
    pub shown: RwSignal<Option<StoredFile>>,
    /// Reads the newest again.
    pub again: Callback<()>,
}

/// What is read of one.
pub type Read = RwSignal<Remote<Page<TimelineEntry>>>;

fn key(entry: &TimelineEntry) -> String {
    match entry {
        TimelineEntry::Call(call) => format!("c{}", call.id),
        TimelineEntry::Item(item) => format!("i{}", item.id),
        TimelineEntry::File(file) => format!("f{}", file.id),
        TimelineEntry::Change {
            at,
            item,
            field,
            after,
            ..
        } => format!("h{at}{}{field}{after}", item.as_deref().unwrap_or_default()),
    }
}

/// When it was.
pub fn at(entry: &TimelineEntry) -> i64 {
    match entry {
        TimelineEntry::Call(call) => call.started_at,
        TimelineEntry::Item(item) => item.created_at,
        TimelineEntry::File(file) => file.created_at,
        TimelineEntry::Change { at, .. } => *at,
    }
}

/// Whether a text stands in an entry.
fn holds(entry: &TimelineEntry, wanted: &str) -> bool {
    use crate::view::directory::sort_key;
    let texts: Vec<&str> = match entry {
        TimelineEntry::Call(call) => vec![
            &call.note,
            call.employee.as_ref().map_or("", |who| who.name.as_str()),
            call.number
                .as_ref()
                .map_or("", |number| number.e164.as_str()),
        ],
        TimelineEntry::Item(item) => vec![&item.title, &item.text],
        TimelineEntry::File(file) => vec![&file.name],
        TimelineEntry::Change {
            title,
            before,
            after,
            ..
        } => vec![title, before, after],
    };
    texts.iter().any(|text| sort_key(text).contains(wanted))
}

/// What the filter asks the server for.
const KINDS: [(&str, &str); 6] = [
    ("all", ""),
    ("calls", "call"),
    ("notes", "note,interaction"),
    ("tasks", "task,meeting"),
    ("deals", "deal"),
    ("orders", "order,invoice,payment,request"),
];

#[component]
pub fn Timeline(client: Client, id: String) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let list: Read = RwSignal::new(Remote::Loading);
    let kind = RwSignal::new(0_usize);
    let finding = RwSignal::new(String::new());
    let id = StoredValue::new(id);
    let path = move |cursor: &str| {
        format!(
            "/contacts/{}/timeline{}",
            id.get_value(),
            query(&[
                ("kind", KINDS[kind.get_untracked()].1),
                ("limit", PAGE),
                ("cursor", cursor)
            ])
        )
    };
    let read = move || {
        let (path, asked) = (path(""), kind.get_untracked());
        spawn_local(async move {
            let answer = api.get::<Page<TimelineEntry>>(&path).await;
            if kind.try_get_untracked() == Some(asked) {
                take_in(list, answer);
            }
        });
    };
    Effect::new(move |_| {
        kind.track();
        list.set(Remote::Loading);
        read();
    });
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let soon = move || {
        if let Some(Some(timer)) = timer.try_get_value() {
            timer.clear();
        }
        timer.try_set_value(
            set_timeout_with_handle(
                move || {
                    if kind.try_get_untracked().is_some() {
                        read()
                    }
                },
                PAUSE,
            )
            .ok(),
        );
    };
    use_live().follow(move |event| {
        let is_his = |contact: Option<&api_types::ContactRef>| {
            contact.is_some_and(|contact| contact.id == id.get_value())
        };
        match event {
            Event::Item(item) if is_his(item.contact.as_ref()) => soon(),
            Event::Call(call) if is_his(call.contact.as_ref()) => soon(),
            Event::Files { id: of } if *of == id.get_value() => soon(),
            Event::ItemDeleted { id } => take_out(list, &format!("i{id}")),
            Event::Many | Event::Resync => soon(),
            _ => {}
        }
    });
    bridge::hear(Topic::File, move |_| soon());
    let line = Line {
        making: client.making,
        shown: RwSignal::new(None),
        again: Callback::new(move |()| {
            list.set(Remote::Loading);
            read();
        }),
    };
    let chips = KINDS.iter().enumerate().map(|(place, (name, _))| view! { <button data-testid=format!("timeline-{name}") aria-pressed=text(move || kind.get() == place) on:click=act(move |_| kind.set(place))>{text(move || kind_words(i18n, place))}</button> }).collect_view();
    view! {
        <div class="row tl__f"><div class="seg" role="group" aria-label=tr!(i18n, timeline.show)>{chips}</div>
            <label class="find push tl__find"><Icon name="search"/><input type="search" aria-label=tr!(i18n, timeline.find) placeholder=tr!(i18n, timeline.find) data-testid="timeline-find" on:input=act(move |input| finding.set(crate::view::directory::sort_key(event_target_value(&input).trim())))/></label></div>
        <RemoteView source=list again=move |()| read()><Entries list line finding/></RemoteView>
        <More list path=Callback::new(move |cursor: String| path(&cursor))/>
        {changing(move || line.shown.get().map(|file| view! { <Preview file shown=line.shown/> }))}
    }
}

fn kind_words(i18n: I18n, place: usize) -> &'static str {
    match place {
        0 => t_string!(i18n, list.all),
        1 => t_string!(i18n, nav.calls),
        2 => t_string!(i18n, timeline.notes),
        3 => t_string!(i18n, nav.tasks),
        4 => t_string!(i18n, nav.deals),
        _ => t_string!(i18n, timeline.orders),
    }
}

/// The newest page; what was read below it stays.
fn take_in(list: Read, answer: Result<Page<TimelineEntry>, Failure>) {
    let page = match answer {
        Ok(page) => page,
        Err(failure) => {
            let _ = list.try_set(Remote::Failed(failure));
            return;
        }
    };
    let _ = list.try_update(|list| {
        let last = page.items.last().map(at);
        if let (Some(known), Some(last)) = (
            list.ready_mut()
                .filter(|known| known.items.len() > page.items.len()),
            last,
        ) {
            let fresh: Vec<String> = page.items.iter().map(key).collect();
            known
                .items
                .retain(|entry| at(entry) < last && !fresh.contains(&key(entry)));
            known.items.splice(0..0, page.items);
        } else {
            *list = Remote::Ready(page);
        }
    });
}

fn take_out(list: Read, gone: &str) {
    list.update(|list| {
        if let Some(page) = list.ready_mut() {
            page.items.retain(|entry| key(entry) != gone);
        }
    });
}

/// A row: the head of a day, or an entry.
fn keys_of(entries: &[TimelineEntry], finding: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut day = None;
    for entry in entries
        .iter()
        .filter(|entry| finding.is_empty() || holds(entry, finding))
    {
        let now = time::day_number(at(entry));
        if day != Some(now) {
            day = Some(now);
            keys.push(format!("day{}", at(entry)));
        }
        keys.push(key(entry));
    }
    keys
}

/// The entries by days; `finding` narrows them.
#[component]
pub fn Entries(list: Read, line: Line, finding: RwSignal<String>) -> impl IntoView {
    let i18n = use_i18n();
    let keys = Memo::new(move |_| {
        list.with(|list| {
            finding.with(|finding| {
                list.ready()
                    .map(|page| keys_of(&page.items, finding))
                    .unwrap_or_default()
            })
        })
    });
    let row = move |name: String| {
        if let Some(day) = name.strip_prefix("day") {
            let day: i64 = day.parse().unwrap_or_default();
            return view! { <li class="day"><span>{text(move || day_words(i18n, day))}</span></li> }.into_any();
        }
        let found = followed(move || {
            list.with(|list| {
                list.ready()
                    .and_then(|page| page.items.iter().find(|entry| key(entry) == name).cloned())
            })
        });
        found.map(|one| view! { <li class="ev" data-testid="entry">{changing(move || entry(line, one.get()))}</li> }).into_any()
    };
    let nothing = move || {
        if finding.with(String::is_empty) {
            view! { <Empty icon="history" title=tr!(i18n, timeline.empty) lead=tr!(i18n, timeline.empty_lead)/> }
        } else {
            view! { <Empty icon="search" title=tr!(i18n, list.none) lead=tr!(i18n, timeline.none_lead)/> }
        }
    };
    view! { <When when=move || !keys.with(Vec::is_empty) otherwise=ViewFn::from(nothing)><ol class="tl"><Rows keys=Signal::derive(move || keys.get()) row/></ol></When> }
}

fn day_words(i18n: I18n, at: i64) -> String {
    const DAY_MS: i64 = 24 * 3_600_000;
    let locale = i18n.get_locale();
    let (number, now) = (time::day_number(at), now_ms());
    let date = time::short_date(at, locale);
    if number == time::day_number(now) {
        format!("{}, {date}", t_string!(i18n, calls.today))
    } else if number == time::day_number(now - DAY_MS) {
        format!("{}, {date}", t_string!(i18n, calls.yesterday))
    } else if now - at < 300 * DAY_MS {
        time::day(at, locale)
    } else {
        time::long_date(at, locale)
    }
}

#[component]
fn More(list: Read, path: Callback<String, String>) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let cursor = Memo::new(move |_| {
        list.with(|list| list.ready().and_then(|page| page.next_cursor.clone()))
    });
    let more = move |_| {
        let Some(cursor) = cursor.get_untracked() else {
            return;
        };
        let path = path.run(cursor);
        spawn_local(async move {
            let Ok(next) = api.get::<Page<TimelineEntry>>(&path).await else {
                return;
            };
            let _ = list.try_update(|list| {
                if let Some(page) = list.ready_mut() {
                    page.items.extend(next.items);
                    page.next_cursor = next.next_cursor;
                }
            });
        });
    };
    view! { <When when=move || cursor.with(Option::is_some)><div class="more"><button class="btn" data-testid="timeline-more" on:click=act(more)>{tr!(i18n, common.load_more)}</button></div></When> }
}

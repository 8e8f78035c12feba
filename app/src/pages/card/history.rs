//! What happened with the client, newest first, in a card.

use api_types::{CallRecord, Item, Page, TimelineEntry};
use leptos::prelude::*;

use super::Of;
use crate::{
    api::use_api,
    components::{Icon, reactive::changing, remote_view::RemoteView},
    i18n::*,
    pages::desktop::short_time,
    state::remote::{Remote, read_into},
    view::{
        choice, format,
        outcome::{self, DirectionSign, Outcome},
        work::KindName,
    },
};

/// Entries in a card; the client's page has all.
const ENTRIES: u32 = 30;

/// Of the client; without one the calls of the number.
#[component]
pub fn History(of: Of) -> impl IntoView {
    let (i18n, api) = (use_i18n(), use_api());
    let list = RwSignal::new(Remote::<Vec<TimelineEntry>>::Loading);
    let contact = Memo::new(move |_| of.contact().map(|contact| contact.id));
    let number = of
        .call
        .with_untracked(|call| call.number.as_ref().map(|number| number.e164.clone()));
    let read = move || {
        let (contact, number) = (contact.get(), number.clone());
        read_into(list, async move {
            match (contact, number) {
                (Some(id), _) => {
                    let path = format!("/contacts/{id}/timeline?limit={ENTRIES}");
                    api.get::<Page<TimelineEntry>>(&path)
                        .await
                        .map(|page| page.items)
                }
                (None, Some(number)) => {
                    let limit = ENTRIES.to_string();
                    let query = crate::view::query::query(&[("q", &number), ("limit", &limit)]);
                    let page = api.calls(&query).await?;
                    Ok(page.items.into_iter().map(TimelineEntry::Call).collect())
                }
                (None, None) => Ok(Vec::new()),
            }
        });
    };
    let again = read.clone();
    Effect::new(move |_| read());
    let own = of.id();
    let rows = move || {
        let own = own.clone();
        list.with(|list| {
            let all = list.ready().into_iter().flatten().cloned();
            let others =
                all.filter(|entry| !matches!(entry, TimelineEntry::Call(call) if call.id == own));
            let rows: Vec<_> = others.map(|entry| view! { <Entry entry/> }).collect();
            match rows.is_empty() {
                true => view! { <p class="t12 mute">{tr!(i18n, wrap.no_history)}</p> }.into_any(),
                false => view! { <ul class="part__list">{rows}</ul> }.into_any(),
            }
        })
    };
    let rows = StoredValue::new(changing(rows));
    view! { <div data-testid="card-history"><RemoteView source=list again=move |()| again()>{rows.get_value()}</RemoteView></div> }
}

#[component]
fn Entry(entry: TimelineEntry) -> impl IntoView {
    let i18n = use_i18n();
    match entry {
        TimelineEntry::Call(call) => of_call(i18n, &call),
        TimelineEntry::Item(item) => of_item(i18n, &item),
        TimelineEntry::File(file) => row(
            "file-text",
            file.name,
            short_time(i18n, file.created_at),
            None,
        ),
        TimelineEntry::Change {
            at,
            title,
            before,
            after,
            by,
            ..
        } => {
            let says = format!(
                "{title}: {} → {}",
                choice::say(i18n, "", &before),
                choice::say(i18n, "", &after)
            );
            row("history", says, short_time(i18n, at), by)
        }
    }
}

fn of_call(i18n: I18n, call: &CallRecord) -> AnyView {
    let sign = DirectionSign::of(call.direction, call.status);
    let end = match &call.result {
        Some(result) => choice::say(i18n, "", result),
        None => Outcome::of(call.direction, call.status)
            .say(i18n)
            .to_owned(),
    };
    let talk = outcome::talk_ms(call).map(format::duration);
    let says = [Some(end), talk]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ");
    let who = call.employee.as_ref().map(|one| one.name.clone());
    let note = Some(call.note.clone()).filter(|note| !note.is_empty());
    let second = [who, note]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(": ");
    let when = short_time(i18n, call.started_at);
    view! {
        <li class="row"><Icon name=sign.icon() class="i--14"/><div class="grow"><a class="cut" href=format!("/calls?call={}", call.id)>{says}</a>{(!second.is_empty()).then(|| view! { <div class="t12 mute part__second">{second}</div> })}</div><span class="t12 mute num">{when}</span></li>
    }
    .into_any()
}

fn of_item(i18n: I18n, item: &Item) -> AnyView {
    let kind = KindName::of(item.kind);
    let title = if item.title.is_empty() {
        item.text.clone()
    } else {
        item.title.clone()
    };
    let says = format!("{}: {title}", kind.say(i18n));
    row(kind.icon(), says, short_time(i18n, item.created_at), None)
}

fn row(icon: &'static str, says: String, when: String, by: Option<String>) -> AnyView {
    view! {
        <li class="row"><Icon name=icon class="i--14"/><div class="grow"><div class="cut">{says}</div>{by.map(|by| view! { <div class="t12 mute">{by}</div> })}</div><span class="t12 mute num">{when}</span></li>
    }
    .into_any()
}

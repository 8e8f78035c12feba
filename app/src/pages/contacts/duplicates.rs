//! Contacts that may be the same, side by side: the one that stays is chosen, the others become part of it.

use api_types::{Contact, DuplicateGroup, Event, Merge, Page, Undo};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{events::use_live, use_api},
    components::{
        Empty, Icon,
        reactive::{When, act, changing, flag, text},
        remote_view::RemoteView,
        say_failure_now,
    },
    i18n::*,
    platform::time,
    state::{
        house::use_house,
        remote::{Remote, read_into},
        toasts::use_toasts,
    },
    view::query::query,
};

const PATH: &str = "/duplicates";
/// Groups a page.
const LIMIT: &str = "20";

/// `/contacts/duplicates`
#[component]
pub fn DuplicatesPage() -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let page = RwSignal::new(Remote::<Page<DuplicateGroup>>::Loading);
    let more = RwSignal::new(false);
    let read = move || {
        let path = with(&[("limit", LIMIT)]);
        read_into(page, async move { api.get(&path).await });
    };
    read();
    use_live().follow(move |event| {
        if matches!(event, Event::Many | Event::Resync) {
            read();
        }
    });
    let read_on = move |_| {
        let next =
            page.with_untracked(|page| page.ready().and_then(|page| page.next_cursor.clone()));
        let Some(next) = next else { return };
        more.set(true);
        spawn_local(async move {
            let answer = api
                .get::<Page<DuplicateGroup>>(&with(&[("limit", LIMIT), ("cursor", &next)]))
                .await;
            let _ = more.try_set(false);
            if let Ok(answer) = answer {
                let _ = page.try_update(|page| {
                    if let Some(page) = page.ready_mut() {
                        page.items.extend(answer.items);
                        page.next_cursor = answer.next_cursor;
                    }
                });
            }
        });
    };
    let groups = move || {
        let groups = page.with(|page| {
            page.ready()
                .map(|page| page.items.clone())
                .unwrap_or_default()
        });
        groups
            .into_iter()
            .map(|group| view! { <Group group/> })
            .collect_view()
    };
    let is_empty = move || page.with(|page| page.ready().is_none_or(|page| page.items.is_empty()));
    let has_more =
        move || page.with(|page| page.ready().is_some_and(|page| page.next_cursor.is_some()));
    let none = move || view! { <Empty icon="check" title=tr!(i18n, duplicates.none) lead=tr!(i18n, duplicates.none_lead)/> };
    view! {
        <div class="page__head">
            <a class="btn btn--icon btn--quiet" href="/contacts" aria-label=tr!(i18n, contacts.title) title=tr!(i18n, contacts.title)><Icon name="arrow-left"/></a>
            <h1 class="h1">{tr!(i18n, duplicates.title)}</h1>
        </div>
        <div class="imp" data-testid="duplicates">
            <p class="soft">{tr!(i18n, duplicates.lead)}</p>
            <RemoteView source=page again=move |()| read()>
                <When when=move || !is_empty() otherwise=ViewFn::from(none)>
                    {changing(groups)}
                    <When when=has_more><button class="btn" disabled=more on:click=act(read_on)>{tr!(i18n, duplicates.more)}</button></When>
                </When>
            </RemoteView>
        </div>
    }
}

fn with(parts: &[(&str, &str)]) -> String {
    format!("{PATH}{}", query(parts))
}

/// Contacts side by side.
#[component]
fn Group(group: DuplicateGroup) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let oldest = group
        .contacts
        .first()
        .map(|contact| contact.id.clone())
        .unwrap_or_default();
    let stays = RwSignal::new(oldest);
    let busy = RwSignal::new(false);
    let ids: Vec<String> = group
        .contacts
        .iter()
        .map(|contact| contact.id.clone())
        .collect();
    let merge = move |_| {
        let into = stays.get_untracked();
        let from = ids.iter().filter(|id| **id != into).cloned().collect();
        busy.set(true);
        spawn_local(async move {
            match api
                .post::<Undo>("/contacts/merge", &Merge { into, from })
                .await
            {
                Ok(done) => {
                    let undo = move || {
                        let path = format!("/operations/{}/undo", done.operation);
                        spawn_local(async move {
                            if let Err(failure) = api.order::<Undo>(&path).await {
                                toasts.fail(say_failure_now(i18n, &failure));
                            }
                        });
                    };
                    toasts.say_with(
                        tu_string!(i18n, duplicates.merged).to_owned(),
                        tu_string!(i18n, common.undo),
                        undo,
                    );
                }
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
            let _ = busy.try_set(false);
        });
    };
    let name = format!("stays-{}-{}", group.by, group.value);
    let columns = group
        .contacts
        .into_iter()
        .map(|contact| view! { <Side contact stays name=name.clone()/> })
        .collect_view();
    view! {
        <section class="dup" data-testid="duplicate">
            <div class="row"><h2 class="h2 num grow cut">{group.value}</h2><button class="btn btn--main" data-testid="merge" disabled=busy on:click=act(merge)>{tr!(i18n, duplicates.merge)}</button></div>
            <div class="dup__sides">{columns}</div>
        </section>
    }
}

#[component]
fn Side(contact: Contact, stays: RwSignal<String>, name: String) -> impl IntoView {
    let i18n = use_i18n();
    let house = use_house();
    let id = StoredValue::new(contact.id.clone());
    let is_kept = flag(move || id.with_value(|id| stays.with(|stays| stays == id)));
    let phones: Vec<String> = contact
        .phones
        .iter()
        .map(|phone| phone.display.clone())
        .collect();
    let emails: Vec<String> = contact
        .emails
        .iter()
        .map(|email| email.value.clone())
        .collect();
    let addresses: Vec<String> = contact
        .addresses
        .iter()
        .map(|address| address.value.clone())
        .collect();
    let responsible = contact.responsible.clone();
    let status = contact.status.clone();
    let created = contact.created_at;
    let row = |label: Signal<String>, value: String| {
        (!value.is_empty()).then(|| view! { <dt>{label}</dt><dd class="wrap">{value}</dd> })
    };
    let company = contact
        .company
        .map(|company| company.name)
        .unwrap_or_default();
    view! {
        <div class="dup__side" class:is-on=is_kept>
            <label class="check"><input type="radio" name=name prop:checked=is_kept on:change=act(move |_| stays.set(id.get_value()))/><span>{text(move || if is_kept.get() { t_string!(i18n, duplicates.stays) } else { t_string!(i18n, duplicates.goes) })}</span></label>
            <a class="med wrap" href=format!("/contacts/{}", contact.id)>{contact.name}</a>
            <dl class="kv">
                {row(tr!(i18n, contacts.phones), phones.join(", "))}
                {row(tr!(i18n, clients.emails), emails.join(", "))}
                {row(tr!(i18n, clients.addresses), addresses.join(", "))}
                {row(tr!(i18n, clients.company), company)}
                {row(tr!(i18n, clients.position), contact.position)}
                {row(tr!(i18n, clients.tags), contact.tags.join(", "))}
                {(!status.is_empty()).then(|| view! { <dt>{tr!(i18n, clients.status)}</dt><dd>{text(move || house.status(&status))}</dd> })}
                {responsible.map(|id| view! { <dt>{tr!(i18n, clients.responsible)}</dt><dd>{text(move || house.person(Some(&id)))}</dd> })}
                <dt>{tr!(i18n, clients.created)}</dt><dd class="num">{text(move || time::short_day(created, i18n.get_locale()))}</dd>
            </dl>
        </div>
    }
}

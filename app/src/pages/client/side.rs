//! The right column: open deals, tasks, requests, people of a company, figures.

use api_types::{ClientFigures, Contact, Event, Item, ItemKind, Page};
use leptos::{prelude::*, task::spawn_local};

use super::Client;
use crate::{
    api::{events::use_live, use_api},
    components::{
        Avatar,
        form::IconButton,
        reactive::{When, act, changing, flag, text},
    },
    i18n::*,
    pages::item_form::{Target, use_clicks},
    platform::{now_ms, time},
    state::house::{House, use_house},
    view::{choice, format, item_draft, query::query, work::stage_of},
};

#[component]
pub fn Side(client: Client, id: String, is_company: bool) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let open = RwSignal::new(Vec::<Item>::new());
    let figures = RwSignal::new(None::<ClientFigures>);
    let people = RwSignal::new(Vec::<Contact>::new());
    let id = StoredValue::new(id);
    let read = move || {
        let id = id.get_value();
        spawn_local(async move {
            let path = format!(
                "/items{}",
                query(&[
                    ("kind", "deal,task,meeting,request"),
                    ("contact", &id),
                    ("open", "true"),
                    ("limit", "100")
                ])
            );
            if let Ok(page) = api.get::<Page<Item>>(&path).await {
                let _ = open.try_set(page.items);
            }
            if let Ok(read) = api.get(&format!("/contacts/{id}/figures")).await {
                let _ = figures.try_set(Some(read));
            }
        });
    };
    let read_people = move || {
        let path = format!(
            "/contacts{}",
            query(&[("company", &id.get_value()), ("limit", "100")])
        );
        spawn_local(async move {
            if let Ok(page) = api.get::<Page<Contact>>(&path).await {
                let _ = people.try_set(page.items);
            }
        });
    };
    read();
    if is_company {
        read_people();
    }
    use_live().follow(move |event| match event {
        Event::Item(item)
            if item
                .contact
                .as_ref()
                .is_some_and(|contact| contact.id == id.get_value()) =>
        {
            read()
        }
        Event::ItemDeleted { .. } | Event::Many | Event::Resync => read(),
        Event::Contact(_) if is_company => read_people(),
        Event::Call(call)
            if call.ended_at.is_some()
                && call
                    .contact
                    .as_ref()
                    .is_some_and(|contact| contact.id == id.get_value()) =>
        {
            read()
        }
        _ => {}
    });
    let of = move |kinds: &'static [ItemKind]| {
        Memo::new(move |_| {
            let mut list: Vec<Item> = open.with(|open| {
                open.iter()
                    .filter(|item| kinds.contains(&item.kind))
                    .cloned()
                    .collect()
            });
            list.sort_by_key(|item| item.due_at.unwrap_or(i64::MAX));
            list
        })
    };
    let (deals, tasks, requests) = (
        of(&[ItemKind::Deal]),
        of(&[ItemKind::Task, ItemKind::Meeting]),
        of(&[ItemKind::Request]),
    );
    let refresh = Callback::new(move |()| read());
    view! {
        <aside class="c__r" aria-label=tr!(i18n, clients.work)>
            {is_company.then(|| view! { <People people/> })}
            <section><div class="sec"><h2 class="h2">{tr!(i18n, clients.open_deals)}</h2>{count(deals)}<span class="push"><IconButton icon="plus" label=tr!(i18n, clients.new_deal) press=move |()| client.make(ItemKind::Deal, None) testid="side-new-deal"/></span></div>
                {changing(move || deals.get().into_iter().map(|deal| deal_box(i18n, deal)).collect_view())}
                <When when=move || deals.with(Vec::is_empty)><p class="mute t12 c__none">{tr!(i18n, clients.no_deals)}</p></When></section>
            <section><div class="sec"><h2 class="h2">{tr!(i18n, nav.tasks)}</h2>{count(tasks)}<span class="push"><IconButton icon="plus" label=tr!(i18n, clients.new_task) press=move |()| client.make(ItemKind::Task, None) testid="side-new-task"/></span></div>
                <ul class="list">{changing(move || tasks.get().into_iter().map(|task| task_row(client.making, task, refresh)).collect_view())}</ul>
                <When when=move || tasks.with(Vec::is_empty)><p class="mute t12 c__none">{tr!(i18n, clients.no_tasks)}</p></When></section>
            <When when=move || !requests.with(Vec::is_empty)><section><div class="sec"><h2 class="h2">{tr!(i18n, clients.requests)}</h2>{count(requests)}</div>
                <ul class="list">{changing(move || requests.get().into_iter().map(|request| task_row(client.making, request, refresh)).collect_view())}</ul></section></When>
            {changing(move || figures.get().map(|figures| view! { <Figures figures/> }))}
        </aside>
    }
}

fn count(list: Memo<Vec<Item>>) -> AnyView {
    changing(move || {
        let count = list.with(Vec::len);
        (count > 0).then(|| view! { <span class="count">{count}</span> })
    })
    .into_any()
}

/// A deal with how far it is.
pub fn deal_box(i18n: I18n, deal: Item) -> AnyView {
    let house = use_house();
    let shown = deal.clone();
    let stage = move || {
        house.work(|work| {
            stage_of(work, &shown).map(|(stage, step, steps)| {
                (choice::say(i18n, &stage.name, &stage.key), step, steps)
            })
        })
    };
    let steps = stage.clone();
    let words = move || match stage() {
        Some((name, step, steps)) if steps > 1 => format!(
            "{name}, {}",
            fill!(i18n, client.step, step = step, steps = steps)
        ),
        Some((name, ..)) => name,
        None => String::new(),
    };
    let marks = move || {
        steps().map(|(_, step, steps)| {
            (1..=steps)
                .map(|one| view! { <i class:on=one <= step></i> })
                .collect_view()
        })
    };
    let sum = sum_of(house, &deal);
    view! { <a class="box deal" data-testid="deal-box" href=format!("/deals/{}", deal.id)><div class="row"><span class="med cut grow">{deal.title}</span></div><div class="row deal__m"><span class="soft t12 cut">{text(words)}</span><span class="num strong push">{sum}</span></div><div class="steps" aria-hidden="true">{changing(marks)}</div></a> }.into_any()
}

/// A sum, followed; empty where there is none.
pub fn sum_of(house: House, item: &Item) -> Signal<String> {
    let (amount, currency) = (item.amount, item.currency.clone());
    text(move || amount.map(|amount| house.money(amount, &currency)))
}

/// A task with its tick.
pub fn task_row(making: RwSignal<Option<Target>>, task: Item, after: Callback<()>) -> AnyView {
    let (i18n, house, clicks) = (use_i18n(), use_house(), use_clicks());
    let done = RwSignal::new(!task.is_open);
    let (ticked, edited) = (task.clone(), task.clone());
    let tick = move |_| {
        let Some((open, finished)) = item_draft::done_states(ticked.kind) else {
            return;
        };
        let is_done = !done.get_untracked();
        done.set(is_done);
        let say = if is_done {
            fill_now!(i18n, tasks.done, title = ticked.title)
        } else {
            fill_now!(i18n, tasks.again, title = ticked.title)
        };
        let heard = Callback::new(move |now: Item| {
            let _ = done.try_set(!now.is_open);
            after.run(());
        });
        clicks.state(
            ticked.clone(),
            if is_done { finished } else { open },
            say,
            heard,
        );
    };
    let label = {
        let title = task.title.clone();
        text(move || fill!(i18n, tasks.finish, title = title))
    };
    let (owner, due) = (task.owner.clone(), task.due_at);
    let when = move || due.map(|due| time::near(due, now_ms(), i18n.get_locale()));
    let is_late = due.is_some_and(|due| due < now_ms()) && task.is_open;
    view! {
        <li data-testid="task" class:is-done=flag(move || done.get())><input class="cb" type="checkbox" aria-label=label prop:checked=done on:change=act(tick)/>
            <div class="grow"><button type="button" class="fl__n cut task__t" on:click=act(move |_| making.set(Some(Target::Known(edited.clone()))))>{task.title.clone()}</button><div class="t12 mute cut">{text(move || house.person(owner.as_deref()))}</div></div>
            <span class="num t12" class:soft=!is_late class:late=is_late>{is_late.then(|| view! { <span class="sr">{tr!(i18n, tasks.late)}" "</span> })}{text(when)}</span></li>
    }
    .into_any()
}

#[component]
fn People(people: RwSignal<Vec<Contact>>) -> impl IntoView {
    let i18n = use_i18n();
    let rows = move || {
        people.get().into_iter().map(|one| view! { <li data-testid="company-person"><Avatar name=one.name.clone() kind="av--sm"/><div class="grow"><a class="med cut" href=format!("/contacts/{}", one.id)>{one.name}</a><div class="t12 mute cut">{one.position}</div></div><span class="num t12 soft">{one.phones.first().map(|phone| phone.display.clone())}</span></li> }).collect_view()
    };
    let number = move || people.with(Vec::len).to_string();
    view! {
        <section><div class="sec"><h2 class="h2">{tr!(i18n, clients.people)}</h2><span class="count">{text(number)}</span></div><ul class="list">{changing(rows)}</ul>
            <When when=move || people.with(Vec::is_empty)><p class="mute t12 c__none">{tr!(i18n, clients.no_people)}</p></When></section>
    }
}

#[component]
fn Figures(figures: ClientFigures) -> impl IntoView {
    let (i18n, house) = (use_i18n(), use_house());
    let number = move |count: u64| time::decimal(count as f64, i18n.get_locale());
    let (calls, talk) = (figures.calls, figures.talk_ms);
    let calls = move || {
        if talk > 0 {
            fill!(
                i18n,
                clients.calls_talk,
                count = number(calls),
                time = format::duration(talk)
            )
        } else {
            number(calls)
        }
    };
    let (missed, orders, sums, since) = (
        figures.missed,
        figures.orders,
        figures.orders_amount,
        figures.since,
    );
    let orders = move || {
        let sums: Vec<String> = sums
            .iter()
            .map(|(currency, amount)| house.money(*amount, currency))
            .collect();
        if sums.is_empty() {
            number(orders)
        } else {
            format!("{}, {}", number(orders), sums.join(" + "))
        }
    };
    view! {
        <section><div class="sec"><h2 class="h2">{tr!(i18n, clients.figures)}</h2></div><dl class="kv c__kv">
            <dt>{tr!(i18n, nav.calls)}</dt><dd class="num">{text(calls)}</dd>
            <dt>{tr!(i18n, outcome.missed)}</dt><dd class="num">{text(move || number(missed))}</dd>
            <dt>{tr!(i18n, timeline.orders)}</dt><dd class="num">{text(orders)}</dd>
            {(since > 0).then(|| view! { <dt>{tr!(i18n, clients.since)}</dt><dd>{text(move || time::month(since, i18n.get_locale()))}</dd> })}
        </dl></section>
    }
}

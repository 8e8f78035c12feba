//! What a card says of the client. It came with the call, so it is painted with it.

use api_types::{CallRecord, ClientCard, DealBrief, ItemBrief};
use leptos::{prelude::*, task::spawn_local};

use super::card::CardModel;
use crate::{
    api::use_api,
    components::{
        Icon,
        reactive::{When, act, changing},
        say_failure_now,
    },
    i18n::*,
    pages::desktop::short_time,
    platform::time,
    state::{colleagues::use_colleagues, phone::use_phone, toasts::use_toasts},
    view::{
        choice,
        client_card::{self, FieldWords, Glance},
        people::Doing,
    },
};

/// Nothing for a call between colleagues.
#[component]
pub fn ClientPart(model: CardModel, ringing: bool) -> impl IntoView {
    let client = model.client;
    changing(move || {
        client
            .get()
            .map(|client| view! { <Inside model client ringing/> })
    })
}

#[component]
fn Inside(model: CardModel, client: Box<ClientCard>, ringing: bool) -> impl IntoView {
    let i18n = use_i18n();
    let own = use_phone().own_extension();
    let talking = client_card::talking(&client, own.as_deref());
    let (deals, more) = client_card::deals(&client, ringing);
    let deals: Vec<_> = deals
        .iter()
        .cloned()
        .map(|deal| view! { <Deal deal/> })
        .collect();
    let lines = client_card::glances(&client, ringing);
    let lines: Vec<_> = lines
        .into_iter()
        .map(|line| view! { <Line line/> })
        .collect();
    let more = (more > 0).then(|| fill!(i18n, client.more_deals, count = more));
    let is_bare = client.fields.is_empty() && deals.is_empty() && lines.is_empty();
    (!is_bare || !talking.is_empty() || client.contacts.len() > 1).then(|| view! {
        <div class="call__about" data-testid="card-client">
            <Several model client=client.clone()/>
            <Fields client=*client/>
            {deals}
            {more.map(|more| view! { <p class="t12 mute">{more}</p> })}
            {(!lines.is_empty()).then(|| view! { <ul class="t12 soft call__lines">{lines}</ul> })}
            {(!talking.is_empty()).then(|| view! {
                <div class="note call__talking" role="status" data-testid="card-talking"><Icon name="users"/><span>{fill!(i18n, client.talking, who = talking)}</span></div>
            })}
        </div>
    })
}

/// Several clients with this number: who it is can be said.
#[component]
fn Several(model: CardModel, client: Box<ClientCard>) -> impl IntoView {
    let i18n = use_i18n();
    let (api, phone, toasts) = (use_api(), use_phone(), use_toasts());
    let chosen = Memo::new(move |_| {
        let of = |record: &Option<CallRecord>| Some(record.as_ref()?.contact.as_ref()?.id.clone());
        model.record.with(of)
    });
    let choose = move |contact: String| {
        let Some(call) = model
            .record
            .with_untracked(|record| record.as_ref().map(|one| one.id.clone()))
        else {
            return;
        };
        spawn_local(async move {
            match api.call_is_with(&call, contact).await {
                Ok(record) => phone.know(record),
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    (client.contacts.len() > 1).then(move || {
        let names = client.contacts.into_iter().map(|contact| {
            let id = contact.id.clone();
            let is_it = Signal::derive(move || chosen.get().as_ref() == Some(&id));
            view! {
                <button class="fchip" class:fchip--on=is_it aria-pressed=crate::components::reactive::text(move || is_it.get().to_string()) data-testid="card-who"
                    on:click=act(move |_| choose(contact.id.clone()))>{contact.name.clone()}</button>
            }
        });
        view! {
            <div class="call__several"><p class="t12 soft">{t_string!(i18n, client.several)}</p><div class="row row--wrap">{names.collect_view()}</div></div>
        }
    })
}

#[component]
fn Fields(client: ClientCard) -> impl IntoView {
    let i18n = use_i18n();
    let colleagues = use_colleagues();
    let manager = client.manager.clone();
    let rows: Vec<_> = client
        .fields
        .into_iter()
        .map(|field| {
            let words = FieldWords::of(&field.key);
            let label = words.map_or(field.label, |words| words.say(i18n).to_owned());
            let value = match words {
                Some(FieldWords::Status) => choice::say(i18n, "", &field.value),
                _ => field.value,
            };
            let is_manager = words == Some(FieldWords::Manager);
            let extension = manager.as_ref().filter(|_| is_manager).map(|one| one.extension.clone());
            let doing = extension.map(|extension| view! { {changing(move || {
                let others = colleagues.others();
                let doing = others.iter().find(|one| one.extension == extension).map(Doing::of);
                doing.map(|doing| view! { <i class=format!("{} dot--sm", doing.dot())></i><span class="mute t12">{doing.say(i18n)}</span> })
            })} });
            view! { <dt>{label}</dt><dd class="row call__field"><span class="cut">{value}</span>{doing}</dd> }
        })
        .collect();
    (!rows.is_empty()).then(|| view! { <dl class="kv">{rows}</dl> })
}

#[component]
fn Deal(deal: DealBrief) -> impl IntoView {
    let i18n = use_i18n();
    let sum = deal
        .amount
        .map(|amount| time::money(amount, &deal.currency, i18n.get_locale_untracked()));
    let stage = choice::say(i18n, &deal.stage_name, &deal.stage);
    let step =
        (deal.steps > 1).then(|| fill!(i18n, client.step, step = deal.step, steps = deal.steps));
    let steps = (0..deal.steps).map(|at| view! { <i class:on=at < deal.step></i> });
    view! {
        <div class="box" data-testid="card-deal">
            <div class="row"><a class="med cut grow" href=format!("/deals/{}", deal.id)>{deal.title}</a><span class="num strong">{sum}</span></div>
            <div class="row t12 soft call__stage"><span>{stage}</span>{step.map(|step| view! { <span class="mute">"·"</span><span>{step}</span> })}</div>
            {(deal.steps > 1).then(|| view! { <div class="steps" aria-hidden="true">{steps.collect_view()}</div> })}
        </div>
    }
}

#[component]
fn Line(line: Glance) -> impl IntoView {
    let i18n = use_i18n();
    let icon = line.icon();
    view! { <li class="row"><Icon name=icon class="i--14"/><span class="cut">{say(i18n, &line)}</span></li> }
}

fn say(i18n: I18n, line: &Glance) -> String {
    match line {
        Glance::Said(item) => said(i18n, item),
        Glance::Task(item) => fill!(
            i18n,
            client.task,
            when = short_time(i18n, item.at),
            title = item.title
        ),
        Glance::Request(item) => fill!(
            i18n,
            client.request,
            number = item.number,
            title = item.title
        ),
        Glance::Order(item) => fill!(
            i18n,
            client.order,
            number = item.number,
            title = item.title,
            state = choice::say(i18n, "", &item.state)
        ),
        Glance::Call(call) => {
            use crate::view::outcome::Outcome;
            let end = match &call.result {
                Some(result) => choice::say(i18n, "", result),
                None => Outcome::of(call.direction, call.status)
                    .say(i18n)
                    .to_owned(),
            };
            let parts = [
                Some(short_time(i18n, call.started_at)),
                call.employee.clone(),
                Some(end),
            ];
            parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
        }
    }
}

fn said(i18n: I18n, item: &ItemBrief) -> String {
    let when = short_time(i18n, item.at);
    match &item.owner {
        Some(who) => fill!(
            i18n,
            client.said,
            when = when,
            who = who,
            title = item.title
        ),
        None => format!("{when}: {}", item.title),
    }
}

/// VIP and other tags, beside the name.
#[component]
pub fn Tags(model: CardModel) -> impl IntoView {
    let tags = Memo::new(move |_| {
        let of = |client: &Option<Box<ClientCard>>| {
            client
                .as_ref()
                .map(|client| client.tags.iter().take(2).cloned().collect::<Vec<_>>())
        };
        model.client.with(of).unwrap_or_default()
    });
    view! {
        <When when=move || !tags.with(Vec::is_empty)>
            {changing(move || tags.get().into_iter().map(|tag| view! { <span class="chip chip--acc"><Icon name="star"/>{tag}</span> }).collect_view())}
        </When>
    }
}

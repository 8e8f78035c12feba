//! One deal: how far it is, what belongs to it, what happened in it.

use api_types::{
    CallRecord, Change, Event, Item, ItemKind, ItemRef, Page, StageKind, StoredFile, TimelineEntry,
};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{Api, events::use_live, use_api},
    components::{
        Empty, Icon,
        form::IconButton,
        reactive::{When, act, changing, text},
        remote_view::{RemoteView, Skeleton},
        say_failure,
    },
    i18n::*,
    pages::{
        client::{About, Composer, Entries, FilesOf, Line, Preview, Read, at, sum_of, task_row},
        item_form::{ItemForm, Target, use_clicks},
    },
    platform::{
        address::go,
        bridge::{self, Topic},
        time,
    },
    state::{
        house::{House, use_house},
        remote::{Remote, read_into},
    },
    view::{
        choice, item_draft,
        query::query,
        work::{KindName, pipeline_of},
    },
};

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Deal {
    item: RwSignal<Remote<Item>>,
    inside: RwSignal<Vec<Item>>,
    making: RwSignal<Option<Target>>,
}

impl Deal {
    fn read<R: Default>(self, read: impl FnOnce(&Item) -> R) -> R {
        self.item
            .with(|item| item.ready().map(read).unwrap_or_default())
    }

    fn make(self, kind: ItemKind, parent: Option<&Item>) {
        let Some(deal) = self.item.with_untracked(|item| item.ready().cloned()) else {
            return;
        };
        let about = ItemRef {
            id: deal.id,
            title: deal.title,
        };
        let mut draft = item_draft::new(kind, deal.contact.as_ref(), Some(&about));
        draft.parent = parent.map(|parent| parent.id.clone());
        draft.amount = parent.and_then(|parent| parent.amount);
        self.making.set(Some(Target::New(draft, deal.contact)));
    }
}

/// `/deals/{id}`
#[component]
pub fn DealPage(id: String) -> impl IntoView {
    let (i18n, api) = (use_i18n(), use_api());
    let deal = Deal {
        item: RwSignal::new(Remote::Loading),
        inside: RwSignal::new(Vec::new()),
        making: RwSignal::new(None),
    };
    let line: Read = RwSignal::new(Remote::Loading);
    let id = StoredValue::new(id);
    let read = move || {
        let id = id.get_value();
        let path = format!("/items/{id}");
        read_into(deal.item, async move { api.get(&path).await });
        spawn_local(async move {
            let inside: Vec<Item> = pages(api, "/items", &[("deal", &id), ("limit", "200")]).await;
            let entries = everything(api, &id, &inside).await;
            let _ = deal.inside.try_set(inside);
            let _ = line.try_set(Remote::Ready(Page {
                items: entries,
                next_cursor: None,
            }));
        });
    };
    read();
    use_live().follow(move |event| match event {
        Event::Item(item)
            if item.id == id.get_value()
                || item
                    .deal
                    .as_ref()
                    .is_some_and(|deal| deal.id == id.get_value()) =>
        {
            read()
        }
        Event::Call(call)
            if call
                .deal
                .as_ref()
                .is_some_and(|deal| deal.id == id.get_value()) =>
        {
            read()
        }
        Event::ItemDeleted { .. } | Event::Many | Event::Resync => read(),
        _ => {}
    });
    bridge::hear(Topic::File, move |_| read());
    let is_there = Memo::new(move |_| deal.item.with(|item| item.ready().is_some()));
    let about = Signal::derive(move || About {
        contact: deal.read(|deal| deal.contact.clone()),
        deal: deal.item.with(|item| {
            item.ready().map(|item| ItemRef {
                id: item.id.clone(),
                title: item.title.clone(),
            })
        }),
    });
    let shown = Line {
        making: deal.making,
        shown: RwSignal::new(None),
        again: Callback::new(move |()| read()),
    };
    let finding = RwSignal::new(String::new());
    let face = move || {
        if is_there.get() {
            return view! {
                <div class="c c--deal" data-testid="deal-page"><Header deal/><Fields deal/>
                    <section class="c__m" aria-label=tr!(i18n, timeline.title)><Composer about/><RemoteView source=line again=move |()| read()><Entries list=line line=shown finding/></RemoteView></section>
                    <Side deal again=shown.again/></div>
            }.into_any();
        }
        deal.item.with(|item| match item {
            Remote::Failed(failure) => {
                let failure = failure.clone();
                let lead = Signal::derive(move || say_failure(i18n, &failure));
                view! { <Empty icon="square-kanban" title=tr!(i18n, deals.gone) lead><button class="btn" on:click=act(move |_| read())>{tr!(i18n, common.again)}</button></Empty> }.into_any()
            }
            _ => view! { <Skeleton rows=10/> }.into_any(),
        })
    };
    view! {
        {changing(face)}
        {changing(move || deal.making.get().map(|target| view! { <ItemForm target close=move |()| deal.making.set(None) saved=move |_| read()/> }))}
        {changing(move || shown.shown.get().map(|file| view! { <Preview file shown=shown.shown/> }))}
    }
}

async fn pages<T: serde::de::DeserializeOwned>(
    api: Api,
    path: &str,
    filter: &[(&str, &str)],
) -> Vec<T> {
    api.get::<Page<T>>(&format!("{path}{}", query(filter)))
        .await
        .map(|page| page.items)
        .unwrap_or_default()
}

/// All that happened in a deal, newest first.
async fn everything(api: Api, id: &str, inside: &[Item]) -> Vec<TimelineEntry> {
    let mut entries: Vec<TimelineEntry> = inside.iter().cloned().map(TimelineEntry::Item).collect();
    entries.extend(
        pages::<CallRecord>(api, "/calls", &[("deal", id), ("limit", "50")])
            .await
            .into_iter()
            .map(TimelineEntry::Call),
    );
    if let Ok(files) = api
        .get::<Vec<StoredFile>>(&format!("/files{}", query(&[("item", id)])))
        .await
    {
        entries.extend(files.into_iter().map(TimelineEntry::File));
    }
    for change in pages::<Change>(api, &format!("/items/{id}/changes"), &[]).await {
        let stages = change
            .fields
            .into_iter()
            .filter(|(field, ..)| field == "state" || field == "stage");
        let (at, by) = (change.at, change.by);
        entries.extend(stages.map(|(_, before, after)| TimelineEntry::Change {
            at,
            by: by.clone(),
            item: Some(id.to_owned()),
            title: String::new(),
            field: "stage".to_owned(),
            before,
            after,
        }));
    }
    entries.sort_by_key(|entry| std::cmp::Reverse(at(entry)));
    entries
}

#[component]
fn Header(deal: Deal) -> impl IntoView {
    let (i18n, house, clicks) = (use_i18n(), use_house(), use_clicks());
    let contact = Memo::new(move |_| deal.read(|deal| deal.contact.clone()));
    let link = move || {
        contact
            .get()
            .map(|contact| view! { <a href=format!("/contacts/{}", contact.id)>{contact.name}</a> })
    };
    let sum = move || {
        deal.item
            .with(|item| item.ready().map(|item| sum_of(house, item)))
    };
    let edit = move |()| {
        deal.making.set(
            deal.item
                .with_untracked(|item| item.ready().cloned().map(Target::Known)),
        )
    };
    let delete = move |()| {
        if let Some(item) = deal.item.with_untracked(|item| item.ready().cloned()) {
            let (gone, back) = (
                Callback::new(|()| go("/deals")),
                format!("/deals/{}", item.id),
            );
            clicks.delete(item, gone, Callback::new(move |()| go(&back)));
        }
    };
    view! {
        <header class="c__h">
            <div class="grow"><nav class="t12 mute" aria-label=tr!(i18n, clients.path)><a href="/deals">{tr!(i18n, nav.deals)}</a>" / "{changing(link)}</nav>
                <div class="row c__name"><h1 class="h1 cut" data-testid="deal-title">{text(move || deal.read(|deal| deal.title.clone()))}</h1><span class="num strong t14">{changing(sum)}</span></div>
                <Stages deal/></div>
            <button class="btn" data-testid="deal-task" on:click=act(move |_| deal.make(ItemKind::Task, None))><Icon name="square-check"/><span class="wide">{tr!(i18n, kind.task)}</span></button>
            <button class="btn" data-testid="deal-order" on:click=act(move |_| deal.make(ItemKind::Order, None))><Icon name="package"/><span class="wide">{tr!(i18n, kind.order)}</span></button>
            <IconButton icon="pencil" label=tr!(i18n, common.edit) press=edit testid="edit-deal"/>
            <IconButton icon="trash-2" label=tr!(i18n, common.delete) press=delete testid="delete-deal"/>
        </header>
    }
}

/// The stages as one row of buttons: pressed is where it is.
#[component]
fn Stages(deal: Deal) -> impl IntoView {
    let (i18n, house, clicks) = (use_i18n(), use_house(), use_clicks());
    let stages = Memo::new(move |_| {
        deal.read(|deal| {
            house.work(|work| {
                pipeline_of(work, deal.pipeline.as_deref())
                    .map(|pipeline| pipeline.stages.clone())
                    .unwrap_or_default()
            })
        })
    });
    let state = Memo::new(move |_| deal.read(|deal| deal.state.clone()));
    let buttons = move || {
        stages.get().into_iter().map(|stage| {
        let (key, wanted, name) = (stage.key.clone(), stage.key.clone(), stage.name.clone());
        let words = text(move || choice::say(i18n, &name, &key));
        let here = {
            let key = stage.key.clone();
            Memo::new(move |_| state.with(|state| *state == key))
        };
        let press = move |_| if let Some(item) = deal.item.with_untracked(|item| item.ready().cloned()).filter(|item| item.state != wanted) {
            let say = fill_now!(i18n, deals.moved, title = item.title, stage = words.get_untracked());
            clicks.state(item, &wanted, say, Callback::new(move |now| { let _ = deal.item.try_set(Remote::Ready(now)); }));
        };
        let class = if stage.kind == StageKind::Open { "stg" } else { "stg stg--end" };
        view! { <button class=class data-testid="stage-button" data-stage=stage.key aria-pressed=text(move || here.get()) on:click=act(press)>{words}</button> }
    }).collect_view()
    };
    view! { <div class="stgs" role="group" aria-label=tr!(i18n, items.stage)>{changing(buttons)}</div> }
}

#[component]
fn Fields(deal: Deal) -> impl IntoView {
    let (i18n, house) = (use_i18n(), use_house());
    let item = Memo::new(move |_| deal.item.with(|item| item.ready().cloned()));
    let own = move || {
        item.get()
            .map(|item| {
                house.work(|work| {
                    work.fields
                        .iter()
                        .filter(|def| def.table == "deals")
                        .filter_map(|def| {
                            item.fields
                                .get(&def.key)
                                .map(|value| (def.label.clone(), value.clone()))
                        })
                        .collect::<Vec<_>>()
                })
            })
            .unwrap_or_default()
            .into_iter()
            .map(|(label, value)| view! { <dt>{label}</dt><dd class="wrap">{value}</dd> })
            .collect_view()
    };
    let owner = move || house.person(deal.read(|deal| deal.owner.clone()).as_deref());
    let due = move || {
        deal.read(|deal| deal.due_at)
            .map(|due| time::long_date(due, i18n.get_locale()))
    };
    let made = move || time::long_date(deal.read(|deal| deal.created_at), i18n.get_locale());
    let words = Memo::new(move |_| deal.read(|deal| deal.text.clone()));
    let tags = move || {
        deal.read(|deal| deal.tags.clone())
            .into_iter()
            .map(|tag| view! { <span class="chip">{tag}</span> })
            .collect_view()
    };
    view! {
        <aside class="c__l" aria-label=tr!(i18n, clients.fields)>
            <section><h2 class="eyebrow">{tr!(i18n, clients.details)}</h2><dl class="kv c__kv">
                <dt>{tr!(i18n, deals.number)}</dt><dd class="num">{text(move || deal.read(|deal| deal.number).to_string())}</dd>
                <dt>{tr!(i18n, clients.responsible)}</dt><dd>{text(owner)}</dd><dt>{tr!(i18n, items.due)}</dt><dd class="num">{text(due)}</dd><dt>{tr!(i18n, clients.created)}</dt><dd class="num">{text(made)}</dd>{changing(own)}</dl></section>
            <When when=move || !words.with(String::is_empty)><section><h2 class="eyebrow">{tr!(i18n, items.text)}</h2><p class="ev__t">{text(move || words.get())}</p></section></When>
            <When when=move || deal.read(|deal| !deal.tags.is_empty())><section><h2 class="eyebrow">{tr!(i18n, clients.tags)}</h2><div class="row row--wrap">{changing(tags)}</div></section></When>
            <section><FilesOf by="item" id=deal.read(|deal| deal.id.clone())/></section>
        </aside>
    }
}

#[component]
fn Side(deal: Deal, again: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let house = use_house();
    let of = move |kinds: &'static [ItemKind]| {
        Memo::new(move |_| {
            deal.inside.with(|inside| {
                inside
                    .iter()
                    .filter(|item| kinds.contains(&item.kind))
                    .cloned()
                    .collect::<Vec<_>>()
            })
        })
    };
    let (tasks, orders) = (
        of(&[ItemKind::Task, ItemKind::Meeting, ItemKind::Request]),
        of(&[ItemKind::Order]),
    );
    let papers = of(&[ItemKind::Invoice, ItemKind::Payment]);
    let open = Memo::new(move |_| {
        tasks.with(|tasks| {
            tasks
                .iter()
                .filter(|task| task.is_open)
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let tasks = move || {
        open.get()
            .into_iter()
            .map(|task| task_row(deal.making, task, again))
            .collect_view()
    };
    let boxes = move || {
        orders
            .get()
            .into_iter()
            .map(|order| order_box(i18n, house, deal, order, papers))
            .collect_view()
    };
    view! {
        <aside class="c__r" aria-label=tr!(i18n, deals.inside)>
            <section><div class="sec"><h2 class="h2">{tr!(i18n, nav.tasks)}</h2><span class="push"><IconButton icon="plus" label=tr!(i18n, clients.new_task) press=move |()| deal.make(ItemKind::Task, None)/></span></div><ul class="list">{changing(tasks)}</ul>
                <When when=move || open.with(Vec::is_empty)><p class="mute t12 c__none">{tr!(i18n, clients.no_tasks)}</p></When></section>
            <section><div class="sec"><h2 class="h2">{tr!(i18n, timeline.orders)}</h2><span class="push"><IconButton icon="plus" label=tr!(i18n, kind.order) press=move |()| deal.make(ItemKind::Order, None)/></span></div>{changing(boxes)}
                <When when=move || orders.with(Vec::is_empty)><p class="mute t12 c__none">{tr!(i18n, deals.no_orders)}</p></When></section>
        </aside>
    }
}

/// An order with its invoices and payments.
fn order_box(
    i18n: I18n,
    house: House,
    deal: Deal,
    order: Item,
    papers: Memo<Vec<Item>>,
) -> AnyView {
    let all = papers.get();
    let of = |parent: &str| {
        all.iter()
            .filter(|item| item.parent.as_ref().is_some_and(|one| one.id == parent))
            .cloned()
            .collect::<Vec<_>>()
    };
    let mut lines = Vec::new();
    for paper in of(&order.id) {
        lines.extend(
            of(&paper.id)
                .into_iter()
                .map(|payment| (payment, true))
                .rev(),
        );
        lines.push((paper, false));
    }
    lines.reverse();
    let rows = lines.into_iter().map(|(paper, inner)| {
        let (shown, edited, kind) = (paper.clone(), paper.clone(), KindName::of(paper.kind));
        let state = (!paper.state.is_empty()).then(|| view! { <span class="chip">{text(move || house.state(&shown))}</span> });
        view! { <li class="row" class:paper--in=inner><button type="button" class="fl__n cut grow" on:click=act(move |_| deal.making.set(Some(Target::Known(edited.clone()))))>{text(move || kind.say(i18n))}" "{paper.title.clone()}</button>{state}<span class="num t12">{sum_of(house, &paper)}</span></li> }
    }).collect_view();
    let (shown, edited, invoiced, paid) =
        (order.clone(), order.clone(), order.clone(), order.clone());
    view! {
        <div class="box order" data-testid="order"><div class="row"><button type="button" class="fl__n med cut grow" on:click=act(move |_| deal.making.set(Some(Target::Known(edited.clone()))))>{order.title.clone()}</button><span class="chip">{text(move || house.state(&shown))}</span></div>
            <div class="row"><span class="num strong">{sum_of(house, &order)}</span><span class="push"></span><button type="button" class="btn btn--acc" on:click=act(move |_| deal.make(ItemKind::Invoice, Some(&invoiced)))>{tr!(i18n, kind.invoice)}</button><button type="button" class="btn btn--acc" on:click=act(move |_| deal.make(ItemKind::Payment, Some(&paid)))>{tr!(i18n, kind.payment)}</button></div>
            <ul class="t12">{rows}</ul></div>
    }
    .into_any()
}

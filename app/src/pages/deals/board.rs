//! The board: a column for each stage; cards are dragged, or moved by Alt and an arrow.

use api_types::{Event, Item, Page, Stage, StageKind};
use leptos::{ev, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;

use crate::{
    api::{events::use_live, use_api},
    components::{
        Avatar,
        reactive::{Rows, When, act, changing, flag, followed, text},
        remote_view::RemoteView,
    },
    i18n::*,
    pages::{client::sum_of, item_form::use_clicks},
    platform::{address::go, now_ms, time},
    state::{
        house::use_house,
        remote::{Remote, Turn},
    },
    view::{choice, query::query, work::pipeline_of},
};

/// Cards of a column; of what is over only the newest.
const CARDS: [(StageKind, &str); 3] = [
    (StageKind::Open, "200"),
    (StageKind::Won, "20"),
    (StageKind::Lost, "20"),
];

/// What the parts share.
#[derive(Clone, Copy)]
struct Shared {
    cards: RwSignal<Remote<Vec<Item>>>,
    /// How many a column has in all, by its key, where that is known.
    totals: RwSignal<Vec<(String, u64)>>,
    stages: Memo<Vec<Stage>>,
    dragged: RwSignal<Option<String>>,
    shift: Callback<(String, String)>,
}

#[component]
pub fn Board(pipeline: String, owner: String) -> impl IntoView {
    let (i18n, house, api, clicks) = (use_i18n(), use_house(), use_api(), use_clicks());
    let pipeline = StoredValue::new(pipeline);
    let stages = Memo::new(move |_| {
        pipeline.with_value(|key| {
            house.work(|work| {
                pipeline_of(work, Some(key))
                    .map(|pipeline| pipeline.stages.clone())
                    .unwrap_or_default()
            })
        })
    });
    let key = Memo::new(move |_| {
        pipeline.with_value(|key| {
            house.work(|work| {
                pipeline_of(work, Some(key))
                    .map(|pipeline| pipeline.key.clone())
                    .unwrap_or_default()
            })
        })
    });
    let (cards, totals) = (RwSignal::new(Remote::Loading), RwSignal::new(Vec::new()));
    let owner = StoredValue::new(owner);
    let read = move || {
        let (stages, key, owner) = (
            stages.get_untracked(),
            key.get_untracked(),
            owner.get_value(),
        );
        let turn = Turn::next(&cards);
        spawn_local(async move {
            let (mut all, mut counts) = (Vec::new(), Vec::new());
            for stage in stages {
                let most = CARDS
                    .iter()
                    .find(|(kind, _)| *kind == stage.kind)
                    .map_or("20", |(_, most)| *most);
                let path = format!(
                    "/items{}",
                    query(&[
                        ("kind", "deal"),
                        ("pipeline", &key),
                        ("state", &stage.key),
                        ("owner", &owner),
                        ("sort", "-updated"),
                        ("limit", most)
                    ])
                );
                match api.list::<Item>(&path).await {
                    Ok((Page { items, .. }, total)) => {
                        counts.extend(total.map(|total| (stage.key.clone(), total)));
                        all.extend(items);
                    }
                    Err(failure) => {
                        let _ = cards.try_set(Remote::Failed(failure));
                        return;
                    }
                }
            }
            if !turn.is_last() {
                return;
            }
            let _ = totals.try_set(counts);
            let _ = cards.try_set(Remote::Ready(all));
        });
    };
    Effect::new(move |_| {
        stages.with(|_| ());
        key.with(|_| ());
        read();
    });
    let belongs = move |item: &Item| {
        item.kind == api_types::ItemKind::Deal
            && item
                .pipeline
                .as_deref()
                .is_none_or(|known| key.with_untracked(|key| known == key))
            && owner.with_value(|owner| owner.is_empty() || item.owner.as_ref() == Some(owner))
    };
    use_live().follow(move |event| match event {
        Event::Item(item) => put(cards, item, belongs(item)),
        Event::ItemDeleted { id } => cards.update(|cards| {
            if let Some(cards) = cards.ready_mut() {
                cards.retain(|card| card.id != *id)
            }
        }),
        Event::Many | Event::Resync => read(),
        _ => {}
    });
    let said = RwSignal::new(String::new());
    let shift = Callback::new(move |(id, state): (String, String)| {
        let Some(card) = cards.with_untracked(|cards| {
            cards
                .ready()
                .and_then(|cards| cards.iter().find(|card| card.id == id).cloned())
        }) else {
            return;
        };
        if card.state == state {
            return;
        }
        // At once on the screen; the server's answer puts it right.
        put(
            cards,
            &Item {
                state: state.clone(),
                ..card.clone()
            },
            true,
        );
        let name = stages.with_untracked(|stages| {
            stages
                .iter()
                .find(|stage| stage.key == state)
                .map(|stage| untrack(|| choice::say(i18n, &stage.name, &stage.key)))
                .unwrap_or_default()
        });
        let words = fill_now!(i18n, deals.moved, title = card.title, stage = name);
        said.set(words.clone());
        clicks.state(
            card,
            &state,
            words,
            Callback::new(move |now: Item| put(cards, &now, belongs(&now))),
        );
    });
    let shared = Shared {
        cards,
        totals,
        stages,
        dragged: RwSignal::new(None),
        shift,
    };
    let columns = move || {
        stages
            .get()
            .into_iter()
            .map(|stage| view! { <ColumnOf shared stage/> })
            .collect_view()
    };
    view! {
        <RemoteView source=cards again=move |()| read()>
            <div class="board" role="group" aria-label=tr!(i18n, deals.board) on:keydown=act(move |press| on_key(&press, shared))>{changing(columns)}</div>
        </RemoteView>
        <p class="sr" role="status">{said}</p>
        <p class="board__hint mute t12">{tr!(i18n, deals.keys)}</p>
    }
}

/// A card as it is now: in its place, new, or gone from this board.
fn put(cards: RwSignal<Remote<Vec<Item>>>, item: &Item, belongs: bool) {
    let _ = cards.try_update(|cards| {
        let Some(cards) = cards.ready_mut() else {
            return;
        };
        cards.retain(|card| card.id != item.id);
        if belongs {
            cards.insert(0, item.clone());
        }
    });
}

#[component]
fn ColumnOf(shared: Shared, stage: Stage) -> impl IntoView {
    let (i18n, house) = (use_i18n(), use_house());
    let key = StoredValue::new(stage.key.clone());
    let own = Memo::new(move |_| {
        key.with_value(|key| {
            shared.cards.with(|cards| {
                cards
                    .ready()
                    .map(|cards| {
                        cards
                            .iter()
                            .filter(|card| card.state == *key)
                            .cloned()
                            .collect::<Vec<_>>()
                    })
                    .unwrap_or_default()
            })
        })
    });
    let name = text(move || choice::say(i18n, &stage.name, &stage.key));
    let is_whole = move || {
        let total = key.with_value(|key| {
            shared.totals.with(|totals| {
                totals
                    .iter()
                    .find(|(known, _)| known == key)
                    .map(|(_, total)| *total)
            })
        });
        total.is_some_and(|total| total <= own.with(|own| own.len() as u64 + 1))
    };
    let count = move || {
        if is_whole() {
            own.with(Vec::len).to_string()
        } else {
            format!("{}+", own.with(Vec::len))
        }
    };
    // A sum of some would be taken for the sum of all.
    let sums = move || {
        if !is_whole() {
            return String::new();
        }
        let mut sums: Vec<(String, i64)> = Vec::new();
        own.with(|own| {
            for card in own {
                let amount = card.amount.unwrap_or_default();
                match sums
                    .iter_mut()
                    .find(|(currency, _)| *currency == card.currency)
                {
                    Some((_, sum)) => *sum += amount,
                    None if amount > 0 => sums.push((card.currency.clone(), amount)),
                    None => {}
                }
            }
        });
        let words: Vec<String> = sums
            .iter()
            .map(|(currency, sum)| house.money(*sum, currency))
            .collect();
        words.join(" + ")
    };
    let in_list = key.with_value(|key| {
        let wanted = query(&[("view", "list"), ("state", key)]);
        format!("/deals{wanted}")
    });
    let over = RwSignal::new(false);
    let drop = move |event: ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        if let Some(id) = shared.dragged.get_untracked() {
            shared.shift.run((id, key.get_value()));
        }
        shared.dragged.set(None);
    };
    let allow = move |event: ev::DragEvent| {
        if shared.dragged.with_untracked(Option::is_some) {
            event.prevent_default();
            over.set(true);
        }
    };
    let keys =
        Signal::derive(move || own.with(|own| own.iter().map(|card| card.id.clone()).collect()));
    let row = move |id: String| {
        let card = followed(move || own.with(|own| own.iter().find(|card| card.id == id).cloned()));
        card.map(|card| view! { <li>{changing(move || card_of(shared, card.get()))}</li> })
            .into_any()
    };
    view! {
        <section class="bcol" class:bcol--over=flag(move || over.get()) data-testid="stage" data-stage=key.get_value() aria-label=name on:dragover=act(allow) on:dragleave=act(move |_| over.set(false)) on:drop=act(drop)>
            <div class="bcol__h"><h2 class="h3 cut">{name}</h2><span class="count">{text(count)}</span><span class="push num soft t12">{text(sums)}</span></div>
            <ul class="bcol__l"><Rows keys row/></ul>
            <When when=move || !is_whole()><a class="t12 bcol__n" href=in_list.clone() data-testid="stage-rest">{tr!(i18n, deals.rest)}</a></When>
            <When when=move || own.with(Vec::is_empty)><p class="mute t12 bcol__n">{tr!(i18n, deals.none_here)}</p></When>
        </section>
    }
}

fn card_of(shared: Shared, card: Item) -> AnyView {
    let (i18n, house) = (use_i18n(), use_house());
    let (id, dragged, owner, due) = (
        card.id.clone(),
        card.id.clone(),
        card.owner.clone(),
        card.due_at,
    );
    let open = move |_| go(&format!("/deals/{id}"));
    let start = move |event: ev::DragEvent| {
        if let Some(data) = event.data_transfer() {
            let _ = data.set_data("text/plain", &dragged);
        }
        shared.dragged.set(Some(dragged.clone()));
    };
    let sum = sum_of(house, &card);
    let is_late = card.is_open && due.is_some_and(|due| due < now_ms());
    let person = text(move || house.person(owner.as_deref()));
    view! {
        <div class="box bcard" role="link" tabindex="0" draggable="true" data-testid="deal-card" data-id=card.id.clone() on:click=act(open) on:dragstart=act(start) on:dragend=act(move |_| shared.dragged.set(None))>
            <div class="row"><span class="med grow bcard__t">{card.title.clone()}</span></div>
            <div class="soft cut t12">{card.contact.as_ref().map(|contact| contact.name.clone())}</div>
            <div class="row bcard__f"><span class="num strong">{sum}</span><span class="push"></span>{due.map(|due| view! { <span class="num t12" class:late=is_late class:mute=!is_late>{text(move || time::near(due, now_ms(), i18n.get_locale()))}</span> })}
                {changing(move || (!person.with(String::is_empty)).then(|| view! { <span title=person><Avatar name=person kind="av--sm"/><span class="sr">{person}</span></span> }))}</div>
        </div>
    }
    .into_any()
}

/// Arrows go from card to card, Enter opens, Alt with left or right moves the card to the next stage.
fn on_key(press: &ev::KeyboardEvent, shared: Shared) {
    let card = press
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .filter(|card| card.class_list().contains("bcard"));
    let Some(card) = card else { return };
    let id = card.get_attribute("data-id").unwrap_or_default();
    let stages = shared.stages.get_untracked();
    let state = shared
        .cards
        .with_untracked(|cards| {
            cards.ready().and_then(|cards| {
                cards
                    .iter()
                    .find(|card| card.id == id)
                    .map(|card| card.state.clone())
            })
        })
        .unwrap_or_default();
    let place = stages
        .iter()
        .position(|stage| stage.key == state)
        .unwrap_or_default();
    let beside = |right: bool| {
        if right {
            Some(place + 1).filter(|next| *next < stages.len())
        } else {
            place.checked_sub(1)
        }
    };
    match (press.key().as_str(), press.alt_key()) {
        (key @ ("ArrowLeft" | "ArrowRight"), true) => {
            if let Some(to) = beside(key == "ArrowRight") {
                shared.shift.run((id.clone(), stages[to].key.clone()));
                focus_card(format!("[data-id=\"{id}\"]"));
            }
        }
        (key @ ("ArrowLeft" | "ArrowRight"), false) => {
            if let Some(to) = beside(key == "ArrowRight") {
                focus_card(format!("[data-stage=\"{}\"] .bcard", stages[to].key));
            }
        }
        (key @ ("ArrowDown" | "ArrowUp"), false) => {
            let row = card.parent_element();
            let next = row.and_then(|row| {
                if key == "ArrowDown" {
                    row.next_element_sibling()
                } else {
                    row.previous_element_sibling()
                }
            });
            let next = next.and_then(|next| next.query_selector(".bcard").ok().flatten());
            if let Some(next) = next.and_then(|next| next.dyn_into::<web_sys::HtmlElement>().ok()) {
                let _ = next.focus();
            }
        }
        ("Enter", false) => go(&format!("/deals/{id}")),
        _ => return,
    }
    press.prevent_default();
}

fn focus_card(selector: String) {
    request_animation_frame(move || {
        let card = document().query_selector(&selector).ok().flatten();
        if let Some(card) = card.and_then(|card| card.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = card.focus();
        }
    });
}

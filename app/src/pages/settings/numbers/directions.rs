//! Allowed directions: parts of the world, their countries, kinds of numbers of a country.

use std::collections::BTreeSet;

use api_types::{CallDirection, DirectionGroup, Directions};
use leptos::prelude::*;

use super::places;
use crate::{
    api::use_api,
    components::{
        Icon,
        form::{Flag, Switch},
        reactive::{Rows, When, act, flag, text},
        remote_view::RemoteView,
    },
    i18n::*,
    state::remote::{Remote, read_into},
    view::dialling::{self, Tick, Ticks},
};

/// What is ticked, wherever it is kept.
#[derive(Clone, Copy)]
pub struct DirectionsPart {
    /// How it is now.
    pub read: Signal<Directions>,
    /// Replaces it.
    pub write: Callback<Directions>,
    /// The country calls are made from.
    pub home: Signal<String>,
}

impl DirectionsPart {
    fn change(self, change: impl FnOnce(&mut Directions)) {
        let mut directions = self.read.get_untracked();
        change(&mut directions);
        self.write.run(directions);
    }
}

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    /// Its directions: one, or those of a part of the world.
    ids: Vec<String>,
    /// Whether something stands under it.
    folds: bool,
    /// How deep it stands.
    depth: usize,
    /// Codes.
    codes: String,
}

/// What the rows share.
#[derive(Clone, Copy)]
struct List {
    part: DirectionsPart,
    groups: RwSignal<Remote<Vec<DirectionGroup>>>,
    open: RwSignal<BTreeSet<String>>,
    search: RwSignal<String>,
}

/// The list with its search.
#[component]
pub fn DirectionList(part: DirectionsPart) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let list = List {
        part,
        groups: RwSignal::new(Remote::Loading),
        open: RwSignal::new(BTreeSet::from(["home".to_owned()])),
        search: RwSignal::new(String::new()),
    };
    let read = move || {
        read_into(
            list.groups,
            async move { api.get("/numbers/directions").await },
        )
    };
    read();
    let all = Flag {
        read: Signal::derive(move || part.read.with(|read| read.all_international)),
        write: Callback::new(move |on| part.change(|directions| directions.all_international = on)),
    };
    let counted = move || {
        let (allowed, all) = list.counted();
        fill!(i18n, numbers.counted, allowed = allowed, all = all)
    };
    let rows = Memo::new(move |_| list.rows(i18n));
    let keys = Signal::derive(move || {
        rows.with(|rows| rows.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>())
    });
    let row = move |key: String| {
        let found = rows.with_untracked(|rows| {
            rows.iter()
                .find(|(known, _)| *known == key)
                .map(|(_, row)| row.clone())
        });
        found
            .map(|row| view! { <DirectionRow list key row/> })
            .into_any()
    };
    let none = Memo::new(move |_| rows.with(Vec::is_empty));
    view! {
        <div class="row dirs__h">
            <label class="find"><Icon name="search"/><input type="search" aria-label=tr!(i18n, numbers.find) placeholder=tr!(i18n, numbers.find) data-testid="find-country" prop:value=list.search on:input=act(move |input| list.search.set(event_target_value(&input))) on:keydown=act(keep_enter)/></label>
            <span class="t12 mute num">{text(counted)}</span>
            <span class="push"><Switch id="all-international" words=tr!(i18n, numbers.all_international) bound=all/></span>
        </div>
        <RemoteView source=list.groups again=move |()| read()>
            <ul class="dirs" data-testid="directions"><Rows keys row/></ul>
            <When when=move || none.get()><p class="soft">{tr!(i18n, numbers.no_match)}</p></When>
        </RemoteView>
    }
}

/// Enter in the search is no Save.
fn keep_enter(press: leptos::ev::KeyboardEvent) {
    if press.key() == "Enter" {
        press.prevent_default();
    }
}

impl List {
    fn ticks<R>(self, read: impl FnOnce(Ticks<'_>) -> R) -> R {
        self.part
            .read
            .with(|directions| self.part.home.with(|home| read(Ticks { directions, home })))
    }

    fn counted(self) -> (usize, usize) {
        self.groups.with(|groups| {
            let ids = || {
                groups
                    .ready()
                    .into_iter()
                    .flatten()
                    .flat_map(|group| &group.directions)
            };
            self.ticks(|ticks| {
                (
                    ids()
                        .filter(|direction| ticks.allows(&direction.id))
                        .count(),
                    ids().count(),
                )
            })
        })
    }

    /// The rows in sight: groups, the countries of open ones, the kinds of open countries; with a
    /// search every country that fits.
    fn rows(self, i18n: I18n) -> Vec<(String, Row)> {
        let wanted = String::from(js_sys::JsString::from(self.search.get().trim()).to_lower_case());
        let open = self.open.get();
        let mut rows = Vec::new();
        self.groups.with(|groups| {
            for group in groups.ready().into_iter().flatten() {
                // A group of one needs no head of its own.
                let single = group.directions.len() == 1;
                if wanted.is_empty() && !single {
                    let ids = group
                        .directions
                        .iter()
                        .map(|direction| direction.id.clone())
                        .collect();
                    rows.push((
                        group.id.clone(),
                        Row {
                            ids,
                            folds: true,
                            depth: 0,
                            codes: String::new(),
                        },
                    ));
                }
                if wanted.is_empty() && !single && !open.contains(&group.id) {
                    continue;
                }
                let depth = usize::from(wanted.is_empty() && !single);
                for direction in &group.directions {
                    if wanted.is_empty() || fits(i18n, direction, &wanted) {
                        add(
                            &mut rows,
                            direction,
                            depth,
                            open.contains(&direction.id) || group.id == "home",
                        );
                    }
                }
            }
        });
        rows
    }
}

fn fits(i18n: I18n, direction: &CallDirection, wanted: &str) -> bool {
    let name =
        String::from(js_sys::JsString::from(places::name(i18n, &direction.id)).to_lower_case());
    let digits = wanted.trim_start_matches('+');
    name.contains(wanted)
        || direction.id.eq_ignore_ascii_case(wanted)
        || (!digits.is_empty()
            && direction
                .codes
                .iter()
                .any(|code| code.trim_start_matches('+').starts_with(digits)))
}

fn add(rows: &mut Vec<(String, Row)>, direction: &CallDirection, depth: usize, open: bool) {
    let row = Row {
        ids: vec![direction.id.clone()],
        folds: !direction.kinds.is_empty(),
        depth,
        codes: direction.codes.join(", "),
    };
    rows.push((direction.id.clone(), row));
    if open {
        for kind in &direction.kinds {
            rows.push((
                kind.clone(),
                Row {
                    ids: vec![kind.clone()],
                    folds: false,
                    depth: depth + 1,
                    codes: String::new(),
                },
            ));
        }
    }
}

#[component]
fn DirectionRow(list: List, key: String, row: Row) -> impl IntoView {
    let i18n = use_i18n();
    let ids = StoredValue::new(row.ids);
    let key = StoredValue::new(key);
    let is_group = row.depth == 0 && row.folds && ids.with_value(Vec::len) > 1;
    let name = Signal::derive(move || {
        if is_group {
            places::group(i18n, &key.get_value())
        } else {
            places::name(i18n, &key.get_value())
        }
    });
    let tick = Memo::new(move |_| {
        ids.with_value(|ids| list.ticks(|ticks| ticks.of(ids.iter().map(String::as_str))))
    });
    let some = move || {
        let count = ids
            .with_value(|ids| list.ticks(|ticks| ids.iter().filter(|id| ticks.allows(id)).count()));
        (is_group && tick.get() == Tick::Some).then(|| fill!(i18n, numbers.some, count = count))
    };
    let set = move |change| {
        let allowed = event_target_checked(&change);
        let home = list.part.home.get_untracked();
        list.part.change(|directions| {
            ids.with_value(|ids| {
                for id in ids {
                    dialling::allow(directions, &home, id, allowed);
                }
            });
        });
    };
    let open = Memo::new(move |_| list.open.with(|open| open.contains(&key.get_value())));
    let fold = move |_| {
        list.open.update(|open| {
            if !open.remove(&key.get_value()) {
                open.insert(key.get_value());
            }
        });
    };
    let depth = match row.depth {
        0 => "",
        1 => "d1",
        _ => "d2",
    };
    let chevron = Signal::derive(move || {
        if open.get() {
            "chevron-up"
        } else {
            "chevron-down"
        }
    });
    let can_fold = row.folds;
    view! {
        <li class=depth data-testid="direction" data-id=key.get_value()>
            <label class="check"><input type="checkbox" prop:checked=flag(move || tick.get() == Tick::All) prop:indeterminate=flag(move || tick.get() == Tick::Some) on:change=act(set)/>{name}</label>
            {can_fold.then(|| view! { <button type="button" class="btn btn--icon btn--quiet" aria-label=name aria-expanded=text(move || open.get()) on:click=act(fold)><Icon name=chevron class="i--14"/></button> })}
            <span class="t12 soft push num">{text(some)}</span>
            <span class="num mute t12 dirs__w">{row.codes}</span>
        </li>
    }
}

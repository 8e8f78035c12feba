//! The filters above the log.

use std::time::Duration;

use crate::components::reactive::{When, act, changing, flag, text};
use api_types::{CallableLine, Colleague};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};

use crate::{
    api::use_api,
    components::Icon,
    i18n::*,
    state::house::use_house,
    view::{
        call_log::{DIRECTIONS, Days, Filter, NO_RESULT, STATUSES, status_words},
        choice,
        outcome::DirectionSign,
    },
};

/// Pause in typing before the server is asked.
const PAUSE: Duration = Duration::from_millis(150);

/// Search, direction, result, recording.
#[component]
pub fn Filters(filter: RwSignal<Filter>) -> impl IntoView {
    let i18n = use_i18n();
    let recorded = move || filter.with(|filter| filter.recorded);
    let bad = move || filter.with(|filter| filter.bad);
    view! {
        <div class="row row--wrap filters" role="search">
            <Search filter/>
            <Day filter/>
            <Employee filter/>
            <Direction filter/>
            <Result filter/>
            <Line filter/>
            <Longer filter/>
            <button class="fchip" class:fchip--on=flag(recorded) aria-pressed=text(move || recorded().to_string()) data-testid="filter-recorded" on:click=act(move |_| filter.update(|filter| filter.recorded = !filter.recorded))>
                <Icon name="audio-lines"/>{tr!(i18n, calls.with_recording)}
            </button>
            <button class="fchip" class:fchip--on=flag(bad) aria-pressed=text(move || bad().to_string()) data-testid="filter-bad" on:click=act(move |_| filter.update(|filter| filter.bad = !filter.bad))>
                <Icon name="triangle-alert"/>{tr!(i18n, calls.bad_sound)}
            </button>
            <When when=move || !filter.with(Filter::is_empty)><button class="btn btn--acc" on:click=act(move |_| filter.set(Filter::default()))>{tr!(i18n, calls.clear)}</button></When>
        </div>
    }
}

#[component]
fn Search(filter: RwSignal<Filter>) -> impl IntoView {
    let i18n = use_i18n();
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let typed = move |input| {
        let text = event_target_value(&input);
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        timer.set_value(
            set_timeout_with_handle(move || filter.update(|filter| filter.search = text), PAUSE)
                .ok(),
        );
    };
    view! {
        <label class="find find--filter"><Icon name="search"/><span class="sr">{tr!(i18n, common.search)}</span>
            <input type="search" placeholder=tr!(i18n, calls.search) autocomplete="off" data-testid="filter-search" prop:value=text(move || filter.with(|filter| filter.search.clone())) on:input=act(typed)/></label>
    }
}

#[component]
fn Direction(filter: RwSignal<Filter>) -> impl IntoView {
    let i18n = use_i18n();
    let chosen = move || {
        filter.with(|filter| {
            DIRECTIONS
                .iter()
                .find(|(direction, _)| Some(*direction) == filter.direction)
                .map_or("", |(_, name)| *name)
        })
    };
    let options = [
        DirectionSign::Incoming,
        DirectionSign::Outgoing,
        DirectionSign::Internal,
    ]
    .into_iter()
    .zip(DIRECTIONS)
    .map(|(sign, (_, name))| view! { <option value=name>{text(move || sign.say(i18n))}</option> })
    .collect_view();
    let choose = move |name: String| {
        filter.update(|filter| {
            filter.direction = DIRECTIONS
                .iter()
                .find(|(_, known)| *known == name)
                .map(|(direction, _)| *direction)
        })
    };
    view! {
        <select class="select select--chip" class:is-set=flag(move || !chosen().is_empty()) aria-label=tr!(i18n, direction.title) data-testid="filter-direction"
            prop:value=text(chosen) on:change=act(move |change| choose(event_target_value(&change)))>
            <option value="">{tr!(i18n, direction.any)}</option>{options}
        </select>
    }
}

/// Either how it ended or what came of it.
#[component]
fn Result(filter: RwSignal<Filter>) -> impl IntoView {
    let i18n = use_i18n();
    let house = use_house();
    let chosen = move || {
        filter.with(|filter| {
            let status = STATUSES
                .iter()
                .find(|(status, _)| Some(*status) == filter.status);
            match (filter.result.as_str(), status) {
                ("", None) => String::new(),
                ("", Some((_, name))) => format!("s {name}"),
                (key, _) => format!("r {key}"),
            }
        })
    };
    let options = STATUSES.map(|(status, name)| view! { <option value=format!("s {name}")>{text(move || status_words(status).say(i18n))}</option> }).into_iter().collect_view();
    let results = move || {
        let now = chosen();
        let results = house.work(|work| work.results.clone()).into_iter();
        let option = |one: api_types::Choice| {
            let value = format!("r {}", one.key);
            view! { <option value=value.clone() selected=value == now>{choice::say(i18n, &one.name, &one.key)}</option> }
        };
        results.map(option).collect_view()
    };
    let choose = move |name: String| {
        let (kind, value) = name.split_once(' ').unwrap_or_default();
        let status = STATUSES
            .iter()
            .find(|(_, known)| kind == "s" && *known == value);
        let result = if kind == "r" {
            value.to_owned()
        } else {
            String::new()
        };
        filter.update(|filter| {
            filter.status = status.map(|(status, _)| *status);
            filter.result = result;
        });
    };
    let none = format!("r {NO_RESULT}");
    view! {
        <select class="select select--chip" class:is-set=flag(move || !chosen().is_empty()) aria-label=tr!(i18n, outcome.title) data-testid="filter-result"
            prop:value=text(chosen) on:change=act(move |change| choose(event_target_value(&change)))>
            <option value="">{tr!(i18n, outcome.any)}</option>{options}<hr/>{changing(results)}<option value=none>{tr!(i18n, log.tab_no_result)}</option>
        </select>
    }
}

/// A choice whose options come from the server.
#[component]
fn Chip(
    options: RwSignal<Vec<(String, String)>>,
    #[prop(into)] any: Signal<String>,
    chosen: Signal<String>,
    choose: Callback<String>,
    testid: &'static str,
) -> impl IntoView {
    let shown = move || {
        let now = chosen.get();
        let all = options.get().into_iter();
        all.map(|(value, name)| view! { <option value=value.clone() selected=value == now>{name}</option> }).collect_view()
    };
    view! {
        <select class="select select--chip" class:is-set=flag(move || !chosen.get().is_empty()) aria-label=any data-testid=testid
            prop:value=chosen on:change=act(move |change| choose.run(event_target_value(&change)))>
            <option value="">{any}</option>{changing(shown)}
        </select>
    }
}

#[component]
fn Employee(filter: RwSignal<Filter>) -> impl IntoView {
    let (i18n, api) = (use_i18n(), use_api());
    let options = RwSignal::new(vec![("me".to_owned(), tu_string!(i18n, log.me).to_owned())]);
    spawn_local(async move {
        if let Ok(all) = api.get::<Vec<Colleague>>("/colleagues").await {
            let _ = options.try_update(|options| {
                options.extend(all.into_iter().map(|one| (one.extension, one.name)));
            });
        }
    });
    let chosen = Signal::derive(move || filter.with(|filter| filter.employee.clone()));
    let choose = Callback::new(move |employee| filter.update(|filter| filter.employee = employee));
    view! { <Chip options any=tr!(i18n, log.employee) chosen choose testid="filter-employee"/> }
}

#[component]
fn Line(filter: RwSignal<Filter>) -> impl IntoView {
    let (i18n, api) = (use_i18n(), use_api());
    let options = RwSignal::new(Vec::new());
    spawn_local(async move {
        if let Ok(lines) = api.get::<Vec<CallableLine>>("/phone/lines").await {
            let _ = options.try_set(
                lines
                    .into_iter()
                    .map(|line| (line.id, line.label))
                    .collect(),
            );
        }
    });
    let chosen = Signal::derive(move || filter.with(|filter| filter.line.clone()));
    let choose = Callback::new(move |line| filter.update(|filter| filter.line = line));
    view! { <Chip options any=tr!(i18n, log.line) chosen choose testid="filter-line"/> }
}

/// Minutes offered.
const MINUTES: [u32; 5] = [1, 5, 10, 30, 60];

#[component]
fn Longer(filter: RwSignal<Filter>) -> impl IntoView {
    let i18n = use_i18n();
    let words = |minutes: u32| fill_now!(i18n, log.longer, count = minutes);
    let options = RwSignal::new(
        MINUTES
            .map(|minutes| (minutes.to_string(), words(minutes)))
            .to_vec(),
    );
    let chosen = Signal::derive(move || {
        let minutes = filter.with(|filter| filter.minutes);
        if minutes == 0 {
            String::new()
        } else {
            minutes.to_string()
        }
    });
    let choose = Callback::new(move |minutes: String| {
        filter.update(|filter| filter.minutes = minutes.parse().unwrap_or_default());
    });
    view! { <Chip options any=tr!(i18n, log.duration) chosen choose testid="filter-minutes"/> }
}

/// Today, a week, a month, or from a day to a day.
#[component]
fn Day(filter: RwSignal<Filter>) -> impl IntoView {
    let i18n = use_i18n();
    let known = [
        ("1", tu_string!(i18n, calls.today)),
        ("7", tu_string!(i18n, log.week)),
        ("30", tu_string!(i18n, log.month)),
        ("..", tu_string!(i18n, log.between)),
    ];
    let options = RwSignal::new(
        known
            .map(|(value, words)| (value.to_owned(), words.to_owned()))
            .to_vec(),
    );
    let between = move || filter.with(|filter| matches!(filter.days, Days::Between(..)));
    let chosen = Signal::derive(move || match between() {
        true => "..".to_owned(),
        false => filter.with(|filter| filter.days.name()),
    });
    let choose =
        Callback::new(move |days: String| filter.update(|filter| filter.days = Days::named(&days)));
    let day = move |is_first: bool, label: Signal<String>, testid: &'static str| {
        let read = move || {
            filter.with(|filter| match &filter.days {
                Days::Between(first, last) => {
                    if is_first {
                        first.clone()
                    } else {
                        last.clone()
                    }
                }
                Days::Any | Days::Last(_) => String::new(),
            })
        };
        let write = move |change| {
            let day = event_target_value(&change);
            filter.update(|filter| {
                if let Days::Between(first, last) = &mut filter.days {
                    *(if is_first { first } else { last }) = day;
                }
            });
        };
        view! { <input class="input input--chip num" type="date" aria-label=label title=label data-testid=testid prop:value=text(read) on:change=act(write)/> }
    };
    view! {
        <Chip options any=tr!(i18n, log.any_day) chosen choose testid="filter-days"/>
        <When when=between>{day(true, tr!(i18n, log.first_day), "filter-from")}{day(false, tr!(i18n, log.last_day), "filter-to")}</When>
    }
}

//! Recordings: what they take up, how long they are kept, and deleting them.

use api_types::{
    Group, Line, RecordingsDeleted, RecordingsToDelete, RecordingsUsage, Retention, WorkSettings,
};
use leptos::{prelude::*, task::spawn_local};

use super::Panel;
use crate::{
    api::use_api,
    components::{
        Dialog, Icon,
        form::{Bound, IconButton, Options, Select, TextField, digits, number},
        reactive::{When, act, changing, flag, text},
        remote_view::RemoteView,
        say_failure_now,
    },
    i18n::*,
    platform::time,
    state::{
        remote::{Remote, read_into},
        toasts::use_toasts,
    },
    view::format,
};

/// Most days that can be given.
const LONGEST: u32 = 36_500;

/// The page.
#[component]
pub fn RecordingsPage() -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let work = RwSignal::new(Remote::<WorkSettings>::Loading);
    let read = move || read_into(work, api.get("/work"));
    read();
    let form = move || {
        let settings = work.with_untracked(|work| work.ready().cloned());
        settings.map(|settings| view! { <Keeping settings/> })
    };
    view! {
        <Panel>
            <div class="set__head"><h2 class="h1">{tr!(i18n, keep.title)}</h2></div>
            <div class="set__body">
                <Usage/>
                <section class="box" aria-labelledby="keep-title">
                    <h3 class="h2" id="keep-title">{tr!(i18n, keep.how_long)}</h3>
                    <RemoteView source=work again=move |()| read()>{form()}</RemoteView>
                </section>
            </div>
        </Panel>
    }
}

fn size(i18n: I18n, bytes: u64) -> String {
    let (size, unit) = format::size(bytes);
    format!(
        "{} {}",
        time::decimal(size, i18n.get_locale()),
        unit.say(i18n)
    )
}

/// What is to be deleted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Going {
    All,
    Before(i64),
}

#[component]
fn Usage() -> impl IntoView {
    let (i18n, api) = (use_i18n(), use_api());
    let usage = RwSignal::new(Remote::<RecordingsUsage>::Loading);
    let read = move || read_into(usage, api.get("/recordings/usage"));
    read();
    let going = RwSignal::new(None::<Going>);
    let day = RwSignal::new(String::new());
    let before = move || time::day_start(0, &day.get()).filter(|_| !day.with(String::is_empty));
    let words = move || {
        usage.with(|usage| {
            let usage = usage.ready().cloned().unwrap_or_default();
            let count = time::decimal(usage.recordings as f64, i18n.get_locale());
            let oldest = usage
                .oldest
                .map(|at| time::short_day(at, i18n.get_locale()));
            let first = fill!(
                i18n,
                keep.usage,
                count = count,
                size = size(i18n, usage.bytes)
            );
            match oldest {
                Some(day) => format!("{first} {}", fill!(i18n, keep.oldest, day = day)),
                None => first,
            }
        })
    };
    let has_any =
        move || usage.with(|usage| usage.ready().is_some_and(|usage| usage.recordings > 0));
    view! {
        <section class="box" aria-labelledby="disk-title" data-testid="recordings-usage">
            <h3 class="h2" id="disk-title">{tr!(i18n, keep.disk)}</h3>
            <RemoteView source=usage again=move |()| read()><p class="num">{text(words)}</p></RemoteView>
            <When when=has_any>
                <div class="row row--wrap keep__delete">
                    <label class="row"><span class="soft">{tr!(i18n, keep.older)}</span><input class="input num input--chip" type="date" data-testid="delete-before" prop:value=day on:change=act(move |change| day.set(event_target_value(&change)))/></label>
                    <button class="btn" data-testid="delete-older" disabled=flag(move || before().is_none()) on:click=act(move |_| going.set(before().map(Going::Before)))><Icon name="trash-2"/>{tr!(i18n, keep.delete_older)}</button>
                    <button class="btn" data-testid="delete-all" on:click=act(move |_| going.set(Some(Going::All)))><Icon name="trash-2"/>{tr!(i18n, keep.delete_all)}</button>
                </div>
            </When>
            {changing(move || going.get().map(|what| view! { <Sure what going done=Callback::new(move |()| read())/> }))}
        </section>
    }
}

/// Says once more what goes; the button works after a tick.
#[component]
fn Sure(what: Going, going: RwSignal<Option<Going>>, done: Callback<()>) -> impl IntoView {
    let (i18n, api, toasts) = (use_i18n(), use_api(), use_toasts());
    let sure = RwSignal::new(false);
    let close = Callback::new(move |()| going.set(None));
    let words = move || match what {
        Going::All => t_string!(i18n, keep.sure_all).to_owned(),
        Going::Before(at) => fill!(
            i18n,
            keep.sure_before,
            day = time::day_inside(at, i18n.get_locale())
        ),
    };
    let delete = move |_| {
        let body = RecordingsToDelete {
            all: what == Going::All,
            before: match what {
                Going::All => None,
                Going::Before(at) => Some(at),
            },
            ids: Vec::new(),
        };
        close.run(());
        spawn_local(async move {
            match api
                .post::<RecordingsDeleted>("/recordings/delete", &body)
                .await
            {
                Ok(gone) => {
                    let size = untrack(|| size(i18n, gone.bytes));
                    toasts.say(fill_now!(
                        i18n,
                        keep.deleted,
                        count = gone.deleted,
                        size = size,
                        kept = gone.kept
                    ));
                    done.run(());
                }
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    let foot = Box::new(move || {
        view! {
            <button class="btn" on:click=act(move |_| close.run(()))>{tr!(i18n, common.cancel)}</button>
            <button class="btn btn--main" data-testid="delete-for-good" disabled=flag(move || !sure.get()) on:click=act(delete)>{tr!(i18n, keep.for_good)}</button>
        }
        .into_any()
    });
    view! {
        <Dialog title=tr!(i18n, keep.sure) close foot>
            <p>{text(words)}</p>
            <label class="check"><input type="checkbox" data-testid="delete-sure" prop:checked=sure on:change=act(move |change| sure.set(event_target_checked(&change)))/><span>{tr!(i18n, keep.understood)}</span></label>
        </Dialog>
    }
}

/// Days for some lines or groups: an id and its days, as typed.
type Apart = RwSignal<Vec<(String, RwSignal<String>)>>;

fn apart(of: &[(String, u32)]) -> Apart {
    let row = |(id, days): &(String, u32)| (id.clone(), RwSignal::new(days.to_string()));
    RwSignal::new(of.iter().map(row).collect())
}

fn read_apart(rows: Apart) -> Option<Vec<(String, u32)>> {
    let read = |(id, days): &(String, RwSignal<String>)| {
        Some((id.clone(), days_of(&days.get_untracked())??))
    };
    rows.with_untracked(|rows| rows.iter().map(read).collect())
}

/// The outer `None`: that cannot be; the inner: for ever.
#[expect(clippy::option_option, reason = "for ever is an answer too")]
fn days_of(typed: &str) -> Option<Option<u32>> {
    match (typed.trim(), number(typed)) {
        ("", _) => Some(None),
        (_, Some(days)) if (1..=LONGEST).contains(&days) => Some(Some(days)),
        _ => None,
    }
}

#[component]
fn Keeping(settings: WorkSettings) -> impl IntoView {
    let (i18n, api, toasts) = (use_i18n(), use_api(), use_toasts());
    let set = settings.retention.clone();
    let field = |days: Option<u32>| (RwSignal::new(digits(days)), RwSignal::new(String::new()));
    let (recordings, records, warn) = (
        field(set.recording_days),
        field(set.record_days),
        field(Some(set.warn_days)),
    );
    let (lines, groups) = (apart(&set.recording_lines), apart(&set.recording_groups));
    let (line_names, group_names) = (RwSignal::new(Vec::new()), RwSignal::new(Vec::new()));
    spawn_local(async move {
        if let Ok(all) = api.get::<Vec<Line>>("/lines").await {
            let _ = line_names.try_set(all.into_iter().map(|line| (line.id, line.label)).collect());
        }
        if let Ok(all) = api.get::<Vec<Group>>("/groups").await {
            let _ = group_names.try_set(
                all.into_iter()
                    .map(|group| (group.id, group.name))
                    .collect(),
            );
        }
    });
    let read = move |(typed, fault): (RwSignal<String>, RwSignal<String>)| {
        let days = days_of(&typed.get_untracked());
        let words = fill_now!(i18n, keep.bad_days, most = LONGEST);
        fault.set(if days.is_none() { words } else { String::new() });
        days
    };
    let save = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        let days = (read(recordings), read(records), read(warn));
        let (Some(recording_days), Some(record_days), Some(warn_days)) = days else {
            return;
        };
        let (Some(recording_lines), Some(recording_groups)) =
            (read_apart(lines), read_apart(groups))
        else {
            return toasts.fail(fill_now!(i18n, keep.bad_days, most = LONGEST));
        };
        let retention = Retention {
            recording_days,
            recording_lines,
            recording_groups,
            record_days,
            warn_days: warn_days.unwrap_or(0),
        };
        spawn_local(async move {
            // Others may have changed the rest meanwhile.
            let saved = match api.get::<WorkSettings>("/work").await {
                Ok(now) => {
                    api.put::<WorkSettings>("/settings/work", &WorkSettings { retention, ..now })
                        .await
                }
                Err(failure) => Err(failure),
            };
            match saved {
                Ok(_) => toasts.say(tu_string!(i18n, settings.saved).to_owned()),
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    view! {
        <form class="form" on:submit=act(save) novalidate>
            <TextField id="keep-recordings" label=tr!(i18n, keep.recordings) bound=Bound::of(recordings.0) fault=recordings.1 suffix=tr!(i18n, keep.days) hint=tr!(i18n, keep.recordings_hint)/>
            <Others rows=lines names=line_names label=tr!(i18n, keep.lines) add=tr!(i18n, keep.add_line) testid="keep-line"/>
            <Others rows=groups names=group_names label=tr!(i18n, keep.groups) add=tr!(i18n, keep.add_group) testid="keep-group"/>
            <TextField id="keep-records" label=tr!(i18n, keep.records) bound=Bound::of(records.0) fault=records.1 suffix=tr!(i18n, keep.days) hint=tr!(i18n, keep.records_hint)/>
            <TextField id="keep-warn" label=tr!(i18n, keep.warn) bound=Bound::of(warn.0) fault=warn.1 suffix=tr!(i18n, keep.days) hint=tr!(i18n, keep.warn_hint)/>
            <div><button class="btn btn--main" data-testid="save-keeping">{tr!(i18n, common.save)}</button></div>
        </form>
    }
}

/// Other days for some; a list to add from.
#[component]
fn Others(
    rows: Apart,
    names: RwSignal<Vec<(String, String)>>,
    #[prop(into)] label: Signal<String>,
    #[prop(into)] add: Signal<String>,
    testid: &'static str,
) -> impl IntoView {
    let i18n = use_i18n();
    let name_of = move |id: &str| {
        names
            .with(|names| {
                names
                    .iter()
                    .find(|(known, _)| known == id)
                    .map(|(_, name)| name.clone())
            })
            .unwrap_or_default()
    };
    let left: Options = Signal::derive(move || {
        let taken = rows.with(|rows| rows.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>());
        let mut left = vec![(String::new(), add.get())];
        left.extend(
            names
                .get()
                .into_iter()
                .filter(|(id, _)| !taken.contains(id)),
        );
        left
    });
    let choose = Bound::new(String::new, move |id: String| {
        if !id.is_empty() {
            rows.update(|rows| rows.push((id, RwSignal::new("30".to_owned()))));
        }
    });
    let row = move |(id, days): (String, RwSignal<String>)| {
        let (gone, own) = (id.clone(), id.clone());
        let label = Signal::derive(move || name_of(&own));
        view! {
            <li class="row"><span class="grow cut">{label}</span><span class="affix keep__days"><input class="input num" aria-label=label data-testid=testid prop:value=days on:input=act(move |input| days.set(event_target_value(&input)))/><span>{tr!(i18n, keep.days)}</span></span>
            <IconButton icon="x" label=tr!(i18n, form.remove) press=move |()| rows.update(|rows| rows.retain(|(id, _)| *id != gone))/></li>
        }
    };
    let shown = move || rows.get().into_iter().map(row).collect_view();
    view! {
        <When when=move || !names.with(Vec::is_empty)>
            <div class="field"><span class="field__label">{label}</span><ul class="keep__list">{changing(shown)}</ul>
                <When when=move || left.with(|left| left.len() > 1)><Select bound=choose options=left label=add class="select select--add"/></When></div>
        </When>
    }
}

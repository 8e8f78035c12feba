//! One entry of a time line.

use api_types::{CallRecord, Item, ItemKind, RecordingState, StoredFile, TimelineEntry};
use leptos::prelude::*;

use super::{files, player::Strip, timeline::Line};
use crate::{
    components::{
        Icon,
        form::IconButton,
        reactive::{act, text},
    },
    i18n::*,
    pages::item_form::{Target, use_clicks},
    platform::time,
    state::house::{House, use_house},
    view::{
        choice, format,
        outcome::{DirectionSign, Outcome},
        work::KindName,
    },
};

/// Any of them.
pub fn entry(line: Line, one: TimelineEntry) -> AnyView {
    match one {
        TimelineEntry::Call(call) => of_call(call),
        TimelineEntry::Item(item) => of_item(line, item),
        TimelineEntry::File(file) => of_file(line, file),
        TimelineEntry::Change {
            at,
            by,
            item,
            title,
            field,
            before,
            after,
        } => {
            let what = Changed {
                item,
                title,
                field,
                before,
                after,
            };
            of_change(at, by, what)
        }
    }
}

/// Sign, first line with its time, and what stands below.
fn frame(icon: &'static str, is_bad: bool, at: i64, head: AnyView, below: AnyView) -> AnyView {
    let i18n = use_i18n();
    view! {
        <span class="ev__ic" class:stop=is_bad><Icon name=icon/></span>
        <div class="grow"><div class="ev__h"><div class="grow row ev__w">{head}</div><span class="num t12 mute">{text(move || time::clock(at, i18n.get_locale()))}</span></div>{below}</div>
    }
    .into_any()
}

fn of_call(call: CallRecord) -> AnyView {
    let (i18n, house) = (use_i18n(), use_house());
    let sign = DirectionSign::of(call.direction, call.status);
    let outcome = Outcome::of(call.direction, call.status);
    let title = text(move || {
        if outcome == Outcome::Missed {
            t_string!(i18n, timeline.missed)
        } else {
            match call.direction {
                api_types::Direction::Incoming => t_string!(i18n, timeline.incoming),
                api_types::Direction::Outgoing => t_string!(i18n, timeline.outgoing),
                api_types::Direction::Internal => t_string!(i18n, timeline.internal),
            }
        }
    });
    let is_answered = outcome == Outcome::Answered;
    let href = format!("/calls?call={}", call.id);
    let who = call.employee.as_ref().map(|who| who.name.clone());
    let result = call.result.clone().filter(|key| !key.is_empty());
    let chip = match result {
        Some(key) => {
            Some(view! { <span class="chip">{text(move || house.result(&key))}</span> }.into_any())
        }
        None if is_answered || outcome == Outcome::Missed => None,
        None => {
            Some(view! { <span class="chip">{text(move || outcome.say(i18n))}</span> }.into_any())
        }
    };
    let returned = call.returned.clone().map(|back| {
        let who = back.by.map(|by| by.name);
        let words = move || match &who {
            Some(who) => fill!(
                i18n,
                timeline.returned,
                time = time::clock(back.at, i18n.get_locale()),
                who = who
            ),
            None => fill!(
                i18n,
                timeline.called_again,
                time = time::clock(back.at, i18n.get_locale())
            ),
        };
        view! { <span class="chip">{text(words)}</span> }
    });
    let talk = (call.talk_ms > 0).then(|| format::duration(call.talk_ms));
    let is_playable = call
        .recording
        .as_ref()
        .is_some_and(|recording| recording.state == RecordingState::Ready);
    let note = (!call.note.is_empty()).then(|| view! { <p class="ev__t">{call.note.clone()}</p> });
    let at = call.started_at;
    let head = view! { <a class="med" href=href>{title}</a><span class="soft cut">{who}</span>{chip}{returned}<span class="mute num">{talk}</span> }.into_any();
    let below =
        view! { {is_playable.then(|| view! { <Strip call=call.clone()/> })}{note} }.into_any();
    frame(sign.icon(), sign.is_bad(), at, head, below)
}

fn of_item(line: Line, item: Item) -> AnyView {
    let (i18n, house, clicks) = (use_i18n(), use_house(), use_clicks());
    let name = KindName::of(item.kind);
    let title = {
        let item = item.clone();
        text(move || match item.kind {
            ItemKind::Task | ItemKind::Meeting if !item.is_open => {
                fill!(i18n, timeline.done, what = name.say(i18n))
            }
            ItemKind::Order | ItemKind::Request => format!(
                "{} {}",
                name.say(i18n),
                if item.kind == ItemKind::Order && !item.title.is_empty() {
                    item.title.clone()
                } else {
                    item.number.to_string()
                }
            ),
            ItemKind::Own => house
                .work(|work| {
                    work.tables
                        .iter()
                        .find(|table| Some(&table.key) == item.table.as_ref())
                        .map(|table| table.name.clone())
                })
                .unwrap_or_else(|| name.say(i18n).to_owned()),
            _ => name.say(i18n).to_owned(),
        })
    };
    let subject = match item.kind {
        ItemKind::Note | ItemKind::Interaction | ItemKind::Order => None,
        ItemKind::Deal => Some(
            view! { <a class="cut" href=format!("/deals/{}", item.id)>{item.title.clone()}</a> }
                .into_any(),
        ),
        _ => Some(view! { <span class="cut">{item.title.clone()}</span> }.into_any()),
    };
    let sum = item.amount.map(|amount| {
        let currency = item.currency.clone();
        view! { <span class="num">{text(move || house.money(amount, &currency))}</span> }
    });
    let shows_state = !item.state.is_empty()
        && matches!(
            item.kind,
            ItemKind::Interaction
                | ItemKind::Order
                | ItemKind::Invoice
                | ItemKind::Request
                | ItemKind::Deal
        );
    let state = shows_state.then(|| {
        let item = item.clone();
        view! { <span class="chip">{text(move || house.state(&item))}</span> }
    });
    let who = item.owner.clone().or_else(|| item.created_by.clone());
    let body = if item.text.trim().is_empty() {
        None
    } else {
        Some(item.text.clone())
    };
    let (edited, gone) = (item.clone(), item.clone());
    let tools = view! {
        <span class="ev__tools"><IconButton icon="pencil" label=tr!(i18n, common.edit) press=move |()| line.making.set(Some(Target::Known(edited.clone()))) testid="edit-entry"/>
            <IconButton icon="trash-2" label=tr!(i18n, common.delete) press=move |()| clicks.delete(gone.clone(), line.again, line.again) testid="delete-entry"/></span>
    };
    let head = view! { <b class="med">{title}</b>{subject}<span class="soft cut">{text(move || house.person(who.as_deref()))}</span>{sum}{state}{tools} }.into_any();
    let at = item
        .done_at
        .filter(|_| !item.is_open && matches!(item.kind, ItemKind::Task | ItemKind::Meeting))
        .unwrap_or(item.created_at);
    frame(
        name.icon(),
        false,
        at,
        head,
        body.map(|body| view! { <p class="ev__t">{body}</p> })
            .into_any(),
    )
}

fn of_file(line: Line, file: StoredFile) -> AnyView {
    let i18n = use_i18n();
    let (bytes, at, seen) = (file.bytes, file.created_at, file.clone());
    let head = view! {
        <b class="med">{tr!(i18n, files.one)}</b><button type="button" class="fl__n cut" on:click=act(move |_| line.shown.set(Some(seen.clone())))>{file.name.clone()}</button><span class="soft cut">{file.by.clone()}</span><span class="mute num">{text(move || files::size(i18n, bytes))}</span>
    }
    .into_any();
    frame("paperclip", false, at, head, ().into_any())
}

/// What a change was of.
struct Changed {
    item: Option<String>,
    title: String,
    field: String,
    before: String,
    after: String,
}

fn of_change(at: i64, by: Option<String>, what: Changed) -> AnyView {
    let (i18n, house) = (use_i18n(), use_house());
    let is_stage = what.field == "stage";
    let field = what.field.clone();
    let title = text(move || match field.as_str() {
        "stage" => t_string!(i18n, kind.deal).to_owned(),
        "responsible" => t_string!(i18n, clients.responsible).to_owned(),
        "merged" => t_string!(i18n, timeline.merged).to_owned(),
        "handed_over" => t_string!(i18n, timeline.handed_over).to_owned(),
        other => other.to_owned(),
    });
    let subject = match what.item {
        Some(id) => {
            view! { <a class="cut" href=format!("/deals/{id}")>{what.title}</a> }.into_any()
        }
        None => view! { <span class="cut">{what.title}</span> }.into_any(),
    };
    let shown = move |value: String| {
        text(move || {
            if is_stage {
                stage_name(i18n, house, &value)
            } else {
                value.clone()
            }
        })
    };
    let (before, after) = (shown(what.before), shown(what.after));
    let head = view! { <b class="med">{title}</b>{subject}<span class="row soft ev__ch">{before}<Icon name="arrow-right" class="i--14"/>{after}</span><span class="soft cut">{by}</span> }.into_any();
    frame(
        if is_stage { "square-kanban" } else { "users" },
        false,
        at,
        head,
        ().into_any(),
    )
}

/// A stage of any pipeline by its key.
pub fn stage_name(i18n: I18n, house: House, key: &str) -> String {
    let own = house.work(|work| {
        work.pipelines
            .iter()
            .flat_map(|pipeline| &pipeline.stages)
            .find(|stage| stage.key == key)
            .map(|stage| stage.name.clone())
    });
    choice::say(i18n, own.as_deref().unwrap_or_default(), key)
}

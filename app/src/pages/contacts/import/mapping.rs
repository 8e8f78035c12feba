//! What the columns of a file are, with its first rows under them.

use api_types::{ContactKind, Import, ImportDuplicates, ImportMapping, ImportProblem};
use leptos::{prelude::*, task::spawn_local};

use super::Current;
use crate::{
    api::use_api,
    components::{
        Icon,
        form::{Bound, Options, Select, SelectField},
        reactive::{When, act, changing, flag, text},
        say_failure_now,
    },
    i18n::*,
    platform::time,
    state::{house::use_house, toasts::use_toasts},
};

/// Rows shown.
const SHOWN: usize = 8;
/// What a column can be.
const KINDS: [&str; 21] = [
    "",
    "name",
    "surname",
    "first_name",
    "patronymic",
    "phone",
    "phone.mobile",
    "phone.work",
    "phone.home",
    "email",
    "email.work",
    "email.home",
    "company",
    "position",
    "address",
    "address.work",
    "address.home",
    "status",
    "tags",
    "note",
    "responsible",
];

#[component]
pub fn Mapping(current: Current) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let house = use_house();
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let fault = RwSignal::new(String::new());
    let part = move |read: fn(&Import) -> String| {
        text(move || current.with(|import| import.as_ref().map(read)))
    };
    // Every change is tried at once: the server says what the rows become.
    let change = move |change: &dyn Fn(&mut ImportMapping)| {
        let Some(import) = current.get_untracked() else {
            return;
        };
        let mut mapping = import.mapping.clone();
        change(&mut mapping);
        if mapping == import.mapping {
            return;
        }
        current.update(|import| {
            if let Some(import) = import {
                import.mapping = mapping.clone();
            }
        });
        spawn_local(async move {
            let answer = api
                .put::<Import>(&format!("/imports/{}/mapping", import.id), &mapping)
                .await;
            match answer {
                Ok(read) => {
                    // What was chosen meanwhile counts.
                    let is_last = current.with_untracked(|now| {
                        now.as_ref().is_some_and(|now| now.mapping == mapping)
                    });
                    if is_last {
                        fault.set(String::new());
                        current.set(Some(read));
                    }
                }
                Err(failure) => fault.set(say_failure_now(i18n, &failure)),
            }
        });
    };
    let start = move |_| {
        let Some(id) =
            current.with_untracked(|import| import.as_ref().map(|import| import.id.clone()))
        else {
            return;
        };
        busy.set(true);
        spawn_local(async move {
            match api.order::<Import>(&format!("/imports/{id}/start")).await {
                Ok(import) => {
                    let _ = current.try_set(Some(import));
                }
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
            let _ = busy.try_set(false);
        });
    };
    let of = move |read: fn(&ImportMapping) -> String| {
        move || {
            current.with(|import| {
                import
                    .as_ref()
                    .map(|import| read(&import.mapping))
                    .unwrap_or_default()
            })
        }
    };
    let header = Bound::new(
        of(|mapping| mapping.has_header.to_string()),
        move |chosen| change(&|mapping| mapping.has_header = chosen == "true"),
    );
    let kind = Bound::new(
        of(|mapping| match mapping.kind {
            ContactKind::Person => "person".to_owned(),
            ContactKind::Company => "company".to_owned(),
        }),
        move |chosen| {
            change(&|mapping| {
                mapping.kind = match chosen.as_str() {
                    "company" => ContactKind::Company,
                    _ => ContactKind::Person,
                };
            });
        },
    );
    let duplicates = Bound::new(
        of(|mapping| match mapping.duplicates {
            ImportDuplicates::Skip => "skip".to_owned(),
            ImportDuplicates::Update => "update".to_owned(),
            ImportDuplicates::Create => "create".to_owned(),
        }),
        move |chosen| {
            change(&|mapping| {
                mapping.duplicates = match chosen.as_str() {
                    "skip" => ImportDuplicates::Skip,
                    "create" => ImportDuplicates::Create,
                    _ => ImportDuplicates::Update,
                };
            });
        },
    );
    let responsible = Bound::new(
        of(|mapping| mapping.responsible.clone().unwrap_or_default()),
        move |chosen: String| {
            change(&|mapping| {
                mapping.responsible = Some(chosen.clone()).filter(|id| !id.is_empty())
            });
        },
    );
    let columns = Signal::derive(move || {
        column_options(
            i18n,
            house.work(|work| {
                let table =
                    current.with(|import| import.as_ref().map(|import| import.mapping.kind));
                let table = if table == Some(ContactKind::Company) {
                    "companies"
                } else {
                    "contacts"
                };
                work.fields
                    .iter()
                    .filter(|def| def.table == table)
                    .map(|def| (def.key.clone(), def.label.clone()))
                    .collect::<Vec<_>>()
            }),
        )
    });
    let width = Memo::new(move |_| {
        current.with(|import| {
            import
                .as_ref()
                .map_or(0, |import| import.mapping.columns.len())
        })
    });
    let heads = move || {
        (0..width.get()).map(|at| {
            let bound = Bound::new(
                move || current.with(|import| import.as_ref().and_then(|import| import.mapping.columns.get(at).cloned()).unwrap_or_default()),
                move |chosen: String| change(&|mapping| {
                    if let Some(column) = mapping.columns.get_mut(at) {
                        column.clone_from(&chosen);
                    }
                }),
            );
            let name = Signal::derive(move || {
                let named = current.with(|import| import.as_ref().and_then(|import| import.columns.get(at).cloned()));
                named.unwrap_or_else(|| fill!(i18n, import.column, number = at + 1))
            });
            view! { <th><span class="cut t12 mute">{name}</span><Select bound options=columns label=name class="select select--in"/></th> }
        }).collect_view()
    };
    let rows = move || {
        let rows = current.with(|import| {
            import
                .as_ref()
                .map(|import| import.preview.clone())
                .unwrap_or_default()
        });
        rows.into_iter().take(SHOWN).map(|row| view! { <tr>{row.into_iter().map(|cell| view! { <td class="cut">{cell}</td> }).collect_view()}</tr> }).collect_view()
    };
    let number = move |count: u64| time::decimal(count as f64, i18n.get_locale());
    let count = text(move || {
        let rows = current.with(|import| import.as_ref().map_or(0, |import| import.rows));
        fill!(i18n, import.start, count = number(rows))
    });
    let found = text(move || {
        current.with(|import| {
            import.as_ref().map(|import| {
                let between = match import.delimiter.as_str() {
                    "" => "vCard".to_owned(),
                    "\t" => t_string!(i18n, import.tab).to_owned(),
                    sign => sign.to_owned(),
                };
                fill!(
                    i18n,
                    import.found,
                    rows = number(import.rows),
                    encoding = import.encoding,
                    delimiter = between
                )
            })
        })
    });
    let pair =
        |yes: (&'static str, Signal<String>), no: (&'static str, Signal<String>)| -> Options {
            Signal::derive(move || {
                vec![
                    (yes.0.to_owned(), yes.1.get()),
                    (no.0.to_owned(), no.1.get()),
                ]
            })
        };
    let duplicate_options: Options = Signal::derive(move || {
        [
            ("update", t_string!(i18n, import.dup_update)),
            ("skip", t_string!(i18n, import.dup_skip)),
            ("create", t_string!(i18n, import.dup_create)),
        ]
        .map(|(key, words)| (key.to_owned(), words.to_owned()))
        .to_vec()
    });
    view! {
        <div class="row row--wrap imp__file"><Icon name="file-text"/><b data-testid="import-name">{part(|import| import.file_name.clone())}</b><span class="soft num" data-testid="import-found">{found}</span>
            <button type="button" class="btn btn--quiet" on:click=act(move |_| current.set(None))>{tr!(i18n, import.another)}</button></div>
        <div class="g2 imp__opts">
            <SelectField id="import-header" label=tr!(i18n, import.first_row) bound=header options=pair(("true", tr!(i18n, import.is_header)), ("false", tr!(i18n, import.is_row)))/>
            <SelectField id="import-kind" label=tr!(i18n, import.kind) bound=kind options=pair(("person", tr!(i18n, import.people)), ("company", tr!(i18n, import.companies)))/>
            <SelectField id="import-duplicates" label=tr!(i18n, import.duplicates) bound=duplicates options=duplicate_options/>
            <SelectField id="import-responsible" label=tr!(i18n, import.responsible) bound=responsible options=house.people(tr!(i18n, clients.nobody))/>
        </div>
        <div class="imp__table" tabindex="0" role="region" aria-label=tr!(i18n, import.preview)><table class="table" data-testid="import-table"><thead><tr>{changing(heads)}</tr></thead><tbody>{changing(rows)}</tbody></table></div>
        <When when=move || !fault.with(String::is_empty)><p class="note note--stop" role="alert" data-testid="import-fault"><Icon name="circle-x"/><span>{fault}</span></p></When>
        {changing(move || problems(i18n, current))}
        <div class="row imp__foot"><button class="btn btn--main" data-testid="import-start" disabled=flag(move || busy.get() || !fault.with(String::is_empty)) on:click=act(start)>{count}</button><span class="soft t12">{tr!(i18n, import.undo_later)}</span></div>
    }
}

/// What a column can be, with the house's own fields.
fn column_options(i18n: I18n, own: Vec<(String, String)>) -> Vec<(String, String)> {
    let named = KINDS
        .iter()
        .map(|key| ((*key).to_owned(), column_name(i18n, key)));
    let own = own
        .into_iter()
        .map(|(key, label)| (format!("field.{key}"), label));
    named.chain(own).collect()
}

/// The words for what a column is.
fn column_name(i18n: I18n, key: &str) -> String {
    let (what, label) = key.split_once('.').unwrap_or((key, ""));
    let what = match what {
        "" => t_string!(i18n, import.leave_out),
        "name" => t_string!(i18n, contacts.name),
        "surname" => t_string!(i18n, clients.surname),
        "first_name" => t_string!(i18n, clients.first_name),
        "patronymic" => t_string!(i18n, clients.patronymic),
        "phone" => t_string!(i18n, import.phone),
        "email" => t_string!(i18n, clients.email),
        "company" => t_string!(i18n, clients.company),
        "position" => t_string!(i18n, clients.position),
        "address" => t_string!(i18n, clients.address),
        "status" => t_string!(i18n, clients.status),
        "tags" => t_string!(i18n, clients.tags),
        "note" => t_string!(i18n, import.note),
        "responsible" => t_string!(i18n, clients.responsible),
        other => return other.to_owned(),
    };
    let label = match label {
        "mobile" => t_string!(i18n, clients.label_mobile),
        "work" => t_string!(i18n, clients.label_work),
        "home" => t_string!(i18n, clients.label_home),
        _ => return what.to_owned(),
    };
    format!("{what} ({label})")
}

/// What is wrong in the first rows.
fn problems(i18n: I18n, current: Current) -> Option<AnyView> {
    let found = current.with(|import| import.as_ref().map(|import| import.problems.clone()))?;
    if found.is_empty() {
        return None;
    }
    let rows = found.into_iter().take(10).map(|one| {
        let said = say(i18n, &one);
        view! { <li><span class="num mute">{fill!(i18n, import.row, number = one.row)}</span>" "{said}</li> }
    });
    Some(view! { <div class="note note--wait" role="status" data-testid="import-problems"><Icon name="info"/><div><p>{tr!(i18n, import.problems)}</p><ul>{rows.collect_view()}</ul></div></div> }.into_any())
}

/// A problem in the language of the page.
fn say(i18n: I18n, problem: &ImportProblem) -> String {
    let value = problem.value.clone();
    match problem.code.as_str() {
        "bad_phone" => fill!(i18n, import.bad_phone, value = value),
        "bad_email" => fill!(i18n, import.bad_email, value = value),
        "no_name" => t_string!(i18n, import.no_name).to_owned(),
        "too_long" => fill!(i18n, import.too_long, value = value),
        "unknown_status" => fill!(i18n, import.unknown_status, value = value),
        "unknown_responsible" => fill!(i18n, import.unknown_responsible, value = value),
        "bad_field" => fill!(i18n, import.bad_field, value = value),
        "too_many" => t_string!(i18n, import.too_many).to_owned(),
        "unreadable" => t_string!(i18n, import.unreadable).to_owned(),
        _ => problem.message.clone(),
    }
}

//! Parts of forms that ask the server: a client to choose, tags, the house's own fields.

use std::time::Duration;

use api_types::{Contact, ContactRef, FieldDef, FieldKind, Fields, Page};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};

use crate::{
    api::use_api,
    components::{
        Avatar, Icon,
        form::{Bound, Options, Select},
        reactive::{Rows, When, act, changing, flag, maybe, text},
    },
    i18n::*,
    state::house::use_house,
    view::query::query,
};

/// Pause in typing before the server is asked.
const PAUSE: Duration = Duration::from_millis(150);

/// A contact chosen by typing a part of its name or number. `kind` narrows it: `person`, `company`, or empty.
#[component]
pub fn ContactPick(
    id: &'static str,
    #[prop(into)] label: Signal<String>,
    kind: &'static str,
    chosen: RwSignal<Option<ContactRef>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let typing = RwSignal::new(String::new());
    let found = RwSignal::new(Vec::<Contact>::new());
    let open = RwSignal::new(false);
    let at = RwSignal::new(0_usize);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let ask = move || {
        let wanted = typing.get_untracked();
        let path = format!(
            "/contacts{}",
            query(&[("q", wanted.trim()), ("kind", kind), ("limit", "6")])
        );
        spawn_local(async move {
            let answer = api.get::<Page<Contact>>(&path).await;
            if let (Ok(page), Some(true)) =
                (answer, typing.try_with_untracked(|now| *now == wanted))
            {
                at.set(0);
                found.set(page.items);
            }
        });
    };
    let typed = move |input| {
        typing.set(event_target_value(&input));
        open.set(true);
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        timer.set_value(set_timeout_with_handle(ask, PAUSE).ok());
    };
    let choose = move |contact: &Contact| {
        chosen.set(Some(ContactRef {
            id: contact.id.clone(),
            name: contact.name.clone(),
        }));
        typing.set(String::new());
        open.set(false);
    };
    let on_key = move |press: leptos::ev::KeyboardEvent| {
        let last = found.with_untracked(Vec::len).saturating_sub(1);
        match press.key().as_str() {
            "ArrowDown" => at.update(|at| *at = (*at + 1).min(last)),
            "ArrowUp" => at.update(|at| *at = at.saturating_sub(1)),
            "Enter" if open.get_untracked() => {
                if let Some(contact) =
                    found.with_untracked(|found| found.get(at.get_untracked()).cloned())
                {
                    choose(&contact);
                }
            }
            "Escape" if open.get_untracked() => {
                press.stop_propagation();
                open.set(false);
            }
            _ => return,
        }
        press.prevent_default();
    };
    let rows = move || {
        found.get().into_iter().enumerate().map(|(place, contact)| {
            let number = contact.phones.first().map(|phone| phone.display.clone());
            let name = contact.name.clone();
            view! { <button type="button" role="option" class:is-on=flag(move || at.get() == place) aria-selected=text(move || at.get() == place) on:click=act(move |_| choose(&contact))>
                <Avatar name=name.clone() kind="av--sm"/><span class="grow cut">{name}</span><span class="num mute t12">{number}</span></button> }
        }).collect_view()
    };
    let is_chosen = move || chosen.with(Option::is_some);
    let list_id = format!("{id}-list");
    let shown = move || {
        chosen.with(|chosen| {
            chosen
                .as_ref()
                .map(|one| one.name.clone())
                .unwrap_or_default()
        })
    };
    view! {
        <div class="field">
            <label class="field__label" for=id>{label}</label>
            <When when=is_chosen><div class="pks"><span class="pk"><span class="cut">{text(shown)}</span>
                <button type="button" class="pk__x" aria-label=tr!(i18n, form.remove) title=tr!(i18n, form.remove) on:click=act(move |_| chosen.set(None))><Icon name="x" class="i--14"/></button></span></div></When>
            <div class="anchor pick" class:sr=flag(is_chosen) on:keydown=act(on_key)>
                <input class="input" id=id data-testid=id autocomplete="off" role="combobox" aria-controls=list_id.clone() aria-expanded=text(move || open.get()) placeholder=tr!(i18n, clients.pick) prop:value=typing on:input=act(typed) on:focus=act(move |_| { open.set(true); ask(); }) on:blur=act(move |_| set_timeout(move || { let _ = open.try_set(false); }, Duration::from_millis(200)))/>
                <When when=move || open.get() && !found.with(Vec::is_empty)><div class="pop menu pop--under" id=list_id.clone() role="listbox">{changing(rows)}</div></When>
            </div>
        </div>
    }
}

/// Tags as chips, and a field that knows those in use.
#[component]
pub fn TagsEdit(
    #[prop(into)] tags: Signal<Vec<String>>,
    #[prop(into)] write: Callback<Vec<String>>,
    #[prop(default = "tag-input")] id: &'static str,
) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let typing = RwSignal::new(String::new());
    let known = RwSignal::new(Vec::<String>::new());
    let add = move || {
        let tag = typing.get_untracked().trim().to_owned();
        typing.set(String::new());
        let mut list = tags.get_untracked();
        if !tag.is_empty() && !list.contains(&tag) {
            list.push(tag);
            write.run(list);
        }
    };
    let typed = move |input| {
        typing.set(event_target_value(&input));
        let wanted = typing.get_untracked();
        spawn_local(async move {
            if let Ok(read) = api
                .get::<Vec<String>>(&format!("/tags{}", query(&[("q", wanted.trim())])))
                .await
            {
                let _ = known.try_set(read);
            }
        });
    };
    let on_key = move |press: leptos::ev::KeyboardEvent| match press.key().as_str() {
        "Enter" | "," => {
            press.prevent_default();
            add();
        }
        "Backspace" if typing.with_untracked(String::is_empty) => {
            let mut list = tags.get_untracked();
            if list.pop().is_some() {
                write.run(list);
            }
        }
        _ => {}
    };
    let row = move |tag: String| {
        let gone = tag.clone();
        let label = {
            let tag = tag.clone();
            text(move || fill!(i18n, clients.remove_tag, tag = tag))
        };
        let remove = move |_| {
            write.run(
                tags.get_untracked()
                    .into_iter()
                    .filter(|one| *one != gone)
                    .collect(),
            )
        };
        view! { <li class="chip tag"><span class="cut">{tag}</span><button type="button" class="tag__x" aria-label=label title=label on:click=act(remove)><Icon name="x"/></button></li> }.into_any()
    };
    let options = move || {
        known
            .get()
            .into_iter()
            .map(|tag| view! { <option value=tag></option> })
            .collect_view()
    };
    let list = format!("{id}-known");
    view! {
        <div class="tags"><ul class="tags__l"><Rows keys=tags row/></ul>
            <input class="tags__in" id=id data-testid=id list=list.clone() autocomplete="off" aria-label=tr!(i18n, clients.add_tag) placeholder=tr!(i18n, clients.add_tag) prop:value=typing on:input=act(typed) on:keydown=act(on_key) on:blur=act(move |_| add())/>
            <datalist id=list>{changing(options)}</datalist></div>
    }
}

/// The inputs of a table's own fields.
#[component]
pub fn OwnFields(
    #[prop(into)] table: Signal<String>,
    #[prop(into)] read: Signal<Fields>,
    #[prop(into)] write: Callback<(String, String)>,
    #[prop(optional)] fault: RwSignal<(String, String)>,
) -> impl IntoView {
    let house = use_house();
    let defs = Memo::new(move |_| {
        table.with(|table| {
            house.work(|work| {
                work.fields
                    .iter()
                    .filter(|one| one.table == *table)
                    .cloned()
                    .collect::<Vec<_>>()
            })
        })
    });
    let fields = move || {
        defs.get().into_iter().map(|def| {
            let (label, id, key) = (def.label.clone(), format!("own-{}", def.key), def.key.clone());
            let said = text(move || fault.with(|(at, said)| if *at == key { said.clone() } else { String::new() }));
            let id_of = id.clone();
            view! { <div class="field"><label class="field__label" for=id.clone()>{label}{def.required.then(|| view! { <span class="mute">"*"</span> })}</label>{own_input(def, id, read, write)}
                {changing(move || (!said.with(String::is_empty)).then(|| view! { <span class="field__error" id=format!("{id_of}-d") role="alert"><Icon name="circle-x"/><span>{said}</span></span> }))}</div> }
        }).collect_view()
    };
    changing(fields)
}

fn own_input(
    def: FieldDef,
    id: String,
    read: Signal<Fields>,
    write: Callback<(String, String)>,
) -> AnyView {
    let i18n = use_i18n();
    let key = def.key.clone();
    let value =
        Signal::derive(move || read.with(|fields| fields.get(&key).cloned().unwrap_or_default()));
    let key = def.key.clone();
    let set = Callback::new(move |text: String| write.run((key.clone(), text)));
    let kind = match def.kind {
        FieldKind::Date => "date",
        FieldKind::Link => "url",
        FieldKind::Phone => "tel",
        FieldKind::Text | FieldKind::Number => "text",
        FieldKind::Flag => {
            let change = move |change| {
                set.run(if event_target_checked(&change) {
                    "true".to_owned()
                } else {
                    String::new()
                })
            };
            return view! { <label class="switch"><input type="checkbox" role="switch" id=id prop:checked=flag(move || value.get() == "true") on:change=act(change)/><span class="soft">{text(move || if value.get() == "true" { t_string!(i18n, clients.yes) } else { t_string!(i18n, clients.no) })}</span></label> }.into_any();
        }
        FieldKind::Choice => {
            let choices = def.choices.clone();
            let options: Options = Signal::derive(move || {
                let mut options = vec![(String::new(), "—".to_owned())];
                options.extend(
                    choices
                        .iter()
                        .map(|choice| (choice.clone(), choice.clone())),
                );
                options
            });
            let bound = Bound {
                read: value,
                write: set,
            };
            return view! { <Select bound options label=Signal::stored(def.label)/> }.into_any();
        }
    };
    let mode = (def.kind == FieldKind::Number).then_some("decimal");
    view! { <input class="input num" id=id.clone() data-testid=id type=kind inputmode=maybe(move || mode) autocomplete="off" prop:value=value on:input=act(move |input| set.run(event_target_value(&input)))/> }.into_any()
}

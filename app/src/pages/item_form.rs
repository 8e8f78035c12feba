//! The form of an item: deal, task, meeting, order, invoice, payment, request, note, row of an own table.

use api_types::{ContactRef, Item, ItemDraft, ItemKind};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{Api, use_api},
    components::{
        Dialog,
        form::{Bound, Options, Parts, PickList, SelectField, TextField},
        reactive::{act, changing, text},
        say_failure_now,
    },
    i18n::*,
    pages::pick::{ContactPick, OwnFields, TagsEdit},
    platform::time,
    state::{
        house::{House, use_house},
        toasts::{Toasts, use_toasts},
    },
    view::{
        choice,
        failure::Failure,
        item_draft,
        work::{KindName, pipeline_of, read_money, table_of},
    },
};

/// What is edited.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// One to be, and the client it is for.
    New(ItemDraft, Option<ContactRef>),
    /// One that exists.
    Known(Item),
}

/// What the parts of the form share.
#[derive(Clone, Copy)]
struct Form {
    draft: RwSignal<ItemDraft>,
    sum: RwSignal<String>,
    house: House,
    i18n: I18n,
}

/// A dialog; saves and closes. `saved` gets what the server has now.
#[component]
pub fn ItemForm(
    target: Target,
    #[prop(into)] close: Callback<()>,
    #[prop(into)] saved: Callback<Item>,
) -> impl IntoView {
    let (i18n, house) = (use_i18n(), use_house());
    let (api, toasts) = (use_api(), use_toasts());
    let (id, contact, begin) = match target {
        Target::New(mut draft, contact) => {
            draft.owner = draft.owner.or_else(|| Some(untrack(|| house.me())));
            (None, contact, draft)
        }
        Target::Known(item) => (
            Some(item.id.clone()),
            item.contact.clone(),
            item_draft::of(&item),
        ),
    };
    let kind = begin.kind;
    let sum = begin
        .amount
        .map(|amount| untrack(|| house.money(amount, "")))
        .unwrap_or_default();
    let form = Form {
        draft: RwSignal::new(begin),
        sum: RwSignal::new(sum),
        house,
        i18n,
    };
    let (id, contact) = (StoredValue::new(id), RwSignal::new(contact));
    let (fault, sum_fault) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let own = RwSignal::new((String::new(), String::new()));
    let save = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        for fault in [fault, sum_fault] {
            fault.set(String::new());
        }
        let typed = form.sum.get_untracked();
        let amount = if typed.trim().is_empty() {
            None
        } else {
            read_money(&typed)
        };
        if amount.is_none() && !typed.trim().is_empty() {
            return sum_fault.set(tu_string!(i18n, items.bad_sum).to_owned());
        }
        let mut wanted = form.draft.get_untracked();
        wanted.amount = amount;
        wanted.contact = contact.get_untracked().map(|contact| contact.id);
        wanted.owner = wanted.owner.filter(|owner| !owner.is_empty());
        wanted.fields.retain(|_, value| !value.trim().is_empty());
        spawn_local(async move {
            let known = id.get_value();
            let answer: Result<Item, Failure> = match &known {
                None => api.post("/items", &wanted).await,
                Some(id) => api.put(&format!("/items/{id}"), &wanted).await,
            };
            match answer {
                Ok(item) => {
                    let name = untrack(|| KindName::of(item.kind).say(i18n));
                    toasts.say(fill_now!(
                        i18n,
                        items.saved,
                        kind = name,
                        title = item.title
                    ));
                    saved.run(item);
                    close.run(());
                }
                Err(Failure::Refused { error, .. }) if error.code == "changed_meanwhile" => {
                    // What was typed stays; saving again replaces what the other one saved.
                    if let Ok(now) = api
                        .get::<Item>(&format!("/items/{}", known.unwrap_or_default()))
                        .await
                    {
                        let _ = form
                            .draft
                            .try_update(|draft| draft.version = Some(now.version));
                        let _ = fault.try_set(fill_now!(
                            i18n,
                            items.changed_meanwhile,
                            title = now.title,
                            text = now.text,
                            state = untrack(|| house.state(&now))
                        ));
                    }
                }
                Err(failure) => {
                    let words = say_failure_now(i18n, &failure);
                    match failure
                        .field()
                        .and_then(|field| field.strip_prefix("fields."))
                    {
                        Some(key) => {
                            let _ = own.try_set((key.to_owned(), words));
                        }
                        None => {
                            let _ = fault.try_set(words);
                        }
                    }
                }
            }
        });
    };
    let is_new = id.with_value(Option::is_none);
    let title = text(move || {
        let name = KindName::of(form.draft.with(|draft| draft.kind)).say(i18n);
        if is_new {
            fill!(i18n, items.new, kind = name)
        } else {
            name.to_owned()
        }
    });
    let foot = Box::new(move || {
        view! {
            <span class="stop t12 grow wrap" role="alert">{fault}</span>
            <button type="button" class="btn" on:click=act(move |_| close.run(()))>{tr!(i18n, common.cancel)}</button>
            <button type="submit" form="item-form" class="btn btn--main" data-testid="save-item">{tr!(i18n, common.save)}</button>
        }
        .into_any()
    });
    let table = text(move || {
        form.draft.with(|draft| match draft.kind {
            ItemKind::Own => draft.table.clone().unwrap_or_default(),
            kind => table_of(kind).unwrap_or_default().to_owned(),
        })
    });
    let fields = Signal::derive(move || form.draft.with(|draft| draft.fields.clone()));
    let write_field = move |(key, value): (String, String)| {
        form.draft.update(|draft| {
            draft.fields.insert(key, value);
        })
    };
    let tags = Signal::derive(move || form.draft.with(|draft| draft.tags.clone()));
    view! {
        <Dialog title close foot>
            <form class="form form--wide" id="item-form" on:submit=act(save) novalidate>
                {is_new.then(|| kind_switch(form))}
                {head(form, kind, sum_fault)}
                {changing(move || times(form, form.draft.with(|draft| draft.kind)))}
                <ContactPick id="item-contact" label=tr!(i18n, items.client) kind="" chosen=contact/>
                {owner(form)}
                <div class="field form__all"><label class="field__label" for="item-text">{tr!(i18n, items.text)}</label>
                    <textarea class="area" id="item-text" data-testid="item-text" rows="4" prop:value=text(move || form.draft.with(|draft| draft.text.clone())) on:input=act(move |input| { let typed = event_target_value(&input); form.draft.update(|draft| draft.text = typed); })></textarea></div>
                <OwnFields table read=fields write=write_field fault=own/>
                <div class="field form__all"><label class="field__label" for="item-tags">{tr!(i18n, clients.tags)}</label>
                    <TagsEdit tags write=move |tags| form.draft.update(|draft| draft.tags = tags) id="item-tags"/></div>
            </form>
        </Dialog>
    }
}

/// A task and a meeting are two faces of one thing.
fn kind_switch(form: Form) -> Option<AnyView> {
    let kind = form.draft.with_untracked(|draft| draft.kind);
    if !matches!(kind, ItemKind::Task | ItemKind::Meeting) {
        return None;
    }
    let button = move |kind: ItemKind| {
        view! { <button type="button" aria-pressed=text(move || form.draft.with(|draft| draft.kind == kind)) on:click=act(move |_| form.draft.update(|draft| draft.kind = kind))>{text(move || KindName::of(kind).say(form.i18n))}</button> }
    };
    Some(view! { <div class="seg form__all">{button(ItemKind::Task)}{button(ItemKind::Meeting)}</div> }.into_any())
}

/// Title, state and sum, as far as the kind has them.
fn head(form: Form, kind: ItemKind, sum_fault: RwSignal<String>) -> AnyView {
    let (i18n, draft) = (form.i18n, form.draft);
    let title = draft.text(
        |draft| draft.title.clone(),
        |draft, text| draft.title = text,
    );
    let label = match kind {
        ItemKind::Order => tr!(i18n, items.order_number),
        _ => tr!(i18n, items.title),
    };
    let state = draft.text(
        |draft| draft.state.clone(),
        |draft, text| draft.state = text,
    );
    let states = states(form, kind);
    let has_states = !untrack(|| states.get()).is_empty();
    let has_sum = matches!(
        kind,
        ItemKind::Deal | ItemKind::Order | ItemKind::Invoice | ItemKind::Payment
    );
    let currency = form.house.work(|work| work.currency.clone());
    let sort = draft.text(|draft| draft.sort.clone(), |draft, text| draft.sort = text);
    let sorts: Options = Signal::derive(move || {
        vec![
            (
                "order".to_owned(),
                t_string!(i18n, items.sort_order).to_owned(),
            ),
            (
                "one_click".to_owned(),
                t_string!(i18n, items.sort_one_click).to_owned(),
            ),
            (
                "pre_order".to_owned(),
                t_string!(i18n, items.sort_pre_order).to_owned(),
            ),
        ]
    });
    view! {
        <div class="form__all"><TextField id="item-title" label bound=title placeholder=tr!(i18n, items.title_ph)/></div>
        {(kind == ItemKind::Deal).then(|| pipelines(form))}
        {(kind == ItemKind::Order).then(|| view! { <SelectField id="item-sort" label=tr!(i18n, items.sort) bound=sort options=sorts/> })}
        {has_states.then(|| view! { <SelectField id="item-state" label=if kind == ItemKind::Deal { tr!(i18n, items.stage) } else { tr!(i18n, items.state) } bound=state options=states/> })}
        {has_sum.then(|| view! { <TextField id="item-sum" label=tr!(i18n, items.sum) bound=Bound::of(form.sum) fault=sum_fault suffix=Signal::stored(currency)/> })}
    }
    .into_any()
}

fn pipelines(form: Form) -> Option<AnyView> {
    let (i18n, draft, house) = (form.i18n, form.draft, form.house);
    if house.work(|work| work.pipelines.len()) < 2 {
        return None;
    }
    let options: Options = Signal::derive(move || {
        house.work(|work| {
            work.pipelines
                .iter()
                .map(|one| (one.key.clone(), choice::say(i18n, &one.name, &one.key)))
                .collect()
        })
    });
    let bound = draft.text(
        |draft| draft.pipeline.clone().unwrap_or_default(),
        |draft, key| {
            draft.pipeline = Some(key);
            draft.state.clear();
        },
    );
    Some(
        view! { <SelectField id="item-pipeline" label=tr!(i18n, items.pipeline) bound options/> }
            .into_any(),
    )
}

/// States one can choose: stages of the pipeline, states of orders, results of an interaction.
fn states(form: Form, kind: ItemKind) -> Options {
    let (i18n, house) = (form.i18n, form.house);
    let none = Signal::stored("—".to_owned());
    let simple = move |keys: [&'static str; 2]| {
        Signal::derive(move || {
            keys.map(|key| (key.to_owned(), choice::say(i18n, "", key)))
                .to_vec()
        })
    };
    match kind {
        ItemKind::Deal => Signal::derive(move || {
            let pipeline = form.draft.with(|draft| draft.pipeline.clone());
            house.work(|work| {
                pipeline_of(work, pipeline.as_deref())
                    .map(|pipeline| {
                        pipeline
                            .stages
                            .iter()
                            .map(|stage| {
                                (
                                    stage.key.clone(),
                                    choice::say(i18n, &stage.name, &stage.key),
                                )
                            })
                            .collect()
                    })
                    .unwrap_or_default()
            })
        }),
        ItemKind::Order => {
            let all = house.choices(none, |work| &work.order_states);
            Signal::derive(move || all.get().into_iter().skip(1).collect())
        }
        ItemKind::Interaction => house.choices(none, |work| &work.results),
        ItemKind::Invoice => simple(["open", "paid"]),
        ItemKind::Request => simple(["open", "closed"]),
        _ => Signal::stored(Vec::new()),
    }
}

/// Due and end, place and participants.
fn times(form: Form, kind: ItemKind) -> AnyView {
    let (i18n, draft, house) = (form.i18n, form.draft, form.house);
    let has_due = matches!(
        kind,
        ItemKind::Task | ItemKind::Meeting | ItemKind::Invoice | ItemKind::Deal
    );
    let due = Bound::new(
        move || draft.with(|draft| draft.due_at.map(time::for_input).unwrap_or_default()),
        move |text: String| draft.update(|draft| draft.due_at = time::from_input(&text)),
    );
    let ends = Bound::new(
        move || draft.with(|draft| draft.ends_at.map(time::for_input).unwrap_or_default()),
        move |text: String| draft.update(|draft| draft.ends_at = time::from_input(&text)),
    );
    let label = if kind == ItemKind::Meeting {
        tr!(i18n, items.begins)
    } else {
        tr!(i18n, items.due)
    };
    let place = draft.text(
        |draft| draft.place.clone(),
        |draft, text| draft.place = text,
    );
    let chosen = Signal::derive(move || draft.with(|draft| draft.participants.clone()));
    let write = Callback::new(move |list| draft.update(|draft| draft.participants = list));
    let people = house.people(Signal::stored(String::new()));
    let names = Signal::derive(move || people.get().into_iter().skip(1).collect::<Vec<_>>());
    view! {
        {has_due.then(|| view! { <TextField id="item-due" label bound=due kind="datetime-local"/> })}
        {(kind == ItemKind::Meeting).then(|| view! {
            <TextField id="item-ends" label=tr!(i18n, items.ends) bound=ends kind="datetime-local"/>
            <div class="form__all"><TextField id="item-place" label=tr!(i18n, items.place) bound=place/></div>
            <div class="field form__all"><span class="field__label">{tr!(i18n, items.participants)}</span><PickList chosen write names add=tr!(i18n, plan.add_person) testid="item-participants"/></div>
        })}
    }
    .into_any()
}

fn owner(form: Form) -> AnyView {
    let i18n = form.i18n;
    let bound = form.draft.text(
        |draft| draft.owner.clone().unwrap_or_default(),
        |draft, id| draft.owner = Some(id),
    );
    let kind = form.draft.with_untracked(|draft| draft.kind);
    let label = if matches!(kind, ItemKind::Task | ItemKind::Meeting) {
        tr!(i18n, items.assignee)
    } else {
        tr!(i18n, clients.responsible)
    };
    view! { <SelectField id="item-owner" label bound options=form.house.people(tr!(i18n, clients.nobody))/> }.into_any()
}

/// Changes an item by one click, and offers to take it back. The old state comes back if the server refuses.
#[derive(Clone, Copy)]
pub struct Clicks {
    api: Api,
    toasts: Toasts,
    i18n: I18n,
}

/// From the context.
pub fn use_clicks() -> Clicks {
    Clicks {
        api: use_api(),
        toasts: use_toasts(),
        i18n: use_i18n(),
    }
}

impl Clicks {
    /// Puts an item into a state; `say` is the toast. `after` hears what the server has then, also after Undo.
    pub fn state(self, item: Item, state: &str, say: String, after: Callback<Item>) {
        let state = state.to_owned();
        spawn_local(async move {
            match self.patch(&item.id, &state).await {
                Ok(now) => {
                    after.run(now);
                    let (id, before) = (item.id.clone(), item.state.clone());
                    let undo = move || {
                        let (id, before) = (id.clone(), before.clone());
                        spawn_local(async move {
                            match self.patch(&id, &before).await {
                                Ok(back) => after.run(back),
                                Err(failure) => {
                                    self.toasts.fail(say_failure_now(self.i18n, &failure))
                                }
                            }
                        });
                    };
                    self.toasts
                        .say_with(say, tu_string!(self.i18n, common.undo), undo);
                }
                Err(failure) => {
                    self.toasts.fail(say_failure_now(self.i18n, &failure));
                    after.run(item);
                }
            }
        });
    }

    async fn patch(self, id: &str, state: &str) -> Result<Item, Failure> {
        self.api
            .patch(
                &format!("/items/{id}"),
                &serde_json::json!({ "state": state }),
            )
            .await
    }

    /// Deletes an item; it comes back by Undo. `gone` hears of it.
    pub fn delete(self, item: Item, gone: Callback<()>, back: Callback<()>) {
        spawn_local(async move {
            let path = format!("/items/{}", item.id);
            match self.api.delete(&path).await {
                Ok(()) => {
                    gone.run(());
                    let undo = move || {
                        let path = format!("{path}/restore");
                        spawn_local(async move {
                            match self.api.order::<Item>(&path).await {
                                Ok(_) => back.run(()),
                                Err(failure) => {
                                    self.toasts.fail(say_failure_now(self.i18n, &failure))
                                }
                            }
                        });
                    };
                    self.toasts.say_with(
                        fill_now!(self.i18n, contacts.deleted, name = item.title),
                        tu_string!(self.i18n, common.undo),
                        undo,
                    );
                }
                Err(failure) => self.toasts.fail(say_failure_now(self.i18n, &failure)),
            }
        });
    }
}

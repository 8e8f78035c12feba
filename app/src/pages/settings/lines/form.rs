//! The form of a line: what is typed, what is wrong with it, saving, deleting.

use api_types::{Line, LineDetails, LineDraft, LineMode, Preset};
use leptos::{prelude::*, task::spawn_local};

use super::{
    Editing, TakeIn,
    account::Account,
    check::{Check, CheckAside},
    further::FurtherNumbers,
    people::People,
    plan::{PlanEditor, PlanPart},
    tariffs::TariffsTab,
};
use crate::{
    api::use_api,
    components::{
        Dialog, Icon,
        field::Fault,
        reactive::{When, act, changing, text},
        remote_view::RemoteView,
        say_failure, say_failure_now,
    },
    i18n::*,
    state::{
        remote::{Remote, read_into},
        toasts::use_toasts,
    },
    view::{
        failure::Failure,
        line_draft::{changes, faults, tidy},
    },
};

/// A form's tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// User, password and so on.
    Account,
    /// Further numbers.
    Numbers,
    /// The ringing plan.
    Plan,
    /// Prices.
    Prices,
}

/// What the parts of the form share.
#[derive(Clone, Copy)]
pub struct Form {
    /// What is typed.
    pub draft: RwSignal<LineDraft>,
    /// The line's id; a new line has none.
    pub id: StoredValue<Option<String>>,
    /// What was set before.
    before: RwSignal<LineDraft>,
    /// Whether Save was pressed.
    tried: RwSignal<bool>,
    /// Why the server refused.
    failure: RwSignal<Option<Failure>>,
    /// Where people are.
    pub tab: RwSignal<Tab>,
    /// The last check.
    pub check: RwSignal<Check>,
    /// Known providers.
    pub presets: RwSignal<Vec<Preset>>,
    /// Names of employees and of groups.
    pub people: People,
}

impl Form {
    /// Of a line to be.
    pub fn new() -> Self {
        Self::make(None, LineMode::Preset)
    }

    /// Of a line, still to be read.
    pub fn of(id: String) -> Self {
        Self::make(Some(id), LineMode::Simple)
    }

    fn make(id: Option<String>, mode: LineMode) -> Self {
        let draft = LineDraft {
            mode,
            ..LineDraft::default()
        };
        let api = use_api();
        let presets = RwSignal::new(Vec::new());
        spawn_local(async move {
            if let Ok(all) = api.get("/presets").await {
                let _ = presets.try_set(all);
            }
        });
        Self {
            draft: RwSignal::new(draft.clone()),
            id: StoredValue::new(id),
            before: RwSignal::new(draft),
            tried: RwSignal::new(false),
            failure: RwSignal::new(None),
            tab: RwSignal::new(Tab::Account),
            check: RwSignal::new(Check::Never),
            presets,
            people: People::read(api),
        }
    }

    fn is_new(self) -> bool {
        self.id.with_value(Option::is_none)
    }

    /// Whether nothing was changed.
    pub fn is_as_saved(self) -> bool {
        self.before.with_untracked(|before| {
            self.draft
                .with_untracked(|draft| changes(before, draft).is_empty())
        })
    }

    /// What is wrong with a field, by its name in the API.
    pub fn fault(self, i18n: I18n, name: &'static str) -> Fault {
        Signal::derive(move || {
            let refused = self.failure.with(|failure| {
                failure
                    .as_ref()
                    .filter(|failure| failure.field().is_some_and(|field| field.starts_with(name)))
                    .map(|failure| say_failure(i18n, failure))
            });
            refused
                .or_else(|| self.wrong(i18n, name))
                .unwrap_or_default()
        })
    }

    fn wrong(self, i18n: I18n, name: &str) -> Option<String> {
        let saving = self.tried.get();
        self.draft
            .with(|draft| faults(draft, self.is_new(), saving))
            .into_iter()
            .find(|(field, _)| *field == name)
            .map(|(_, fault)| fault.say(i18n).to_owned())
    }

    /// What is sent, or nothing: then the faults are shown, on their tab.
    pub fn sent(self) -> Option<LineDraft> {
        self.tried.set(true);
        self.failure.set(None);
        let draft = self.draft.get_untracked();
        let wrong = faults(&draft, self.is_new(), true);
        let Some((field, _)) = wrong.first() else {
            return Some(tidy(draft));
        };
        self.tab.set(match *field {
            "numbers" => Tab::Numbers,
            "plan" => Tab::Plan,
            _ => Tab::Account,
        });
        None
    }
}

/// A line's form; of an existing line it is read first.
#[component]
pub fn LineForm(form: Form, editing: RwSignal<Editing>) -> impl IntoView {
    let api = use_api();
    let details = RwSignal::new(Remote::<LineDetails>::Loading);
    let id = form.id.get_value();
    let read = {
        let id = id.clone();
        move || {
            let Some(id) = id.clone() else { return };
            read_into(details, async move {
                let details: LineDetails = api.get(&format!("/lines/{id}")).await?;
                let _ = form.before.try_set(details.settings.clone());
                let _ = form.draft.try_set(details.settings.clone());
                Ok(details)
            });
        }
    };
    read();
    let wanted = Memo::new(move |_| {
        editing.with(|editing| matches!(editing, Editing::Line { check: true, .. }))
    });
    Effect::new(move |_| {
        if wanted.get() && details.with(|details| details.ready().is_some()) {
            super::check::run(form, api);
            editing.update_untracked(|editing| {
                if let Editing::Line { check, .. } = editing {
                    *check = false;
                }
            });
        }
    });
    if id.is_none() {
        return view! { <Fields form editing line=None/> }.into_any();
    }
    let line = move || {
        details.with_untracked(|details| details.ready().map(|details| details.line.clone()))
    };
    view! { <RemoteView source=details again=move |()| read()><Fields form editing line=line()/></RemoteView> }.into_any()
}

#[component]
fn Fields(form: Form, editing: RwSignal<Editing>, line: Option<Line>) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let TakeIn(take_in) = expect_context();
    let save = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        let Some(draft) = form.sent() else { return };
        spawn_local(async move {
            match api.save_line(form.id.get_value().as_deref(), &draft).await {
                Ok(line) => {
                    toasts.say(fill_now!(i18n, lines.saved, name = line.label));
                    take_in.run(line);
                    let _ = editing.try_set(Editing::Nothing);
                }
                Err(why) => {
                    let _ = form.failure.try_set(Some(why));
                }
            }
        });
    };
    let plan = PlanPart {
        read: Signal::derive(move || form.draft.with(|draft| draft.plan.clone())),
        write: Callback::new(move |plan| form.draft.update(|draft| draft.plan = plan)),
    };
    let body = move || {
        match form.tab.get() {
        Tab::Account => view! { <Account form/> }.into_any(),
        Tab::Numbers => view! { <FurtherNumbers form/> }.into_any(),
        Tab::Plan => view! { <PlanEditor plan people=form.people inherit=tr!(i18n, plan.everybody) fault=form.fault(i18n, "plan")/> }.into_any(),
        Tab::Prices => view! { <TariffsTab form/> }.into_any(),
    }
    };
    let removable = line.clone();
    view! {
        <form class="ed" on:submit=act(save) novalidate>
            <div class="ed__f"><Tabs form/><Refusal form/>{changing(body)}</div>
            <CheckAside form line/>
            <footer class="ed__b">
                <button class="btn btn--main" data-testid="save-line">{tr!(i18n, common.save)}</button>
                <button type="button" class="btn" on:click=act(move |_| editing.set(Editing::Nothing))>{tr!(i18n, common.cancel)}</button>
                <Changes form/>
                {removable.map(|line| view! { <RemoveLine line editing/> })}
            </footer>
        </form>
    }
}

#[component]
fn Tabs(form: Form) -> impl IntoView {
    let i18n = use_i18n();
    let tab = move |tab: Tab, words: Signal<String>, testid: &'static str| {
        let here = text(move || form.tab.get() == tab);
        view! { <button type="button" role="tab" data-testid=testid aria-selected=here on:click=act(move |_| form.tab.set(tab))>{words}</button> }
    };
    view! {
        <div class="tabs ed__t" role="tablist">
            {tab(Tab::Account, tr!(i18n, lines.tab_account), "tab-account")}
            {tab(Tab::Numbers, tr!(i18n, lines.tab_numbers), "tab-numbers")}
            {tab(Tab::Plan, tr!(i18n, lines.tab_plan), "tab-plan")}
            {tab(Tab::Prices, tr!(i18n, lines.tab_prices), "tab-prices")}
        </div>
    }
}

/// Names of fields that say themselves what is wrong.
const SAID_AT_THE_FIELD: [&str; 11] = [
    "user",
    "password",
    "domain",
    "host",
    "proxy",
    "number",
    "expires_secs",
    "channels",
    "sources",
    "tls_ca",
    "plan",
];

/// What the server refused and no field says.
#[component]
fn Refusal(form: Form) -> impl IntoView {
    let i18n = use_i18n();
    let words = move || {
        form.failure.with(|failure| {
            failure
                .as_ref()
                .filter(|failure| {
                    !failure.field().is_some_and(|field| {
                        SAID_AT_THE_FIELD
                            .iter()
                            .any(|known| field.starts_with(known))
                    })
                })
                .map(|failure| say_failure(i18n, failure))
        })
    };
    changing(move || {
        words().map(|words| view! { <div class="note note--stop" role="alert"><Icon name="circle-x"/><span>{words}</span></div> })
    })
}

/// What Save would change.
#[component]
fn Changes(form: Form) -> impl IntoView {
    let i18n = use_i18n();
    let words = move || {
        if form.is_new() {
            return None;
        }
        let changed = form
            .before
            .with(|before| form.draft.with(|draft| changes(before, draft)));
        let names: Vec<&str> = changed
            .into_iter()
            .map(|setting| setting.say(i18n))
            .collect();
        (!names.is_empty()).then(|| fill!(i18n, form.changes, what = names.join(", ")))
    };
    view! { <span class="t12 soft ed__ch" role="status" data-testid="changes">{text(words)}</span> }
}

#[component]
fn RemoveLine(line: Line, editing: RwSignal<Editing>) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let asking = RwSignal::new(false);
    let (id, name) = (line.id, StoredValue::new(line.label));
    let remove = Callback::new(move |()| {
        asking.set(false);
        let id = id.clone();
        spawn_local(async move {
            match api.delete_line(&id).await {
                Ok(()) => {
                    toasts.say(fill_now!(i18n, lines.deleted, name = name.get_value()));
                    let _ = editing.try_set(Editing::Nothing);
                }
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    });
    let title = Signal::derive(move || fill!(i18n, lines.delete_title, name = name.get_value()));
    view! {
        <button type="button" class="btn btn--quiet push" data-testid="delete-line" on:click=act(move |_| asking.set(true))><Icon name="trash-2"/>{tr!(i18n, lines.remove)}</button>
        <When when=move || asking.get()>
            <Dialog title close=move |()| asking.set(false) foot=Box::new(move || view! {
                <button type="button" class="btn" on:click=act(move |_| asking.set(false))>{tr!(i18n, common.keep)}</button>
                <button type="button" class="btn btn--main" data-testid="confirm" on:click=act(move |_| remove.run(()))>{tr!(i18n, common.delete)}</button>
            }.into_any())>
                <p>{tr!(i18n, lines.delete_lead)}</p>
            </Dialog>
        </When>
    }
}

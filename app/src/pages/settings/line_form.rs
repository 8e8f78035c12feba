//! The simple way to set a line up: user, password, domain.

use crate::components::reactive::{act, changing, text};
use api_types::{Line, LineDraft};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::use_api,
    components::{Field, Icon, TextInput, say_failure},
    i18n::*,
    view::failure::Failure,
};

/// What is typed.
#[derive(Clone, Copy)]
struct Fields {
    label: RwSignal<String>,
    user: RwSignal<String>,
    password: RwSignal<String>,
    domain: RwSignal<String>,
    number: RwSignal<String>,
    record: RwSignal<bool>,
}

impl Fields {
    fn of(line: Option<&Line>) -> Self {
        let text = |read: fn(&Line) -> String| RwSignal::new(line.map(read).unwrap_or_default());
        Self {
            label: text(|line| line.label.clone()),
            user: text(|line| line.user.clone()),
            password: RwSignal::new(String::new()),
            domain: text(|line| line.domain.clone()),
            number: text(|line| {
                if line.number.e164 == line.user {
                    String::new()
                } else {
                    line.number.display.clone()
                }
            }),
            record: RwSignal::new(line.is_none_or(|line| line.record)),
        }
    }

    fn draft(self) -> LineDraft {
        let trimmed = |field: RwSignal<String>| field.with_untracked(|text| text.trim().to_owned());
        let filled = |text: String| Some(text).filter(|text| !text.is_empty());
        LineDraft {
            label: trimmed(self.label),
            user: trimmed(self.user),
            password: filled(self.password.get_untracked()),
            domain: trimmed(self.domain),
            number: filled(trimmed(self.number)),
            record: Some(self.record.get_untracked()),
            ..LineDraft::default()
        }
    }
}

/// Without a line: a new one.
#[component]
pub fn LineForm(
    #[prop(optional, into)] line: Option<Line>,
    #[prop(into)] saved: Callback<Line>,
    #[prop(into)] cancel: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let fields = Fields::of(line.as_ref());
    let id = StoredValue::new(line.map(|line| line.id));
    let is_new = id.with_value(Option::is_none);
    let tried = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let fault = move |field: RwSignal<String>, name: &'static str, needed: bool| {
        Signal::derive(move || {
            let said = failure
                .get()
                .filter(|failure| failure.field() == Some(name))
                .map(|failure| say_failure(i18n, &failure));
            let missing = (needed && tried.get() && field.with(|text| text.trim().is_empty()))
                .then(|| t_string!(i18n, lines.missing).to_owned());
            said.or(missing).unwrap_or_default()
        })
    };
    let general = move || {
        failure.get().filter(|failure| !matches!(failure.field(), Some("user" | "password" | "domain" | "number" | "label"))).map(|failure| {
        view! { <div class="note note--stop" role="alert"><Icon name="circle-x"/><span>{text(move || say_failure(i18n, &failure))}</span></div> }
    })
    };
    let save = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        tried.set(true);
        failure.set(None);
        let draft = fields.draft();
        if draft.user.is_empty() || draft.domain.is_empty() || (is_new && draft.password.is_none())
        {
            return;
        }
        spawn_local(async move {
            match api.save_line(id.get_value().as_deref(), &draft).await {
                Ok(line) => saved.run(line),
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    let keep = Signal::derive(move || {
        if is_new {
            String::new()
        } else {
            t_string!(i18n, lines.password_keep).to_owned()
        }
    });
    let (user, password, domain) = (
        fault(fields.user, "user", true),
        fault(fields.password, "password", is_new),
        fault(fields.domain, "domain", true),
    );
    let (label, number) = (
        fault(fields.label, "label", false),
        fault(fields.number, "number", false),
    );
    view! {
        <form class="ed" on:submit=act(save) novalidate>
            {changing(general)}
            <div class="g3">
                <Field id="line-user" label=tr!(i18n, lines.user) fault=user><TextInput id="line-user" value=fields.user fault=user testid="line-user"/></Field>
                <Field id="line-password" label=tr!(i18n, lines.password) fault=password><TextInput id="line-password" value=fields.password fault=password kind="password" autocomplete="new-password" placeholder=keep testid="line-password"/></Field>
                <Field id="line-domain" label=tr!(i18n, lines.domain) hint=tr!(i18n, lines.domain_hint) fault=domain><TextInput id="line-domain" value=fields.domain fault=domain testid="line-domain"/></Field>
                <Field id="line-label" label=tr!(i18n, lines.label) hint=tr!(i18n, lines.label_hint) fault=label><TextInput id="line-label" value=fields.label fault=label testid="line-label"/></Field>
                <Field id="line-number" label=tr!(i18n, lines.number) hint=tr!(i18n, lines.number_hint) fault=number><TextInput id="line-number" value=fields.number fault=number testid="line-number"/></Field>
                <div class="field"><span class="field__label">{tr!(i18n, calls.recording)}</span>
                    <label class="switch"><input type="checkbox" role="switch" prop:checked=fields.record on:change=act(move |change| fields.record.set(event_target_checked(&change)))/>{tr!(i18n, lines.record)}</label></div>
            </div>
            <div class="ed__b">
                <button class="btn btn--main" data-testid="save-line">{tr!(i18n, common.save)}</button>
                <button type="button" class="btn" on:click=act(move |_| cancel.run(()))>{tr!(i18n, common.cancel)}</button>
            </div>
        </form>
    }
}

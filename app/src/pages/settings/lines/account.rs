//! The account: by a provider's preset, simply, or with everything.

use api_types::{LineDraft, LineMode, Preset};
use leptos::prelude::*;

use super::{advanced::Advanced, form::Form};
use crate::{
    components::{
        form::{Bound, Parts, SelectField, SwitchField, TextField},
        reactive::{When, act, changing, text},
    },
    i18n::*,
    view::line_draft::apply,
};

/// The three modes; what is typed stays.
#[component]
pub fn Account(form: Form) -> impl IntoView {
    let i18n = use_i18n();
    let mode = Memo::new(move |_| form.draft.with(|draft| draft.mode));
    let tab = move |kind: LineMode, words: Signal<String>, testid: &'static str| {
        let here = text(move || mode.get() == kind);
        view! { <button type="button" data-testid=testid aria-pressed=here on:click=act(move |_| form.draft.update(|draft| draft.mode = kind))>{words}</button> }
    };
    let fields = move || match mode.get() {
        LineMode::Preset => view! { <ByPreset form/> }.into_any(),
        LineMode::Simple => view! { <Simple form/> }.into_any(),
        LineMode::Advanced => view! { <Advanced form/> }.into_any(),
    };
    view! {
        <div class="row row--wrap ed__m">
            <div class="seg" role="group" aria-label=tr!(i18n, lines.mode)>
                {tab(LineMode::Preset, tr!(i18n, lines.mode_preset), "mode-preset")}
                {tab(LineMode::Simple, tr!(i18n, lines.mode_simple), "mode-simple")}
                {tab(LineMode::Advanced, tr!(i18n, lines.mode_advanced), "mode-advanced")}
            </div>
            <span class="t12 mute">{tr!(i18n, lines.mode_kept)}</span>
        </div>
        {changing(fields)}
    }
}

/// User and password, which every mode asks for.
#[component]
pub fn Credentials(form: Form) -> impl IntoView {
    let i18n = use_i18n();
    let user = form
        .draft
        .text(|draft| draft.user.clone(), |draft, text| draft.user = text);
    let password = form.draft.optional(
        |draft| &mut draft.password,
        |draft| draft.password.as_deref(),
    );
    let keep = Signal::derive(move || {
        if form.id.with_value(Option::is_none) {
            String::new()
        } else {
            t_string!(i18n, lines.password_keep).to_owned()
        }
    });
    view! {
        <TextField id="line-user" label=tr!(i18n, lines.user) bound=user fault=form.fault(i18n, "user")/>
        <TextField id="line-password" label=tr!(i18n, lines.password) bound=password fault=form.fault(i18n, "password") kind="password" placeholder=keep/>
    }
}

/// Domain.
#[component]
pub fn Domain(form: Form) -> impl IntoView {
    let i18n = use_i18n();
    let domain = form.draft.text(
        |draft| draft.domain.clone(),
        |draft, text| draft.domain = text,
    );
    view! { <TextField id="line-domain" label=tr!(i18n, lines.domain) hint=tr!(i18n, lines.domain_hint) bound=domain fault=form.fault(i18n, "domain")/> }
}

/// Domain of a provider that gives each account its own; by the name alone where the rest is known.
#[component]
fn OwnDomain(form: Form, suffix: Memo<Option<String>>) -> impl IntoView {
    let i18n = use_i18n();
    let domain = form.draft.text(
        |draft| draft.domain.clone(),
        |draft, text| draft.domain = text,
    );
    let label = Signal::derive(move || match suffix.get() {
        Some(_) => t_string!(i18n, lines.trunk_name).to_owned(),
        None => t_string!(i18n, lines.domain).to_owned(),
    });
    let hint = Signal::derive(move || match suffix.get() {
        Some(suffix) => fill!(i18n, lines.trunk_name_hint, rest = suffix),
        None => t_string!(i18n, lines.domain_hint).to_owned(),
    });
    view! { <TextField id="line-domain" label hint bound=domain fault=form.fault(i18n, "domain")/> }
}

/// Name, number, recording.
#[component]
pub fn Common(form: Form) -> impl IntoView {
    let i18n = use_i18n();
    let label = form.draft.text(
        |draft| draft.label.clone(),
        |draft, text| draft.label = text,
    );
    let number = form
        .draft
        .optional(|draft| &mut draft.number, |draft| draft.number.as_deref());
    let record = form.draft.flag(
        |draft| draft.record.unwrap_or(true),
        |draft, on| draft.record = Some(on),
    );
    view! {
        <TextField id="line-label" label=tr!(i18n, lines.label) hint=tr!(i18n, lines.label_hint) bound=label fault=form.fault(i18n, "label")/>
        <TextField id="line-number" label=tr!(i18n, lines.number) hint=tr!(i18n, lines.number_hint) bound=number fault=form.fault(i18n, "number")/>
        <SwitchField id="line-record" label=tr!(i18n, lines.recording) words=tr!(i18n, lines.record) bound=record/>
    }
}

#[component]
fn Simple(form: Form) -> impl IntoView {
    view! { <div class="g3"><Credentials form/><Domain form/><Common form/></div> }
}

#[component]
fn ByPreset(form: Form) -> impl IntoView {
    let i18n = use_i18n();
    let picked = Memo::new(move |_| {
        let id = form.draft.with(|draft| draft.preset.clone())?;
        form.presets
            .with(|presets| presets.iter().find(|preset| preset.id == id).cloned())
    });
    let options = Signal::derive(move || {
        let mut options = vec![(
            String::new(),
            t_string!(i18n, lines.provider_pick).to_owned(),
        )];
        form.presets.with(|presets| {
            options.extend(
                presets
                    .iter()
                    .map(|preset| (preset.id.clone(), preset.name.clone())),
            );
        });
        options
    });
    let provider = Bound::new(
        move || {
            form.draft
                .with(|draft| draft.preset.clone().unwrap_or_default())
        },
        move |id| pick(form, &id),
    );
    let asks = move |field: &'static str| {
        flagged(move || {
            picked.with(|preset| {
                preset
                    .as_ref()
                    .is_some_and(|preset| preset.asks.iter().any(|asked| asked == field))
            })
        })
    };
    let (asks_domain, has_preset) = (
        asks("domain"),
        Memo::new(move |_| picked.with(Option::is_some)),
    );
    let suffix = Memo::new(move |_| {
        picked.with(|preset| {
            preset
                .as_ref()
                .and_then(|preset| preset.domain_suffix.clone())
        })
    });
    let has_balance = Memo::new(move |_| {
        picked.with(|preset| preset.as_ref().is_some_and(|preset| preset.balance))
    });
    let info = move || picked.get().map(|preset| view! { <PresetInfo preset/> });
    view! {
        <div class="g3">
            <SelectField id="line-preset" label=tr!(i18n, lines.provider) bound=provider options/>
            <When when=move || has_preset.get()><Credentials form/></When>
            <When when=move || asks_domain.get()><OwnDomain form suffix/></When>
            <When when=move || has_preset.get()><Common form/></When>
            <When when=move || has_balance.get()><BalanceFields form/></When>
        </div>
        {changing(info)}
    }
}

fn flagged(read: impl Fn() -> bool + Send + Sync + 'static) -> Memo<bool> {
    Memo::new(move |_| read())
}

fn pick(form: Form, id: &str) {
    let preset = form
        .presets
        .with_untracked(|presets| presets.iter().find(|preset| preset.id == id).cloned());
    form.draft.update(|draft: &mut LineDraft| match preset {
        Some(preset) => {
            draft.mode = LineMode::Preset;
            apply(draft, &preset);
        }
        None => draft.preset = None,
    });
}

/// What is known of a provider, from where, and what to bring from it.
#[component]
fn PresetInfo(preset: Preset) -> impl IntoView {
    let i18n = use_i18n();
    let hint = preset.hint.clone();
    let hint = move || {
        hint.as_ref().map(|hint| match i18n.get_locale() {
            Locale::en => hint.en.clone(),
            Locale::ru => hint.ru.clone(),
        })
    };
    let facts = known_facts(&preset);
    let known = move || {
        if facts.is_empty() {
            t_string!(i18n, lines.nothing_known).to_owned()
        } else {
            fill!(i18n, lines.known, what = facts)
        }
    };
    let name = preset.name.clone();
    let open = move || fill!(i18n, lines.open_account, name = name);
    let sign_up = preset
        .sign_up
        .clone()
        .unwrap_or_else(|| preset.site.clone());
    let sources = preset.sources.into_iter().map(|source| {
        view! { <li class="cut"><a class="link" href=source.url.clone() target="_blank" rel="noreferrer">{source.url.clone()}</a></li> }
    });
    view! {
        <div class="ed__p" data-testid="preset-info">
            <p>{text(hint)}</p>
            <p class="t12 soft">{text(known)}</p>
            <p class="t12 soft">{tr!(i18n, lines.no_account)}" "<a class="link" href=sign_up target="_blank" rel="noreferrer">{text(open)}</a></p>
            <details class="t12"><summary class="soft">{tr!(i18n, lines.sources)}</summary><ul>{sources.collect_view()}</ul></details>
        </div>
    }
}

/// `sip.example:5060, UDP`
fn known_facts(preset: &Preset) -> String {
    use crate::view::named::Named;
    let mut facts = Vec::new();
    let named = preset
        .domain_suffix
        .as_ref()
        .map(|suffix| format!("…{suffix}"));
    if let Some(host) = preset
        .host
        .as_ref()
        .or(preset.domain.as_ref())
        .or(named.as_ref())
    {
        facts.push(match preset.port {
            Some(port) => format!("{host}:{port}"),
            None => host.clone(),
        });
        facts.push(preset.transport.name());
    }
    facts.join(", ")
}

/// Key and secret of the provider's API.
#[component]
pub fn BalanceFields(form: Form) -> impl IntoView {
    let i18n = use_i18n();
    let key = form.draft.text(
        |draft| {
            draft
                .balance
                .as_ref()
                .map(|balance| balance.key.clone())
                .unwrap_or_default()
        },
        |draft, text| draft.balance.get_or_insert_default().key = text,
    );
    let secret = form.draft.text(
        |draft| {
            draft
                .balance
                .as_ref()
                .map(|balance| balance.secret.clone())
                .unwrap_or_default()
        },
        |draft, text| draft.balance.get_or_insert_default().secret = text,
    );
    view! {
        <TextField id="line-balance-key" label=tr!(i18n, lines.balance_key) hint=tr!(i18n, lines.balance_hint) bound=key/>
        <TextField id="line-balance-secret" label=tr!(i18n, lines.balance_secret) bound=secret kind="password"/>
    }
}

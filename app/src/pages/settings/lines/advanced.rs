//! Everything a line can be told.

use api_types::{CallerIdHeader, LineCodec, LineDraft, LineDtmf, LineSrtp, LineTransport};
use leptos::prelude::*;

use super::{
    account::{Common, Credentials, Domain},
    dial_rules::DialRules,
    form::Form,
    rewrites::Rewrites,
};
use crate::{
    components::{
        Field,
        form::{
            Options, Parts, SelectField, SwitchField, TextField, move_item, plain_options, refocus,
        },
        reactive::{Rows, When, act, flag, text},
    },
    i18n::*,
    view::named::Named,
};

/// The fields of the third mode.
#[component]
pub fn Advanced(form: Form) -> impl IntoView {
    let i18n = use_i18n();
    let draft = form.draft;
    let auth_user = draft.optional(
        |draft| &mut draft.auth_user,
        |draft| draft.auth_user.as_deref(),
    );
    let host = draft.optional(|draft| &mut draft.host, |draft| draft.host.as_deref());
    let proxy = draft.optional(|draft| &mut draft.proxy, |draft| draft.proxy.as_deref());
    let transport = draft.choice(
        |draft| draft.transport,
        |draft, choice| draft.transport = choice,
    );
    let srtp = draft.choice(|draft| draft.srtp, |draft, choice| draft.srtp = choice);
    let dtmf = draft.choice(|draft| draft.dtmf, |draft, choice| draft.dtmf = choice);
    let caller_id = draft.choice(
        |draft| draft.caller_id,
        |draft, choice| draft.caller_id = choice,
    );
    let expires = draft.number(
        |draft| draft.expires_secs,
        |draft, secs| draft.expires_secs = secs,
    );
    let channels = draft.number(|draft| draft.channels, |draft, most| draft.channels = most);
    let trunk = draft.flag(|draft| draft.trunk, |draft, on| draft.trunk = on);
    let emergency = draft.flag(
        |draft| draft.emergency.unwrap_or(true),
        |draft, on| draft.emergency = Some(on),
    );
    let (transports, headers) = (
        plain_options::<LineTransport>(),
        plain_options::<CallerIdHeader>(),
    );
    let is_trunk = Memo::new(move |_| draft.with(|draft| draft.trunk));
    let is_tls = Memo::new(move |_| draft.with(|draft| draft.transport == LineTransport::Tls));
    view! {
        <div class="g3">
            <Credentials form/>
            <Domain form/>
            <Common form/>
            <TextField id="line-auth-user" label=tr!(i18n, lines.auth_user) hint=tr!(i18n, lines.auth_user_hint) bound=auth_user placeholder=tr!(i18n, lines.user_ph)/>
            <TextField id="line-host" label=tr!(i18n, lines.host) hint=tr!(i18n, lines.host_hint) bound=host placeholder=tr!(i18n, lines.as_domain) fault=form.fault(i18n, "host")/>
            <TextField id="line-proxy" label=tr!(i18n, lines.proxy) bound=proxy placeholder=tr!(i18n, lines.not_needed) fault=form.fault(i18n, "proxy")/>
            <SelectField id="line-transport" label=tr!(i18n, lines.transport) bound=transport options=transports/>
            <SelectField id="line-srtp" label=tr!(i18n, lines.srtp) bound=srtp options=srtp_options(i18n)/>
            <SelectField id="line-dtmf" label=tr!(i18n, lines.dtmf) bound=dtmf options=dtmf_options(i18n)/>
            <SelectField id="line-caller-id" label=tr!(i18n, lines.caller_id) bound=caller_id options=headers/>
            <TextField id="line-expires" label=tr!(i18n, lines.expires) bound=expires placeholder=Signal::stored("600".to_owned()) suffix=tr!(i18n, lines.seconds) fault=form.fault(i18n, "expires_secs")/>
            <TextField id="line-channels" label=tr!(i18n, lines.channels) bound=channels placeholder=tr!(i18n, lines.unlimited) fault=form.fault(i18n, "channels")/>
            <SwitchField id="line-trunk" label=tr!(i18n, lines.trunk) words=tr!(i18n, lines.trunk_words) bound=trunk/>
            <SwitchField id="line-emergency" label=tr!(i18n, lines.emergency) words=tr!(i18n, lines.emergency_words) bound=emergency/>
            <When when=move || is_trunk.get()><Sources form/></When>
            <When when=move || is_tls.get()><OwnCertificates form/></When>
        </div>
        <Codecs form/>
        <Rewrites form/>
        <DialRules form/>
    }
}

fn srtp_options(i18n: I18n) -> Options {
    Signal::derive(move || {
        vec![
            (
                LineSrtp::Off.name(),
                t_string!(i18n, lines.srtp_off).to_owned(),
            ),
            (
                LineSrtp::Optional.name(),
                t_string!(i18n, lines.srtp_optional).to_owned(),
            ),
            (
                LineSrtp::Required.name(),
                t_string!(i18n, lines.srtp_required).to_owned(),
            ),
        ]
    })
}

fn dtmf_options(i18n: I18n) -> Options {
    Signal::derive(move || {
        vec![
            (LineDtmf::Rfc4733.name(), "RFC 4733".to_owned()),
            (LineDtmf::Info.name(), "SIP INFO".to_owned()),
            (
                LineDtmf::InBand.name(),
                t_string!(i18n, lines.dtmf_inband).to_owned(),
            ),
        ]
    })
}

/// Where a trunk's calls come from.
#[component]
fn Sources(form: Form) -> impl IntoView {
    let i18n = use_i18n();
    let fault = form.fault(i18n, "sources");
    let shown = text(move || form.draft.with(|draft| draft.sources.join("\n")));
    let typed = move |input| {
        let typed: Vec<String> = event_target_value(&input)
            .split('\n')
            .map(str::to_owned)
            .collect();
        form.draft.update(|draft| draft.sources = typed);
    };
    view! {
        <Field id="line-sources" label=tr!(i18n, lines.source_addresses) hint=tr!(i18n, lines.source_hint) fault>
            <textarea class="area num" id="line-sources" data-testid="line-sources" rows="2" aria-describedby="line-sources-d" prop:value=shown on:input=act(typed)></textarea>
        </Field>
    }
}

/// Whom TLS trusts beside the well-known authorities.
#[component]
fn OwnCertificates(form: Form) -> impl IntoView {
    let i18n = use_i18n();
    let fault = form.fault(i18n, "tls_ca");
    let shown = text(move || {
        form.draft
            .with(|draft| draft.tls_ca.clone().unwrap_or_default())
    });
    let typed = move |input| {
        form.draft
            .update(|draft| draft.tls_ca = Some(event_target_value(&input)));
    };
    view! {
        <Field id="line-tls-ca" label=tr!(i18n, lines.tls_ca) hint=tr!(i18n, lines.tls_ca_hint) fault>
            <textarea class="area mono" id="line-tls-ca" data-testid="line-tls-ca" rows="2" spellcheck="false" placeholder="-----BEGIN CERTIFICATE-----" aria-describedby="line-tls-ca-d" prop:value=shown on:input=act(typed)></textarea>
        </Field>
    }
}

/// All codecs: those of the line in its order, then the others.
fn ordered(draft: &LineDraft) -> Vec<LineCodec> {
    let all = LineCodec::NAMES.iter().map(|(codec, _)| *codec);
    let mut order = if draft.codecs.is_empty() {
        vec![
            LineCodec::Pcma,
            LineCodec::Pcmu,
            LineCodec::G722,
            LineCodec::Opus,
        ]
    } else {
        draft.codecs.clone()
    };
    for codec in all {
        if !order.contains(&codec) {
            order.push(codec);
        }
    }
    order
}

/// Ticks in an order.
#[component]
fn Codecs(form: Form) -> impl IntoView {
    let i18n = use_i18n();
    // The order shown keeps what is not ticked where it is.
    let order = RwSignal::new(form.draft.with_untracked(ordered));
    let on = RwSignal::new(form.draft.with_untracked(|draft| {
        if draft.codecs.is_empty() {
            LineCodec::NAMES.iter().map(|(codec, _)| *codec).collect()
        } else {
            draft.codecs.clone()
        }
    }));
    let write = move || {
        let chosen = order.with_untracked(|order| {
            on.with_untracked(|on| {
                order
                    .iter()
                    .copied()
                    .filter(|codec| on.contains(codec))
                    .collect()
            })
        });
        form.draft.update(|draft| draft.codecs = chosen);
    };
    let keys = Signal::derive(move || {
        order.with(|order| order.iter().map(|codec| codec.name()).collect())
    });
    let row = move |name: String| {
        let Some(codec) = LineCodec::named(&name) else {
            return ().into_any();
        };
        let ticked = flag(move || on.with(|on| on.contains(&codec)));
        let tick = move |change| {
            let checked = event_target_checked(&change);
            on.update(|on| {
                on.retain(|known| *known != codec);
                if checked {
                    on.push(codec);
                }
            });
            write();
        };
        let keyed = move |press: leptos::ev::KeyboardEvent| {
            let up = match press.key().as_str() {
                "ArrowUp" | "ArrowLeft" if press.alt_key() => true,
                "ArrowDown" | "ArrowRight" if press.alt_key() => false,
                _ => return,
            };
            press.prevent_default();
            order.update(|order| {
                if let Some(place) = order.iter().position(|known| *known == codec) {
                    move_item(order, place, up);
                }
            });
            write();
            refocus(&press);
        };
        view! { <li class="cdc"><label class="check"><input type="checkbox" prop:checked=ticked on:change=act(tick) on:keydown=act(keyed)/>{name}</label></li> }.into_any()
    };
    view! {
        <div class="field ed__s"><span class="field__label">{tr!(i18n, lines.codecs)}<span class="field__hint">{tr!(i18n, form.drag)}</span></span><ol class="cds" data-testid="codecs"><Rows keys row/></ol></div>
    }
}

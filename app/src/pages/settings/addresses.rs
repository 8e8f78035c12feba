//! Addresses the outside world reaches this server at.

use crate::components::reactive::{act, text};
use api_types::{Addresses, AddressesInForce};
use leptos::{prelude::*, task::spawn_local};

use super::Panel;
use crate::{
    api::use_api,
    components::{Field, Icon, TextInput, remote_view::RemoteView, say_failure_now},
    i18n::*,
    state::{
        remote::{Remote, read_into},
        toasts::use_toasts,
    },
};

const PATH: &str = "/settings/addresses";

/// The section of the panel.
#[component]
pub fn AddressesPage() -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let addresses = RwSignal::new(Remote::<AddressesInForce>::Loading);
    let read = move || read_into(addresses, api.get(PATH));
    read();
    view! {
        <Panel>
            <header class="set__head"><div class="grow"><h2 class="h1">{tr!(i18n, addresses.title)}</h2><p class="soft">{tr!(i18n, addresses.lead)}</p></div></header>
            <RemoteView source=addresses again=move |()| read()>
                <div class="set__two"><AddressForm addresses/><InForce addresses/></div>
            </RemoteView>
        </Panel>
    }
}

#[component]
fn AddressForm(addresses: RwSignal<Remote<AddressesInForce>>) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let set = addresses
        .with_untracked(|addresses| addresses.ready().map(|in_force| in_force.set.clone()))
        .unwrap_or_default();
    let sip = RwSignal::new(set.sip_public);
    let media = RwSignal::new(set.media_public.join("\n"));
    let fault = RwSignal::new(None::<(bool, String)>);
    let fault_of = move |is_sip: bool| {
        Signal::derive(move || {
            fault
                .get()
                .filter(|(sip, _)| *sip == is_sip)
                .map(|(_, words)| words)
                .unwrap_or_default()
        })
    };
    let (sip_fault, media_fault) = (fault_of(true), fault_of(false));
    let save = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        let wanted = Addresses {
            sip_public: sip.with_untracked(|sip| sip.trim().to_owned()),
            media_public: media.with_untracked(|media| {
                media
                    .split([',', '\n', ' '])
                    .map(str::trim)
                    .filter(|one| !one.is_empty())
                    .map(str::to_owned)
                    .collect()
            }),
        };
        spawn_local(async move {
            match api.put::<AddressesInForce>(PATH, &wanted).await {
                Ok(in_force) => {
                    fault.set(None);
                    let _ = addresses.try_set(Remote::Ready(in_force));
                    toasts.say(tu_string!(i18n, settings.saved).to_owned());
                }
                Err(failure) => fault.set(Some((
                    !failure
                        .field()
                        .is_some_and(|field| field.starts_with("media")),
                    say_failure_now(i18n, &failure),
                ))),
            }
        });
    };
    view! {
        <form class="form" on:submit=act(save)>
            <Field id="sip-address" label=tr!(i18n, addresses.sip) hint=tr!(i18n, addresses.sip_hint) fault=sip_fault>
                <TextInput id="sip-address" value=sip fault=sip_fault placeholder=tr!(i18n, addresses.found) testid="sip-address"/>
            </Field>
            <Field id="media-addresses" label=tr!(i18n, addresses.media) hint=tr!(i18n, addresses.media_hint) fault=media_fault>
                <textarea class="area num" id="media-addresses" rows="3" placeholder=tr!(i18n, addresses.found) aria-describedby="media-addresses-d" data-testid="media-addresses"
                    prop:value=media on:input=act(move |input| media.set(event_target_value(&input)))></textarea>
            </Field>
            <div><button class="btn btn--main" data-testid="save-addresses">{tr!(i18n, common.save)}</button></div>
        </form>
    }
}

#[component]
fn InForce(addresses: RwSignal<Remote<AddressesInForce>>) -> impl IntoView {
    let i18n = use_i18n();
    let read = move |read: fn(&AddressesInForce) -> String| {
        move || addresses.with(|addresses| addresses.ready().map(read))
    };
    let seen = move || {
        addresses
            .with(|addresses| {
                addresses
                    .ready()
                    .and_then(|in_force| in_force.seen_as.clone())
            })
            .unwrap_or_else(|| t_string!(i18n, addresses.not_said).to_owned())
    };
    view! {
        <aside class="box force">
            <h3 class="h2">{tr!(i18n, addresses.in_force)}</h3>
            <dl class="kv force__kv">
                <dt>{tr!(i18n, addresses.sip_udp)}</dt><dd class="num">{read(|in_force| in_force.sip_udp.clone())}</dd>
                <dt>{tr!(i18n, addresses.media_udp)}</dt><dd class="num">{read(|in_force| in_force.media_udp.clone())}</dd>
                <dt>{tr!(i18n, addresses.media_tcp)}</dt><dd class="num">{read(|in_force| in_force.media_tcp.clone().unwrap_or_else(|| "–".to_owned()))}</dd>
                <dt>{tr!(i18n, addresses.rtp)}</dt><dd class="num">{read(|in_force| format!("{} – {}", in_force.rtp_ports.0, in_force.rtp_ports.1))}</dd>
                <dt>{tr!(i18n, addresses.seen_as)}</dt><dd class="num">{text(seen)}</dd>
            </dl>
            <p class="t12 soft row"><Icon name="shield" class="i--14"/>{tr!(i18n, addresses.firewall)}</p>
        </aside>
    }
}

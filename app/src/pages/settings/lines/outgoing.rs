//! Over which lines calls go out: usually, by the number called, by who calls.

use api_types::{Line, OutgoingOrder, PrefixOrder, UserLines};
use leptos::{prelude::*, task::spawn_local};

use super::people::People;
use crate::{
    api::use_api,
    components::{
        Icon,
        form::{Bound, Cell, IconButton, Names, Parts, PickList, Places, Select, SwitchField},
        reactive::{When, act, text},
        remote_view::RemoteView,
        say_failure,
    },
    i18n::*,
    state::{
        remote::{Remote, read_into},
        toasts::use_toasts,
    },
    view::failure::Failure,
};

const PATH: &str = "/settings/outgoing";

/// A box over the list.
#[component]
pub fn OutgoingBox(
    lines: RwSignal<Remote<Vec<Line>>>,
    #[prop(into)] close: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let stored = RwSignal::new(Remote::<OutgoingOrder>::Loading);
    let order = RwSignal::new(OutgoingOrder::default());
    let failure = RwSignal::new(None::<Failure>);
    let read = move || {
        read_into(stored, async move {
            let now: OutgoingOrder = api.get(PATH).await?;
            let _ = order.try_set(now.clone());
            Ok(now)
        });
    };
    read();
    let names: Names = Signal::derive(move || {
        lines.with(|lines| {
            let ready = lines.ready().into_iter().flatten();
            ready
                .map(|line| (line.id.clone(), line.label.clone()))
                .collect()
        })
    });
    let people = People::read(api);
    let save = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        let wanted = order.get_untracked();
        spawn_local(async move {
            match api.put::<OutgoingOrder>(PATH, &wanted).await {
                Ok(_) => {
                    toasts.say(tu_string!(i18n, outgoing.saved).to_owned());
                    close.run(());
                }
                Err(why) => {
                    let _ = failure.try_set(Some(why));
                }
            }
        });
    };
    let refused = move || failure.get().map(|failure| say_failure(i18n, &failure));
    view! {
        <section class="box out" aria-label=tr!(i18n, outgoing.title) data-testid="outgoing">
            <RemoteView source=stored again=move |()| read()>
                <form on:submit=act(save) novalidate>
                    <Usual order names/>
                    <ByPrefix order names/>
                    <ByUser order names people lines/>
                    <div class="row out__b">
                        <button class="btn btn--main" data-testid="save-outgoing">{tr!(i18n, common.save)}</button>
                        <button type="button" class="btn" on:click=act(move |_| close.run(()))>{tr!(i18n, common.cancel)}</button>
                        <span class="stop t12" role="alert">{text(refused)}</span>
                    </div>
                </form>
            </RemoteView>
        </section>
    }
}

#[component]
fn Usual(order: RwSignal<OutgoingOrder>, names: Names) -> impl IntoView {
    let i18n = use_i18n();
    let chosen = Signal::derive(move || order.with(|order| order.default.clone()));
    let write = Callback::new(move |lines| order.update(|order| order.default = lines));
    let failover = order.flag(|order| order.failover, |order, on| order.failover = on);
    let least = order.flag(|order| order.least_cost, |order, on| order.least_cost = on);
    view! {
        <h3 class="h2">{tr!(i18n, outgoing.title)}</h3><p class="t12 soft">{tr!(i18n, outgoing.lead)}</p>
        <div class="g3 out__g">
            <div class="field"><span class="field__label">{tr!(i18n, outgoing.default)}</span>
                <PickList chosen write names add=tr!(i18n, outgoing.add_line) testid="outgoing-default"/>
                <span class="field__hint">{tr!(i18n, outgoing.default_hint)}</span></div>
            <SwitchField id="outgoing-failover" label=tr!(i18n, outgoing.failover) words=tr!(i18n, outgoing.failover_words) bound=failover/>
            <SwitchField id="outgoing-least" label=tr!(i18n, outgoing.least_cost) words=tr!(i18n, outgoing.least_cost_words) bound=least/>
        </div>
    }
}

#[component]
fn ByPrefix(order: RwSignal<OutgoingOrder>, names: Names) -> impl IntoView {
    let i18n = use_i18n();
    let count = Signal::derive(move || order.with(|order| order.prefixes.len()));
    let add = move |_| {
        order.update(|order| {
            order.prefixes.push(PrefixOrder {
                prefix: String::new(),
                lines: Vec::new(),
            })
        })
    };
    let row = move |place: usize| {
        let prefix = Bound::new(
            move || {
                order.with(|order| {
                    order
                        .prefixes
                        .get(place)
                        .map(|rule| rule.prefix.clone())
                        .unwrap_or_default()
                })
            },
            move |text| change(order, place, |rule| rule.prefix = text),
        );
        let chosen = Signal::derive(move || {
            order.with(|order| {
                order
                    .prefixes
                    .get(place)
                    .map(|rule| rule.lines.clone())
                    .unwrap_or_default()
            })
        });
        let write = Callback::new(move |lines| change(order, place, |rule| rule.lines = lines));
        let remove = move |()| {
            order.update(|order| {
                if place < order.prefixes.len() {
                    order.prefixes.remove(place);
                }
            });
        };
        view! {
            <li class="out__r"><Cell bound=prefix label=tr!(i18n, outgoing.prefix) placeholder=Signal::stored("+44".to_owned())/>
                <PickList chosen write names add=tr!(i18n, outgoing.add_line) testid="prefix-lines"/>
                <IconButton icon="trash-2" label=tr!(i18n, form.remove) press=remove/></li>
        }
        .into_any()
    };
    view! {
        <div class="row out__h"><h3 class="h2">{tr!(i18n, outgoing.prefixes)}</h3><button type="button" class="btn btn--acc push" data-testid="add-prefix" on:click=act(add)><Icon name="plus"/>{tr!(i18n, outgoing.add_prefix)}</button></div>
        <When when=move || { count.get() > 0 } otherwise=ViewFn::from(move || view! { <p class="t12 soft">{tr!(i18n, outgoing.prefix_none)}</p> })><ul><Places count row/></ul></When>
    }
}

fn change(order: RwSignal<OutgoingOrder>, place: usize, change: impl FnOnce(&mut PrefixOrder)) {
    order.update(|order| {
        if let Some(rule) = order.prefixes.get_mut(place) {
            change(rule);
        }
    });
}

#[component]
fn ByUser(
    order: RwSignal<OutgoingOrder>,
    names: Names,
    people: People,
    lines: RwSignal<Remote<Vec<Line>>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let count = Signal::derive(move || order.with(|order| order.users.len()));
    let row = move |place: usize| view! { <UserRule order names people lines place/> }.into_any();
    let options = Signal::derive(move || {
        let mut options = vec![(String::new(), t_string!(i18n, outgoing.add_user).to_owned())];
        let named = order.with(|order| {
            order
                .users
                .iter()
                .map(|rule| rule.user.clone())
                .collect::<Vec<_>>()
        });
        options.extend(
            people
                .users()
                .get()
                .into_iter()
                .filter(|(id, _)| !named.contains(id)),
        );
        options
    });
    let add = Bound::new(String::new, move |user: String| {
        if !user.is_empty() {
            order.update(|order| {
                order.users.push(UserLines {
                    user,
                    lines: Vec::new(),
                    caller_number: None,
                })
            });
        }
    });
    view! {
        <div class="row out__h"><h3 class="h2">{tr!(i18n, outgoing.users)}</h3><span class="push"><Select bound=add options label=tr!(i18n, outgoing.add_user) class="select select--in"/></span></div>
        <When when=move || { count.get() > 0 } otherwise=ViewFn::from(move || view! { <p class="t12 soft">{tr!(i18n, outgoing.users_none)}</p> })><ul><Places count row/></ul></When>
    }
}

#[component]
fn UserRule(
    order: RwSignal<OutgoingOrder>,
    names: Names,
    people: People,
    lines: RwSignal<Remote<Vec<Line>>>,
    place: usize,
) -> impl IntoView {
    let i18n = use_i18n();
    let rule = move || order.with(|order| order.users.get(place).cloned());
    let name = move || {
        let user = rule()?.user;
        people
            .users()
            .get()
            .into_iter()
            .find(|(id, _)| *id == user)
            .map(|(_, name)| name)
    };
    let change = move |change: &dyn Fn(&mut UserLines)| {
        order.update(|order| {
            if let Some(rule) = order.users.get_mut(place) {
                change(rule);
            }
        });
    };
    let chosen = Signal::derive(move || rule().map(|rule| rule.lines).unwrap_or_default());
    let write =
        Callback::new(move |lines: Vec<String>| change(&|rule| rule.lines.clone_from(&lines)));
    let caller = Bound::new(
        move || {
            rule()
                .and_then(|rule| rule.caller_number)
                .unwrap_or_default()
        },
        move |number: String| {
            change(&|rule| {
                rule.caller_number = Some(number.clone()).filter(|number| !number.is_empty())
            })
        },
    );
    let numbers = Signal::derive(move || {
        let mut options = vec![(
            String::new(),
            t_string!(i18n, outgoing.caller_line).to_owned(),
        )];
        lines.with(|lines| {
            options.extend(
                lines
                    .ready()
                    .into_iter()
                    .flatten()
                    .map(|line| (line.number.e164.clone(), line.number.display.clone())),
            );
        });
        options
    });
    let remove = move |()| {
        order.update(|order| {
            if place < order.users.len() {
                order.users.remove(place);
            }
        });
    };
    view! {
        <li class="out__r out__r--user"><span class="med">{text(name)}</span>
            <PickList chosen write names add=tr!(i18n, outgoing.add_line) testid="user-lines"/>
            <Select bound=caller options=numbers label=tr!(i18n, outgoing.caller) class="select select--in"/>
            <IconButton icon="trash-2" label=tr!(i18n, form.remove) press=remove/></li>
    }
}

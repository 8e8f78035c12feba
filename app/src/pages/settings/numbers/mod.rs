//! Numbers: how a typed number becomes a full one, where calls may go, who may not call.

mod blocked;
pub(super) mod directions;
mod home;
pub(super) mod patterns;
mod places;
mod try_number;

use api_types::{NumberSettings, NumbersPage};
use leptos::{prelude::*, task::spawn_local};

use super::Panel;
use crate::{
    api::use_api,
    components::{
        Icon,
        form::{Bound, Options, Parts, SelectField, TextField},
        reactive::{When, act, changing, flag, text},
        remote_view::RemoteView,
        say_failure,
    },
    i18n::*,
    pages::desktop::short_time,
    state::{
        remote::{Remote, read_into},
        toasts::use_toasts,
    },
    view::{
        dialling::{codes, pattern_fault},
        failure::Failure,
        named::Named,
    },
};
use api_types::{AnonymousCallers, InternationalCalls};
use blocked::Blocked;
use directions::{DirectionList, DirectionsPart};
use home::Home;
use try_number::TryNumber;

const PATH: &str = "/settings/numbers";

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Numbers {
    /// What is stored, and what follows from it.
    page: RwSignal<Remote<NumbersPage>>,
    /// What is typed.
    draft: RwSignal<NumberSettings>,
    /// Why the server refused.
    failure: RwSignal<Option<Failure>>,
}

impl Numbers {
    fn differs(self) -> bool {
        self.page.with(|page| {
            page.ready()
                .is_some_and(|page| self.draft.with(|draft| *draft != page.settings))
        })
    }

    /// What the server says of a field.
    fn fault(self, i18n: I18n, name: &'static str) -> Signal<String> {
        Signal::derive(move || {
            self.failure.with(|failure| {
                failure
                    .as_ref()
                    .filter(|failure| failure.field().is_some_and(|field| field.contains(name)))
                    .map(|failure| say_failure(i18n, failure))
                    .unwrap_or_default()
            })
        })
    }
}

/// The section of the panel.
#[component]
pub fn NumbersSection() -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let numbers = Numbers {
        page: RwSignal::new(Remote::Loading),
        draft: RwSignal::new(NumberSettings::default()),
        failure: RwSignal::new(None),
    };
    let read = move || {
        read_into(numbers.page, async move {
            let page: NumbersPage = api.get(PATH).await?;
            let _ = numbers.draft.try_set(page.settings.clone());
            Ok(page)
        });
    };
    read();
    let saved = move || {
        numbers.page.with(|page| {
            let changed = page.ready()?.changed_at?;
            Some(fill!(
                i18n,
                numbers.saved_at,
                time = short_time(i18n, changed)
            ))
        })
    };
    view! {
        <Panel>
            <header class="set__head">
                <div class="grow"><h2 class="h1">{tr!(i18n, numbers.title)}</h2><p class="soft">{tr!(i18n, numbers.lead)}</p></div>
                <span class="t12 mute num" data-testid="saved-at">{text(saved)}</span>
            </header>
            <RemoteView source=numbers.page again=move |()| read()>
                <div class="nm"><Rules numbers/><TryNumber numbers/></div>
            </RemoteView>
        </Panel>
    }
}

#[component]
fn Rules(numbers: Numbers) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let save = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        let mut wanted = numbers.draft.get_untracked();
        wanted
            .dial
            .patterns
            .retain(|rule| !rule.pattern.trim().is_empty());
        if wanted
            .dial
            .patterns
            .iter()
            .any(|rule| pattern_fault(&rule.pattern).is_some())
        {
            return;
        }
        spawn_local(async move {
            match api.put::<NumbersPage>(PATH, &wanted).await {
                Ok(page) => {
                    let _ = numbers.failure.try_set(None);
                    let _ = numbers.draft.try_set(page.settings.clone());
                    let _ = numbers.page.try_set(Remote::Ready(page));
                    toasts.say(tu_string!(i18n, settings.saved).to_owned());
                }
                Err(why) => {
                    let _ = numbers.failure.try_set(Some(why));
                }
            }
        });
    };
    let reset = move |_| {
        let stored = numbers
            .page
            .with_untracked(|page| page.ready().map(|page| page.settings.clone()));
        if let Some(stored) = stored {
            numbers.draft.set(stored);
        }
        numbers.failure.set(None);
    };
    let refused = move || {
        numbers
            .failure
            .with(|failure| failure.as_ref().map(|failure| say_failure(i18n, failure)))
    };
    let same = flag(move || !numbers.differs());
    view! {
        <form on:submit=act(save) novalidate>
            <Home numbers/>
            <Destinations numbers/>
            <Emergency numbers/>
            <Callers numbers/>
            <div class="nm__b">
                <button class="btn btn--main" data-testid="save-numbers" disabled=same>{tr!(i18n, common.save)}</button>
                <button type="button" class="btn" disabled=same on:click=act(reset)>{tr!(i18n, common.cancel)}</button>
                <When when=move || numbers.differs()><span class="t12 soft" role="status">{tr!(i18n, numbers.unsaved)}</span></When>
                <span class="stop t12" role="alert">{text(refused)}</span>
            </div>
        </form>
    }
}

#[component]
fn Destinations(numbers: Numbers) -> impl IntoView {
    let i18n = use_i18n();
    let typed = RwSignal::new(
        numbers
            .draft
            .with_untracked(|draft| draft.forbidden.join(", ")),
    );
    let never = Bound::new(
        move || typed.get(),
        move |text| {
            let codes = codes(&text);
            typed.set(text);
            numbers.draft.update(|draft| draft.forbidden = codes);
        },
    );
    // Cancel and Save set the list; the text follows when it says something else.
    Effect::new(move |_| {
        let list = numbers.draft.with(|draft| draft.forbidden.clone());
        if codes(&typed.get_untracked()) != list {
            typed.set(list.join(", "));
        }
    });
    let international = numbers.draft.choice(
        |draft| draft.international,
        |draft, choice| draft.international = choice,
    );
    let options: Options = Signal::derive(move || {
        vec![
            (
                InternationalCalls::WithRight.name(),
                t_string!(i18n, numbers.with_right).to_owned(),
            ),
            (
                InternationalCalls::Everybody.name(),
                t_string!(i18n, numbers.everybody).to_owned(),
            ),
            (
                InternationalCalls::Nobody.name(),
                t_string!(i18n, numbers.nobody).to_owned(),
            ),
        ]
    });
    let part = DirectionsPart {
        read: Signal::derive(move || numbers.draft.with(|draft| draft.directions.clone())),
        write: Callback::new(move |directions| {
            numbers.draft.update(|draft| draft.directions = directions)
        }),
        home: Signal::derive(move || numbers.draft.with(|draft| draft.dial.country.clone())),
    };
    view! {
        <section><h3 class="h2">{tr!(i18n, numbers.destinations)}</h3>
            <div class="g3 g3--two">
                <TextField id="never" label=tr!(i18n, numbers.never) hint=tr!(i18n, numbers.never_hint) bound=never fault=numbers.fault(i18n, "forbidden")/>
                <SelectField id="international" label=tr!(i18n, numbers.international) hint=tr!(i18n, numbers.right_hint) bound=international options/>
            </div>
            <Stops numbers/>
            <DirectionList part/>
        </section>
    }
}

/// What each forbidden code stops.
#[component]
fn Stops(numbers: Numbers) -> impl IntoView {
    let i18n = use_i18n();
    changing(move || {
        let stored = numbers.page.with(|page| {
            page.ready()
                .map(|page| page.forbidden.clone())
                .unwrap_or_default()
        });
        let rows = stored.into_iter().map(|code| {
            let names: Vec<String> = code
                .countries
                .iter()
                .map(|id| places::name(i18n, id))
                .collect();
            let what = match (code.e164, code.whole) {
                (false, _) => t_string!(i18n, numbers.stops_dialled).to_owned(),
                (true, true) => names.join(", "),
                (true, false) => fill!(i18n, numbers.stops_part, what = names.join(", ")),
            };
            let head = fill!(i18n, numbers.stops, code = code.code);
            view! { <li class="t12 soft"><span class="num med">{head}</span>" "{what}</li> }
        });
        view! { <ul class="stops" data-testid="stops">{rows.collect_view()}</ul> }
    })
}

#[component]
fn Emergency(numbers: Numbers) -> impl IntoView {
    let i18n = use_i18n();
    changing(move || {
        let page = numbers.page.with(|page| page.ready().cloned())?;
        let hidden = page.hidden_emergency.join(", ");
        let chips = page
            .emergency
            .into_iter()
            .map(|number| view! { <span class="chip num">{number}</span> });
        Some(view! {
            <section data-testid="emergency"><h3 class="h2">{tr!(i18n, numbers.emergency)}</h3>
                <div class="row row--wrap emg">{chips.collect_view()}<span class="t12 soft">{tr!(i18n, numbers.emergency_lead)}</span></div>
                {(!page.emergency_line).then(|| view! { <div class="note note--wait"><Icon name="triangle-alert"/><span>{tr!(i18n, numbers.no_emergency_line)}</span></div> })}
                {(!hidden.is_empty()).then(|| view! { <div class="note note--wait"><Icon name="triangle-alert"/><span>{text(move || fill!(i18n, numbers.hidden_emergency, numbers = hidden))}</span></div> })}
            </section>
        })
    })
}

#[component]
fn Callers(numbers: Numbers) -> impl IntoView {
    let i18n = use_i18n();
    let anonymous = numbers.draft.choice(
        |draft| draft.anonymous,
        |draft, choice| draft.anonymous = choice,
    );
    let options: Options = Signal::derive(move || {
        vec![
            (
                AnonymousCallers::Ring.name(),
                t_string!(i18n, numbers.anonymous_ring).to_owned(),
            ),
            (
                AnonymousCallers::Refuse.name(),
                t_string!(i18n, numbers.anonymous_refuse).to_owned(),
            ),
        ]
    });
    view! {
        <section><h3 class="h2">{tr!(i18n, numbers.callers)}</h3>
            <div class="g3"><SelectField id="anonymous" label=tr!(i18n, numbers.anonymous) bound=anonymous options/></div>
            <Blocked/>
        </section>
    }
}

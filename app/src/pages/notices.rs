//! The bell: notices to whoever sits here, and how many wait; and the counts of the rail.

use std::time::Duration;

use api_types::{Event, Item, ItemKind, Notice, NoticeKind, Page, WaitingCounts};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};

use crate::{
    api::{Api, events::Live, use_api},
    components::{
        Empty, Icon,
        reactive::{Rows, When, act, flag, followed, text},
        say_failure_now,
    },
    i18n::*,
    platform::{address::go, now_ms, time},
    state::{session::Session, toasts::use_toasts},
};

/// Events come in bursts.
const PAUSE: Duration = Duration::from_millis(800);

/// What waits, in the context of the pages.
#[derive(Clone, Copy)]
pub struct Waiting {
    counts: RwSignal<WaitingCounts>,
    notices: RwSignal<Vec<Notice>>,
    timer: StoredValue<Option<TimeoutHandle>>,
    api: Api,
}

impl Waiting {
    /// Reads both once somebody is signed in, and follows the events.
    pub fn provide(session: Session, api: Api, live: Live) {
        let waiting = Self {
            counts: RwSignal::new(WaitingCounts::default()),
            notices: RwSignal::new(Vec::new()),
            timer: StoredValue::new(None),
            api,
        };
        provide_context(waiting);
        Effect::new(move |_| {
            if session.is_in() {
                waiting.read_counts();
                waiting.read_notices();
            }
        });
        live.follow(move |event| match event {
            Event::Notice(notice) => {
                waiting.take_in(notice);
                waiting.soon();
            }
            Event::Item(_) | Event::ItemDeleted { .. } => waiting.soon(),
            Event::Call(call) if call.ended_at.is_some() => waiting.soon(),
            Event::Many | Event::Resync => {
                waiting.soon();
                waiting.read_notices();
            }
            _ => {}
        });
    }

    fn take_in(self, notice: &Notice) {
        self.notices.update(
            |list| match list.iter_mut().find(|known| known.id == notice.id) {
                Some(known) => *known = notice.clone(),
                None => list.insert(0, notice.clone()),
            },
        );
    }

    fn read_counts(self) {
        spawn_local(async move {
            if let Ok(counts) = self.api.get("/items/counts").await {
                let _ = self.counts.try_set(counts);
            }
        });
    }

    fn read_notices(self) {
        spawn_local(async move {
            if let Ok(page) = self.api.get::<Page<Notice>>("/notices").await {
                let _ = self.notices.try_set(page.items);
            }
        });
    }

    fn soon(self) {
        if let Some(Some(timer)) = self.timer.try_get_value() {
            timer.clear();
        }
        self.timer
            .set_value(set_timeout_with_handle(move || self.read_counts(), PAUSE).ok());
    }
}

/// A count beside a link of the rail: `missed`, `tasks` or `unsorted`.
pub fn count(of: &str) -> AnyView {
    let i18n = use_i18n();
    let waiting: Waiting = expect_context();
    let of = of.to_owned();
    let is_missed = of == "missed";
    let number = Memo::new(move |_| {
        waiting.counts.with(|counts| match of.as_str() {
            "missed" => counts.missed,
            "tasks" => counts.tasks_due,
            _ => counts.unsorted,
        })
    });
    let words = text(move || {
        if is_missed {
            fill!(i18n, nav.missed_count, count = number.get())
        } else {
            fill!(i18n, nav.waiting, count = number.get())
        }
    });
    let shown = text(move || {
        if number.get() > 999 {
            "999+".to_owned()
        } else {
            number.get().to_string()
        }
    });
    view! { <When when=move || number.get() != 0><span class="count" class:count--stop=is_missed data-testid="nav-count" title=words>{shown}</span><span class="sr">{words}</span></When> }.into_any()
}

/// The bell and what it opens.
pub fn bell() -> AnyView {
    view! { <Bell/> }.into_any()
}

#[component]
fn Bell() -> impl IntoView {
    let (i18n, api, toasts) = (use_i18n(), use_api(), use_toasts());
    let waiting: Waiting = expect_context();
    let open = RwSignal::new(false);
    let unseen = Memo::new(move |_| {
        waiting
            .notices
            .with(|list| list.iter().filter(|notice| !notice.seen).count())
    });
    let label = text(move || match unseen.get() {
        0 => t_string!(i18n, notices.title).to_owned(),
        count => fill!(i18n, notices.new, count = count),
    });
    let all_seen = move |_| {
        spawn_local(async move {
            match api.order::<serde_json::Value>("/notices/seen").await {
                Ok(_) | Err(crate::view::failure::Failure::Garbled) => {
                    let _ = waiting
                        .notices
                        .try_update(|list| list.iter_mut().for_each(|notice| notice.seen = true));
                }
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    let keys = Signal::derive(move || {
        waiting
            .notices
            .with(|list| list.iter().map(|notice| notice.id.clone()).collect())
    });
    let row = move |id: String| {
        let notice = followed(move || {
            waiting
                .notices
                .with(|list| list.iter().find(|notice| notice.id == id).cloned())
        });
        notice
            .map(|notice| view! { <Line notice open waiting/> })
            .into_any()
    };
    let on_key = move |press: leptos::ev::KeyboardEvent| {
        if press.key() == "Escape" && open.get_untracked() {
            press.stop_propagation();
            open.set(false);
        }
    };
    let none = move || view! { <Empty icon="bell" title=tr!(i18n, notices.empty) lead=tr!(i18n, notices.empty_lead)/> };
    view! {
        <div class="anchor" on:keydown=act(on_key)>
            <button class="btn btn--icon btn--quiet bell" data-testid="bell" aria-label=label title=label aria-expanded=text(move || open.get()) on:click=act(move |_| open.update(|open| *open = !*open))><Icon name="bell" class="i--18"/><When when=move || unseen.get() != 0><i class="dot bell__dot"></i></When></button>
            <When when=move || open.get()>
                <div class="veil" on:click=act(move |_| open.set(false))></div>
                <div class="pop pop--right bell__pop" role="dialog" aria-label=tr!(i18n, notices.title)>
                    <div class="row bell__h"><h2 class="h2 grow">{tr!(i18n, notices.title)}</h2><When when=move || unseen.get() != 0><button class="btn btn--acc" data-testid="all-seen" on:click=act(all_seen)>{tr!(i18n, notices.all_seen)}</button></When></div>
                    <When when=move || waiting.notices.with(|list| !list.is_empty()) otherwise=ViewFn::from(none)><ul class="bell__l"><Rows keys row/></ul></When>
                </div>
            </When>
        </div>
    }
}

/// What a notice says.
fn say(i18n: I18n, notice: &Notice) -> String {
    let number = notice.number.as_ref().map(|number| number.display.clone());
    let who = notice
        .contact
        .as_ref()
        .map(|contact| contact.name.clone())
        .or(number)
        .unwrap_or_else(|| t_string!(i18n, common.withheld).to_owned());
    let title = notice
        .item
        .as_ref()
        .map(|item| item.title.clone())
        .unwrap_or_default();
    let by = notice
        .by
        .as_ref()
        .map(|by| by.name.clone())
        .unwrap_or_default();
    let count = notice.count;
    match notice.kind {
        NoticeKind::MissedCall => fill!(i18n, notices.missed, who = who),
        NoticeKind::DealMade => fill!(i18n, notices.deal_made, who = who, title = title),
        NoticeKind::DealOpen => fill!(i18n, notices.deal_open, who = who, title = title),
        NoticeKind::HandedOver => fill!(i18n, notices.handed_over, by = by, count = count),
        NoticeKind::TaskGiven => fill!(i18n, notices.task_given, by = by, title = title),
        NoticeKind::GoingSoon => fill!(
            i18n,
            notices.going_soon,
            count = count,
            day = notice
                .on
                .map(|on| time::short_day(on, i18n.get_locale()))
                .unwrap_or_default()
        ),
        NoticeKind::Imported => fill!(i18n, notices.imported, count = count),
    }
}

fn icon(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::MissedCall => "phone-missed",
        NoticeKind::DealMade | NoticeKind::DealOpen => "square-kanban",
        NoticeKind::HandedOver => "users",
        NoticeKind::TaskGiven => "list-checks",
        NoticeKind::GoingSoon => "clock",
        NoticeKind::Imported => "upload",
    }
}

#[component]
fn Line(notice: Signal<Notice>, open: RwSignal<bool>, waiting: Waiting) -> impl IntoView {
    let (i18n, api) = (use_i18n(), use_api());
    let follow = move |_| {
        let notice = notice.get_untracked();
        open.set(false);
        spawn_local(async move {
            if !notice.seen {
                let _: Result<serde_json::Value, _> =
                    api.order(&format!("/notices/{}/seen", notice.id)).await;
                waiting.take_in(&Notice {
                    seen: true,
                    ..notice.clone()
                });
            }
            if let Some(href) = place(api, &notice).await {
                go(&href);
            }
        });
    };
    let words = text(move || notice.with(|notice| say(i18n, notice)));
    let kind = notice.with_untracked(|notice| notice.kind);
    let when = move || time::near(notice.with(|notice| notice.at), now_ms(), i18n.get_locale());
    view! { <li><button class="bell__n" class:is-new=flag(move || notice.with(|notice| !notice.seen)) data-testid="notice" on:click=act(follow)><Icon name=icon(kind)/><span class="grow wrap">{words}</span><span class="num mute t12">{text(when)}</span></button></li> }
}

/// Where a notice leads: what it names may be a deal, a task or an entry of Unsorted.
async fn place(api: Api, notice: &Notice) -> Option<String> {
    if let Some(item) = &notice.item
        && let Ok(item) = api.get::<Item>(&format!("/items/{}", item.id)).await
    {
        return Some(match item.kind {
            ItemKind::Deal => format!("/deals/{}", item.id),
            ItemKind::Unsorted => "/unsorted".to_owned(),
            _ => format!("/tasks?open={}", item.id),
        });
    }
    match (&notice.call, &notice.contact, notice.kind) {
        (_, _, NoticeKind::GoingSoon) => Some("/calls".to_owned()),
        (_, _, NoticeKind::HandedOver) => Some("/contacts?responsible=me".to_owned()),
        (_, Some(contact), _) => Some(format!("/contacts/{}", contact.id)),
        (Some(call), None, _) => Some(format!("/calls?call={call}")),
        (None, None, _) => None,
    }
}

//! Numbers whose calls are refused.

use api_types::{BlockNumber, BlockedNumber};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{Api, use_api},
    components::{
        Icon,
        form::{Bound, Cell},
        reactive::{Rows, When, act, followed},
        remote_view::RemoteView,
        say_failure_now,
    },
    i18n::*,
    pages::desktop::short_time,
    state::{
        remote::{Remote, read_into},
        toasts::{Toasts, use_toasts},
    },
};

const PATH: &str = "/blocked-numbers";

type List = RwSignal<Remote<Vec<BlockedNumber>>>;

/// The list, and a line to add one.
#[component]
pub fn Blocked() -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let list: List = RwSignal::new(Remote::Loading);
    let read = move || read_into(list, async move { api.get(PATH).await });
    read();
    let (number, note) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let block = move || {
        let wanted = BlockNumber {
            number: number.get_untracked().trim().to_owned(),
            note: note.get_untracked().trim().to_owned(),
        };
        if wanted.number.is_empty() {
            return;
        }
        add(i18n, api, toasts, list, wanted);
        number.set(String::new());
        note.set(String::new());
    };
    // It stands inside the form of the page, whose Enter would save the rules.
    let entered = move |press: leptos::ev::KeyboardEvent| {
        if press.key() == "Enter" {
            press.prevent_default();
            block();
        }
    };
    let keys = Signal::derive(move || {
        list.with(|list| {
            let ready = list.ready().into_iter().flatten();
            ready.map(|blocked| blocked.id.clone()).collect::<Vec<_>>()
        })
    });
    let row = move |id: String| {
        let find = move || {
            list.with(|list| {
                list.ready()?
                    .iter()
                    .find(|blocked| blocked.id == id)
                    .cloned()
            })
        };
        followed(find)
            .map(|blocked| view! { <Row blocked=blocked.get_untracked() list/> })
            .into_any()
    };
    view! {
        <div class="ed__s" data-testid="blocked">
            <h4 class="med">{tr!(i18n, numbers.blocked)}</h4>
            <RemoteView source=list again=move |()| read()>
                <When when=move || keys.with(Vec::is_empty)><p class="t12 soft">{tr!(i18n, numbers.blocked_none)}</p></When>
                <ul class="list"><Rows keys row/></ul>
            </RemoteView>
            <div class="blk" on:keydown=act(entered)>
                <Cell bound=Bound::of(number) label=tr!(i18n, numbers.block_number) placeholder=tr!(i18n, numbers.block_number) testid="block-number"/>
                <Cell bound=Bound::of(note) label=tr!(i18n, numbers.block_note) placeholder=tr!(i18n, numbers.block_note) class="input" testid="block-note"/>
                <button type="button" class="btn" data-testid="block" on:click=act(move |_| block())>{tr!(i18n, numbers.block)}</button>
            </div>
        </div>
    }
}

fn add(i18n: I18n, api: Api, toasts: Toasts, list: List, wanted: BlockNumber) {
    spawn_local(async move {
        match api.post::<BlockedNumber>(PATH, &wanted).await {
            Ok(blocked) => {
                let said = fill_now!(i18n, numbers.blocked_now, number = blocked.number.display);
                take_in(list, blocked);
                toasts.say(said);
            }
            Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
        }
    });
}

fn take_in(list: List, blocked: BlockedNumber) {
    let _ = list.try_update(|list| {
        if let Some(list) = list.ready_mut() {
            list.retain(|known| known.id != blocked.id);
            list.insert(0, blocked);
        }
    });
}

#[component]
fn Row(blocked: BlockedNumber, list: List) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let shown = StoredValue::new(blocked.clone());
    let label = Signal::derive(move || {
        fill!(
            i18n,
            numbers.unblock,
            number = shown.with_value(|blocked| blocked.number.display.clone())
        )
    });
    let who = move || {
        shown.with_value(|blocked| {
            fill!(
                i18n,
                numbers.blocked_by,
                name = blocked.blocked_by,
                time = short_time(i18n, blocked.blocked_at)
            )
        })
    };
    let unblock = move |_| unblock(i18n, api, toasts, list, shown.get_value());
    view! {
        <li data-testid="blocked-number"><span class="num med">{blocked.number.display}</span><span class="soft grow wrap">{blocked.note}</span><span class="t12 mute c-more">{who}</span>
            <button type="button" class="btn btn--icon btn--quiet" data-testid="unblock" aria-label=label title=label on:click=act(unblock)><Icon name="x"/></button></li>
    }
}

/// At once on the screen; comes back if the server refuses, or by Undo.
fn unblock(i18n: I18n, api: Api, toasts: Toasts, list: List, blocked: BlockedNumber) {
    list.update(|list| {
        if let Some(list) = list.ready_mut() {
            list.retain(|known| known.id != blocked.id);
        }
    });
    spawn_local(async move {
        match api.delete(&format!("{PATH}/{}", blocked.id)).await {
            Ok(()) => {
                let said = fill_now!(i18n, numbers.unblocked, number = blocked.number.display);
                let again = BlockNumber {
                    number: blocked.number.e164,
                    note: blocked.note,
                };
                let undo = move || add(i18n, api, toasts, list, again.clone());
                toasts.say_with(said, tu_string!(i18n, common.undo), undo);
            }
            Err(failure) => {
                take_in(list, blocked);
                toasts.fail(say_failure_now(i18n, &failure));
            }
        }
    });
}

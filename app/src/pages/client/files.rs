//! Files of a client, an item or a call: dropped, pasted or chosen, with progress; looked at without leaving.

use api_types::{Event, StoredFile};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;

use crate::{
    api::{Api, events::use_live, use_api},
    components::{
        Dialog, Icon,
        form::IconButton,
        reactive::{Rows, When, act, changing, flag, followed, text},
        say_failure_now,
    },
    i18n::*,
    platform::{
        bridge::{self, Topic},
        time, upload,
    },
    state::toasts::{Toasts, use_toasts},
    view::{format, query::query},
};

/// A size in words.
pub fn size(i18n: I18n, bytes: u64) -> String {
    let (size, unit) = format::size(bytes);
    format!(
        "{} {}",
        time::decimal(size, i18n.get_locale()),
        unit.say(i18n)
    )
}

/// Whether two ids are the same, with hyphens or without.
pub fn alike(id: &str, other: &str) -> bool {
    let plain = |id: &str| id.replace('-', "");
    plain(id) == plain(other)
}

/// Where the bytes are.
pub fn content(file: &StoredFile) -> String {
    format!("/api/v1/files/{}/content", file.id)
}

/// Sign of a file.
pub fn icon(file: &StoredFile) -> &'static str {
    match file.media_type.split('/').next() {
        Some("image") => "image",
        Some("audio") => "audio-lines",
        _ if file.media_type == "application/pdf" => "file-text",
        _ => "file",
    }
}

/// Something is being sent.
#[derive(Clone, Copy)]
struct Sending {
    list: RwSignal<Vec<(u32, String, RwSignal<u32>)>>,
    files: RwSignal<Vec<StoredFile>>,
}

/// Sends files without a list to show them in; the time line hears of them.
pub fn attach(
    change: &leptos::ev::Event,
    api: Api,
    toasts: Toasts,
    i18n: I18n,
    by: &'static str,
    id: String,
) {
    let sending = Sending {
        list: RwSignal::new(Vec::new()),
        files: RwSignal::new(Vec::new()),
    };
    for file in chosen(change) {
        send(sending, &file, by, &id, i18n, toasts, api);
    }
}

fn chosen(change: &leptos::ev::Event) -> Vec<web_sys::File> {
    let input = change
        .target()
        .and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
    let files = input.as_ref().and_then(web_sys::HtmlInputElement::files);
    let list = all(files);
    if let Some(input) = input {
        input.set_value("");
    }
    list
}

fn all(files: Option<web_sys::FileList>) -> Vec<web_sys::File> {
    files
        .map(|files| {
            (0..files.length())
                .filter_map(|place| files.get(place))
                .collect()
        })
        .unwrap_or_default()
}

fn send(
    sending: Sending,
    file: &web_sys::File,
    by: &'static str,
    id: &str,
    i18n: I18n,
    toasts: Toasts,
    _api: Api,
) {
    let key = sending
        .list
        .with_untracked(|list| list.last().map_or(0, |(key, ..)| key + 1));
    let progress = RwSignal::new(0);
    sending
        .list
        .update(|list| list.push((key, file.name(), progress)));
    let path = format!("/files{}", query(&[("name", &file.name()), (by, id)]));
    let name = file.name();
    upload::send(&path, file, progress, move |answer| {
        let _ = sending
            .list
            .try_update(|list| list.retain(|(known, ..)| *known != key));
        let stored = answer.and_then(|text| {
            serde_json::from_str::<StoredFile>(&text)
                .map_err(|_| crate::view::failure::Failure::Garbled)
        });
        match stored {
            Ok(stored) => {
                let _ = sending
                    .files
                    .try_update(|files| files.insert(0, stored.clone()));
                bridge::tell(Topic::File, &stored.id);
                toasts.say(fill_now!(i18n, files.added, name = stored.name));
            }
            Err(failure) => toasts.fail(format!("{}: {}", name, say_failure_now(i18n, &failure))),
        }
    });
}

/// The list; `by` is `contact`, `item` or `call`.
#[component]
pub fn FilesOf(by: &'static str, id: String) -> impl IntoView {
    let i18n = use_i18n();
    let (api, toasts) = (use_api(), use_toasts());
    let sending = Sending {
        list: RwSignal::new(Vec::new()),
        files: RwSignal::new(Vec::new()),
    };
    let over = RwSignal::new(false);
    let shown = RwSignal::new(None::<StoredFile>);
    let id = StoredValue::new(id);
    let read = move || {
        let path = format!("/files{}", query(&[(by, &id.get_value())]));
        spawn_local(async move {
            if let Ok(read) = api.get(&path).await {
                let _ = sending.files.try_set(read);
            }
        });
    };
    read();
    bridge::hear(Topic::File, move |_| read());
    use_live().follow(move |event| {
        let is_here = |of: &String| id.try_with_value(|id| alike(id, of)).unwrap_or(false);
        if matches!(event, Event::Files { id: of } if is_here(of)) {
            read();
        }
    });
    let take = move |files: Vec<web_sys::File>| {
        files
            .iter()
            .for_each(|file| send(sending, file, by, &id.get_value(), i18n, toasts, api))
    };
    let drop = move |event: leptos::ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        take(all(event.data_transfer().and_then(|data| data.files())));
    };
    // Pasting anywhere on the page but into a text adds a picture from the clipboard.
    let pasted = gloo::events::EventListener::new(&document(), "paste", move |event| {
        let files = event
            .dyn_ref::<web_sys::ClipboardEvent>()
            .and_then(web_sys::ClipboardEvent::clipboard_data)
            .and_then(|data| data.files());
        let files = all(files);
        if !files.is_empty() {
            take(files);
        }
    });
    bridge::keep(pasted);
    let keys = Signal::derive(move || {
        sending
            .files
            .with(|files| files.iter().map(|file| file.id.clone()).collect())
    });
    let row = move |id: String| {
        let file = followed(move || {
            sending
                .files
                .with(|files| files.iter().find(|file| file.id == id).cloned())
        });
        file.map(|file| row_of(file.get_untracked(), shown, sending, api, toasts, i18n))
            .into_any()
    };
    let going = move || {
        sending.list.get().into_iter().map(|(_, name, progress)| view! { <li class="row"><Icon name="upload" class="i--14"/><span class="cut grow">{name}</span><span class="mute num">{text(move || format!("{} %", progress.get()))}</span></li> }).collect_view()
    };
    let is_empty = move || sending.files.with(Vec::is_empty) && sending.list.with(Vec::is_empty);
    view! {
        <div class="drop" class:drop--over=flag(move || over.get()) on:dragover=act(move |event: leptos::ev::DragEvent| { event.prevent_default(); over.set(true); }) on:dragleave=act(move |_| over.set(false)) on:drop=act(drop)>
            <div class="row"><h2 class="eyebrow">{tr!(i18n, files.title)}</h2><label class="btn btn--icon btn--quiet push attach" title=tr!(i18n, files.attach)><Icon name="plus"/><span class="sr">{tr!(i18n, files.attach)}</span><input class="sr" type="file" multiple data-testid="file-input" on:change=act(move |change: leptos::ev::Event| take(chosen(&change)))/></label></div>
            <ul class="t12 fls" data-testid="files">{changing(going)}<Rows keys row/></ul>
            <When when=is_empty><p class="mute t12">{tr!(i18n, files.drop)}</p></When>
        </div>
        {changing(move || shown.get().map(|file| view! { <Preview file shown/> }))}
    }
}

fn row_of(
    file: StoredFile,
    shown: RwSignal<Option<StoredFile>>,
    sending: Sending,
    api: Api,
    toasts: Toasts,
    i18n: I18n,
) -> AnyView {
    let (gone, seen) = (file.clone(), file.clone());
    let delete = move |()| {
        let file = gone.clone();
        spawn_local(async move {
            let path = format!("/files/{}", file.id);
            match api.delete(&path).await {
                Ok(()) => {
                    let _ = sending
                        .files
                        .try_update(|files| files.retain(|known| known.id != file.id));
                    let undo = move || {
                        let path = format!("{path}/restore");
                        spawn_local(async move {
                            match api.order::<StoredFile>(&path).await {
                                Ok(back) => {
                                    let _ = sending.files.try_update(|files| files.insert(0, back));
                                }
                                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
                            }
                        });
                    };
                    toasts.say_with(
                        fill_now!(i18n, contacts.deleted, name = file.name),
                        tu_string!(i18n, common.undo),
                        undo,
                    );
                }
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    let bytes = file.bytes;
    view! {
        <li class="row fl" data-testid="file"><Icon name=icon(&file) class="i--14"/><button type="button" class="fl__n cut grow" data-testid="open-file" title=file.name.clone() on:click=act(move |_| shown.set(Some(seen.clone())))>{file.name.clone()}</button><span class="mute num fl__s">{text(move || size(i18n, bytes))}</span>
            <span class="fl__x"><IconButton icon="trash-2" label=tr!(i18n, common.delete) press=delete testid="delete-file"/></span></li>
    }
    .into_any()
}

/// What a browser may show is shown; the rest can be downloaded.
#[component]
pub fn Preview(file: StoredFile, shown: RwSignal<Option<StoredFile>>) -> impl IntoView {
    let i18n = use_i18n();
    let src = content(&file);
    let close = Callback::new(move |()| shown.set(None));
    let kind = file.media_type.clone();
    let face = match kind.split('/').next() {
        Some("image") => view! { <img class="pv__img" data-testid="preview" src=src.clone() alt=file.name.clone()/> }.into_any(),
        Some("audio") => view! { <audio class="pv__audio" data-testid="preview" src=src.clone() controls></audio> }.into_any(),
        _ if kind == "application/pdf" || kind == "text/plain" => view! { <iframe class="pv__doc" data-testid="preview" src=src.clone() title=file.name.clone()></iframe> }.into_any(),
        _ => view! { <p data-testid="preview-none">{tr!(i18n, files.no_preview)}</p> }.into_any(),
    };
    let (name, title) = (file.name.clone(), Signal::stored(file.name));
    let download = format!("{src}?download=1");
    let foot = Box::new(move || {
        view! {
            <a class="btn" href=download download=name rel="external" data-testid="download-file"><Icon name="download"/>{tr!(i18n, files.download)}</a>
            <button type="button" class="btn btn--main" on:click=act(move |_| close.run(()))>{tr!(i18n, common.close)}</button>
        }
        .into_any()
    });
    view! { <Dialog title close foot><div class="pv">{face}</div></Dialog> }
}

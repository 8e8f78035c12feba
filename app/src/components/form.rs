//! Parts of forms whose fields belong to one draft.
//!
//! A field is a [`Bound`]: how it is read and how it is written. So each part here is compiled
//! once, whatever the draft.

use std::sync::Arc;

use leptos::prelude::*;

use super::{Field, Icon, field::Fault};
use crate::{
    components::reactive::{Rows, act, changing, flag, maybe, text},
    i18n::*,
    view::named::Named,
};

/// A text of a draft.
#[derive(Clone, Copy)]
pub struct Bound {
    /// How it is now.
    pub read: Signal<String>,
    /// Changes it.
    pub write: Callback<String>,
}

impl Bound {
    /// From two closures.
    pub fn new(
        read: impl Fn() -> String + Send + Sync + 'static,
        write: impl Fn(String) + Send + Sync + 'static,
    ) -> Self {
        Self {
            read: Signal::derive(read),
            write: Callback::new(write),
        }
    }

    /// A signal of its own.
    pub fn of(signal: RwSignal<String>) -> Self {
        Self {
            read: signal.into(),
            write: Callback::new(move |text| signal.set(text)),
        }
    }
}

/// Makes [`Bound`]s of parts of a draft.
pub trait Parts<T: 'static>: Copy + Send + Sync + 'static {
    /// Reads the draft.
    fn part<R>(self, read: impl FnOnce(&T) -> R) -> R;
    /// Changes it.
    fn change(self, change: impl FnOnce(&mut T));

    /// A text.
    fn text(self, read: fn(&T) -> String, write: fn(&mut T, String)) -> Bound {
        Bound::new(
            move || self.part(read),
            move |text| self.change(|draft| write(draft, text)),
        )
    }

    /// A text that may be absent.
    fn optional(
        self,
        part: fn(&mut T) -> &mut Option<String>,
        read: fn(&T) -> Option<&str>,
    ) -> Bound {
        Bound::new(
            move || self.part(|draft| read(draft).unwrap_or_default().to_owned()),
            move |text| {
                self.change(|draft| *part(draft) = Some(text).filter(|text| !text.is_empty()))
            },
        )
    }

    /// A choice.
    fn choice<C: Named + Send + Sync>(self, read: fn(&T) -> C, write: fn(&mut T, C)) -> Bound {
        Bound::new(
            move || self.part(read).name(),
            move |name| {
                if let Some(choice) = C::named(&name) {
                    self.change(|draft| write(draft, choice));
                }
            },
        )
    }

    /// A number; what is no digit is not taken.
    fn number(self, read: fn(&T) -> Option<u32>, write: fn(&mut T, Option<u32>)) -> Bound {
        Bound::new(
            move || digits(self.part(read)),
            move |text| self.change(|draft| write(draft, number(&text))),
        )
    }

    /// Something that is so or not.
    fn flag(self, read: fn(&T) -> bool, write: fn(&mut T, bool)) -> Flag {
        Flag {
            read: Signal::derive(move || self.part(read)),
            write: Callback::new(move |on| self.change(|draft| write(draft, on))),
        }
    }
}

impl<T: Send + Sync + 'static> Parts<T> for RwSignal<T> {
    fn part<R>(self, read: impl FnOnce(&T) -> R) -> R {
        self.with(read)
    }

    fn change(self, change: impl FnOnce(&mut T)) {
        self.update(change);
    }
}

/// A number as text; nothing is an empty text.
pub fn digits(number: Option<u32>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

/// The digits of a text as a number.
pub fn number(text: &str) -> Option<u32> {
    let digits: String = text.chars().filter(char::is_ascii_digit).take(9).collect();
    digits.parse().ok()
}

/// A tick of a draft.
#[derive(Clone, Copy)]
pub struct Flag {
    /// How it is now.
    pub read: Signal<bool>,
    /// Changes it.
    pub write: Callback<bool>,
}

/// Nothing wrong.
pub fn no_fault() -> Fault {
    Signal::stored(String::new())
}

/// A labelled line of text.
#[component]
pub fn TextField(
    id: &'static str,
    #[prop(into)] label: Signal<String>,
    bound: Bound,
    #[prop(into, optional)] hint: Option<Signal<String>>,
    #[prop(into, optional)] fault: Option<Fault>,
    #[prop(into, optional)] placeholder: Signal<String>,
    #[prop(into, optional)] suffix: Option<Signal<String>>,
    #[prop(default = "text")] kind: &'static str,
) -> impl IntoView {
    let fault = fault.unwrap_or_else(no_fault);
    let shown = RwSignal::new(false);
    let is_secret = kind == "password";
    let kind = text(move || {
        if is_secret && shown.get() {
            "text"
        } else {
            kind
        }
    });
    let input = view! {
        <input class="input num" id=id data-testid=id type=kind placeholder=placeholder autocomplete=if is_secret { "new-password" } else { "off" } spellcheck="false"
            aria-describedby=format!("{id}-d") aria-invalid=maybe(move || (!fault.get().is_empty()).then_some("true"))
            prop:value=bound.read on:input=act(move |input| bound.write.run(event_target_value(&input)))/>
    };
    let input = if is_secret {
        view! { <div class="affix">{input}<Reveal shown/></div> }.into_any()
    } else if let Some(suffix) = suffix {
        view! { <div class="affix">{input}<span>{suffix}</span></div> }.into_any()
    } else {
        input.into_any()
    };
    match hint {
        Some(hint) => view! { <Field id label hint fault>{input}</Field> }.into_any(),
        None => view! { <Field id label fault>{input}</Field> }.into_any(),
    }
}

#[component]
fn Reveal(shown: RwSignal<bool>) -> impl IntoView {
    let i18n = use_i18n();
    let words = move || {
        if shown.get() {
            t_string!(i18n, sign_in.hide_password)
        } else {
            t_string!(i18n, sign_in.show_password)
        }
    };
    view! { <button type="button" class="btn btn--quiet btn--icon" aria-label=text(words) title=text(words) aria-pressed=text(move || shown.get()) on:click=act(move |_| shown.update(|shown| *shown = !*shown))><Icon name="eye"/></button> }
}

/// Choices: name and words.
pub type Options = Signal<Vec<(String, String)>>;

/// Choices whose words are names and need no translation.
pub fn plain_options<C: Named>() -> Options {
    Signal::stored(
        C::NAMES
            .iter()
            .map(|(_, name)| ((*name).to_owned(), (*name).to_owned()))
            .collect(),
    )
}

/// A list to choose from, without a label of its own.
#[component]
pub fn Select(
    bound: Bound,
    options: Options,
    #[prop(optional)] id: Option<&'static str>,
    #[prop(into, optional)] label: Option<Signal<String>>,
    #[prop(default = "select")] class: &'static str,
) -> impl IntoView {
    let rows = move || {
        options
            .get()
            .into_iter()
            .map(|(name, words)| {
                let chosen = {
                    let name = name.clone();
                    flag(move || bound.read.get() == name)
                };
                view! { <option value=name prop:selected=chosen>{words}</option> }
            })
            .collect_view()
    };
    let described = id.map(|id| format!("{id}-d"));
    view! { <select class=class id=id data-testid=id aria-label=label aria-describedby=described on:change=act(move |change| bound.write.run(event_target_value(&change)))>{changing(rows)}</select> }
}

/// A labelled list to choose from.
#[component]
pub fn SelectField(
    id: &'static str,
    #[prop(into)] label: Signal<String>,
    bound: Bound,
    options: Options,
    #[prop(into, optional)] hint: Option<Signal<String>>,
) -> impl IntoView {
    let select = view! { <Select bound options id/> };
    match hint {
        Some(hint) => view! { <Field id label hint fault=no_fault()>{select}</Field> }.into_any(),
        None => view! { <Field id label fault=no_fault()>{select}</Field> }.into_any(),
    }
}

/// A switch under a label.
#[component]
pub fn SwitchField(
    id: &'static str,
    #[prop(into)] label: Signal<String>,
    #[prop(into)] words: Signal<String>,
    bound: Flag,
) -> impl IntoView {
    view! { <div class="field"><span class="field__label">{label}</span><Switch id words bound/></div> }
}

/// A switch with its words.
#[component]
pub fn Switch(id: &'static str, #[prop(into)] words: Signal<String>, bound: Flag) -> impl IntoView {
    view! {
        <label class="switch"><input type="checkbox" role="switch" id=id data-testid=id prop:checked=bound.read
            on:change=act(move |change| bound.write.run(event_target_checked(&change)))/><span class="soft">{words}</span></label>
    }
}

/// A line of text in a table or list, with its label for those who hear it.
#[component]
pub fn Cell(
    bound: Bound,
    #[prop(into)] label: Signal<String>,
    #[prop(default = "input num")] class: &'static str,
    #[prop(into, optional)] placeholder: Signal<String>,
    #[prop(into, optional)] fault: Option<Fault>,
    #[prop(optional)] testid: Option<&'static str>,
) -> impl IntoView {
    let fault = fault.unwrap_or_else(no_fault);
    view! {
        <input class=class type="text" autocomplete="off" spellcheck="false" aria-label=label title=fault placeholder=placeholder data-testid=testid
            aria-invalid=maybe(move || (!fault.get().is_empty()).then_some("true"))
            prop:value=bound.read on:input=act(move |input| bound.write.run(event_target_value(&input)))/>
    }
}

/// A quiet button with an icon only.
#[component]
pub fn IconButton(
    icon: &'static str,
    #[prop(into)] label: Signal<String>,
    #[prop(into)] press: Callback<()>,
    #[prop(optional)] testid: Option<&'static str>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    view! { <button type="button" class="btn btn--icon btn--quiet" data-testid=testid aria-label=label title=label disabled=disabled on:click=act(move |_| press.run(()))><Icon name=icon/></button> }
}

/// Rows by their place: a row is made once for a place and reads what stands there now.
#[component]
pub fn Places(
    #[prop(into)] count: Signal<usize>,
    #[prop(into)] row: Callback<usize, AnyView>,
) -> impl IntoView {
    let keys = Signal::derive(move || (0..count.get()).map(|place| place.to_string()).collect());
    let row = move |key: String| row.run(key.parse().unwrap_or_default());
    view! { <Rows keys row/> }
}

/// Names of ids.
pub type Names = Signal<Vec<(String, String)>>;

/// An ordered choice of several: chips in their order, and a list to add from. Alt with an arrow,
/// or the arrows beside it, moves one.
#[component]
pub fn PickList(
    #[prop(into)] chosen: Signal<Vec<String>>,
    write: Callback<Vec<String>>,
    names: Names,
    #[prop(into)] add: Signal<String>,
    testid: &'static str,
) -> impl IntoView {
    let i18n = use_i18n();
    let name_of = move |id: &str| {
        names.with(|names| {
            names
                .iter()
                .find(|(known, _)| known == id)
                .map_or_else(|| id.to_owned(), |(_, name)| name.clone())
        })
    };
    let change = move |change: &dyn Fn(&mut Vec<String>)| {
        let mut list = chosen.get_untracked();
        change(&mut list);
        write.run(list);
    };
    let change = Arc::new(change);
    let row = {
        let change = change.clone();
        move |id: String| {
            let shift = {
                let (change, id) = (change.clone(), id.clone());
                move |up: bool| {
                    change(&|list: &mut Vec<String>| {
                        if let Some(place) = list.iter().position(|known| *known == id) {
                            move_item(list, place, up);
                        }
                    });
                }
            };
            let remove = {
                let (change, id) = (change.clone(), id.clone());
                move |_| change(&|list: &mut Vec<String>| list.retain(|known| *known != id))
            };
            let words = {
                let id = id.clone();
                Signal::derive(move || name_of(&id))
            };
            let label = Signal::derive(move || fill!(i18n, form.chip_keys, name = words.get()));
            let keys = move |press: leptos::ev::KeyboardEvent| {
                let up = match press.key().as_str() {
                    "ArrowUp" | "ArrowLeft" if press.alt_key() => true,
                    "ArrowDown" | "ArrowRight" if press.alt_key() => false,
                    _ => return,
                };
                press.prevent_default();
                shift(up);
                refocus(&press);
            };
            view! {
                <li class="pk"><span>{words}</span>
                    <button type="button" class="pk__x" aria-label=label title=label on:click=act(remove) on:keydown=act(keys)><Icon name="x" class="i--14"/></button></li>
            }
            .into_any()
        }
    };
    let options = Signal::derive(move || {
        let chosen = chosen.get();
        let mut options = vec![(String::new(), add.get())];
        options.extend(
            names
                .get()
                .into_iter()
                .filter(|(id, _)| !chosen.contains(id)),
        );
        options
    });
    let picked = Bound::new(String::new, move |id: String| {
        if !id.is_empty() {
            change(&|list: &mut Vec<String>| list.push(id.clone()));
        }
    });
    view! {
        <div class="pks" data-testid=testid>
            <ol class="pks__l"><Rows keys=chosen row/></ol>
            {changing(move || (options.with(Vec::len) > 1).then(|| view! { <Select bound=picked options label=add class="select select--add"/> }))}
        </div>
    }
}

/// Moves an item one place.
pub fn move_item<T>(list: &mut [T], place: usize, up: bool) {
    let other = if up {
        place.checked_sub(1)
    } else {
        Some(place + 1).filter(|other| *other < list.len())
    };
    if let Some(other) = other {
        list.swap(place, other);
    }
}

/// Moving a row in the page takes the focus from it; it is given back.
pub fn refocus(event: &leptos::ev::KeyboardEvent) {
    use wasm_bindgen::JsCast;
    let element = event
        .current_target()
        .or_else(|| event.target())
        .and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(element) = element {
        request_animation_frame(move || {
            let _ = element.focus();
        });
    }
}

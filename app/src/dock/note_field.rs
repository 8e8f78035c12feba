//! What was said: the note of the call, kept while it is typed.

use leptos::prelude::*;

use super::card::CardModel;
use crate::{
    components::{
        Icon,
        reactive::{act, changing, text},
    },
    i18n::*,
    state::call_note::{CallNote, Standing},
};

/// Once the server knows the call.
#[component]
pub fn NoteField(model: CardModel) -> impl IntoView {
    let id = Memo::new(move |_| {
        let of = |record: &Option<api_types::CallRecord>| record.as_ref().map(|one| one.id.clone());
        model.record.with(of)
    });
    changing(move || id.get().map(|id| view! { <Area model id/> }))
}

#[component]
fn Area(model: CardModel, id: String) -> impl IntoView {
    let i18n = use_i18n();
    let on_server = move || {
        let of =
            |record: &Option<api_types::CallRecord>| record.as_ref().map(|one| one.note.clone());
        model.record.with(of).unwrap_or_default()
    };
    let note = CallNote::of(&id, &untrack(on_server));
    Effect::new(move |_| note.changed(&on_server()));
    on_cleanup(move || {
        if note.standing.try_get_untracked() == Some(Standing::Typing) {
            note.save();
        }
    });
    let field = format!("note-{id}");
    view! {
        <div class="call__note field">
            <label class="sr" for=field.clone()>{tr!(i18n, call.note)}</label>
            <textarea class="area" id=field rows="2" placeholder=tr!(i18n, call.note_hint) data-testid="card-note"
                prop:value=note.text
                on:input=act(move |input| note.typed(event_target_value(&input)))
                on:blur=act(move |_| if note.standing.get_untracked() == Standing::Typing { note.save() })></textarea>
            <NoteStanding standing=note.standing/>
        </div>
    }
}

/// Whether the server has it.
#[component]
pub fn NoteStanding(standing: RwSignal<Standing>) -> impl IntoView {
    let i18n = use_i18n();
    changing(move || {
        match standing.get() {
        Standing::Untouched | Standing::Typing => ().into_any(),
        Standing::Saved => view! { <span class="saved push" role="status"><Icon name="check"/>{tr!(i18n, call.saved)}</span> }.into_any(),
        Standing::Waits => view! { <span class="saved saved--wait push" role="status"><Icon name="wifi-off"/>{text(move || t_string!(i18n, call.kept_here))}</span> }.into_any(),
        Standing::Refused => view! { <span class="field__error push" role="alert"><Icon name="circle-x"/>{text(move || t_string!(i18n, call.note_refused))}</span> }.into_any(),
    }
    })
}

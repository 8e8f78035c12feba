//! Further numbers of a line (DIDs): their names on the card, who rings, whether they may be shown.

use api_types::LineNumber;
use leptos::prelude::*;

use super::{
    form::Form,
    plan::{PlanEditor, PlanPart},
};
use crate::{
    components::{
        Empty, Icon,
        form::{Cell, IconButton, Parts, Places, no_fault},
        reactive::{When, act, text},
    },
    i18n::*,
};

/// A number by its place.
#[derive(Clone, Copy)]
struct NumberPart {
    form: Form,
    place: usize,
}

impl Parts<LineNumber> for NumberPart {
    fn part<R>(self, read: impl FnOnce(&LineNumber) -> R) -> R {
        self.form
            .draft
            .with(|draft| match draft.numbers.get(self.place) {
                Some(number) => read(number),
                None => read(&LineNumber::default()),
            })
    }

    fn change(self, change: impl FnOnce(&mut LineNumber)) {
        self.form.draft.update(|draft| {
            if let Some(number) = draft.numbers.get_mut(self.place) {
                change(number);
            }
        });
    }
}

/// The list.
#[component]
pub fn FurtherNumbers(form: Form) -> impl IntoView {
    let i18n = use_i18n();
    let count = Signal::derive(move || form.draft.with(|draft| draft.numbers.len()));
    let row = move |place: usize| view! { <Row part=NumberPart { form, place }/> }.into_any();
    let add = move |_| {
        form.draft.update(|draft| {
            draft.numbers.push(LineNumber {
                caller_id: true,
                ..LineNumber::default()
            })
        })
    };
    let fault = form.fault(i18n, "numbers");
    let none = move || view! { <Empty icon="hash" title=tr!(i18n, lines.no_numbers) lead=tr!(i18n, lines.no_numbers_lead)/> };
    view! {
        <div class="dids">
            <When when=move || { count.get() > 0 } otherwise=ViewFn::from(none)><ol><Places count row/></ol></When>
            <When when=move || !fault.get().is_empty()><p class="field__error" role="alert"><Icon name="circle-x"/><span>{fault}</span></p></When>
            <button type="button" class="btn btn--acc" data-testid="add-number" on:click=act(add)><Icon name="plus"/>{tr!(i18n, lines.add_number)}</button>
        </div>
    }
}

#[component]
fn Row(part: NumberPart) -> impl IntoView {
    let i18n = use_i18n();
    let number = part.text(
        |number| number.number.clone(),
        |number, text| number.number = text,
    );
    let label = part.text(
        |number| number.label.clone(),
        |number, text| number.label = text,
    );
    let caller = part.flag(
        |number| number.caller_id,
        |number, on| number.caller_id = on,
    );
    let open = RwSignal::new(false);
    let plan = PlanPart {
        read: Signal::derive(move || part.part(|number| number.plan.clone())),
        write: Callback::new(move |plan| part.change(|number| number.plan = plan)),
    };
    let remove = move |()| {
        part.form.draft.update(|draft| {
            if part.place < draft.numbers.len() {
                draft.numbers.remove(part.place);
            }
        });
    };
    let who = move || {
        if plan.read.with(Option::is_some) {
            t_string!(i18n, plan.own)
        } else {
            t_string!(i18n, plan.as_line)
        }
    };
    view! {
        <li class="did" data-testid="did">
            <div class="did__r">
                <Cell bound=number label=tr!(i18n, lines.number) placeholder=Signal::stored("+7 495 123-45-67".to_owned()) testid="did-number"/>
                <Cell bound=label label=tr!(i18n, lines.number_label) placeholder=tr!(i18n, lines.number_label) class="input" testid="did-label"/>
                <button type="button" class="btn" aria-expanded=text(move || open.get()) on:click=act(move |_| open.update(|open| *open = !*open))>{tr!(i18n, lines.number_plan)}": "{text(who)}</button>
                <IconButton icon="trash-2" label=tr!(i18n, form.remove) press=remove testid="remove-did"/>
            </div>
            <label class="check t12 soft"><input type="checkbox" prop:checked=caller.read on:change=act(move |change| caller.write.run(event_target_checked(&change)))/>{tr!(i18n, lines.number_caller)}</label>
            <When when=move || open.get()><PlanEditor plan people=part.form.people inherit=tr!(i18n, plan.as_line) fault=no_fault()/></When>
        </li>
    }
}

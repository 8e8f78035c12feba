//! Why a row of an import could not be taken, in the language of who asks.

use std::borrow::Cow;

use api_types::ImportProblem;

use crate::export::Lang;

/// The sentence; what is not known in a language stays English.
pub(super) fn said(problem: &ImportProblem, lang: Lang) -> Cow<'_, str> {
    let russian = match lang {
        Lang::En => None,
        Lang::Ru => russian(&problem.code, &problem.value),
    };
    russian.map_or(Cow::Borrowed(&problem.message), Cow::Owned)
}

fn russian(code: &str, value: &str) -> Option<String> {
    Some(match code {
        "bad_phone" => {
            format!("«{value}» — не телефон: исправьте и загрузите строку ещё раз")
        }
        "bad_email" => {
            format!("«{value}» — не адрес почты: исправьте и загрузите строку ещё раз")
        }
        "no_name" => "в строке нет ни имени, ни телефона, ни почты: впишите что-нибудь из этого"
            .to_owned(),
        "too_long" => format!(
            "слишком длинно: «{value}». Сократите до 200 знаков (заметки до 20 000) и загрузите строку ещё раз"
        ),
        "unknown_status" => format!(
            "нет статуса «{value}»: добавьте его в настройках или оставьте ячейку пустой"
        ),
        "unknown_responsible" => {
            format!("нет сотрудника «{value}»: впишите его логин или внутренний номер")
        }
        "bad_field" => format!("«{value}» не подходит для этого поля: исправьте значение"),
        "too_many" => {
            "у контакта может быть не больше 20 телефонов, адресов почты, адресов и меток: уберите лишние"
                .to_owned()
        }
        "unreadable" => {
            "строка длиннее 64 КБ: возможно, не закрыта кавычка. Исправьте и загрузите строку ещё раз"
                .to_owned()
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_russian_sentence() {
        for code in [
            "bad_phone",
            "bad_email",
            "no_name",
            "too_long",
            "unknown_status",
            "unknown_responsible",
            "bad_field",
            "too_many",
            "unreadable",
        ] {
            let problem = ImportProblem {
                code: code.to_owned(),
                message: "English".to_owned(),
                ..ImportProblem::default()
            };
            assert_eq!(said(&problem, Lang::En), "English");
            assert_ne!(said(&problem, Lang::Ru), "English", "{code}");
        }
    }
}

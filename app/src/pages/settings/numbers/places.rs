//! Names of directions: countries by the browser's Intl, kinds of numbers by our own words.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::i18n::{I18n, Locale};

#[wasm_bindgen]
extern "C" {
    type DisplayNames;
    #[wasm_bindgen(constructor, js_namespace = Intl, catch)]
    fn new(tags: &Array, options: &Object) -> Result<DisplayNames, wasm_bindgen::JsValue>;
    #[wasm_bindgen(method, catch)]
    fn of(this: &DisplayNames, code: &str) -> Result<Option<String>, wasm_bindgen::JsValue>;
}

/// `GB` is `United Kingdom`, `RU:mobile` is `Mobile numbers`.
pub fn name(i18n: I18n, id: &str) -> String {
    match id.split_once(':') {
        Some((_, "fixed")) => t_string!(i18n, numbers.fixed).to_owned(),
        Some((_, "mobile")) => t_string!(i18n, numbers.mobile).to_owned(),
        Some((_, "premium")) => t_string!(i18n, numbers.premium).to_owned(),
        Some((country, _)) => name(i18n, country),
        None if id == "001" => t_string!(i18n, numbers.nowhere).to_owned(),
        None => country(i18n.get_locale(), id).unwrap_or_else(|| id.to_owned()),
    }
}

/// `Russia, Mobile numbers`
pub fn full_name(i18n: I18n, id: &str) -> String {
    match id.split_once(':') {
        Some((country, _)) => format!("{}, {}", name(i18n, country), name(i18n, id)),
        None => name(i18n, id),
    }
}

fn country(locale: Locale, id: &str) -> Option<String> {
    let tag = match locale {
        Locale::en => "en",
        Locale::ru => "ru",
    };
    let options = Object::new();
    let _ = Reflect::set(&options, &"type".into(), &"region".into());
    DisplayNames::new(&Array::of1(&tag.into()), &options)
        .ok()?
        .of(id)
        .ok()?
}

/// The words of a part of the world.
pub fn group(i18n: I18n, id: &str) -> String {
    match id {
        "home" => t_string!(i18n, numbers.home_group),
        "europe" => t_string!(i18n, numbers.europe),
        "asia" => t_string!(i18n, numbers.asia),
        "africa" => t_string!(i18n, numbers.africa),
        "north_america" => t_string!(i18n, numbers.north_america),
        "south_america" => t_string!(i18n, numbers.south_america),
        "oceania" => t_string!(i18n, numbers.oceania),
        "satellite" => t_string!(i18n, numbers.satellite),
        other => return other.to_owned(),
    }
    .to_owned()
}

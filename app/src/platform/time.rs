//! Dates, times and numbers as the chosen language writes them, by the browser's Intl.

use js_sys::{Date, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::i18n::{I18n, Locale};

/// Language tag for Intl. English writes dates the unambiguous way, day before month, 24 hours.
fn tag(locale: Locale) -> &'static str {
    match locale {
        Locale::en => "en-GB",
        Locale::ru => "ru-RU",
    }
}

fn options(pairs: &[(&str, &str)]) -> JsValue {
    let object = Object::new();
    for (name, value) in pairs {
        let _ = Reflect::set(&object, &(*name).into(), &(*value).into());
    }
    object.into()
}

fn date(ms: i64) -> Date {
    Date::new(&JsValue::from_f64(ms as f64))
}

fn written(ms: i64, locale: Locale, pairs: &[(&str, &str)]) -> String {
    date(ms)
        .to_locale_string(tag(locale), &options(pairs))
        .into()
}

/// `13:46`
pub fn clock(ms: i64, locale: Locale) -> String {
    written(ms, locale, &[("hour", "2-digit"), ("minute", "2-digit")])
}

/// `13:46:07`
pub fn clock_with_seconds(ms: i64, locale: Locale) -> String {
    written(
        ms,
        locale,
        &[
            ("hour", "2-digit"),
            ("minute", "2-digit"),
            ("second", "2-digit"),
        ],
    )
}

/// `Thursday, 19 November` inside a line, where Russian has no capital.
pub fn day_inside(ms: i64, locale: Locale) -> String {
    // en-GB has no comma after the weekday when the day follows.
    let weekday = written(ms, locale, &[("weekday", "long")]);
    let date = written(ms, locale, &[("day", "numeric"), ("month", "long")]);
    format!("{weekday}, {date}")
}

/// `Thursday, 19 November`, with a capital in every language.
pub fn day(ms: i64, locale: Locale) -> String {
    let day = day_inside(ms, locale);
    let mut letters = day.chars();
    let capital: String = letters
        .next()
        .map(|first| {
            js_sys::JsString::from(first.to_string())
                .to_upper_case()
                .into()
        })
        .unwrap_or_default();
    capital + letters.as_str()
}

/// `19 Nov`
pub fn short_day(ms: i64, locale: Locale) -> String {
    written(ms, locale, &[("day", "numeric"), ("month", "short")])
}

/// A number that is the same for all moments of one day here.
pub fn day_number(ms: i64) -> i64 {
    let date = date(ms);
    i64::from(date.get_full_year()) * 400
        + i64::from(date.get_month()) * 32
        + i64::from(date.get_date())
}

/// The beginning of a day as `2026-11-22` (empty: today), `offset` days later; ms since 1970.
pub fn day_start(offset: i32, day: &str) -> Option<i64> {
    let date = match day {
        "" => Date::new_0(),
        day => Date::new(&JsValue::from_str(&format!("{day}T00:00"))),
    };
    let day = i32::try_from(date.get_date()).ok()? + offset;
    date.set_hours(0);
    date.set_minutes(0);
    date.set_seconds(0);
    date.set_milliseconds(0);
    Reflect::get(&date, &"setDate".into())
        .ok()?
        .dyn_into::<js_sys::Function>()
        .ok()?
        .call1(&date, &JsValue::from(day))
        .ok()?;
    let ms = date.get_time();
    ms.is_finite().then_some(ms as i64)
}

/// `1,8` or `1.8`
pub fn decimal(value: f64, locale: Locale) -> String {
    js_sys::Number::from(value)
        .to_locale_string(tag(locale))
        .into()
}

/// `846 000 ₽`: hundredths of a currency (ISO 4217) without an empty fraction.
pub fn money(hundredths: i64, currency: &str, locale: Locale) -> String {
    let pairs = [
        ("style", "currency"),
        ("currency", currency),
        ("currencyDisplay", "narrowSymbol"),
        ("trailingZeroDisplay", "stripIfInteger"),
    ];
    // A currency the browser refuses throws.
    if currency.len() != 3 || !currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return decimal(hundredths as f64 / 100.0, locale);
    }
    let tags = js_sys::Array::of1(&tag(locale).into());
    let form = js_sys::Intl::NumberFormat::new(&tags, options(&pairs).unchecked_ref());
    let written = form.format().call1(
        &JsValue::UNDEFINED,
        &JsValue::from_f64(hundredths as f64 / 100.0),
    );
    written
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

/// `calls.count` in the form that the number asks for.
pub fn count_calls(i18n: I18n, count: usize) -> String {
    let locale = i18n.get_locale();
    let text = match plural_form(count, locale).as_str() {
        "one" => t_string!(i18n, calls.count.one),
        "few" => t_string!(i18n, calls.count.few),
        "many" => t_string!(i18n, calls.count.many),
        _ => t_string!(i18n, calls.count.other),
    };
    crate::view::format::fill(text, &[("count", &decimal(count as f64, locale))])
}

/// The CLDR category by Intl, which has the rules of every language; ICU's tables would be
/// downloaded by everybody.
fn plural_form(count: usize, locale: Locale) -> String {
    let tags = js_sys::Array::of1(&tag(locale).into());
    js_sys::Intl::PluralRules::new(&tags, &Object::new())
        .select(count as f64)
        .into()
}

/// `19 November 2026`
pub fn long_date(ms: i64, locale: Locale) -> String {
    written(
        ms,
        locale,
        &[("day", "numeric"), ("month", "long"), ("year", "numeric")],
    )
}

/// `March 2023`
pub fn month(ms: i64, locale: Locale) -> String {
    written(ms, locale, &[("month", "long"), ("year", "numeric")])
}

/// `Fri`
pub fn weekday(ms: i64, locale: Locale) -> String {
    written(ms, locale, &[("weekday", "short")])
}

/// The beginning of the day after this moment, here.
pub fn midnight_after(ms: i64) -> i64 {
    let date = date(ms);
    date.set_hours(24);
    date.set_minutes(0);
    date.set_seconds(0);
    date.set_milliseconds(0);
    date.get_time() as i64
}

/// As `<input type="datetime-local">` wants it: `2026-11-19T16:00`, the time here.
pub fn for_input(ms: i64) -> String {
    let date = date(ms);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes()
    )
}

/// What such an input holds; `None` while it is empty or half typed.
pub fn from_input(text: &str) -> Option<i64> {
    let ms = Date::parse(text);
    ms.is_finite().then_some(ms as i64)
}

/// `16:00` today, `Fri 10:00` within a week, else `19 Nov`.
pub fn near(ms: i64, now: i64, locale: Locale) -> String {
    const WEEK_MS: i64 = 7 * 24 * 3_600_000;
    if day_number(ms) == day_number(now) {
        clock(ms, locale)
    } else if (0..WEEK_MS).contains(&(ms - now)) {
        format!("{} {}", weekday(ms, locale), clock(ms, locale))
    } else {
        short_day(ms, locale)
    }
}

/// `19 November`
pub fn short_date(ms: i64, locale: Locale) -> String {
    written(ms, locale, &[("day", "numeric"), ("month", "long")])
}

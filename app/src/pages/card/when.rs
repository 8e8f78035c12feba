//! Moments people choose: in an hour, tomorrow at ten, another.

use js_sys::Date;
use wasm_bindgen::JsValue;

use crate::platform::now_ms;

/// An hour.
const HOUR_MS: i64 = 3_600_000;

/// Ms since 1970 of what a field of date and time holds; `None`: nothing.
pub fn moment(field: &str) -> Option<i64> {
    let ms = Date::new(&JsValue::from_str(field)).get_time();
    (!field.is_empty() && ms.is_finite()).then_some(ms as i64)
}

/// A moment as such a field holds it.
pub fn field(ms: i64) -> String {
    let date = Date::new(&JsValue::from_f64(ms as f64));
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes()
    )
}

/// In an hour, as such a field holds it.
pub fn in_an_hour() -> String {
    field(now_ms() + HOUR_MS)
}

/// Tomorrow at ten in the morning, ms since 1970.
pub fn tomorrow() -> i64 {
    let date = Date::new_0();
    date.set_date(date.get_date() + 1);
    date.set_hours(10);
    date.set_minutes(0);
    date.set_seconds(0);
    date.set_milliseconds(0);
    date.get_time() as i64
}

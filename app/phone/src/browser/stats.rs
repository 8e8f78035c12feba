//! Members of what `getStats()` tells.

use wasm_bindgen::JsValue;

pub(super) fn get(stats: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(stats, &name.into()).unwrap_or_default()
}

/// Empty: there is none.
pub(super) fn text(stats: &JsValue, name: &str) -> String {
    get(stats, name).as_string().unwrap_or_default()
}

pub(super) fn number(stats: &JsValue, name: &str) -> Option<f64> {
    get(stats, name).as_f64()
}

//! TURN servers as a peer connection takes them.

use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{RtcConfiguration, RtcIceServer};

use crate::IceServer;

/// A configuration with these servers.
#[must_use]
pub fn rtc_configuration(servers: &[IceServer]) -> RtcConfiguration {
    let list = Array::new();
    for server in servers {
        let urls: Array = server.urls.iter().map(JsValue::from).collect();
        let entry = RtcIceServer::new();
        entry.set_urls(&urls);
        entry.set_username(&server.username);
        entry.set_credential(&server.credential);
        list.push(&entry);
    }
    let configuration = RtcConfiguration::new();
    configuration.set_ice_servers(&list);
    configuration
}

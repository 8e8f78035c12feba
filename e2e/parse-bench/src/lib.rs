//! The messages everybody parses, and what counts as having parsed one: start line, every header
//! field, and the typed values that JsSIP reads at once (Via, From, To, CSeq, Call-ID, Contact,
//! Record-Route, challenges, Session-Expires).

use sip_core::{
    header::{AuthValue, NameAddr, Via},
    message::{Message, Request, Response},
    wire::parse_message,
};

/// What calls and registrations are made of.
pub const MESSAGES: [&str; 5] = [
    include_str!("../messages/invite.sip"),
    include_str!("../messages/ringing.sip"),
    include_str!("../messages/ok.sip"),
    include_str!("../messages/challenge.sip"),
    include_str!("../messages/bye.sip"),
];

/// Reads one message as far as JsSIP does; a sum over what was found, 0 for what is no message.
#[must_use]
pub fn read(bytes: &[u8]) -> u32 {
    match parse_message(bytes) {
        Ok(Message::Request(request)) => typed_request(&request),
        Ok(Message::Response(response)) => typed_response(&response),
        Err(_) => 0,
    }
}

macro_rules! typed {
    ($name:ident, $message:ty) => {
        fn $name(message: &$message) -> u32 {
            let vias = message
                .header_values("Via")
                .filter_map(|via| via.parse::<Via>().ok())
                .count();
            let routes = message
                .header_values("Record-Route")
                .filter_map(|route| route.parse::<NameAddr>().ok())
                .count();
            let challenges = message
                .header_all("WWW-Authenticate")
                .flat_map(AuthValue::parse_all)
                .count();
            let ends = [message.from_header(), message.to_header()];
            let tags = ends
                .iter()
                .flatten()
                .filter(|end| end.tag().is_some())
                .count();
            let words = message.call_id().map_or(0, str::len)
                + message.header("Session-Expires").map_or(0, str::len);
            let sum = vias + routes + challenges + tags + words;
            let sum = sum + message.contacts().len() + message.body.len();
            let sequence = message.cseq().map_or(0, |cseq| cseq.number);
            u32::try_from(sum).unwrap_or(0) + sequence
        }
    };
}

typed!(typed_request, Request);
typed!(typed_response, Response);

/// The door for JavaScript: one WebSocket message as a string.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn read_text(text: &str) -> u32 {
    read(text.as_bytes())
}

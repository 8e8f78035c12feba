//! Bytes to messages and back.
//!
//! rsip's own parser is not used: see `docs/decisions/0001-own-wire-layer-over-rsip.md`.

mod encoder;
mod framing;
mod reader;
mod stream;

pub(crate) use encoder::{encode_request, encode_response};
pub use framing::{Frame, classify};
pub use reader::{MAX_HEAD, MAX_HEADERS, MAX_MESSAGE, ReadError, parse_message};
pub use stream::{StreamError, StreamFramer, StreamLimits};

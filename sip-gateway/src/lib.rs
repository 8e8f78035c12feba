//! Trubka's SIP gateway: registers at providers, serves browsers over SIP/WebSocket, joins their
//! WebRTC media to RTP, records.
//!
//! It knows telephony and nothing of customers. What it may do it asks of a [`ports::CallDirector`];
//! what happened it tells as a stream of [`ports::CallEvent`]s.
#![warn(missing_docs)]

pub mod media;
pub mod ports;
pub mod recording;

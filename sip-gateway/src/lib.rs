//! Trubka's SIP gateway: registers at providers, serves browsers over SIP/WebSocket, joins their
//! WebRTC media to RTP, records.
//!
//! It knows telephony and nothing of customers. What it may do it asks of a [`ports::CallDirector`];
//! what happened it tells as a stream of [`ports::CallEvent`]s.
//!
//! ```text
//!  UDP socket ──┐                                ┌── lines      (register at providers)
//!  WebSockets ──┼─► agent task (one UserAgent) ──┼── registrar  (phones that register here)
//!  timers ──────┘          ▲      │              └── calls      (one task per conversation)
//!                          └──────┘ orders / inputs                 │ SDP text
//!                                                               media::Engine
//! ```
//! The agent task alone touches SIP; conversations send it orders and get inputs; nobody shares a
//! lock. A caller starts with [`Gateway::start`].
#![warn(missing_docs)]

pub mod config;
pub mod gateway;
pub mod media;
pub mod ports;
pub mod recording;

pub use config::{Addresses, GatewayConfig, Limits, SipAddress, StartError};
pub use gateway::{ActiveCall, BindingInfo, CheckReport, Gateway};

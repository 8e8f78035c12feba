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

mod agent_task;
mod archive;
mod calls;
pub mod config;
mod events;
pub mod gateway;
mod lines;
pub mod media;
mod orders;
pub mod ports;
pub mod recording;
mod registrar;
mod resolver;
mod transport;

pub use config::{Addresses, GatewayConfig, Limits, OnFatal, SipAddress, StartError, Waits};
pub use gateway::{ActiveCall, BindingInfo, Gateway};
pub use resolver::DnsServers;
pub use transport::tls::TlsIdentity;

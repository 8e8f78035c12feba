//! Trubka: one process that serves the app, the API and the events, and hosts the SIP gateway.
//!
//! The server knows customers and never parses SIP. It answers the gateway's questions
//! (`switchboard`) and turns what the gateway tells into records and events (`calls`).
#![warn(missing_docs)]

mod api;
mod app;
mod auth;
mod calls;
mod clock;
pub mod config;
mod demo;
mod demo_data;
mod director;
mod events;
mod export;
mod imports;
mod lines;
mod lock_outs;
mod office;
mod presence;
mod quality;
mod numbers {
    //! Phone numbers: see the crate `numbering`.
    pub(crate) use numbering::Numbers;
}
mod relay;
mod routing;
mod services;
mod start;
mod switchboard;
mod vault;
mod web;
mod work;
mod zip;

pub use demo_data::demo_data;
pub use start::{RunningServer, StartError, start};

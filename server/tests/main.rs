//! Stories over real HTTP: a fresh data folder and a whole server for each.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod api_shape;
mod brought;
mod business;
mod callers;
mod client_care;
mod clients;
mod contacts;
mod events;
mod files;
mod http;
mod imports;
mod items;
mod line_checks;
mod lines;
mod log;
mod numbers;
mod people;
mod plans;
mod presence;
mod provider;
mod quality;
mod rights;
mod server;
mod sign_in;
mod sip_phone;
mod survival;
mod telephony;
mod together;
mod transfers;

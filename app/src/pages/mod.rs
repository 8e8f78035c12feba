//! Pages. They read from the API and put components together.

pub mod activity;
pub mod appearance;
pub mod attend;
pub mod calls;
mod card;
pub mod client;
pub mod contacts;
pub mod deals;
pub mod desktop;
mod home;
pub mod host;
pub mod item_form;
pub mod list;
mod notices;
mod parts;
pub mod pick;
pub mod presence;
mod result_chip;
pub mod root;
pub mod saved_views;
mod search;
pub mod settings;
pub mod sign_in;
pub mod sound;
pub mod tables;
pub mod tasks;
pub mod unsorted;

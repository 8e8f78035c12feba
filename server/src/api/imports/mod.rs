//! Contacts out of files.

pub(super) mod create;
pub(super) mod errors;
pub(super) mod set_mapping;
pub(super) mod show;
pub(super) mod start;
pub(super) mod undo;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::Shared;

/// All of it.
pub(super) fn endpoints() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(create::create))
        .routes(routes!(show::show))
        .routes(routes!(set_mapping::set_mapping))
        .routes(routes!(start::start))
        .routes(routes!(errors::errors))
        .routes(routes!(undo::undo))
}

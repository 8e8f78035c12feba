//! All recordings together.

mod delete;
mod usage;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::Shared;

/// The addresses of the recordings manager.
pub(super) fn endpoints() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(usage::usage))
        .routes(routes!(delete::delete))
}

//! Notices to whoever asks.

mod list;
mod see;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::Shared;

/// The addresses of notices.
pub(super) fn endpoints() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(see::see_all))
        .routes(routes!(see::see))
}

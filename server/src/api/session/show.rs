//! Who is signed in.

use api_types::Me;
use axum::{Json, extract::State};
use axum_extra::extract::CookieJar;

use super::me;
use crate::{
    app::Shared,
    auth::{Viewer, cookie},
};

/// Who is signed in. The cookie lasts anew.
#[utoipa::path(get, path = "/session", tag = "session", responses((status = 200, body = Me)))]
pub(crate) async fn show(
    State(app): State<Shared>,
    viewer: Viewer,
    jar: CookieJar,
) -> (CookieJar, Json<Me>) {
    let jar = match cookie::read(&jar, &app.config) {
        Some(token) => cookie::set(jar, &app.config, token),
        None => jar,
    };
    (jar, Json(me(&app, &viewer.user)))
}

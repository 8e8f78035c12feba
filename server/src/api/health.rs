//! `GET /healthz`: whether all of the process serves and its database answers.

use axum::extract::State;

use super::error::Error;
use crate::app::Shared;

/// `ok`, or 503.
pub(super) async fn healthz(State(app): State<Shared>) -> Result<&'static str, Error> {
    if app.services.ended().is_some() {
        return Err(Error::Unavailable("a part of Trubka has ended"));
    }
    match app.store.ping().await {
        Ok(()) => Ok("ok\n"),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            Err(Error::Unavailable("the database does not answer"))
        }
    }
}

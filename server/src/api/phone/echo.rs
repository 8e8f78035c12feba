//! Audio that comes back: the check before a call.

use api_types::{EchoAnswer, EchoOffer};
use axum::extract::State;
use sip_gateway::gateway::EchoError;

use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    auth::Viewer,
};

/// Answers the offer of a browser that wants to hear itself, for at most 20 seconds. Audio takes the way
/// it takes in a call; nobody is called, nothing is recorded or stored.
#[utoipa::path(
    post, path = "/phone/echo", tag = "phone", request_body = EchoOffer,
    responses(
        (status = 200, body = EchoAnswer), (status = 409, body = api_types::ApiError),
        (status = 422, body = api_types::ApiError), (status = 503, body = api_types::ApiError),
    ),
)]
pub(crate) async fn echo(
    State(app): State<Shared>,
    viewer: Viewer,
    Json(offer): Json<EchoOffer>,
) -> Result<axum::Json<EchoAnswer>, Error> {
    if viewer.user.extension.is_none() {
        return Err(Error::Conflict {
            code: "no_extension",
            field: None,
            message: "you have no extension; ask an administrator for one".to_owned(),
        });
    }
    match app.gateway.echo(&offer.sdp).await {
        Ok(sdp) => Ok(axum::Json(EchoAnswer { sdp })),
        Err(EchoError::Offer(error)) => Err(Error::invalid("bad_offer", "sdp", error.to_string())),
        Err(EchoError::Busy | EchoError::Ended) => Err(Error::Unavailable(
            "too many check their audio at this moment; try again in a minute",
        )),
    }
}

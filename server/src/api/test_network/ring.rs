//! The robot calls in.

use ::test_network::RingError;
use api_types::{FarCall, RobotCall};
use axum::{extract::State, http::StatusCode};

use super::{network, show};
use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    demo,
};

/// Lets the robot call in over the test network's line; it plays a tone and listens.
#[utoipa::path(
    post, path = "/test-network/calls", tag = "test network", request_body = RobotCall,
    responses((status = 201, body = FarCall), (status = 409, body = api_types::ApiError)),
)]
pub(crate) async fn ring(
    State(app): State<Shared>,
    Json(body): Json<RobotCall>,
) -> Result<(StatusCode, axum::Json<FarCall>), Error> {
    let network = network(&app)?;
    let mut order = ::test_network::RobotCall::new(demo::ACCOUNT, body.caller.as_deref());
    order.caller_name = body.caller_name;
    order.tone_hz = body.tone_hz.unwrap_or(850.0);
    order.talk_ms = u64::from(body.talk_secs.unwrap_or(30)) * 1000;
    order.ring_ms = u64::from(body.ring_secs.unwrap_or(30)) * 1000;
    order.dtmf = body.digits;
    if !(200.0..=3400.0).contains(&order.tone_hz) {
        return Err(Error::invalid(
            "bad_tone",
            "tone_hz",
            "a telephone carries tones from 200 to 3400 Hz",
        ));
    }
    let id = network.ring(order).await.map_err(refused)?;
    let call = network.call(id).ok_or(Error::NotFound("call"))?;
    Ok((StatusCode::CREATED, axum::Json(show(call))))
}

fn refused(error: RingError) -> Error {
    let code = match error {
        RingError::NotRegistered => "line_not_registered",
        _ => "robot_failed",
    };
    Error::Conflict {
        code,
        field: None,
        message: error.to_string(),
    }
}

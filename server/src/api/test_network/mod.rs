//! The built-in test network (`--demo`).

pub(super) mod list_calls;
pub(super) mod ring;

use ::test_network::{EndedBy, FarState, TestNetwork};
use api_types::{FarCall, HeardTone};

use super::error::Error;
use crate::app::App;

fn network(app: &App) -> Result<&TestNetwork, Error> {
    app.test_network
        .as_ref()
        .ok_or(Error::Unavailable("the test network runs only with --demo"))
}

fn show(call: ::test_network::FarCall) -> FarCall {
    let state = match call.state {
        FarState::Trying => "trying",
        FarState::Ringing => "ringing",
        FarState::Answered => "answered",
        FarState::Ended => "ended",
    };
    let ended_by = call.ended_by.map(|by| match by {
        EndedBy::Us => "us".to_owned(),
        EndedBy::Them => "them".to_owned(),
    });
    let tone = |tone: &::test_network::ToneHeard| HeardTone {
        frequency_hz: tone.hz,
        level_dbfs: tone.level_dbfs,
        heard_ms: u32::try_from(tone.heard_ms).unwrap_or(u32::MAX),
    };
    FarCall {
        id: call.id.0,
        robot: call.direction == ::test_network::Direction::ToAccount,
        number: call.number.unwrap_or_default(),
        state: state.to_owned(),
        ended_by,
        code: call.final_code,
        tones: call.media.tones.iter().map(tone).collect(),
        digits: call.media.digits,
        packets_in: call.media.packets_in,
        packets_out: call.media.packets_out,
    }
}

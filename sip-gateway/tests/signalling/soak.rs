//! What takes minutes: `cargo xtask soak` runs these at full length (`--ignored`); the same code runs
//! shorter in every test run.

use std::time::Duration;

use super::{
    flood::{self, Port},
    session_timers,
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes 3 minutes: cargo xtask soak timers"]
async fn timers_of_90_seconds_hold_a_call_of_3_minutes_whoever_refreshes() {
    tokio::join!(
        session_timers::the_far_end_refreshes(90),
        session_timers::the_gateway_refreshes(90, true),
        session_timers::the_gateway_refreshes(90, false),
        session_timers::nobody_refreshes(90),
    );
}

async fn fifty_thousand_a_second(port: Port) {
    let (rate, lost) = flood::beside_a_flood(port, 50_000, Duration::from_secs(30)).await;
    assert!(
        rate > 49_000.0,
        "only {rate:.0} datagrams a second were sent"
    );
    assert!(lost < 0.005, "{lost} of the frames were lost");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes 30 s and two cores: cargo xtask soak flood"]
async fn flood_of_50_000_datagrams_a_second_for_30_s_leaves_the_audio_intact() {
    fifty_thousand_a_second(Port::Signalling).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes 30 s and two cores: cargo xtask soak flood"]
async fn flood_of_the_media_port_for_30_s_leaves_the_audio_intact() {
    fifty_thousand_a_second(Port::Media).await;
}

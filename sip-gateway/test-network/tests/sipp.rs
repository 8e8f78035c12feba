//! SIPp: registers with digest, dials with digest and audio, is called by the robot.

use crate::{
    programs::{Running, finish, free_port, peer_file, start},
    provider, until,
};
use media_core::{g711, tone::Sine};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use test_network::{EndedBy, FarState, Quirk, Quirks, RobotCall, TestNetwork};

/// SIPp with one scenario for one call; `dir` is its working directory.
fn sipp(net: &TestNetwork, dir: &TempDir, scenario: &str, port: u16, service: &str) -> Child {
    let mut command = Command::new("sipp");
    command
        .arg(net.sip_addr().to_string())
        .args(["-nostdin", "-i", "127.0.0.1", "-mi", "127.0.0.1", "-m", "1"])
        .args(["-timeout", "25", "-timeout_error", "-trace_err"])
        .args([
            "-p",
            &port.to_string(),
            "-mp",
            &free_port().to_string(),
            "-s",
            service,
        ])
        .arg("-sf")
        .arg(peer_file(scenario))
        .current_dir(dir.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    start(&mut command, "sip-tester")
}

async fn succeeds(child: Child) {
    let output = finish(child).await;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success(),
        "sipp: {}\n{text}\n{errors}",
        output.status
    );
}

/// A directory with the tone SIPp plays: raw A-law.
fn workplace() -> TempDir {
    let dir = TempDir::new().unwrap();
    let mut samples = vec![0; 16_000];
    Sine::new(440.0, 8000, 0.3).fill(&mut samples);
    let mut octets = Vec::new();
    g711::encode(g711::PCMA, &samples, &mut octets);
    std::fs::write(dir.path().join("tone440.al"), octets).unwrap();
    dir
}

#[tokio::test]
async fn sipp_registers_and_leaves() {
    let net = provider(Quirks::default()).await;
    let dir = workplace();
    let port = free_port();
    let register = sipp(&net, &dir, "register.xml", port, "300");
    succeeds(register).await;
    assert_eq!(net.contacts("alice"), 1);
    let leave = sipp(&net, &dir, "register.xml", port, "0");
    succeeds(leave).await;
    assert_eq!(net.contacts("alice"), 0);
    net.shutdown().await;
}

#[tokio::test]
async fn sipp_dials_the_tone_and_is_heard() {
    for record_route in [false, true] {
        let net = provider(
            record_route
                .then_some(Quirk::RecordRoute)
                .into_iter()
                .collect(),
        )
        .await;
        let dir = workplace();
        succeeds(sipp(&net, &dir, "dial.xml", free_port(), "602")).await;
        let call = until(&net, "the call ends", |net| {
            net.calls()
                .pop()
                .filter(|call| call.state == FarState::Ended)
        })
        .await;
        assert_eq!(
            (call.final_code, call.ended_by),
            (Some(200), Some(EndedBy::Them))
        );
        assert!(call.media.heard_ms(440.0, 5.0) >= 1000, "{call:?}");
        net.shutdown().await;
    }
}

#[tokio::test]
async fn sipp_cancels_a_number_that_never_answers() {
    let net = provider(Quirks::default()).await;
    let dir = workplace();
    succeeds(sipp(&net, &dir, "cancel.xml", free_port(), "604")).await;
    let call = net.calls().pop().unwrap();
    assert_eq!(
        (call.final_code, call.ended_by),
        (Some(487), Some(EndedBy::Them))
    );
    net.shutdown().await;
}

#[tokio::test]
async fn the_robot_calls_sipp_which_echoes() {
    for record_route in [false, true] {
        let net = provider(
            record_route
                .then_some(Quirk::RecordRoute)
                .into_iter()
                .collect(),
        )
        .await;
        let dir = workplace();
        let port = free_port();
        succeeds(sipp(&net, &dir, "register.xml", port, "300")).await;
        let answering = Running(sipp_echo(&net, &dir, port));
        let order = RobotCall {
            talk_ms: 2000,
            ..RobotCall::new("alice", Some("15550199"))
        };
        let id = net.ring(order).await.unwrap();
        let call = until(&net, "the call ends", |net| {
            net.call(id).filter(|call| call.state == FarState::Ended)
        })
        .await;
        assert_eq!(
            (call.final_code, call.ended_by),
            (Some(200), Some(EndedBy::Us))
        );
        assert!(call.media.heard_ms(850.0, 5.0) >= 1000, "{call:?}");
        drop(answering);
        net.shutdown().await;
    }
}

fn sipp_echo(net: &TestNetwork, dir: &TempDir, port: u16) -> Child {
    let mut command = Command::new("sipp");
    command
        .arg(net.sip_addr().to_string())
        .args([
            "-nostdin",
            "-i",
            "127.0.0.1",
            "-mi",
            "127.0.0.1",
            "-m",
            "1",
            "-rtp_echo",
        ])
        .args(["-timeout", "25", "-timeout_error"])
        .args(["-p", &port.to_string(), "-mp", &free_port().to_string()])
        .arg("-sf")
        .arg(peer_file("answer.xml"))
        .current_dir(dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    start(&mut command, "sip-tester")
}

//! baresip: a person at a phone, with audio files for ears and mouth.

use crate::{
    PATIENCE,
    programs::{Running, free_port, peer_file, start},
    provider, until,
};
use media_core::tone::{Detector, Sine};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;
use test_network::{EndedBy, FarState, Quirk, Quirks, RobotCall, TestNetwork};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{interval, timeout},
};

/// A baresip with an account at the provider; it says 700 Hz and records what it hears.
struct Baresip {
    dir: TempDir,
    control: TcpStream,
    _process: Running,
}

impl Baresip {
    async fn start(net: &TestNetwork, user: &str) -> Self {
        let dir = TempDir::new().unwrap();
        let (sip, media, control) = (free_port(), free_port(), free_port());
        let place = dir.path().to_str().unwrap();
        let config = fs::read_to_string(peer_file("baresip.config")).unwrap();
        let config = config
            .replace("@DIR@", place)
            .replace("@SIP@", &sip.to_string())
            .replace("@RTP@", &format!("{media}-{}", media + 3))
            .replace("@CONTROL@", &control.to_string());
        let account = format!(
            "<sip:{user}@{};transport=udp>;auth_user={user};auth_pass={user}-secret;\
             regint=120;answermode=auto;audio_codecs=pcma,pcmu;ptime=20\n",
            net.sip_addr()
        );
        fs::write(dir.path().join("config"), config).unwrap();
        fs::write(dir.path().join("accounts"), account).unwrap();
        fs::write(dir.path().join("tone.wav"), wav(700.0, 30)).unwrap();
        let mut command = Command::new("baresip");
        command
            .args(["-f", place, "-t", "60"])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let process = Running(start(&mut command, "baresip-core"));
        let control = connect(control).await;
        Self {
            dir,
            control,
            _process: process,
        }
    }

    /// A command of its menu, as a netstring of JSON.
    async fn tell(&mut self, command: &str, parameters: &str) {
        let json = format!("{{\"command\":\"{command}\",\"params\":\"{parameters}\"}}");
        let netstring = format!("{}:{json},", json.len());
        self.control.write_all(netstring.as_bytes()).await.unwrap();
    }

    /// What it heard, once the recording is complete: milliseconds of each frequency.
    async fn heard(&self, frequencies: &[f32]) -> Vec<u32> {
        let mut ticker = interval(Duration::from_millis(50));
        let look = async {
            loop {
                ticker.tick().await;
                let heard = recording(self.dir.path()).map(|path| listen(&path, frequencies));
                if let Some(heard) = heard.filter(|heard| heard.iter().any(|ms| *ms > 0)) {
                    return heard;
                }
            }
        };
        timeout(PATIENCE, look)
            .await
            .expect("baresip recorded nothing but silence")
    }
}

/// The received side's recording (`dump-…-dec.wav`).
fn recording(dir: &Path) -> Option<PathBuf> {
    let files = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files
        .into_iter()
        .find(|path| path.to_str().unwrap().ends_with("-dec.wav"))
}

fn listen(path: &Path, frequencies: &[f32]) -> Vec<u32> {
    let octets = fs::read(path).unwrap();
    let samples: Vec<i16> = octets
        .get(44..)
        .unwrap_or_default()
        .chunks_exact(2)
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    let mut ears = Detector::new(frequencies, 8000);
    ears.push(&samples);
    ears.report().iter().map(|tone| tone.heard_ms).collect()
}

/// A mono 8 kHz 16-bit wav file.
fn wav(hz: f32, seconds: usize) -> Vec<u8> {
    let mut samples = vec![0; 8000 * seconds];
    Sine::new(hz, 8000, 0.3).fill(&mut samples);
    let size = samples.len() as u32 * 2;
    let mut file = Vec::new();
    file.extend(b"RIFF");
    file.extend((36 + size).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(8000u32.to_le_bytes());
    file.extend(16_000u32.to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend(size.to_le_bytes());
    file.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    file
}

async fn connect(port: u16) -> TcpStream {
    let mut ticker = interval(Duration::from_millis(50));
    let attempts = async {
        loop {
            ticker.tick().await;
            if let Ok(stream) = TcpStream::connect(("127.0.0.1", port)).await {
                return stream;
            }
        }
    };
    timeout(PATIENCE, attempts)
        .await
        .expect("baresip does not listen for commands")
}

#[tokio::test]
async fn baresip_dials_the_tone_and_both_hear_each_other() {
    let net = provider(Quirks::default()).await;
    let mut baresip = Baresip::start(&net, "bob").await;
    until(&net, "baresip registers", |net| {
        (net.contacts("bob") == 1).then_some(())
    })
    .await;
    baresip
        .tell("dial", &format!("sip:602@{}", net.sip_addr()))
        .await;
    until(&net, "the far end hears 700 Hz", |net| {
        net.calls()
            .pop()
            .filter(|call| call.media.heard_ms(700.0, 5.0) >= 1500)
    })
    .await;
    for (command, held) in [("hold", true), ("resume", false)] {
        baresip.tell(command, "").await;
        until(&net, command, |net| {
            net.calls()
                .pop()
                .filter(|call| call.held == held && call.reoffers > 0)
        })
        .await;
    }
    baresip.tell("hangup", "").await;
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
    let heard = baresip.heard(&[1000.0, 620.0]).await;
    assert!(heard[0] >= 1000 && heard[1] == 0, "{heard:?}");
    net.shutdown().await;
}

#[tokio::test]
async fn the_robot_calls_baresip_and_both_hear_each_other() {
    let net = provider([Quirk::RecordRoute].into()).await;
    let baresip = Baresip::start(&net, "bob").await;
    until(&net, "baresip registers", |net| {
        (net.contacts("bob") == 1).then_some(())
    })
    .await;
    let order = RobotCall {
        talk_ms: 2500,
        ..RobotCall::new("bob", Some("15550199"))
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
    assert!(call.media.heard_ms(700.0, 5.0) >= 1500, "{call:?}");
    let heard = baresip.heard(&[850.0, 1000.0]).await;
    assert!(heard[0] >= 1000 && heard[1] == 0, "{heard:?}");
    net.shutdown().await;
}

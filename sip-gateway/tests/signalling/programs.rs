//! Kamailio, baresip and SIPp as child processes on loopback.

use std::{
    fs,
    net::{Ipv6Addr, SocketAddr, UdpSocket},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use media_core::tone::{Detector, Sine};
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{
    PATIENCE,
    processes::{Running, free_port, start},
    stage::PASSWORD,
};

fn peer_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/peers")
        .join(name)
}

/// The provider: Kamailio with digest. Accounts trunk1 (15550100), bob (15550200), sipp.
pub struct Kamailio {
    pub address: SocketAddr,
    /// Where a SIPp that answers 9700 has to listen.
    pub sipp_port: u16,
    /// The certificate it shows over TLS (at the next port), for `provider.test`; PEM.
    pub certificate: String,
    _folder: TempDir,
    process: Running,
    _media: Option<Running>,
}

/// rtpengine in user space, between the media of WebSocket clients and plain RTP, controlled at this
/// port.
async fn rtpengine(control: u16) -> Running {
    let mut command = Command::new("rtpengine");
    command
        .args([
            "--foreground",
            "--log-stderr",
            "--table=-1",
            "--config-file=none",
        ])
        .args([
            "--interface=127.0.0.1",
            "--port-min=17000",
            "--port-max=17998",
        ])
        .args(["--num-threads=1", "--delete-delay=0"])
        .arg(format!("--listen-ng=127.0.0.1:{control}"));
    let process = start(&mut command, "rtpengine-daemon");
    let listens = async {
        while UdpSocket::bind(("127.0.0.1", control)).is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, listens)
        .await
        .expect("rtpengine does not listen");
    process
}

impl Kamailio {
    /// Where WebSocket clients connect to one with `WITH_WS`.
    pub fn ws_url(&self) -> String {
        format!("ws://{}/", self.address)
    }

    pub async fn start(flags: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let (port, sipp_port, control) = (free_port(), free_port(), free_port());
        let media = match flags.contains(&"WITH_WS") {
            true => Some(rtpengine(control).await),
            false => None,
        };
        let config = fs::read_to_string(peer_file("kamailio.cfg")).unwrap();
        let config = config
            .replace("@PORT@", &port.to_string())
            .replace("@TLS@", &(port + 1).to_string())
            .replace("@DIR@", folder.path().to_str().unwrap())
            .replace("@NG@", &control.to_string())
            .replace("@SIPP@", &sipp_port.to_string());
        let names = vec!["provider.test".to_owned()];
        let shown = rcgen::generate_simple_self_signed(names).unwrap();
        fs::write(folder.path().join("cert.pem"), shown.cert.pem()).unwrap();
        fs::write(
            folder.path().join("key.pem"),
            shown.signing_key.serialize_pem(),
        )
        .unwrap();
        let path = folder.path().join("kamailio.cfg");
        fs::write(&path, config).unwrap();
        let mut command = Command::new("kamailio");
        command
            .arg("-f")
            .arg(&path)
            .args(["-DD", "-E", "-m", "64", "-M", "8", "-Y"])
            .arg(folder.path())
            .args(flags);
        let process = start(
            &mut command,
            "kamailio kamailio-extra-modules kamailio-tls-modules kamailio-websocket-modules",
        );
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        answers(address).await;
        Self {
            address,
            sipp_port,
            certificate: shown.cert.pem(),
            _folder: folder,
            process,
            _media: media,
        }
    }

    /// It says nothing from now on, though its connections stand.
    pub fn freeze(&self) {
        self.process.send(Signal::STOP);
    }

    /// Waits until this user has registered.
    pub async fn has_registered(&self, user: &str) {
        says(
            self.address,
            &format!("sip:{user}@provider.test"),
            "SIP/2.0 200",
        )
        .await;
    }
}

/// Waits until something answers a SIP request at `address`.
async fn answers(address: SocketAddr) {
    says(address, &format!("sip:{address}"), "SIP/2.0 ").await;
}

/// Asks `target` at `address` with OPTIONS until the answer begins as wanted.
async fn says(address: SocketAddr, target: &str, wanted: &str) {
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let local = socket.local_addr().unwrap();
    let ask = async {
        loop {
            let branch = uuid::Uuid::new_v4().simple();
            let options = format!(
                "OPTIONS {target} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{branch};rport\r\n\
                 From: <sip:a@b>;tag=1\r\nTo: <{target}>\r\nCall-ID: {branch}\r\nCSeq: 1 OPTIONS\r\n\
                 Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
            );
            let _ = socket.send_to(options.as_bytes(), address).await;
            let mut buffer = [0; 2048];
            let answer = timeout(Duration::from_millis(100), socket.recv(&mut buffer)).await;
            if answer.is_ok_and(|answer| answer.is_ok()) && buffer.starts_with(wanted.as_bytes()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, ask)
        .await
        .unwrap_or_else(|_| panic!("{target} does not answer {wanted}"));
}

/// A person at a phone: baresip as bob, who says 880 Hz, answers by itself and records.
pub struct Baresip {
    folder: TempDir,
    control: TcpStream,
    _process: Running,
}

impl Baresip {
    /// What it says unless told otherwise.
    pub const TONE_HZ: f32 = 880.0;

    pub async fn start(provider: SocketAddr) -> Self {
        Self::with_media(provider, "audio_codecs=pcma,pcmu;ptime=20").await
    }

    /// As bob with other parameters of audio.
    pub async fn with_media(provider: SocketAddr, media: &str) -> Self {
        Self::with_account(&Self::bob(provider, media)).await
    }

    /// Bob's account at `provider`.
    pub fn bob(provider: SocketAddr, media: &str) -> String {
        format!(
            "<sip:bob@provider.test;transport=udp>;outbound=\"sip:{provider};transport=udp\";auth_user=bob;\
             auth_pass=bobpw;regint=60;answermode=auto;{media}\n"
        )
    }

    /// A phone of extension 102 that speaks one codec.
    pub async fn desk_phone(gateway: SocketAddr, codec: &str) -> Self {
        Self::with_account(&format!(
            "<sip:102@trubka.test;transport=udp>;outbound=\"sip:{gateway};transport=udp\";auth_user=102;\
             auth_pass={PASSWORD};regint=60;answermode=auto;audio_codecs={codec};ptime=20\n"
        ))
        .await
    }

    /// With a line of baresip's accounts file.
    pub async fn with_account(account: &str) -> Self {
        Self::saying(Self::TONE_HZ, account).await
    }

    /// The same with another tone.
    pub async fn saying(hz: f32, account: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let (sip, media, control) = (free_port(), free_port(), free_port());
        let place = folder.path().to_str().unwrap();
        let config = fs::read_to_string(peer_file("baresip.config")).unwrap();
        let config = config
            .replace("@DIR@", place)
            .replace("@SIP@", &sip.to_string())
            .replace("@RTP@", &format!("{media}-{}", media + 3))
            .replace("@CONTROL@", &control.to_string());
        fs::write(folder.path().join("config"), config).unwrap();
        fs::write(folder.path().join("accounts"), account).unwrap();
        // What it plays must have as many channels as the codec.
        let channels = if account.contains("opus") { 2 } else { 1 };
        fs::write(folder.path().join("tone.wav"), wav(hz, 60, channels)).unwrap();
        let mut command = Command::new("baresip");
        command.args(["-f", place, "-t", "120"]);
        let process = start(&mut command, "baresip-core");
        let control = connect(control).await;
        Self {
            folder,
            control,
            _process: process,
        }
    }

    /// A command of its menu, as a netstring of JSON.
    pub async fn tell(&mut self, command: &str, parameters: &str) {
        let json = format!("{{\"command\":\"{command}\",\"params\":\"{parameters}\"}}");
        self.control
            .write_all(format!("{}:{json},", json.len()).as_bytes())
            .await
            .unwrap();
    }

    /// Waits until the keys it has understood in this call are these.
    pub async fn understands(&mut self, wanted: &str) {
        let mut told = String::new();
        let listen = async {
            let mut buffer = [0; 4096];
            while keys_in(&told) != wanted {
                let length = self.control.read(&mut buffer).await.unwrap();
                assert!(length > 0, "baresip is gone");
                told.push_str(&String::from_utf8_lossy(&buffer[..length]));
            }
        };
        let heard = timeout(PATIENCE, listen).await;
        assert!(heard.is_ok(), "understood {:?}: {told}", keys_in(&told));
    }

    /// Milliseconds of `hz` it recorded, once there are some; asked after the call.
    pub async fn heard_ms(&self, hz: f32) -> u32 {
        let look = async {
            loop {
                if let Some(heard) = self.recorded_ms(hz).filter(|ms| *ms > 0) {
                    return heard;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(PATIENCE, look)
            .await
            .expect("baresip did not hear the tone")
    }

    fn recorded_ms(&self, hz: f32) -> Option<u32> {
        let files = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let path = files
            .into_iter()
            .find(|path| path.to_str().unwrap().ends_with("-dec.wav"))?;
        let octets = fs::read(path).unwrap();
        let samples = octets.get(44..)?;
        // Interleaved channels, of which the first is heard.
        let channels = usize::from(u16::from_le_bytes([octets[22], octets[23]]).max(1));
        let samples: Vec<i16> = samples
            .chunks_exact(2 * channels)
            .map(|frame| i16::from_le_bytes([frame[0], frame[1]]))
            .collect();
        let rate = u32::from_le_bytes([octets[24], octets[25], octets[26], octets[27]]);
        let mut ear = Detector::new(&[hz], rate);
        ear.push(&samples);
        Some(ear.report()[0].heard_ms)
    }
}

/// The keys in what baresip tells over its control connection.
fn keys_in(told: &str) -> String {
    let events = told.split("\"type\":\"CALL_DTMF_START\"").skip(1);
    events
        .filter_map(|event| event.split_once("\"param\":\"")?.1.chars().next())
        .collect()
}

async fn connect(port: u16) -> TcpStream {
    let attempts = async {
        loop {
            if let Ok(stream) = TcpStream::connect(("127.0.0.1", port)).await {
                return stream;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, attempts)
        .await
        .expect("baresip does not listen for commands")
}

/// An 8 kHz 16-bit wav file of a tone.
fn wav(hz: f32, seconds: usize, channels: u16) -> Vec<u8> {
    let mut samples = vec![0; 8000 * seconds];
    Sine::new(hz, 8000, 0.3).fill(&mut samples);
    let frame = u32::from(channels) * 2;
    let size = samples.len() as u32 * frame;
    let mut file = Vec::new();
    file.extend(b"RIFF");
    file.extend((36 + size).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    file.extend(channels.to_le_bytes());
    file.extend(8000u32.to_le_bytes());
    file.extend((8000 * frame).to_le_bytes());
    file.extend((channels * 2).to_le_bytes());
    file.extend(b"\x10\0data");
    file.extend(size.to_le_bytes());
    for sample in samples {
        for _ in 0..channels {
            file.extend(sample.to_le_bytes());
        }
    }
    file
}

/// A SIPp with one call that echoes RTP.
pub struct Sipp {
    child: Running,
    folder: TempDir,
}

/// A scenario of `tests/peers` with its `@NAME@`s filled in, one after the other.
fn filled(scenario: &str, values: &[(&str, String)]) -> String {
    let mut scenario = fs::read_to_string(peer_file(scenario)).unwrap();
    for (name, value) in values {
        scenario = scenario.replace(&format!("@{name}@"), value);
    }
    scenario
}

impl Sipp {
    /// The far end behind a provider that speaks IPv6.
    pub fn at_v6(scenario: &str, provider: &Kamailio) -> Self {
        let scenario = fs::read_to_string(peer_file(scenario)).unwrap();
        let at = SocketAddr::from((Ipv6Addr::LOCALHOST, provider.address.port()));
        Self::run(&scenario, at, provider.sipp_port, "x", 60)
    }

    /// Runs a scenario of `tests/peers` towards `provider`, listening at `port`.
    pub fn start(scenario: &str, provider: SocketAddr, port: u16, service: &str) -> Self {
        let scenario = fs::read_to_string(peer_file(scenario)).unwrap();
        Self::run(&scenario, provider, port, service, 60)
    }

    /// The far end behind `provider`, with values put into the scenario in order (`@NAME@`), for at
    /// most so many seconds.
    pub fn adapted(
        scenario: &str,
        values: &[(&str, String)],
        provider: &Kamailio,
        secs: u64,
    ) -> Self {
        let scenario = filled(scenario, values);
        Self::run(&scenario, provider.address, provider.sipp_port, "x", secs)
    }

    /// A phone that calls `number` over `gateway`, with values put into the scenario in order (`@NAME@`).
    pub fn phone(
        scenario: &str,
        values: &[(&str, String)],
        gateway: SocketAddr,
        number: &str,
    ) -> Self {
        let port = free_port();
        // By default it computes its answer for the address it sends to.
        let number = format!("{number}@trubka");
        let scenario = filled(scenario, values);
        Self::run_with(&["-auth_uri", &number], &scenario, gateway, port, "x", 60)
    }

    fn run(scenario: &str, provider: SocketAddr, port: u16, service: &str, secs: u64) -> Self {
        Self::run_with(&[], scenario, provider, port, service, secs)
    }

    fn run_with(
        more: &[&str],
        scenario: &str,
        provider: SocketAddr,
        port: u16,
        service: &str,
        secs: u64,
    ) -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("scenario.xml"), scenario).unwrap();
        let host = provider.ip().to_string();
        let mut command = Command::new("sipp");
        command
            .current_dir(folder.path())
            .arg(provider.to_string())
            .args(["-sf", "scenario.xml", "-nostdin", "-m", "1", "-rtp_echo"])
            .args(["-i", &host, "-mi", &host, "-trace_err"])
            .args(["-timeout", &secs.to_string(), "-s", service])
            .args(["-p", &port.to_string(), "-mp", &free_port().to_string()])
            .args(more);
        Self {
            child: start(&mut command, "sip-tester"),
            folder,
        }
    }

    /// What it complained about.
    fn complaints(&self) -> String {
        let files = fs::read_dir(self.folder.path()).unwrap();
        let paths = files.map(|entry| entry.unwrap().path());
        let logs = paths.filter(|path| path.to_str().unwrap().ends_with("_errors.log"));
        logs.map(|path| fs::read_to_string(path).unwrap_or_default())
            .collect()
    }

    /// Waits for its end: every call as the scenario says.
    pub async fn succeeded(mut self) {
        let wait = async {
            loop {
                if let Some(status) = self.child.0.try_wait().unwrap() {
                    return status;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let status = timeout(PATIENCE, wait).await.expect("SIPp does not end");
        assert!(
            status.success(),
            "SIPp says {status}: {}",
            self.complaints()
        );
    }
}

//! Finding and running the peers.

use std::{
    io,
    net::{TcpListener, UdpSocket},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU16, Ordering},
};

/// A child that is killed when the test lets it go.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a program of a Debian package.
pub fn start(command: &mut Command, package: &str) -> Child {
    let name = command.get_program().to_owned();
    command.stdin(Stdio::null());
    command.spawn().unwrap_or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            panic!("{name:?} is missing; install it with: apt-get install -y {package}")
        }
        _ => panic!("{name:?} does not start: {error}"),
    })
}

/// Runs a program to its end without holding the runtime up.
pub async fn finish(child: Child) -> Output {
    let wait = move || child.wait_with_output().unwrap();
    tokio::task::spawn_blocking(wait).await.unwrap()
}

/// A file of `tests/peers`.
pub fn peer_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/peers")
        .join(name)
}

/// An even port that was free a moment ago, for UDP and TCP, with the next three free as well. No
/// two calls in one run give the same: peers bind with SO_REUSEADDR, so a clash is not noticed.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Below the ephemeral ports; runs side by side begin at different places.
    let begin = (std::process::id() % 1000) as u16 * 16;
    for _ in 0..1000 {
        let step = NEXT.fetch_add(4, Ordering::Relaxed);
        let port = 16_000 + (begin + step) % 16_000;
        let free = |p: u16| {
            UdpSocket::bind(("127.0.0.1", p)).is_ok() && TcpListener::bind(("127.0.0.1", p)).is_ok()
        };
        if (port..port + 4).all(free) {
            return port;
        }
    }
    panic!("no four free ports in a row");
}

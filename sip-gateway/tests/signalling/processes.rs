//! Processes of the tests, and ports for them.

use std::{
    io,
    net::{TcpListener, UdpSocket},
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
};

use rustix::process::{Pid, Signal, kill_process_group};

/// A child that ends, with the children of its own, when the test lets it go.
pub struct Running(pub Child);

impl Running {
    /// It leads a process group: Kamailio's workers do not follow their parent.
    pub fn send(&self, signal: Signal) {
        let group = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.send(Signal::KILL);
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn start(command: &mut Command, package: &str) -> Running {
    let name = command.get_program().to_owned();
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0);
    match command.spawn() {
        Ok(child) => Running(child),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            panic!("{name:?} is missing; install it with: apt-get install -y {package}")
        }
        Err(error) => panic!("{name:?} does not start: {error}"),
    }
}

/// An even port that was free a moment ago, with the three after it.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let begin = (std::process::id() % 500) as u16 * 16;
    for _ in 0..500 {
        let port = 8_000 + (begin + NEXT.fetch_add(4, Ordering::Relaxed)) % 8_000;
        let free = |p: u16| {
            UdpSocket::bind(("127.0.0.1", p)).is_ok() && TcpListener::bind(("127.0.0.1", p)).is_ok()
        };
        if (port..port + 4).all(free) {
            return port;
        }
    }
    panic!("no four free ports in a row");
}

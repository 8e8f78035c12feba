//! The programs tests need and the Debian packages they come in.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::{process, say};

/// Program to look for, Debian package to install.
const PEERS: [(&str, &str); 21] = [
    ("chromium", "chromium"),
    ("firefox-esr", "firefox-esr"),
    ("sipp", "sip-tester"),
    ("kamailio", "kamailio"),
    ("baresip", "baresip-core"),
    ("rtpengine", "rtpengine-daemon"),
    ("svmap", "sipvicious"),
    ("pulseaudio", "pulseaudio"),
    ("pactl", "pulseaudio-utils"),
    ("sox", "sox"),
    ("ffmpeg", "ffmpeg"),
    ("unzip", "unzip"),
    ("turnserver", "coturn"),
    ("psql", "postgresql"),
    ("Xvfb", "xvfb"),
    ("ip", "iproute2"),
    ("iptables", "iptables"),
    ("unshare", "util-linux"),
    ("certutil", "libnss3-tools"),
    ("node", "nodejs"),
    ("npm", "npm"),
];

/// Kamailio's modules are no programs.
const MODULES: [(&str, &str); 2] = [
    (
        "/usr/lib/x86_64-linux-gnu/kamailio/modules/tls.so",
        "kamailio-tls-modules",
    ),
    (
        "/usr/lib/x86_64-linux-gnu/kamailio/modules/websocket.so",
        "kamailio-websocket-modules",
    ),
];

/// Installs what is missing, or prints the exact command where it may not.
pub fn install_peers() -> Result<()> {
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    let command = format!("apt-get install -y --no-install-recommends {list}");
    let root = process::output("id", &["-u"]).is_some_and(|uid| uid == "0");
    if !root || process::find("apt-get").is_none() {
        bail!(
            "the tests need programs that are not here. Install them, then run this again:\n\n    sudo {command}\n"
        );
    }
    say(&format!(
        "Installing the programs the tests talk to: {list}"
    ));
    process::run(Command::new("apt-get").args(["update", "-q"]))?;
    process::run(
        Command::new("apt-get")
            .args(["install", "-y", "-q", "--no-install-recommends"])
            .args(&missing)
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )
    .context("the packages could not be installed")?;
    Ok(())
}

fn missing() -> Vec<&'static str> {
    let programs = PEERS
        .iter()
        .filter(|(program, _)| process::find(program).is_none());
    let modules = MODULES.iter().filter(|(file, _)| {
        std::env::consts::ARCH == "x86_64" && !std::path::Path::new(file).exists()
    });
    programs
        .chain(modules)
        .map(|(_, package)| *package)
        .collect()
}

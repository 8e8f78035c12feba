//! `cargo xtask run`: from a clone to a telephone.

use std::{net::TcpListener, os::unix::process::CommandExt as _, process::Command, time::Instant};

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::{app, process, root, say};

/// Options of `run`.
#[derive(Args)]
pub struct Options {
    /// Where the page is served.
    #[arg(long, default_value = "127.0.0.1:8080")]
    http: String,
    /// Further arguments for `trubka serve`, after `--`.
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Gigabytes the first build takes, tools included.
const DISK_GB: u64 = 6;

pub fn run(options: &Options) -> Result<()> {
    let start = Instant::now();
    port_is_free(&options.http)?;
    enough_disk()?;
    app::build()?;
    app::build_server(false)?;
    say(&format!(
        "Ready after {} s. Starting Trubka with its test network",
        start.elapsed().as_secs()
    ));
    let mut server = Command::new(app::server(false));
    server
        .args(["serve", "--demo", "--http", &options.http])
        .args(&options.rest)
        .current_dir(root());
    // From here on this process is the server: Ctrl C reaches it and it closes its calls in order.
    Err(server.exec()).context("the server could not be started")
}

fn port_is_free(address: &str) -> Result<()> {
    if let Err(error) = TcpListener::bind(address) {
        bail!(
            "{address} cannot be used ({error}). Stop what runs there (perhaps an earlier Trubka), \
             or name another: `cargo xtask run --http 127.0.0.1:8081`"
        );
    }
    Ok(())
}

/// Says so before the build fails half-way.
fn enough_disk() -> Result<()> {
    let fresh = !app::server(false).exists();
    let dir = crate::target();
    let dir = dir
        .ancestors()
        .find(|dir| dir.exists())
        .map(std::path::Path::to_owned);
    let Some(dir) = dir else { return Ok(()) };
    let Some(text) = process::output("df", &["-Pk", &dir.to_string_lossy()]) else {
        return Ok(());
    };
    let free_kb = text
        .lines()
        .nth(1)
        .and_then(|line| line.split_whitespace().nth(3)?.parse::<u64>().ok());
    let needed = if fresh { DISK_GB } else { 1 };
    match free_kb {
        Some(kb) if kb / 1_048_576 < needed => bail!(
            "{} has {} MB free; the build needs about {needed} GB. Free some, or set \
             CARGO_TARGET_DIR to a folder on another disk",
            dir.display(),
            kb / 1024
        ),
        _ => Ok(()),
    }
}

//! `cargo xtask fuzz`: hostile input for the readers of the network (`e2e/fuzz`), built with
//! coverage counters so that inputs that get further are kept; with a nightly toolchain also with
//! AddressSanitizer.

use anyhow::Result;
use clap::Args;

use crate::{process, say, target};

/// Options of `fuzz`.
#[derive(Args)]
pub struct Options {
    /// `wire`, `stream`, `uri`, `digest`, `rtp`, `rtcp`, `sdp`, `stun`, `framing`; all of them unless told.
    target: Option<String>,
    /// For so long each.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Another seed tries other inputs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Without SDP and STUN, whose crate takes minutes to build.
    #[arg(long)]
    quick: bool,
    /// With the ordinary toolchain even where there is a nightly one.
    #[arg(long)]
    stable: bool,
}

/// Counters in every piece of code (LLVM's `sancov-module`).
const COUNTERS: [&str; 3] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=3",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
];

pub fn fuzz(options: &Options) -> Result<()> {
    let host = process::output("rustc", &["-vV"]).and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("host: "));
        line.map(str::to_owned)
    });
    let nightly = !options.stable
        && process::output("rustup", &["toolchain", "list"])
            .is_some_and(|list| list.contains("nightly"));
    say(match nightly {
        true => "Fuzzing with coverage counters and AddressSanitizer (nightly)",
        false => "Fuzzing with coverage counters (no nightly toolchain: without AddressSanitizer)",
    });
    let mut flags = COUNTERS.join(" ");
    let mut command = process::cargo();
    if nightly {
        flags.push_str(" -Zsanitizer=address");
        command = std::process::Command::new("rustup");
        command
            .args(["run", "nightly", "cargo"])
            .current_dir(crate::root());
        command.env_remove("CARGO").env_remove("RUSTC");
    }
    command.args(["run", "--package", "fuzz"]);
    if options.quick {
        command.arg("--no-default-features");
    }
    // With a target named, build scripts and macros are built without the flags.
    if let Some(host) = host {
        command.args(["--target", &host]);
    }
    command
        .env("RUSTFLAGS", flags)
        .env("CARGO_TARGET_DIR", target().join("fuzz"))
        .arg("--")
        .arg(options.target.as_deref().unwrap_or("all"))
        .arg(options.seconds.to_string())
        .arg(options.seed.to_string());
    process::run(&mut command)
}

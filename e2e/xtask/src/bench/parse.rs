//! SIP parsing (`e2e/parse-bench`): natively beside rsip, and as WebAssembly, built like the app,
//! beside JsSIP in Chromium.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value};

use crate::{network, process, root, say, target, test, tools};

pub fn figures() -> Result<Map<String, Value>> {
    let mut all = native()?;
    let parser = wasm()?;
    test::node_modules()?;
    let out = target().join("bench-parse.json");
    say("Parsing in Chromium, beside JsSIP");
    process::run(
        network::isolated("node")
            .arg("bench/parse.mjs")
            .current_dir(root().join("e2e"))
            .env("BROWSER", "chromium")
            .env("PARSER", parser)
            .env("OUT", &out),
    )?;
    let part: Map<String, Value> = serde_json::from_str(&std::fs::read_to_string(&out)?)?;
    all.extend(part);
    Ok(all)
}

fn native() -> Result<Map<String, Value>> {
    say("Parsing natively, beside rsip");
    let build = ["build", "--release", "--package", "parse-bench"];
    process::run(process::cargo().args(build))?;
    let program = target().join("release/parse-bench");
    let text = process::output(program, &[]).context("the native parse bench failed")?;
    Ok(serde_json::from_str(&text)?)
}

/// The folder with the parser as the app ships it: same profile, same wasm-bindgen.
fn wasm() -> Result<PathBuf> {
    tools::build_tools()?;
    let build = [
        "build",
        "--package",
        "parse-bench",
        "--lib",
        "--target",
        "wasm32-unknown-unknown",
        "--profile",
        "wasm",
    ];
    process::run(process::cargo().args(build))?;
    let dir = target().join("parse-bench");
    let module = target().join("wasm32-unknown-unknown/wasm/parse_bench.wasm");
    process::run(
        std::process::Command::new(tools::path_of("wasm-bindgen"))
            .args(["--target", "no-modules", "--no-typescript", "--out-dir"])
            .arg(&dir)
            .arg(module),
    )?;
    Ok(dir)
}

//! The gates of docs/style.md, on top of the tests.

use std::time::Instant;

use anyhow::Result;

use crate::{process, say, test, tidy, tools};

const DENY: &str = "0.20.2";

pub fn ci() -> Result<()> {
    let start = Instant::now();
    step(start, "Formatting", || {
        process::run(process::cargo().args(["fmt", "--all", "--check"]))
    })?;
    step(start, "Repository rules", tidy::tidy)?;
    test::test()?;
    step(start, "Lints", || {
        process::run(process::cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    step(start, "The app's crates for the browser", || {
        let packages = [
            "-p",
            "sip-core",
            "-p",
            "api-types",
            "-p",
            "phone",
            "-p",
            "app",
        ];
        process::run(
            process::cargo()
                .args(["clippy", "--target", "wasm32-unknown-unknown"])
                .args(packages)
                .args(["--", "-D", "warnings"]),
        )
    })?;
    step(start, "Documentation", || {
        process::run(
            process::cargo()
                .args([
                    "doc",
                    "--workspace",
                    "--no-deps",
                    "--document-private-items",
                ])
                .env("RUSTDOCFLAGS", "-D warnings"),
        )
    })?;
    step(start, "Licences, bans and sources", deny)?;
    say(&format!(
        "CI passed in {} min",
        start.elapsed().as_secs() / 60
    ));
    Ok(())
}

fn step(start: Instant, name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    say(&format!("{name} (after {} s)", start.elapsed().as_secs()));
    work()
}

fn deny() -> Result<()> {
    tools::install("cargo-deny", DENY, true)?;
    let deny = tools::path_of("cargo-deny");
    let mut command = std::process::Command::new(&deny);
    command.current_dir(crate::root());
    process::run(command.args(["--all-features", "check", "bans", "licenses", "sources"]))?;
    let advisories = std::process::Command::new(deny)
        .current_dir(crate::root())
        .args(["check", "advisories"])
        .output()?;
    let text = String::from_utf8_lossy(&advisories.stderr).into_owned();
    if advisories.status.success() {
        println!("  advisories ok");
    } else if text.contains("failed to fetch") || text.contains("unable to load advisory database")
    {
        println!(
            "  The advisory database cannot be reached from here; advisories were not checked."
        );
    } else {
        anyhow::bail!("security advisories concern our dependencies:\n{text}");
    }
    Ok(())
}

//! `cargo xtask test` and `e2e`.

use std::{collections::BTreeMap, fs, path::Path, process::Command, time::Instant};

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::{app, network, packages, process, root, say};

/// Options of `e2e`.
#[derive(Args)]
pub struct E2eOptions {
    /// `chromium` or `firefox`; both unless told.
    #[arg(long)]
    browser: Option<String>,
    /// Part of a spec's file name.
    spec: Option<String>,
}

/// Everything: units, gateway tests against real peers, browser specs.
pub fn test() -> Result<()> {
    let start = Instant::now();
    packages::install_peers()?;
    app::build()?;
    app::build_server(false)?;
    say(&format!(
        "Unit and integration tests (after {} s)",
        start.elapsed().as_secs()
    ));
    rust_tests()?;
    say(&format!(
        "Browser tests (after {} s)",
        start.elapsed().as_secs()
    ));
    e2e(&E2eOptions {
        browser: None,
        spec: None,
    })?;
    say(&format!(
        "All tests passed in {} s",
        start.elapsed().as_secs()
    ));
    Ok(())
}

fn rust_tests() -> Result<()> {
    process::run(process::cargo().args(["test", "--workspace", "--no-run"]))?;
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    process::run(
        network::isolated(&cargo)
            .args(["test", "--workspace", "--offline"])
            .current_dir(root()),
    )
}

/// Browser specs, in a network with only loopback.
pub fn e2e(options: &E2eOptions) -> Result<()> {
    packages::install_peers()?;
    app::build()?;
    app::build_server(false)?;
    node_modules()?;
    let browsers = match options.browser.as_deref() {
        None => vec!["chromium", "firefox"],
        Some(name @ ("chromium" | "firefox")) => vec![name],
        Some(name) => bail!("there is no browser `{name}` here: chromium or firefox"),
    };
    // What fails in one browser says nothing of the other.
    let outcomes: Vec<Result<()>> = browsers
        .into_iter()
        .map(|browser| specs(browser, "specs", options.spec.as_deref()))
        .collect();
    outcomes.into_iter().collect()
}

/// What takes minutes: the gateway's tests in `soak`, then browser specs in `e2e/soak`.
pub fn soak(name: Option<&str>) -> Result<()> {
    packages::install_peers()?;
    let gateway = gateway_soaks(name)?;
    let specs_too = spec_files("soak", name)?;
    if specs_too.is_empty() {
        if gateway == 0 {
            bail!("no soak test has this in its name");
        }
        return Ok(());
    }
    app::build()?;
    app::build_server(false)?;
    node_modules()?;
    for browser in ["chromium", "firefox"] {
        specs(browser, "soak", name)?;
    }
    Ok(())
}

/// Runs those whose name begins so, one after the other; how many there are.
fn gateway_soaks(name: Option<&str>) -> Result<usize> {
    let wanted = format!("soak::{}", name.unwrap_or_default());
    let args = |offline: &'static str| ["test", "-p", "sip-gateway", "--test", "main", offline];
    let list = process::cargo()
        .args(args("--quiet"))
        .args(["--", "--list", "--ignored", &wanted])
        .output()?;
    let list = String::from_utf8_lossy(&list.stdout);
    let count = list.lines().filter(|line| line.ends_with(": test")).count();
    if count > 0 {
        say(&format!("{count} soak tests of the gateway"));
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
        process::run(
            network::isolated(&cargo)
                .args(args("--offline"))
                .args([
                    "--",
                    "--ignored",
                    "--nocapture",
                    "--test-threads=1",
                    &wanted,
                ])
                .current_dir(root()),
        )?;
    }
    Ok(count)
}

/// Installs the few npm packages the specs need.
pub fn node_modules() -> Result<()> {
    let version = process::output("node", &["--version"]).unwrap_or_default();
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .unwrap_or_default();
    if major.parse::<u32>().is_ok_and(|major| major < 20) {
        bail!(
            "the browser tests need Node 20 or newer, here is {version}: install it from https://nodejs.org"
        );
    }
    let dir = root().join("e2e");
    if dir.join("node_modules/puppeteer-core").exists() {
        return Ok(());
    }
    say("Installing puppeteer-core, which drives the browsers");
    process::run(
        Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(dir),
    )
}

fn spec_files(folder: &str, filter: Option<&str>) -> Result<Vec<String>> {
    let mut files: Vec<String> = fs::read_dir(root().join("e2e").join(folder))?
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .filter(|name| name.ends_with(".spec.mjs") && filter.is_none_or(|part| name.contains(part)))
        .map(|name| format!("{folder}/{name}"))
        .collect();
    files.sort();
    Ok(files)
}

fn specs(browser: &str, folder: &str, filter: Option<&str>) -> Result<()> {
    let dir = root().join("e2e");
    let files = spec_files(folder, filter)?;
    if files.is_empty() {
        bail!("no spec matches");
    }
    say(&format!("{browser}: {}", files.join(" ")));
    let report = crate::target().join(format!("e2e-{browser}.tap"));
    process::run(
        network::isolated("node")
            .args(["--test", "--test-concurrency=1", "--test-reporter=spec"])
            .args(["--test-reporter-destination=stdout", "--test-reporter=tap"])
            .arg(format!("--test-reporter-destination={}", report.display()))
            .args(&files)
            .current_dir(&dir)
            .env("BROWSER", browser)
            .env("TRUBKA", app::server(false)),
    )
    .with_context(|| format!("browser specs failed in {browser}"))?;
    if folder == "specs" && filter.is_none() {
        enough_ran(browser, &report)?;
    }
    Ok(())
}

/// A suite that silently runs less than it did is no suite.
fn enough_ran(browser: &str, report: &Path) -> Result<()> {
    let wanted: BTreeMap<String, usize> = fs::read_to_string(root().join("e2e/expected.txt"))?
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(name, count)| Some((name.to_owned(), count.trim().parse().ok()?)))
        .collect();
    let text = fs::read_to_string(report)?;
    let passed = text
        .lines()
        .find_map(|line| line.strip_prefix("# pass ")?.trim().parse::<usize>().ok())
        .context("the test report has no count")?;
    let least = wanted.get(browser).copied().unwrap_or(1);
    if passed < least {
        bail!("{browser} passed {passed} tests; e2e/expected.txt says at least {least}");
    }
    Ok(())
}

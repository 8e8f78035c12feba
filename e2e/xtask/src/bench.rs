//! `cargo xtask bench`: the release binary, real sockets, real browsers.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use crate::{app, network, packages, process, root, test};

mod parse;

/// Options of `bench`.
#[derive(Args)]
pub struct Options {
    /// `popup`, `size`, `sip`, `setup`, `survival`, `search`, `log` (these two are one run); all but the
    /// last two when none is named.
    names: Vec<String>,
    /// Writes one flat object of numbers whose names end in their unit.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Samples.
    #[arg(long, default_value_t = 100)]
    samples: u32,
    /// Contacts in the database of `popup`, `search` and `log`.
    #[arg(long, default_value_t = 100_000)]
    contacts: u32,
    /// Calls in the database of `search` and `log`; as many as contacts unless told.
    #[arg(long)]
    calls: Option<u32>,
    /// A PostgreSQL for `search` and `log`, instead of a file; it is filled.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

pub fn bench(options: &Options) -> Result<()> {
    let names = names(options)?;
    packages::install_peers()?;
    if names.iter().any(|name| *name != "sip") {
        app::build()?;
        app::build_server(true)?;
        test::node_modules()?;
    }
    let mut all = serde_json::Map::new();
    for name in names {
        all.extend(match name {
            "sip" => parse::figures()?,
            "survival" => in_both(name, options)?,
            "search" => in_browser("log", "chromium", options)?,
            name => in_browser(name, "chromium", options)?,
        });
    }
    let text = serde_json::to_string_pretty(&all)?;
    println!("{text}");
    if let Some(file) = &options.json {
        std::fs::write(file, text)?;
    }
    Ok(())
}

/// Those asked for, each once.
fn names(options: &Options) -> Result<Vec<&str>> {
    let usual = ["popup", "size", "sip", "setup", "survival"];
    if options.names.is_empty() {
        return Ok(usual.to_vec());
    }
    let mut names: Vec<&str> = Vec::new();
    for name in &options.names {
        let name = match name.as_str() {
            "log" => "search",
            name if name == "search" || usual.contains(&name) => name,
            name => bail!(
                "there is no bench `{name}`: {}, search, log",
                usual.join(", ")
            ),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

type Figures = serde_json::Map<String, serde_json::Value>;

/// The same in both browsers: each one's figures, and the worse of the two.
fn in_both(name: &str, options: &Options) -> Result<Figures> {
    let mut all = Figures::new();
    for browser in ["chromium", "firefox"] {
        for (key, value) in in_browser(name, browser, options)? {
            let worst = all.get(&key).and_then(serde_json::Value::as_f64);
            let is_worse = worst.is_none_or(|worst| value.as_f64() > Some(worst));
            all.insert(format!("{browser}_{key}"), value.clone());
            if is_worse {
                all.insert(key, value);
            }
        }
    }
    Ok(all)
}

/// The app's own figures: `e2e/bench/NAME.mjs` drives the release binary.
fn in_browser(name: &str, browser: &str, options: &Options) -> Result<Figures> {
    let out = crate::target().join(format!("bench-{name}.json"));
    process::run(
        network::isolated("node")
            .arg(format!("bench/{name}.mjs"))
            .current_dir(root().join("e2e"))
            .env("BROWSER", browser)
            .env("TRUBKA", app::server(true))
            .env("SAMPLES", options.samples.to_string())
            .env("CONTACTS", options.contacts.to_string())
            .env(
                "CALLS",
                options.calls.unwrap_or(options.contacts).to_string(),
            )
            .envs(options.database.iter().map(|url| ("DATABASE", url)))
            .env("DIST", root().join("dist"))
            .env("OUT", &out),
    )?;
    Ok(serde_json::from_str(&std::fs::read_to_string(&out)?)?)
}

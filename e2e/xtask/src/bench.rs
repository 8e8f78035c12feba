//! `cargo xtask bench`: the release binary, real sockets, real browsers.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use crate::{app, network, packages, process, root, test};

mod parse;

/// Options of `bench`.
#[derive(Args)]
pub struct Options {
    /// `popup`, `size`, `sip`, `setup`, or all.
    name: Option<String>,
    /// Writes one flat object of numbers whose names end in their unit.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Samples.
    #[arg(long, default_value_t = 100)]
    samples: u32,
    /// Contacts in the database of `popup`.
    #[arg(long, default_value_t = 100_000)]
    contacts: u32,
}

pub fn bench(options: &Options) -> Result<()> {
    let names = match options.name.as_deref() {
        None => vec!["popup", "size", "sip", "setup"],
        Some(name @ ("popup" | "size" | "sip" | "setup")) => vec![name],
        Some(name) => bail!("there is no bench `{name}`: popup, size, sip, setup"),
    };
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
            name => in_browser(name, options)?,
        });
    }
    let text = serde_json::to_string_pretty(&all)?;
    println!("{text}");
    if let Some(file) = &options.json {
        std::fs::write(file, text)?;
    }
    Ok(())
}

/// The app's own figures: `e2e/bench/NAME.mjs` drives the release binary.
fn in_browser(name: &str, options: &Options) -> Result<serde_json::Map<String, serde_json::Value>> {
    let out = crate::target().join(format!("bench-{name}.json"));
    process::run(
        network::isolated("node")
            .arg(format!("bench/{name}.mjs"))
            .current_dir(root().join("e2e"))
            .env("BROWSER", "chromium")
            .env("TRUBKA", app::server(true))
            .env("SAMPLES", options.samples.to_string())
            .env("CONTACTS", options.contacts.to_string())
            .env("DIST", root().join("dist"))
            .env("OUT", &out),
    )?;
    Ok(serde_json::from_str(&std::fs::read_to_string(&out)?)?)
}

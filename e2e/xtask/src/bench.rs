//! `cargo xtask bench`: the release binary, real sockets, real browsers.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use crate::{app, network, packages, process, root, test};

/// Options of `bench`.
#[derive(Args)]
pub struct Options {
    /// `popup`, `size`, or all.
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
        None => vec!["popup", "size"],
        Some(name @ ("popup" | "size")) => vec![name],
        Some(name) => bail!("there is no bench `{name}`: popup, size"),
    };
    packages::install_peers()?;
    app::build()?;
    app::build_server(true)?;
    test::node_modules()?;
    let mut all = serde_json::Map::new();
    for name in names {
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
        let part: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&std::fs::read_to_string(&out)?)?;
        all.extend(part);
    }
    let text = serde_json::to_string_pretty(&all)?;
    println!("{text}");
    if let Some(file) = &options.json {
        std::fs::write(file, text)?;
    }
    Ok(())
}

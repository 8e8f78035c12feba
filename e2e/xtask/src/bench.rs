//! `cargo xtask bench`: the release binary, real sockets, real browsers.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use crate::{app, network, packages, process, root, say, target, test};

mod parse;

/// Options of `bench`.
#[derive(Args)]
pub struct Options {
    /// `popup`, `size`, `sip`, `setup`, `survival`, `search`, `log` (these two are one run), `import`; all
    /// but the last three when none is named.
    names: Vec<String>,
    /// Writes one flat object of numbers whose names end in their unit.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Samples.
    #[arg(long, default_value_t = 100)]
    samples: u32,
    /// Contacts in the database of `popup`, `search`, `log` and `import`.
    #[arg(long, default_value_t = 100_000)]
    contacts: u32,
    /// Calls in the same database; unless told as many as contacts, none where only `popup` needs it.
    #[arg(long)]
    calls: Option<u32>,
    /// An empty PostgreSQL for those four, instead of a file; it is filled.
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
    let house = House::filled(&names, options)?;
    let mut all = serde_json::Map::new();
    for name in names {
        all.extend(match name {
            "sip" => parse::figures()?,
            "survival" => in_both(name, options)?,
            name => in_browser(name, "chromium", options, house.as_ref())?,
        });
    }
    drop(house);
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
            "search" => "log",
            name if ["log", "import"].contains(&name) || usual.contains(&name) => name,
            name => bail!(
                "there is no bench `{name}`: {}, search, log, import",
                usual.join(", ")
            ),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// A data folder with made-up contacts and calls, filled once for all that are measured with it. It goes
/// with the value.
struct House {
    data: PathBuf,
    calls: u32,
    database: Option<String>,
}

impl House {
    fn filled(names: &[&str], options: &Options) -> Result<Option<Self>> {
        let is_full = names.iter().any(|name| ["log", "import"].contains(name));
        if !is_full && !names.contains(&"popup") {
            return Ok(None);
        }
        let house = Self {
            data: target().join("bench-house"),
            calls: options
                .calls
                .unwrap_or(if is_full { options.contacts } else { 0 }),
            database: options.database.clone(),
        };
        house.remove();
        say(&format!(
            "Filling a house: {} contacts, {} calls",
            options.contacts, house.calls
        ));
        let mut filler = std::process::Command::new(app::server(true));
        filler
            .args(["demo-data", "--contacts", &options.contacts.to_string()])
            .args(["--calls", &house.calls.to_string(), "--data"])
            .arg(&house.data);
        if let Some(url) = &house.database {
            filler.args(["--database", url]);
        }
        process::run(&mut filler)?;
        Ok(Some(house))
    }

    fn names(&self) -> Vec<(&str, String)> {
        let mut names = vec![
            ("DATA", self.data.to_string_lossy().into_owned()),
            ("CALLS", self.calls.to_string()),
        ];
        names.extend(self.database.iter().map(|url| ("DATABASE", url.clone())));
        names
    }

    fn remove(&self) {
        // It need not be there.
        drop(std::fs::remove_dir_all(&self.data));
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.remove();
    }
}

type Figures = serde_json::Map<String, serde_json::Value>;

/// The same in both browsers: each one's figures, and the worse of the two.
fn in_both(name: &str, options: &Options) -> Result<Figures> {
    let mut all = Figures::new();
    for browser in ["chromium", "firefox"] {
        for (key, value) in in_browser(name, browser, options, None)? {
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
fn in_browser(
    name: &str,
    browser: &str,
    options: &Options,
    house: Option<&House>,
) -> Result<Figures> {
    let out = target().join(format!("bench-{name}.json"));
    process::run(
        network::isolated("node")
            .arg(format!("bench/{name}.mjs"))
            .current_dir(root().join("e2e"))
            .env("BROWSER", browser)
            .env("TRUBKA", app::server(true))
            .env("SAMPLES", options.samples.to_string())
            .env("CONTACTS", options.contacts.to_string())
            .envs(house.iter().flat_map(|house| house.names()))
            .env("DIST", root().join("dist"))
            .env("OUT", &out),
    )?;
    Ok(serde_json::from_str(&std::fs::read_to_string(&out)?)?)
}

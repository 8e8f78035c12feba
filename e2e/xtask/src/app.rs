//! Building the app (trunk) and the server.

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::Write as _,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use anyhow::{Context as _, Result};

use crate::{process, root, say, target, tools};

/// What the app is made of; a change in one of these makes it stale.
const INPUTS: [&str; 7] = [
    "app",
    "index.html",
    "Trunk.toml",
    "Cargo.toml",
    "Cargo.lock",
    "server/api-types",
    "sip-gateway/sip-core",
];

/// Builds `dist` unless it is fresh.
pub fn build() -> Result<()> {
    let dist = root().join("dist");
    let stamp = dist.join(".stamp");
    let wanted = fingerprint()?;
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    let mut path = tools::build_tools()?;
    // trunk is told to fetch nothing, and tells cargo the same.
    process::run(process::cargo().args(["fetch", "--quiet", "--locked"])).context(
        "the sources of the libraries could not be fetched from crates.io; is the network there?",
    )?;
    say("Building the app for the browser (a few minutes the first time)");
    path.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    let mut trunk = std::process::Command::new(tools::path_of("trunk"));
    trunk
        .args(["build", "--release", "--offline=true", "--color=never"])
        .current_dir(root())
        .env("PATH", std::env::join_paths(path)?)
        .env_remove("NO_COLOR");
    if std::env::var_os("CARGO_TARGET_DIR").is_none() {
        trunk.env("CARGO_TARGET_DIR", target());
    }
    process::run(&mut trunk).context("the app could not be built")?;
    compress(&dist)?;
    fs::write(stamp, wanted)?;
    Ok(())
}

/// Builds the server with the app inside.
pub fn build_server(release: bool) -> Result<()> {
    say(if release {
        "Building the server (release)"
    } else {
        "Building the server"
    });
    let mut cargo = process::cargo();
    cargo.args(["build", "--package", "trubka", "--bin", "trubka"]);
    if release {
        cargo.arg("--release");
    }
    process::run(&mut cargo).context("the server could not be built")
}

/// The server's binary.
pub fn server(release: bool) -> PathBuf {
    target()
        .join(if release { "release" } else { "debug" })
        .join("trubka")
}

/// Puts a brotli twin beside everything worth compressing.
fn compress(dist: &Path) -> Result<()> {
    for file in files(dist)? {
        let kind = file
            .extension()
            .and_then(|ext| ext.to_str())
            .unwrap_or_default();
        if !["html", "js", "css", "wasm", "svg", "json", "webmanifest"].contains(&kind) {
            continue;
        }
        let plain = fs::read(&file)?;
        let mut packed = Vec::new();
        let mut writer = brotli::CompressorWriter::new(&mut packed, 1 << 16, 11, 24);
        writer.write_all(&plain)?;
        drop(writer);
        let mut name = file.clone().into_os_string();
        name.push(".br");
        fs::write(name, packed)?;
    }
    Ok(())
}

fn fingerprint() -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for input in INPUTS {
        for file in files(&root().join(input))? {
            let meta = file.metadata()?;
            file.hash(&mut hasher);
            meta.len().hash(&mut hasher);
            meta.modified()?
                .duration_since(UNIX_EPOCH)?
                .as_nanos()
                .hash(&mut hasher);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// All files below a path, sorted; the path itself if it is a file.
pub fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![path.to_owned()];
    while let Some(next) = open.pop() {
        if next.is_dir() {
            let name = next
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            if ["target", "node_modules", ".git"].contains(&name) {
                continue;
            }
            let entries = fs::read_dir(&next)?.collect::<Result<Vec<_>, _>>()?;
            open.extend(entries.into_iter().map(|entry| entry.path()));
        } else if next.is_file() {
            found.push(next);
        }
    }
    found.sort();
    Ok(found)
}

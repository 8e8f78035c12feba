//! The build tools: wasm target, trunk, wasm-bindgen, wasm-opt. What is in PATH with the right
//! version is used; then what is quick (`cargo binstall`); then crates.io.

use std::{path::PathBuf, process::Command};

use anyhow::{Context as _, Result, bail};

use crate::{process, say, target};

/// Newer ones need a newer Rust than the workspace names.
const TRUNK: &str = "0.21.14";
/// Debian's binaryen 108 validates our module, then breaks it at run time.
const BINARYEN: &str = "132";
const WASM: &str = "wasm32-unknown-unknown";

/// Finds or installs everything the app's build needs. Returns the folders with trunk, wasm-bindgen
/// and wasm-opt, to be put in front of PATH.
pub fn build_tools() -> Result<Vec<PathBuf>> {
    compiler()?;
    wasm_target()?;
    let mut dirs = vec![tool_bin()];
    install("trunk", TRUNK, true)?;
    install("wasm-bindgen-cli", &wasm_bindgen_version()?, false)?;
    dirs.insert(0, wasm_opt()?);
    Ok(dirs)
}

fn compiler() -> Result<()> {
    for (program, package) in [("cc", "gcc"), ("make", "make")] {
        if process::find(program).is_none() {
            bail!(
                "`{program}` is missing. Install a C compiler and make, then run this again \
                 (Debian, Ubuntu: `apt-get install {package} libc6-dev`)"
            );
        }
    }
    Ok(())
}

fn wasm_target() -> Result<()> {
    let dir = process::output("rustc", &["--print", "target-libdir", "--target", WASM]);
    let has_core = |dir: String| {
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        let mut names = entries.map(|entry| entry.file_name());
        names.any(|name| name.to_string_lossy().starts_with("libcore-"))
    };
    if dir.is_some_and(has_core) {
        return Ok(());
    }
    say("Adding Rust's WebAssembly target (about 20 MB)");
    if process::find("rustup").is_none() {
        bail!(
            "Rust's target {WASM} is missing and there is no rustup to add it. Install Rust from \
             https://rustup.rs, or your distribution's package for this target"
        );
    }
    process::run(
        Command::new("rustup")
            .args(["target", "add", WASM])
            .current_dir(crate::root()),
    )
}

/// Where tools are installed that PATH does not have: kept between builds with the target folder.
fn tool_bin() -> PathBuf {
    target().join("tools/bin")
}

/// Installs a cargo tool unless the right version is there.
pub fn install(package: &str, version: &str, locked: bool) -> Result<()> {
    let program = package.trim_end_matches("-cli");
    if has_version(program, version) {
        return Ok(());
    }
    let root = target().join("tools");
    say(&format!(
        "Installing {package} {version} from crates.io (once; a few minutes on 2 cores)"
    ));
    let mut command = process::cargo();
    if process::find("cargo-binstall").is_some() {
        command
            .args(["binstall", "--no-confirm", "--root"])
            .arg(&root);
        if process::run(command.arg(format!("{package}@{version}"))).is_ok() {
            return Ok(());
        }
        command = process::cargo();
    }
    command
        .args(["install", package, "--version", version, "--root"])
        .arg(&root)
        .env("CARGO_TARGET_DIR", target().join("tools/build"))
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    if locked {
        command.arg("--locked");
    }
    process::run(&mut command).with_context(|| {
        format!("{package} could not be installed; is the network there, and is the disk full?")
    })?;
    // Its object files are of no further use.
    drop(std::fs::remove_dir_all(target().join("tools/build")));
    Ok(())
}

fn has_version(program: &str, version: &str) -> bool {
    let ours = tool_bin().join(program);
    [ours.to_string_lossy().into_owned(), program.to_owned()]
        .iter()
        .any(|path| {
            process::output(path, &["--version"])
                .is_some_and(|text| text.split_whitespace().any(|word| word == version))
        })
}

/// The path of an installed tool.
pub fn path_of(program: &str) -> PathBuf {
    let ours = tool_bin().join(program);
    if ours.is_file() {
        ours
    } else {
        PathBuf::from(program)
    }
}

/// wasm-bindgen's library and command must be of one version.
fn wasm_bindgen_version() -> Result<String> {
    let lock: toml::Table = std::fs::read_to_string(crate::root().join("Cargo.lock"))?.parse()?;
    let packages = lock.get("package").and_then(|list| list.as_array());
    packages
        .into_iter()
        .flatten()
        .find(|package| package.get("name").and_then(|name| name.as_str()) == Some("wasm-bindgen"))
        .and_then(|package| package.get("version")?.as_str().map(str::to_owned))
        .context("Cargo.lock has no wasm-bindgen")
}

/// The folder of wasm-opt. trunk insists on the program: without npm one that only copies stands in.
fn wasm_opt() -> Result<PathBuf> {
    let prefix = target().join("tools/npm");
    let bin = prefix.join("node_modules/.bin");
    if !bin.join("wasm-opt").exists() && process::find("npm").is_some() {
        say("Installing wasm-opt (npm binaryen), which makes the download smaller");
        let installed = process::run(
            Command::new("npm")
                .args([
                    "install",
                    "--no-audit",
                    "--no-fund",
                    "--loglevel=error",
                    "--prefix",
                ])
                .arg(&prefix)
                .arg(format!("binaryen@{BINARYEN}")),
        );
        if let Err(error) = installed {
            println!("  {error:#}");
        }
    }
    if bin.join("wasm-opt").exists() {
        return Ok(bin);
    }
    println!("  There is no npm here: the app is built without wasm-opt and is a little larger.");
    let stand_in = target().join("tools/copy");
    std::fs::create_dir_all(&stand_in)?;
    let file = stand_in.join("wasm-opt");
    std::fs::write(&file, COPY)?;
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    Ok(stand_in)
}

const COPY: &str = r#"#!/bin/sh
# Stands in for wasm-opt where there is none: copies the module as it is.
for word in "$@"; do
  case "$word" in
    --version) echo "wasm-opt version 132"; exit 0 ;;
    --output=*) output=${word#--output=} ;;
    -*) ;;
    *) input=$word ;;
  esac
done
exec cp "$input" "$output"
"#;

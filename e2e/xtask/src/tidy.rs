//! Rules of the repository that no other tool checks.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Result, bail};

use crate::{app, root};

/// What may stand at the top level besides dotfiles.
const TOP: [&str; 12] = [
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "Trunk.toml",
    "app",
    "docs",
    "e2e",
    "index.html",
    "server",
    "sip-gateway",
];

/// Which of our crates a crate may depend on (never back).
const MAY: [(&str, &[&str]); 14] = [
    ("app", &["phone", "api-types"]),
    ("app/phone", &["sip-core", "media-core"]),
    ("app/denoise", &[]),
    (
        "server",
        &[
            "api-types",
            "numbering",
            "store",
            "sip-gateway",
            "test-network",
            "sip-core",
            "media-core",
        ],
    ),
    ("server/api-types", &[]),
    ("server/numbering", &["api-types"]),
    ("server/store", &["api-types"]),
    ("sip-gateway", &["sip-core", "media-core", "test-network"]),
    ("sip-gateway/sip-core", &[]),
    ("sip-gateway/media-core", &[]),
    ("sip-gateway/test-network", &["media-core"]),
    ("e2e/fuzz", &["sip-gateway", "sip-core", "media-core"]),
    ("e2e/parse-bench", &["sip-core"]),
    ("e2e/xtask", &[]),
];

/// Lines a source file may have, tests included.
const LONGEST: usize = 700;

pub fn tidy() -> Result<()> {
    let mut wrong = Vec::new();
    top_level(&mut wrong)?;
    for (dir, may) in MAY {
        dependencies(dir, may, &mut wrong)?;
    }
    sizes(&mut wrong)?;
    if !wrong.is_empty() {
        bail!(
            "the repository's rules are broken:\n  {}",
            wrong.join("\n  ")
        );
    }
    println!("  layout, dependency direction and file sizes are in order");
    Ok(())
}

fn top_level(wrong: &mut Vec<String>) -> Result<()> {
    let Some(list) = crate::process::output(
        "git",
        &[
            "-C",
            &root().to_string_lossy(),
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
        ],
    ) else {
        return Ok(());
    };
    let names: BTreeSet<&str> = list
        .lines()
        .filter_map(|file| file.split('/').next())
        .collect();
    for name in names {
        if !name.starts_with('.') && !TOP.contains(&name) {
            wrong.push(format!("`{name}` does not belong at the top level"));
        }
    }
    Ok(())
}

fn dependencies(dir: &str, may: &[&str], wrong: &mut Vec<String>) -> Result<()> {
    let manifest: toml::Table = fs::read_to_string(root().join(dir).join("Cargo.toml"))?.parse()?;
    let ours: Vec<&str> = MAY
        .iter()
        .filter_map(|(dir, _)| dir.rsplit('/').next())
        .collect();
    let Some(list) = manifest
        .get("dependencies")
        .and_then(|list| list.as_table())
    else {
        return Ok(());
    };
    for name in list.keys() {
        if ours.contains(&name.as_str()) && !may.contains(&name.as_str()) {
            wrong.push(format!("{dir} may not depend on {name}"));
        }
    }
    Ok(())
}

fn sizes(wrong: &mut Vec<String>) -> Result<()> {
    for dir in ["app", "server", "sip-gateway", "e2e"] {
        for file in app::files(&root().join(dir))? {
            let kind = file
                .extension()
                .and_then(|ext| ext.to_str())
                .unwrap_or_default();
            if !["rs", "mjs"].contains(&kind) {
                continue;
            }
            let lines = fs::read_to_string(&file)?.lines().count();
            if lines > LONGEST {
                let name = file.strip_prefix(root()).unwrap_or(Path::new(&file));
                wrong.push(format!(
                    "{} has {lines} lines (at most {LONGEST})",
                    name.display()
                ));
            }
        }
    }
    Ok(())
}

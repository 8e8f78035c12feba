//! Inputs kept as files.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// `e2e/fuzz/corpus/TARGET`.
#[must_use]
pub fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target)
}

/// The inputs of a target, in the order of their names, with them. The messages of RFC 4475 that
/// `sip-core` is tested with begin the corpora of `wire` and `stream`.
///
/// # Errors
/// When the folder cannot be read.
pub fn load(target: &str) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut files = list(&folder(target))?;
    if ["wire", "stream"].contains(&target) {
        let torture = "../../sip-gateway/sip-core/tests/golden/torture";
        files.extend(list(&Path::new(env!("CARGO_MANIFEST_DIR")).join(torture))?);
    }
    files.sort();
    files
        .into_iter()
        .map(|path| Ok((path.clone(), with_line_ends(&path, fs::read(&path)?))))
        .collect()
}

fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect()
}

/// Text is kept with bare line feeds.
fn with_line_ends(path: &Path, bytes: Vec<u8>) -> Vec<u8> {
    let is_text = path
        .extension()
        .is_some_and(|kind| kind == "sip" || kind == "sdp");
    if !is_text {
        return bytes;
    }
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 16);
    for byte in bytes {
        if byte == b'\n' {
            out.push(b'\r');
        }
        out.push(byte);
    }
    out
}

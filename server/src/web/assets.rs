//! Where the app's files are: in the binary, or in a folder while the app is being worked on.

use std::{
    borrow::Cow,
    path::{Component, Path, PathBuf},
};

use axum::body::Bytes;
use rust_embed::Embed;
use sha2::{Digest, Sha256};

#[derive(Embed)]
#[folder = "../dist"]
#[allow_missing = true]
struct BuiltIn;

/// The app's files.
#[derive(Clone, Debug)]
pub(crate) enum Assets {
    /// In the binary.
    BuiltIn,
    /// In a folder.
    Folder(PathBuf),
}

/// A file.
#[derive(Clone, Debug)]
pub(crate) struct Asset {
    /// What is in it.
    pub data: Bytes,
    /// Its entity tag, with quotes.
    pub etag: String,
}

impl Assets {
    /// A file by its path below the app's root.
    pub(crate) fn get(&self, name: &str) -> Option<Asset> {
        match self {
            Self::BuiltIn => {
                let file = BuiltIn::get(name)?;
                let data = match file.data {
                    Cow::Borrowed(data) => Bytes::from_static(data),
                    Cow::Owned(data) => Bytes::from(data),
                };
                Some(Asset {
                    data,
                    etag: etag(&file.metadata.sha256_hash()),
                })
            }
            Self::Folder(folder) => {
                let data = std::fs::read(inside(folder, name)?).ok()?;
                Some(Asset {
                    etag: etag(&Sha256::digest(&data)),
                    data: Bytes::from(data),
                })
            }
        }
    }
}

/// The path, if it does not lead out of the folder.
fn inside(folder: &Path, name: &str) -> Option<PathBuf> {
    let name = Path::new(name);
    let plain = name
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    plain.then(|| folder.join(name))
}

fn etag(hash: &[u8]) -> String {
    format!("\"{}\"", hex::encode(hash.get(..12).unwrap_or(hash)))
}

/// `Content-Type` by the name's ending.
pub(crate) fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_serves_nothing_outside_itself() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("dist")).unwrap();
        std::fs::write(folder.path().join("secret"), "x").unwrap();
        std::fs::write(folder.path().join("dist/a.txt"), "x").unwrap();
        let assets = Assets::Folder(folder.path().join("dist"));
        assert!(assets.get("a.txt").is_some());
        assert!(assets.get("../secret").is_none());
        assert!(assets.get("/etc/passwd").is_none());
    }
}

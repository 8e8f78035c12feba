//! Providers whose settings are known: data files under `server/presets`, part of the program.

use std::sync::LazyLock;

use api_types::Preset;
use rust_embed::RustEmbed;
use serde::Deserialize;

use super::balance;

#[derive(RustEmbed)]
#[folder = "presets"]
struct Files;

/// A file. What no public source confirms is not in it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    country: String,
    site: String,
    sign_up: Option<String>,
    domain: Option<String>,
    domain_suffix: Option<String>,
    host: Option<String>,
    port: Option<u16>,
    #[serde(default)]
    transport: api_types::LineTransport,
    #[serde(default)]
    codecs: Vec<api_types::LineCodec>,
    expires_secs: Option<u32>,
    registers: Option<bool>,
    #[serde(default)]
    rewrites: Vec<api_types::Rewrite>,
    #[serde(default)]
    asks: Vec<String>,
    hint: Option<api_types::PresetHint>,
    #[serde(default)]
    sources: Vec<api_types::PresetSource>,
}

static PRESETS: LazyLock<Vec<Preset>> = LazyLock::new(|| {
    let mut presets: Vec<Preset> = Files::iter().filter_map(|path| read(&path)).collect();
    presets.sort_by_key(|preset| preset.name.to_lowercase());
    presets
});

fn read(path: &str) -> Option<Preset> {
    let id = path.strip_suffix(".toml")?;
    let data = Files::get(path)?.data;
    let text = std::str::from_utf8(&data).ok()?;
    match toml::from_str::<File>(text) {
        Ok(file) => Some(preset(id, file)),
        Err(error) => {
            tracing::error!(preset = id, %error, "a preset cannot be read");
            None
        }
    }
}

fn preset(id: &str, file: File) -> Preset {
    Preset {
        id: id.to_owned(),
        name: file.name,
        country: file.country,
        site: file.site,
        sign_up: file.sign_up,
        domain: file.domain,
        domain_suffix: file.domain_suffix,
        host: file.host,
        port: file.port,
        transport: file.transport,
        codecs: file.codecs,
        expires_secs: file.expires_secs,
        registers: file.registers,
        rewrites: file.rewrites,
        asks: file.asks,
        balance: balance::api(id).is_some(),
        hint: file.hint,
        sources: file.sources,
    }
}

/// All of them, by name.
pub(crate) fn all() -> &'static [Preset] {
    &PRESETS
}

/// One.
pub(crate) fn find(id: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.id == id)
}

/// The domain meant by what was typed: an account's own name gets what follows it at this provider.
pub(crate) fn full_domain(preset: Option<&str>, typed: &str) -> String {
    let typed = typed.trim();
    let suffix = preset
        .and_then(find)
        .and_then(|preset| preset.domain_suffix.as_deref());
    match suffix {
        Some(suffix) if !typed.is_empty() && !typed.contains(['.', ':']) => {
            format!("{typed}{suffix}")
        }
        _ => typed.to_owned(),
    }
}

/// The name of one.
pub(crate) fn name_of(id: &str) -> Option<String> {
    find(id).map(|preset| preset.name.clone())
}

#[cfg(test)]
#[path = "presets_tests.rs"]
mod tests;

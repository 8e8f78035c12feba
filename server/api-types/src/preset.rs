//! Providers whose settings are known.

use serde::{Deserialize, Serialize};

use crate::{LineCodec, LineTransport, Rewrite};

/// `GET /api/v1/presets`: a provider. What no public source confirms is absent and in `asks`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preset {
    /// Id, for example `zadarma`.
    pub id: String,
    /// Name.
    pub name: String,
    /// Country it is from, ISO 3166.
    pub country: String,
    /// Its site.
    pub site: String,
    /// Where an account is opened.
    pub sign_up: Option<String>,
    /// Domain.
    pub domain: Option<String>,
    /// What follows the account's own name in its domain: `.pstn.example.com` makes
    /// `acme.pstn.example.com` of `acme`.
    pub domain_suffix: Option<String>,
    /// Host, where it is not the domain.
    pub host: Option<String>,
    /// Port, where it is known; absent: the transport's own.
    pub port: Option<u16>,
    /// Transport.
    pub transport: LineTransport,
    /// Codecs, best first; empty: not known.
    pub codecs: Vec<LineCodec>,
    /// Seconds of a registration the provider advises.
    pub expires_secs: Option<u32>,
    /// Whether the account registers; absent: not known.
    pub registers: Option<bool>,
    /// Auto-replace its numbers need.
    pub rewrites: Vec<Rewrite>,
    /// Fields the form must ask for, by their names in `LineDraft`: `domain`, `number`.
    pub asks: Vec<String>,
    /// Whether the balance can be asked for.
    pub balance: bool,
    /// What to bring from the provider's own panel, in English and Russian.
    pub hint: Option<PresetHint>,
    /// Where the facts come from.
    pub sources: Vec<PresetSource>,
}

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PresetHint {
    /// English.
    pub en: String,
    /// Russian.
    pub ru: String,
}

/// A public source of facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PresetSource {
    /// The facts, by their names: `domain`, `port`, `transport`.
    pub fields: Vec<String>,
    /// Address of the page.
    pub url: String,
}

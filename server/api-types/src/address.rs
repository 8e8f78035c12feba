//! Addresses the outside world reaches this server at.

use serde::{Deserialize, Serialize};

/// `GET`/`PUT /api/v1/settings/addresses`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Addresses {
    /// Host or IP (and port) in SIP Via and Contact; empty: found by itself.
    #[serde(default)]
    pub sip_public: String,
    /// IP addresses in ICE candidates and SDP, first is preferred; empty: found by itself.
    #[serde(default)]
    pub media_public: Vec<String>,
}

/// What is in force, shown beside the settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddressesInForce {
    /// As set.
    pub set: Addresses,
    /// SIP over UDP, `ip:port`.
    pub sip_udp: String,
    /// WebRTC media, `ip:port` (UDP).
    pub media_udp: String,
    /// WebRTC media over TCP, `ip:port`; `None`: not taken.
    #[serde(default)]
    pub media_tcp: Option<String>,
    /// RTP towards lines, first and last port (UDP).
    pub rtp_ports: (u16, u16),
    /// Our address as the providers see it, if one said so.
    pub seen_as: Option<String>,
}

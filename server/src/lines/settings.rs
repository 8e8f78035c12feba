//! A line's settings between the database, the API and the gateway.

use api_types::{CallerIdHeader, LineCodec, LineDraft, LineDtmf, LineSrtp, LineTransport};
use sip_gateway::ports::{self, LineConfig, LineMode};
use store::entity::line;

use crate::vault::{Vault, VaultError};

/// Seconds asked for in REGISTER unless set.
const EXPIRES_SECS: u32 = 600;

/// What is set of a line, without secrets.
pub(crate) fn settings_of(row: &line::Model) -> LineDraft {
    let stored = row
        .settings
        .as_deref()
        .map(serde_json::from_str::<LineDraft>);
    let mut draft = match stored {
        Some(Ok(draft)) => draft,
        Some(Err(error)) => {
            tracing::error!(line.id = %row.id, %error, "a line's settings cannot be read");
            LineDraft::default()
        }
        None => LineDraft::default(),
    };
    // These have columns of their own, which lead.
    draft.label.clone_from(&row.label);
    draft.user.clone_from(&row.user);
    draft.domain = match row.port {
        Some(port) if !row.built_in => format!("{}:{port}", row.domain),
        _ => row.domain.clone(),
    };
    if row.built_in {
        // Its port is another one after each start.
        draft.host = row.host.as_ref().map(|host| match row.port {
            Some(port) => format!("{host}:{port}"),
            None => host.clone(),
        });
    }
    draft.number.clone_from(&row.number);
    draft.record = Some(row.record);
    draft
}

/// How settings are stored.
pub(crate) fn stored(draft: &LineDraft) -> Option<String> {
    let kept = LineDraft {
        password: None,
        balance: None,
        ..draft.clone()
    };
    serde_json::to_string(&kept).ok()
}

/// A line as the gateway needs it.
pub(crate) fn to_config(row: &line::Model, vault: &Vault) -> Result<LineConfig, VaultError> {
    let password = vault.open_sealed(&super::purpose(row.id), &row.sealed_password)?;
    let password = String::from_utf8_lossy(&password).into_owned();
    let mut config = config_of(row.id, &settings_of(row), &password);
    if row.built_in {
        config.port = row.port.and_then(|port| u16::try_from(port).ok());
    }
    Ok(config)
}

/// A draft as the gateway needs it.
pub(crate) fn config_of(id: uuid::Uuid, draft: &LineDraft, password: &str) -> LineConfig {
    LineConfig {
        label: draft.label.clone(),
        auth_user: draft
            .auth_user
            .clone()
            .unwrap_or_else(|| draft.user.clone()),
        host: draft.host.clone(),
        outbound_proxy: draft.proxy.clone(),
        transport: transport(draft.transport),
        tls_ca_pem: draft.tls_ca.clone(),
        mode: mode(draft),
        number: draft.number.clone(),
        numbers: draft.numbers.iter().map(|one| one.number.clone()).collect(),
        expires_secs: draft.expires_secs.unwrap_or(EXPIRES_SECS),
        record: draft.record.unwrap_or(true),
        srtp: srtp(draft.srtp),
        codecs: draft.codecs.iter().copied().map(codec).collect(),
        caller_id: caller_id(draft.caller_id),
        dtmf: dtmf(draft.dtmf),
        channels: draft.channels,
        ..LineConfig::new(id, &draft.user, password, &draft.domain)
    }
}

fn mode(draft: &LineDraft) -> LineMode {
    if !draft.trunk {
        return LineMode::Register;
    }
    // They were checked when they were saved.
    let sources = draft.sources.iter().filter_map(|text| network(text));
    LineMode::IpTrunk {
        sources: sources.collect(),
    }
}

/// `198.51.100.0/28`, or an address alone.
pub(crate) fn network(text: &str) -> Option<ports::IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        text.parse::<std::net::IpAddr>()
            .ok()
            .map(ports::IpNet::from)
    })
}

fn transport(transport: LineTransport) -> ports::LineTransport {
    match transport {
        LineTransport::Udp => ports::LineTransport::Udp,
        LineTransport::Tcp => ports::LineTransport::Tcp,
        LineTransport::Tls => ports::LineTransport::Tls,
    }
}

fn srtp(srtp: LineSrtp) -> ports::SrtpMode {
    match srtp {
        LineSrtp::Off => ports::SrtpMode::Off,
        LineSrtp::Optional => ports::SrtpMode::Optional,
        LineSrtp::Required => ports::SrtpMode::Required,
    }
}

fn codec(codec: LineCodec) -> ports::LineCodec {
    match codec {
        LineCodec::Opus => ports::LineCodec::Opus,
        LineCodec::G722 => ports::LineCodec::G722,
        LineCodec::Pcma => ports::LineCodec::Pcma,
        LineCodec::Pcmu => ports::LineCodec::Pcmu,
    }
}

fn caller_id(header: CallerIdHeader) -> ports::CallerIdHeader {
    match header {
        CallerIdHeader::From => ports::CallerIdHeader::From,
        CallerIdHeader::PAssertedIdentity => ports::CallerIdHeader::PAssertedIdentity,
        CallerIdHeader::RemotePartyId => ports::CallerIdHeader::RemotePartyId,
    }
}

fn dtmf(dtmf: LineDtmf) -> ports::DtmfMode {
    match dtmf {
        LineDtmf::Rfc4733 => ports::DtmfMode::Rfc4733,
        LineDtmf::Info => ports::DtmfMode::Info,
        LineDtmf::InBand => ports::DtmfMode::InBand,
    }
}

use std::fmt::Write as _;

use super::*;

/// Those every installation offers.
const WANTED: [&str; 20] = [
    "sipout",
    "sipnet",
    "zebra_telecom",
    "uis",
    "telphin",
    "mango_office",
    "zadarma",
    "sipuni",
    "onlinepbx",
    "mcn_telecom",
    "megafon",
    "beeline",
    "bmi_telecom",
    "oktell",
    "dialog",
    "twilio",
    "telnyx",
    "sipgate",
    "voip_ms",
    "vonage",
];

#[test]
fn every_provider_has_a_file_that_can_be_read() {
    assert_eq!(Files::iter().count(), all().len());
    for id in WANTED {
        assert!(find(id).is_some(), "{id}");
    }
}

#[test]
fn a_fact_has_its_public_source_or_is_asked_for() {
    for preset in all() {
        let sourced = |field: &str| {
            let mut sources = preset.sources.iter();
            sources.any(|source| source.fields.iter().any(|f| f == field))
        };
        let asked = |field: &str| preset.asks.iter().any(|f| f == field);
        let facts = [
            ("domain", preset.domain.is_some()),
            ("domain_suffix", preset.domain_suffix.is_some()),
            ("host", preset.host.is_some()),
            ("port", preset.port.is_some()),
            ("codecs", !preset.codecs.is_empty()),
            ("expires_secs", preset.expires_secs.is_some()),
            ("registers", preset.registers.is_some()),
        ];
        for (field, is_there) in facts {
            assert_eq!(is_there, sourced(field), "{} {field}", preset.id);
            assert!(!(is_there && asked(field)), "{} {field}", preset.id);
        }
        assert!(preset.domain.is_some() || asked("domain"), "{}", preset.id);
        for source in &preset.sources {
            assert!(source.url.starts_with("https://"), "{}", preset.id);
        }
        assert!(numbering::Rewrites::new(&preset.rewrites).is_ok());
    }
}

#[test]
fn twelve_hosts_or_more_are_known() {
    let known = |preset: &&Preset| {
        let domain = preset.domain.as_ref().or(preset.domain_suffix.as_ref());
        domain.or(preset.host.as_ref()).is_some()
    };
    let known = all().iter().filter(known).count();
    assert!(known >= 12, "{known}");
}

#[test]
fn numbers_at_telphin_go_through_8() {
    let rewrites = numbering::Rewrites::new(&find("telphin").unwrap().rewrites).unwrap();
    assert_eq!(
        rewrites.apply("+74951234567").unwrap().number,
        "84951234567"
    );
}

#[test]
fn an_account_of_its_own_name_gets_the_rest_of_its_domain() {
    let full = |typed| full_domain(Some("twilio"), typed);
    assert_eq!(full(" acme "), "acme.pstn.twilio.com");
    assert_eq!(
        full("acme.pstn.ashburn.twilio.com"),
        "acme.pstn.ashburn.twilio.com"
    );
    assert_eq!(full(""), "");
    assert_eq!(full_domain(Some("telphin"), "pbx"), "pbx");
    assert_eq!(full_domain(None, "pbx"), "pbx");
}

/// The table of `docs/providers.md`.
fn table() -> String {
    let mut rows = String::from(
        "| Provider | Domain, host | Transport | Port | Registration | Sources |\n|---|---|---|---|---|---|\n",
    );
    for preset in all() {
        let asked = "asked for".to_owned();
        let named = preset.domain_suffix.as_ref();
        let named = named.map(|suffix| format!("NAME{suffix}, NAME asked for"));
        let domain = preset.domain.as_ref().or(named.as_ref());
        let address = match (domain, &preset.host) {
            (Some(domain), Some(host)) => format!("{domain}, {host}"),
            (Some(domain), None) => domain.clone(),
            (None, Some(host)) => format!("asked for, {host}"),
            (None, None) => asked.clone(),
        };
        let sourced = |field: &str| {
            let mut sources = preset.sources.iter();
            sources.any(|source| source.fields.iter().any(|f| f == field))
        };
        let transport = match sourced("transport") {
            true => format!("{:?}", preset.transport).to_uppercase(),
            false => "not known, UDP offered".to_owned(),
        };
        let port = match preset.port {
            Some(port) => port.to_string(),
            None if preset.asks.iter().any(|f| f == "port") => asked,
            None => "not known, DNS decides".to_owned(),
        };
        let registers = match preset.registers {
            Some(true) => "yes",
            Some(false) => "no",
            None => "not known, yes offered",
        };
        let sources: Vec<String> = preset
            .sources
            .iter()
            .map(|source| format!("[{}]({})", source.fields.join(", "), source.url))
            .collect();
        let _ = writeln!(
            rows,
            "| {} | {address} | {transport} | {port} | {registers} | {} |",
            preset.name,
            sources.join("; ")
        );
    }
    rows
}

#[test]
fn the_table_in_the_documentation_is_that_of_the_files() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/providers.md");
    let text = std::fs::read_to_string(file).unwrap();
    if !text.contains(&table()) && std::env::var_os("UPDATE").is_some() {
        let head = text.split("| Provider |").next().unwrap_or_default();
        std::fs::write(file, format!("{head}{}", table())).unwrap();
        return;
    }
    assert!(text.contains(&table()), "run this test with UPDATE=1");
}

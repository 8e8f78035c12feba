//! Lines: SIP accounts at providers.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod list;
pub(super) mod update;

use api_types::LineDraft;
use sip_gateway::SipAddress;

use super::error::Error;

/// A draft, checked.
struct Checked {
    label: String,
    user: String,
    domain: String,
    port: Option<i32>,
    number: Option<String>,
}

fn check(draft: &LineDraft) -> Result<Checked, Error> {
    let user = draft.user.trim().to_owned();
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"@:;<>\"".contains(c);
    if user.is_empty() || user.len() > 128 || !user.chars().all(plain) {
        return Err(Error::invalid(
            "bad_user",
            "user",
            "give the account's user name, without spaces, @ and :",
        ));
    }
    let address: SipAddress = draft
        .domain
        .parse()
        .map_err(|error: String| Error::invalid("bad_domain", "domain", error))?;
    let label = draft.label.trim();
    if label.chars().count() > 100 {
        return Err(Error::invalid(
            "bad_label",
            "label",
            "a name has at most 100 characters",
        ));
    }
    Ok(Checked {
        label: if label.is_empty() {
            user.clone()
        } else {
            label.to_owned()
        },
        user,
        domain: address.host,
        port: address.port.map(i32::from),
        number: draft
            .number
            .as_deref()
            .map(str::trim)
            .filter(|number| !number.is_empty())
            .map(str::to_owned),
    })
}

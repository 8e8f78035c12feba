//! Choices by the names that stand in a form's `<option>`.

use api_types::{
    AnonymousCallers, CallerIdHeader, InternationalCalls, LineCodec, LineDtmf, LineSrtp,
    LineTransport, PatternAction, RingOrder, Role,
};

/// A choice with a name for each of its values.
pub trait Named: Copy + PartialEq + 'static {
    /// Every value with its name; the first is what an unknown name means.
    const NAMES: &'static [(Self, &'static str)];

    /// The value's name.
    fn name(self) -> String {
        Self::NAMES
            .iter()
            .find(|(value, _)| *value == self)
            .map_or_else(String::new, |(_, name)| (*name).to_owned())
    }

    /// The value of this name.
    fn named(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(value, _)| *value)
    }
}

macro_rules! names {
    ($($kind:ident { $($variant:ident $name:literal)+ })+) => {
        $(impl Named for $kind { const NAMES: &'static [(Self, &'static str)] = &[$((Self::$variant, $name)),+]; })+
    };
}

names! {
    LineTransport { Udp "UDP" Tcp "TCP" Tls "TLS" }
    LineSrtp { Off "off" Optional "optional" Required "required" }
    CallerIdHeader { From "From" PAssertedIdentity "P-Asserted-Identity" RemotePartyId "Remote-Party-ID" }
    LineDtmf { Rfc4733 "rfc4733" Info "info" InBand "in_band" }
    LineCodec { Opus "Opus" G722 "G.722" Pcma "PCMA" Pcmu "PCMU" }
    PatternAction { Pass "pass" Prefix "prefix" Forbid "forbid" }
    InternationalCalls { WithRight "with_right" Everybody "everybody" Nobody "nobody" }
    AnonymousCallers { Ring "ring" Refuse "refuse" }
    RingOrder { Together "together" InTurn "in_turn" }
    Role { Agent "agent" Supervisor "supervisor" SubAdmin "sub_admin" Admin "admin" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_back_to_its_value() {
        for (value, name) in CallerIdHeader::NAMES {
            assert_eq!(CallerIdHeader::named(name), Some(*value));
            assert_eq!(value.name(), *name);
        }
        assert_eq!(LineTransport::named("SCTP"), None);
    }
}

//! Settings.

pub(super) mod set_addresses;
pub(super) mod show_addresses;

use api_types::{Addresses, AddressesInForce};

use crate::app::App;

fn in_force(app: &App, set: Addresses) -> AddressesInForce {
    AddressesInForce {
        set,
        sip_udp: app.gateway.sip_addr().to_string(),
        media_udp: app.gateway.media_addr().to_string(),
        media_tcp: app
            .gateway
            .media_tcp_addr()
            .map(|address| address.to_string()),
        rtp_ports: (app.config.rtp_ports.first, app.config.rtp_ports.last),
        seen_as: app.lines.seen_as().map(|address| address.to_string()),
    }
}

//! How calls sound: what browsers report of their own legs, and what the gateway measures on all.
//!
//! A leg has one series for each witness, merged from whatever comes: reports that are sent again and
//! pages that come back in the middle of a slot change nothing.

mod gauges;
mod leg;
mod series;

use api_types::Event;
pub(crate) use gauges::Gauges;
use sip_gateway::ports::CallEvent;

use crate::{app::App, events::Audience};

impl App {
    /// Takes note of what was measured, and tells those who talk of a bad leg.
    pub(crate) fn quality_heard(&self, event: &CallEvent) {
        let Some((call, line)) = self.gauges.hear(event) else {
            return;
        };
        if let Some(state) = self.calls.current(call) {
            let audience = Audience::Call(state.viewers);
            self.hub.publish(&Event::FarQuality(line), audience);
        }
    }
}

pub(crate) use leg::{Measured, is_plausible, shown, with};

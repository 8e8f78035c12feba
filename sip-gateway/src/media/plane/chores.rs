//! What is looked at now and then: who went away, and reports.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::Plane;
use crate::media::{
    MediaEvent,
    browser::Presence,
    doors::Doors,
    leg::{BUFFER, Leg, Transport},
};

/// Reports go out this often, so that a browser's statistics live (RFC 3550 §6.2 allows less than
/// 5 s for two parties).
const REPORTS_US: u64 = 3_000_000;
/// Seconds between 1900 and 1970.
const NTP_EPOCH: u64 = 2_208_988_800;

impl Plane {
    pub(super) fn chores(&mut self, now: Instant) {
        let now_us = self.micros(now);
        let ntp = ntp_now();
        self.tend_connections(now_us);
        // Allocates only when keys end without their last packets.
        let mut late = Vec::new();
        for leg in self.legs.values_mut() {
            let id = leg.id;
            if let Transport::Browser(browser) = &mut leg.transport {
                let event = match browser.presence(now_us) {
                    Some(Presence::Vanished) => Some(MediaEvent::Vanished(id)),
                    Some(Presence::Returned) => Some(MediaEvent::Returned(id)),
                    None => None,
                };
                event.map(|event| self.events.send(event));
            }
            if let Some(digit) = leg.dtmf.timeout(now_us) {
                let _ = self.events.send(MediaEvent::Digit { leg: id, digit });
                late.extend(leg.joined.map(|other| (other, digit)));
            }
            if leg.connected
                && let Some(figures) = leg.measure(now_us)
            {
                let _ = self.events.send(MediaEvent::Measured { leg: id, figures });
            }
            if leg.connected && now_us >= leg.next_report_us {
                leg.next_report_us = now_us + REPORTS_US;
                self.report.clear();
                leg.write_report(ntp, now_us, &mut self.report);
                send_report(
                    leg,
                    &self.report,
                    now_us,
                    &mut self.leaving,
                    &mut self.doors,
                );
            }
        }
        for (id, digit) in late {
            let pressed = self
                .legs
                .get_mut(&id)
                .is_some_and(|leg| leg.press(digit, now_us));
            if pressed && !self.keying.contains(&id) {
                self.keying.push(id);
            }
        }
    }
}

fn send_report(leg: &mut Leg, report: &[u8], now_us: u64, buffer: &mut [u8], doors: &mut Doors) {
    let len = report.len();
    if len + crate::media::srtp::OVERHEAD > BUFFER {
        return;
    }
    match &mut leg.transport {
        Transport::Line(line) => {
            let Some(to) = line.rtcp_target else {
                return;
            };
            buffer[..len].copy_from_slice(report);
            if let Ok(len) = line.protection.protect_rtcp(buffer, len) {
                line.ports.rtcp.transmit(&buffer[..len], to);
            }
        }
        Transport::Browser(browser) => {
            let Some(to) = browser.target(now_us) else {
                return;
            };
            let Some(keys) = browser.keys.as_mut() else {
                return;
            };
            buffer[..len].copy_from_slice(report);
            if let Ok(len) = keys.1.protect_rtcp(buffer, len) {
                doors.transmit(&buffer[..len], to);
            }
        }
    }
}

/// The wall clock as NTP has it: seconds since 1900, and 2⁻³² of them.
pub(super) fn ntp_now() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let fraction = (u64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
    (since.as_secs() + NTP_EPOCH) << 32 | fraction
}

//! What the phone measured, on its way to the server; and what the server measured, on its way to the
//! phone.

use api_types::{DirectionFigures, FarQuality, Incident, IncidentKind, QualityReport, QualitySlot};
use gloo::timers::callback::Timeout;
use leptos::task::spawn_local;
use phone::{
    CallKey, CallView, Command, FarFigures,
    quality::{self, WayFigures},
};

use super::phone::PhoneLink;
use crate::{view::failure::Failure, view::stack::plain_id};

/// The last report of a call is sent again so often,
const TRIES: u32 = 10;
/// and so far apart, milliseconds.
const PAUSE_MS: u32 = 6_000;

/// Stores a report. What could not be stored of a call that goes on comes with the next one.
pub fn store(link: PhoneLink, key: CallKey, report: quality::QualityReport, tries_left: u32) {
    if link.own_server().is_some() {
        // The call is another server's: it is in no log of ours.
        return link.send_own(Command::QualityStored(key, report.at));
    }
    spawn_local(async move {
        let path = format!("/calls/{}/quality", plain_id(&report.call_id));
        match link.api().put_only(&path, &sent(&report)).await {
            Err(Failure::Unreachable) if report.is_last && tries_left > 0 => {
                let again = move || store(link, key, report, tries_left - 1);
                Timeout::new(PAUSE_MS, again).forget();
            }
            // Not wanted: sending it again would change nothing.
            Err(Failure::Unreachable) => {}
            Ok(()) | Err(_) => link.send_own(Command::QualityStored(key, report.at)),
        }
    });
}

/// Stores one that has just been made.
pub fn store_new(link: PhoneLink, key: CallKey, report: quality::QualityReport) {
    store(link, key, report, TRIES);
}

/// The phone is to know how the other side's leg fares.
pub fn far(link: PhoneLink, told: &FarQuality) {
    if told.extension.is_some() && told.extension == link.own_extension() {
        return;
    }
    let id = plain_id(&told.call);
    let call = link.target(|calls| {
        let is_it = |call: &&CallView| call.call_id.as_deref().map(plain_id).as_ref() == Some(&id);
        calls.iter().find(is_it)
    });
    if let Some(call) = call {
        let figures = FarFigures {
            heard_loss: told.heard_loss_permille,
            said_loss: told.said_loss_permille,
            jitter_ms: told.jitter_ms,
        };
        link.send_own(Command::FarMeasured(call.key, figures));
    }
}

fn sent(report: &quality::QualityReport) -> QualityReport {
    QualityReport {
        sent_at: js_sys::Date::now() as i64,
        codec: report.codec.name().to_owned(),
        way: report.way.map_or("", phone::MediaWay::name).to_owned(),
        slots: report.slots.iter().map(slot).collect(),
        incidents: report.incidents.iter().map(incident).collect(),
    }
}

fn slot(slot: &quality::Slot) -> QualitySlot {
    QualitySlot {
        at: slot.at as i64,
        secs: slot.secs as u8,
        heard: slot.figures.heard.map(direction),
        said: slot.figures.said.map(direction),
        round_trip_ms: slot.figures.round_trip_ms,
    }
}

fn direction(way: WayFigures) -> DirectionFigures {
    DirectionFigures {
        loss_permille: way.loss_permille,
        jitter_ms: way.jitter_ms,
        mos_tenths: way.mos_tenths,
        level_permille: way.level_permille,
    }
}

fn incident(incident: &quality::Incident) -> Incident {
    use quality::IncidentKind as Met;
    let (kind, detail) = match incident.kind {
        Met::ConnectionLost => (IncidentKind::ConnectionLost, ""),
        Met::ConnectionBack => (IncidentKind::ConnectionBack, ""),
        Met::MediaLost => (IncidentKind::MediaLost, ""),
        Met::MediaBack => (IncidentKind::MediaBack, ""),
        Met::PathRenewed => (IncidentKind::PathRenewed, ""),
        Met::PageBack => (IncidentKind::PageBack, ""),
        Met::MicrophoneLost => (IncidentKind::MicrophoneLost, ""),
        Met::MicrophoneBack => (IncidentKind::MicrophoneBack, ""),
        Met::WayChanged(way) => (IncidentKind::WayChanged, way.name()),
    };
    Incident {
        at: incident.at as i64,
        kind,
        detail: detail.to_owned(),
    }
}

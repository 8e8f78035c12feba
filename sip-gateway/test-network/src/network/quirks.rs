//! Which quirks are on, and what became of them.

use super::Network;
use crate::{Quirk, log::lock};
use std::collections::BTreeSet;

/// What became of the quirks.
#[derive(Default)]
pub(super) struct Diary {
    met: BTreeSet<Quirk>,
    once: BTreeSet<Quirk>,
    complaints: Vec<String>,
}

impl Network {
    /// Whether a quirk is on.
    pub fn has(&self, quirk: Quirk) -> bool {
        self.config.quirks.has(quirk)
    }

    /// Whether a quirk is on; if so it has come to bear.
    pub fn shows(&self, quirk: Quirk) -> bool {
        let on = self.has(quirk);
        if on {
            self.meet(quirk);
        }
        on
    }

    /// True once, if the quirk is on.
    pub fn first(&self, quirk: Quirk) -> bool {
        self.has(quirk) && lock(&self.diary).once.insert(quirk)
    }

    /// A quirk came to bear and was taken as it should.
    pub fn meet(&self, quirk: Quirk) {
        lock(&self.diary).met.insert(quirk);
        self.log.touch();
    }

    /// Meets the quirk, or notes what was wrong.
    pub fn judge(&self, quirk: Quirk, right: bool, what: &str) {
        if right {
            return self.meet(quirk);
        }
        let complaint = format!("{}: {what}", quirk.name());
        tracing::debug!(complaint, "the other side erred");
        lock(&self.diary).complaints.push(complaint);
        self.log.touch();
    }

    pub fn met(&self) -> Vec<Quirk> {
        lock(&self.diary).met.iter().copied().collect()
    }

    pub fn complaints(&self) -> Vec<String> {
        lock(&self.diary).complaints.clone()
    }

    /// Our Record-Route values in the order of the route; empty: we do not stay in it.
    pub fn routes(&self) -> Vec<String> {
        let address = self.address;
        if self.has(Quirk::SeveralRecordRoutes) {
            let hop = |n| format!("<sip:{address};lr;hop={n}>");
            return (1..=3).map(hop).collect();
        }
        let table = [
            (Quirk::RecordRoute, ";lr"),
            (Quirk::StrictRouter, ""),
            (Quirk::LrWithValue, ";lr=on"),
        ];
        let loose = self.config.quirks.choose(&table);
        loose
            .map(|lr| format!("<sip:{address}{lr}>"))
            .into_iter()
            .collect()
    }
}

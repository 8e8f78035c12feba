//! The transport of a browser leg: ICE paths, SRTP, and whether the browser is still there.
//!
//! Media goes where authenticated traffic last came from. No nomination is final: Firefox nominates
//! every pair against a lite agent, and Chromium sends on a new pair before it nominates it.

use super::{
    path::Path,
    sdp::IceCredentials,
    srtp::{Inbound, Outbound},
};

/// Without a check for so long nothing is sent any more (RFC 7675 §5.1).
const CONSENT_US: u64 = 30_000_000;
/// A browser whose audio and checks stopped is gone after this.
const VANISHED_US: u64 = 5_000_000;
/// One that sends no audio shows itself by checks alone, in Firefox every 5 s.
const VANISHED_SILENT_US: u64 = 16_000_000;
/// The same of one whose signalling is gone already: most likely the page is.
const UNATTENDED_US: u64 = 1_500_000;
const UNATTENDED_SILENT_US: u64 = 6_500_000;
/// While audio came from a path so lately, checks elsewhere do not move it.
const MEDIA_HOLDS_US: u64 = 1_000_000;
/// Paths remembered per leg; a browser has a handful of candidates.
const MAX_PATHS: usize = 16;
/// DTLS datagrams let through per second before anything is known of the peer.
const DTLS_PER_SECOND: u32 = 64;

/// The transport of one browser leg.
pub(super) struct Browser {
    /// Our credentials; the ones before an ICE restart serve until the new ones are used.
    pub ice: IceCredentials,
    pub former_ice: Option<IceCredentials>,
    /// Paths that passed a check.
    paths: Vec<Path>,
    path: Option<Path>,
    /// Where the last DTLS datagram came from: its answer belongs there.
    dtls_path: Option<Path>,
    last_check_us: Option<u64>,
    last_media_us: Option<u64>,
    pub keys: Option<Box<(Inbound, Outbound)>>,
    vanished: bool,
    /// Its signalling is gone.
    pub unattended: bool,
    /// Since when it has been so, of a browser that never sent a check.
    alone_since_us: Option<u64>,
    /// DTLS is over: nobody is expected back.
    ended: bool,
    dtls_budget: (u64, u32),
}

/// Something to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Vanished,
    Returned,
}

impl Browser {
    pub(super) fn new(ice: IceCredentials) -> Self {
        Self {
            ice,
            former_ice: None,
            paths: Vec::new(),
            path: None,
            dtls_path: None,
            last_check_us: None,
            last_media_us: None,
            keys: None,
            vanished: false,
            unattended: false,
            alone_since_us: None,
            ended: false,
            dtls_budget: (0, 0),
        }
    }

    /// The password for checks that name this fragment.
    pub(super) fn password(&self, ufrag: &str) -> Option<&str> {
        [Some(&self.ice), self.former_ice.as_ref()]
            .into_iter()
            .flatten()
            .find(|ice| ice.ufrag == ufrag)
            .map(|ice| ice.password.as_str())
    }

    /// A valid check came; gives a path that is to be forgotten for this one.
    pub(super) fn checked(&mut self, from: Path, nominated: bool, now_us: u64) -> Option<Path> {
        self.last_check_us = Some(now_us);
        let media_holds = self
            .last_media_us
            .is_some_and(|at| now_us - at < MEDIA_HOLDS_US);
        if self.path.is_none() || (nominated && !media_holds) {
            self.path = Some(from);
        }
        if self.paths.contains(&from) {
            return None;
        }
        let spare = (self.paths.len() == MAX_PATHS).then(|| {
            let at = self.paths.iter().position(|path| self.path != Some(*path));
            self.paths.swap_remove(at.unwrap_or(0))
        });
        self.paths.push(from);
        spare
    }

    /// A path is no more: media goes nowhere until a check comes over another.
    pub(super) fn forget(&mut self, gone: Path) {
        self.paths.retain(|path| *path != gone);
        self.path.take_if(|path| *path == gone);
        self.dtls_path.take_if(|path| *path == gone);
    }

    /// Authenticated media came.
    pub(super) fn heard(&mut self, from: Path, now_us: u64) {
        self.last_media_us = Some(now_us);
        self.path = Some(from);
    }

    /// Whether a DTLS datagram from here may go to the handshake.
    pub(super) fn admits_dtls(&mut self, from: Path, now_us: u64) -> bool {
        let second = now_us / 1_000_000;
        if self.dtls_budget.0 != second {
            self.dtls_budget = (second, 0);
        }
        self.dtls_budget.1 += 1;
        self.dtls_path = Some(from);
        self.dtls_budget.1 <= DTLS_PER_SECOND
    }

    /// Where DTLS goes.
    pub(super) fn dtls_target(&self) -> Option<Path> {
        self.dtls_path.or(self.path)
    }

    /// Whether a path exists.
    pub(super) fn has_path(&self) -> bool {
        self.path.is_some()
    }

    /// Where media goes; `None`: nowhere yet, or no consent any more.
    pub(super) fn target(&self, now_us: u64) -> Option<Path> {
        let consent = self
            .last_check_us
            .is_some_and(|at| now_us.saturating_sub(at) < CONSENT_US);
        self.path.filter(|_| consent)
    }

    /// New keys: whoever has them is there.
    pub(super) fn begin(&mut self, keys: Box<(Inbound, Outbound)>) {
        self.keys = Some(keys);
        self.ended = false;
    }

    /// DTLS is over; nothing more is sent or expected.
    pub(super) fn end(&mut self) {
        self.keys = None;
        self.ended = true;
    }

    /// Paths that lead to this leg.
    pub(super) fn paths(&self) -> &[Path] {
        &self.paths
    }

    /// Whether the browser went away or came back since the last call.
    pub(super) fn presence(&mut self, now_us: u64) -> Option<Presence> {
        if self.ended {
            return None;
        }
        let Some(last_check) = self.last_check_us else {
            let gone = self.is_alone_before_it_came(now_us);
            return self.present(gone);
        };
        let last_media = self.last_media_us.unwrap_or(0);
        // Checks that go on after the audio stopped: it is silent, not gone.
        let silent = last_check > last_media + MEDIA_HOLDS_US;
        let limit = match (silent, self.unattended) {
            (false, false) => VANISHED_US,
            (true, false) => VANISHED_SILENT_US,
            (false, true) => UNATTENDED_US,
            (true, true) => UNATTENDED_SILENT_US,
        };
        self.present(now_us.saturating_sub(last_check.max(last_media)) > limit)
    }

    /// Without audio yet, and without a connection either.
    fn is_alone_before_it_came(&mut self, now_us: u64) -> bool {
        if !self.unattended {
            self.alone_since_us = None;
            return false;
        }
        let since = *self.alone_since_us.get_or_insert(now_us);
        now_us.saturating_sub(since) > VANISHED_US
    }

    fn present(&mut self, gone: bool) -> Option<Presence> {
        if gone == self.vanished {
            return None;
        }
        self.vanished = gone;
        Some(if gone {
            Presence::Vanished
        } else {
            Presence::Returned
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;
    use crate::media::path::StreamId;

    const SECOND: u64 = 1_000_000;

    fn browser() -> Browser {
        Browser::new(IceCredentials {
            ufrag: "u".to_owned(),
            password: "p".to_owned(),
        })
    }

    fn address(port: u16) -> Path {
        Path::Udp(SocketAddr::from(([192, 0, 2, 1], port)))
    }

    #[test]
    fn who_never_came_is_gone_once_the_connection_is_and_back_with_it() {
        let mut browser = browser();
        assert_eq!(browser.presence(60 * SECOND), None);
        browser.unattended = true;
        assert_eq!(browser.presence(61 * SECOND), None);
        assert_eq!(browser.presence(67 * SECOND), Some(Presence::Vanished));
        browser.unattended = false;
        assert_eq!(browser.presence(68 * SECOND), Some(Presence::Returned));
    }

    #[test]
    fn media_moves_the_path_and_nominations_do_not_while_it_flows() {
        let mut browser = browser();
        browser.checked(address(1), false, SECOND);
        browser.checked(address(2), true, SECOND);
        assert_eq!(browser.target(SECOND), Some(address(2)));
        browser.heard(address(1), 2 * SECOND);
        browser.checked(address(2), true, 2 * SECOND + 10);
        assert_eq!(browser.target(3 * SECOND), Some(address(1)));
        browser.checked(address(2), true, 4 * SECOND);
        assert_eq!(browser.target(4 * SECOND), Some(address(2)));
    }

    #[test]
    fn consent_ends_after_thirty_seconds_without_a_check() {
        let mut browser = browser();
        browser.checked(address(1), true, SECOND);
        browser.heard(address(1), 30 * SECOND);
        assert!(browser.target(30 * SECOND).is_some());
        assert!(browser.target(32 * SECOND).is_none());
    }

    #[test]
    fn a_browser_that_talked_vanishes_after_five_seconds_and_returns() {
        let mut browser = browser();
        assert_eq!(
            browser.presence(100 * SECOND),
            None,
            "never came, so never went"
        );
        browser.checked(address(1), true, SECOND);
        browser.heard(address(1), SECOND);
        assert_eq!(browser.presence(5 * SECOND), None);
        assert_eq!(browser.presence(7 * SECOND), Some(Presence::Vanished));
        assert_eq!(browser.presence(8 * SECOND), None);
        browser.heard(address(1), 9 * SECOND);
        assert_eq!(browser.presence(9 * SECOND), Some(Presence::Returned));
    }

    #[test]
    fn a_held_browser_that_only_checks_every_five_seconds_is_there() {
        let mut browser = browser();
        browser.heard(address(1), SECOND);
        for round in 0..10 {
            browser.checked(address(1), true, (5 + 5 * round) * SECOND);
            assert_eq!(browser.presence((9 + 5 * round) * SECOND + 900_000), None);
        }
        assert_eq!(browser.presence(70 * SECOND), Some(Presence::Vanished));
    }

    #[test]
    fn one_without_signalling_vanishes_sooner_and_not_while_it_talks() {
        let mut browser = browser();
        browser.unattended = true;
        for step in 0..100 {
            browser.checked(address(1), true, SECOND + step * SECOND / 10);
            browser.heard(address(1), SECOND + step * SECOND / 10);
            assert_eq!(browser.presence(SECOND + step * SECOND / 10), None);
        }
        assert_eq!(browser.presence(12 * SECOND), None);
        assert_eq!(browser.presence(13 * SECOND), Some(Presence::Vanished));
    }

    #[test]
    fn media_waits_for_a_check_when_its_connection_is_gone() {
        let mut browser = browser();
        let stream = Path::Tcp(StreamId(1));
        browser.checked(address(1), true, SECOND);
        browser.checked(stream, true, SECOND);
        browser.heard(stream, SECOND);
        browser.forget(stream);
        assert_eq!((browser.target(SECOND), browser.paths().len()), (None, 1));
        browser.checked(address(1), false, SECOND + 1);
        assert_eq!(browser.target(SECOND + 1), Some(address(1)));
    }

    #[test]
    fn the_oldest_path_makes_room() {
        let mut browser = browser();
        for port in 1..=16 {
            assert_eq!(browser.checked(address(port), false, SECOND), None);
        }
        let forgotten = browser.checked(address(17), false, SECOND);
        assert!(forgotten.is_some() && forgotten != browser.path);
        assert_eq!(browser.paths().len(), MAX_PATHS);
    }
}

//! What the peer of a call can do, by its `Allow` and `Supported`.

use crate::message::Request;
use crate::message::Response;

/// Learnt from the messages seen so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Peer {
    /// UPDATE (RFC 3311).
    pub update: bool,
    /// Session timers (RFC 4028).
    pub timer: bool,
    /// Reliable provisional answers (RFC 3262).
    pub reliable: bool,
}

impl Peer {
    pub fn note_request(&mut self, request: &Request) {
        self.note_options(request.header_values("Supported"));
        self.note_options(request.header_values("Require"));
        self.note_methods(request.header_values("Allow"));
    }

    pub fn note_response(&mut self, response: &Response) {
        self.note_options(response.header_values("Supported"));
        self.note_options(response.header_values("Require"));
        self.note_methods(response.header_values("Allow"));
    }

    fn note_options<'a>(&mut self, options: impl Iterator<Item = &'a str>) {
        for option in options {
            self.timer |= option.eq_ignore_ascii_case("timer");
            self.reliable |= option.eq_ignore_ascii_case("100rel");
        }
    }

    /// An `Allow` lists everything; without one nothing is learnt.
    fn note_methods<'a>(&mut self, methods: impl Iterator<Item = &'a str>) {
        let mut methods = methods.peekable();
        if methods.peek().is_some() {
            self.update = methods.any(|method| method.eq_ignore_ascii_case("UPDATE"));
        }
    }
}

//! The gateway from outside: over real sockets, with tones that are detected.

mod media;
mod signalling;

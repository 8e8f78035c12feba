//! Media without IO: RTP and RTCP on the wire, G.711, telephone events, tones and their detector,
//! and the timeline that turns packets of one direction into continuous audio.
//!
//! Nothing here opens a socket, reads a clock or starts a thread; times come in as microseconds of
//! whatever monotonic clock the caller has. In the steady state nothing allocates per packet.
#![warn(missing_docs)]

pub mod dtmf;
pub mod emodel;
pub mod g711;
pub mod melody;
pub mod mixer;
pub mod resample;
pub mod rtcp;
pub mod rtp;
pub mod timeline;
pub mod tone;

//! What a peer has not taken yet. It is little: late audio is worth nothing, so a frame that does not
//! fit is dropped as a whole, and nobody waits for a peer that does not read.

use std::{
    collections::VecDeque,
    io::{self, IoSlice, Write},
};

use super::framing::{LENGTH, length_of};
use crate::media::leg::BUFFER;

/// Octets kept for a peer: three quarters of a second of G.711, a flight of DTLS.
const ROOM: usize = 8192;
// A frame that was begun must be ended, so that at least one fits.
const _: () = assert!(ROOM > LENGTH + BUFFER);

/// Frames, or their ends, that the connection did not take.
#[derive(Debug, Default)]
pub(super) struct Outbox(VecDeque<u8>);

impl Outbox {
    /// Writes a packet as a frame as far as `stream` takes it now; keeps or drops what it does not.
    ///
    /// # Errors
    /// Whatever is wrong with the connection, but for its being full.
    pub(super) fn send(&mut self, packet: &[u8], stream: &mut impl Write) -> io::Result<()> {
        self.flush(stream)?;
        let Some(length) = length_of(packet).filter(|_| packet.len() <= BUFFER) else {
            return Ok(());
        };
        let mut sent = 0;
        if self.0.is_empty() {
            let frame = [IoSlice::new(&length), IoSlice::new(packet)];
            sent = taken(stream.write_vectored(&frame))?;
        }
        let fits = self.0.len() + LENGTH + packet.len() <= ROOM;
        if sent > 0 || fits {
            let frame = length.iter().chain(packet);
            self.0.extend(frame.skip(sent));
        }
        Ok(())
    }

    /// Writes what waits as far as `stream` takes it now.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub(super) fn flush(&mut self, stream: &mut impl Write) -> io::Result<()> {
        while !self.0.is_empty() {
            let (first, second) = self.0.as_slices();
            let waiting = [IoSlice::new(first), IoSlice::new(second)];
            match taken(stream.write_vectored(&waiting))? {
                0 => return Ok(()),
                sent => drop(self.0.drain(..sent)),
            }
        }
        Ok(())
    }
}

/// Octets written; a full connection takes none.
fn taken(written: io::Result<usize>) -> io::Result<usize> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(0),
        written => written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::streams::framing::packet_at;

    /// A connection that takes only so much.
    #[derive(Default)]
    struct Narrow {
        room: usize,
        taken: Vec<u8>,
    }

    impl Write for Narrow {
        fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
            let len = octets.len().min(self.room);
            if len == 0 && !octets.is_empty() {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.room -= len;
            self.taken.extend_from_slice(&octets[..len]);
            Ok(len)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn packets(octets: &[u8]) -> Vec<&[u8]> {
        let mut at = 0;
        let mut found = Vec::new();
        while let Some(packet) = packet_at(octets, at, BUFFER).unwrap() {
            at = packet.end;
            found.push(&octets[packet]);
        }
        assert_eq!(at, octets.len(), "the stream ends with a whole frame");
        found
    }

    #[test]
    fn a_slow_peer_gets_whole_frames_in_order_and_misses_what_did_not_fit() {
        let mut stream = Narrow::default();
        let mut outbox = Outbox::default();
        stream.room = 101;
        let sent: Vec<Vec<u8>> = (0..200).map(|number| vec![number; 172]).collect();
        for packet in &sent {
            outbox.send(packet, &mut stream).unwrap();
        }
        assert!(outbox.0.len() <= ROOM);
        stream.room = usize::MAX;
        outbox.flush(&mut stream).unwrap();
        let arrived = packets(&stream.taken);
        assert!(
            arrived.len() > 20 && arrived.len() < 60,
            "{}",
            arrived.len()
        );
        assert!(arrived.iter().zip(&sent).all(|(got, sent)| got == sent));
        outbox.send(&[9; 20], &mut stream).unwrap();
        outbox.flush(&mut stream).unwrap();
        assert_eq!(packets(&stream.taken).last(), Some(&[9; 20].as_slice()));
    }

    #[test]
    fn the_end_of_a_frame_that_was_begun_is_kept_even_if_it_is_the_longest() {
        for room in 1..=3 {
            let mut stream = Narrow {
                room,
                ..Narrow::default()
            };
            let mut outbox = Outbox::default();
            outbox.send(&[7; BUFFER], &mut stream).unwrap();
            stream.room = usize::MAX;
            outbox.flush(&mut stream).unwrap();
            assert_eq!(packets(&stream.taken), [&[7; BUFFER]]);
        }
    }

    #[test]
    fn a_packet_no_frame_may_hold_is_not_sent() {
        let mut stream = Narrow {
            room: usize::MAX,
            ..Narrow::default()
        };
        let mut outbox = Outbox::default();
        outbox.send(&[7; BUFFER + 1], &mut stream).unwrap();
        assert!(stream.taken.is_empty() && outbox.0.is_empty());
    }
}

//! The journal's format: a header, then records, each with its own checksum; little endian.
//!
//! ```text
//! header  "TRUBKAJ1"  version u16  flags u16  call [16]  start u64 (µs since 1970)  crc32
//! record  length u16 of the body   kind u8    body                                  crc32
//! packet  channel u8  marker and payload type u8  sequence u16  timestamp u32  ssrc u32
//!         arrival u64 (µs after the start)  payload
//! mark    kind u8     at u64 (µs after the start)  value u64
//! ```
//! A record's checksum covers everything before it in the record. Records are only ever appended, so
//! a reader stops at the first one that is cut short or fails its checksum: a killed process leaves
//! at most one such record, at the end. Decision record 0002 says why.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

use media_core::rtp;
use uuid::Uuid;

use crate::media::Channel;

/// Extension of journal files.
pub const EXTENSION: &str = "journal";
/// Octets of the header.
pub const HEADER_LEN: usize = 40;

const MAGIC: &[u8; 8] = b"TRUBKAJ1";
const VERSION: u16 = 1;
/// Length and kind before, checksum after the body.
const FRAME_LEN: usize = 7;
const PACKET_LEN: usize = 20;
const MARK_LEN: usize = 17;
const KIND_PACKET: u8 = 1;
const KIND_MARK: u8 = 2;

/// Something that happened to the recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Another leg feeds a channel from here on (transfer, re-attach).
    LegChanged(Channel),
    /// The conversation is on hold.
    Hold,
    /// It is off hold.
    Unhold,
    /// Recording is paused (card data): packets are not written until it resumes.
    Pause,
    /// Recording goes on.
    Resume,
    /// This many milliseconds before this mark are missing: the ring or the disk was full.
    Gap(u64),
    /// The recording ended as it should.
    End,
}

impl Mark {
    fn code(self) -> (u8, u64) {
        match self {
            Self::LegChanged(channel) => (1, u64::from(channel_code(channel))),
            Self::Hold => (2, 0),
            Self::Unhold => (3, 0),
            Self::Pause => (4, 0),
            Self::Resume => (5, 0),
            Self::Gap(ms) => (6, ms),
            Self::End => (7, 0),
        }
    }

    fn of(code: u8, value: u64) -> Option<Self> {
        Some(match code {
            1 => Self::LegChanged(channel_of(u8::try_from(value).ok()?)?),
            2 => Self::Hold,
            3 => Self::Unhold,
            4 => Self::Pause,
            5 => Self::Resume,
            6 => Self::Gap(value),
            7 => Self::End,
            _ => return None,
        })
    }
}

fn channel_code(channel: Channel) -> u8 {
    match channel {
        Channel::Left => 0,
        Channel::Right => 1,
    }
}

fn channel_of(code: u8) -> Option<Channel> {
    match code {
        0 => Some(Channel::Left),
        1 => Some(Channel::Right),
        _ => None,
    }
}

/// What stands at the beginning of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The conversation.
    pub call: Uuid,
    /// When it began, microseconds since 1970.
    pub start_unix_us: u64,
}

impl Header {
    /// The header's octets.
    #[must_use]
    pub fn encode(&self) -> [u8; HEADER_LEN] {
        let mut out = [0; HEADER_LEN];
        out[..8].copy_from_slice(MAGIC);
        out[8..10].copy_from_slice(&VERSION.to_le_bytes());
        out[12..28].copy_from_slice(self.call.as_bytes());
        out[28..36].copy_from_slice(&self.start_unix_us.to_le_bytes());
        let sum = crc32fast::hash(&out[..36]);
        out[36..].copy_from_slice(&sum.to_le_bytes());
        out
    }

    fn decode(octets: &[u8; HEADER_LEN]) -> Option<Self> {
        let known = octets.starts_with(MAGIC) && octets[8..10] == VERSION.to_le_bytes();
        let sum = crc32fast::hash(&octets[..36]).to_le_bytes();
        (known && octets[36..] == sum).then_some(())?;
        Some(Self {
            call: Uuid::from_slice(&octets[12..28]).ok()?,
            start_unix_us: u64::from_le_bytes(octets[28..36].try_into().ok()?),
        })
    }
}

/// Octets a packet with this payload takes in the journal.
#[must_use]
pub fn packet_len(payload: usize) -> usize {
    FRAME_LEN + PACKET_LEN + payload
}

/// Octets a mark takes in the journal.
#[must_use]
pub fn mark_len() -> usize {
    FRAME_LEN + MARK_LEN
}

/// Appends a packet's record; `false` when the payload is too long for one (over 65 kB).
pub fn write_packet(
    channel: Channel,
    arrival_us: u64,
    packet: &rtp::Packet<'_>,
    out: &mut Vec<u8>,
) -> bool {
    let Ok(length) = u16::try_from(PACKET_LEN + packet.payload.len()) else {
        return false;
    };
    let from = out.len();
    out.extend_from_slice(&length.to_le_bytes());
    out.push(KIND_PACKET);
    out.push(channel_code(channel));
    out.push((u8::from(packet.marker) << 7) | (packet.payload_type & 0x7f));
    out.extend_from_slice(&packet.sequence.to_le_bytes());
    out.extend_from_slice(&packet.timestamp.to_le_bytes());
    out.extend_from_slice(&packet.ssrc.to_le_bytes());
    out.extend_from_slice(&arrival_us.to_le_bytes());
    out.extend_from_slice(packet.payload);
    seal(from, out);
    true
}

/// Appends a mark's record.
pub fn write_mark(mark: Mark, at_us: u64, out: &mut Vec<u8>) {
    let (code, value) = mark.code();
    let from = out.len();
    out.extend_from_slice(&(MARK_LEN as u16).to_le_bytes());
    out.push(KIND_MARK);
    out.push(code);
    out.extend_from_slice(&at_us.to_le_bytes());
    out.extend_from_slice(&value.to_le_bytes());
    seal(from, out);
}

fn seal(from: usize, out: &mut Vec<u8>) {
    let sum = crc32fast::hash(&out[from..]);
    out.extend_from_slice(&sum.to_le_bytes());
}

/// A record, borrowed from the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record<'a> {
    /// A packet.
    Packet {
        /// Which side it came from.
        channel: Channel,
        /// When, microseconds after the start.
        arrival_us: u64,
        /// The packet; `header_len` is 0.
        packet: rtp::Packet<'a>,
    },
    /// A mark.
    Mark {
        /// When, microseconds after the start.
        at_us: u64,
        /// What.
        mark: Mark,
    },
}

impl Record<'_> {
    /// When, microseconds after the start.
    #[must_use]
    pub fn at_us(&self) -> u64 {
        match self {
            Self::Packet { arrival_us, .. } => *arrival_us,
            Self::Mark { at_us, .. } => *at_us,
        }
    }
}

/// Why a journal cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file.
    #[error("the journal cannot be read: {0}")]
    Io(#[from] io::Error),
    /// No header, or that of something else.
    #[error("this is no journal of ours")]
    NotAJournal,
}

/// Reads a journal record by record, in bounded memory.
#[derive(Debug)]
pub struct Reader<R = BufReader<File>> {
    source: R,
    header: Header,
    record: Vec<u8>,
    good: u64,
    is_torn: bool,
}

impl Reader {
    /// Opens a journal.
    ///
    /// # Errors
    /// When it cannot be read or begins with something else than a header.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        Self::new(BufReader::with_capacity(64 * 1024, File::open(path)?))
    }
}

impl<R: Read> Reader<R> {
    /// Reads a journal from its beginning.
    ///
    /// # Errors
    /// When it begins with something else than a header.
    pub fn new(mut source: R) -> Result<Self, JournalError> {
        let mut octets = [0; HEADER_LEN];
        if !fill(&mut source, &mut octets)? {
            return Err(JournalError::NotAJournal);
        }
        let header = Header::decode(&octets).ok_or(JournalError::NotAJournal)?;
        Ok(Self {
            source,
            header,
            record: Vec::new(),
            good: HEADER_LEN as u64,
            is_torn: false,
        })
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> Header {
        self.header
    }

    /// Octets up to the end of the last record that was read.
    #[must_use]
    pub fn good_len(&self) -> u64 {
        self.good
    }

    /// Whether reading stopped at a record that is cut short or broken.
    #[must_use]
    pub fn is_torn(&self) -> bool {
        self.is_torn
    }

    /// The next record; `None` at the end or at the first broken record.
    ///
    /// # Errors
    /// When the file cannot be read; a cut or broken record is no error.
    pub fn next_record(&mut self) -> io::Result<Option<Record<'_>>> {
        if self.is_torn || !self.read_frame()? {
            return Ok(None);
        }
        let body = &self.record[3..self.record.len() - 4];
        let record = match self.record[2] {
            KIND_PACKET => read_packet(body),
            KIND_MARK => read_mark(body),
            _ => None,
        };
        match record {
            Some(_) => self.good += self.record.len() as u64,
            None => self.is_torn = true,
        }
        Ok(record)
    }

    /// Reads a whole record with a right checksum into the buffer.
    fn read_frame(&mut self) -> io::Result<bool> {
        self.record.clear();
        self.record.resize(2, 0);
        let start = read_up_to(&mut self.source, &mut self.record)?;
        if start < 2 {
            self.is_torn = start == 1;
            return Ok(false);
        }
        let body = usize::from(u16::from_le_bytes([self.record[0], self.record[1]]));
        self.record.resize(FRAME_LEN + body, 0);
        let whole = fill(&mut self.source, &mut self.record[2..])?;
        let (octets, sum) = self.record.split_at(self.record.len() - 4);
        self.is_torn = !whole || crc32fast::hash(octets).to_le_bytes() != sum;
        Ok(!self.is_torn)
    }
}

/// Reads until the buffer is full or the source ends; returns how many octets were read.
fn read_up_to(source: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut at = 0;
    while at < into.len() {
        match source.read(&mut into[at..]) {
            Ok(0) => break,
            Ok(count) => at += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(at)
}

/// Fills the buffer; `false` when the source ends before.
fn fill(source: &mut impl Read, into: &mut [u8]) -> io::Result<bool> {
    Ok(read_up_to(source, into)? == into.len())
}

fn read_packet(body: &[u8]) -> Option<Record<'_>> {
    let (head, payload) = body.split_at_checked(PACKET_LEN)?;
    let packet = rtp::Packet {
        payload_type: head[1] & 0x7f,
        marker: head[1] & 0x80 != 0,
        sequence: u16::from_le_bytes(head[2..4].try_into().ok()?),
        timestamp: u32::from_le_bytes(head[4..8].try_into().ok()?),
        ssrc: u32::from_le_bytes(head[8..12].try_into().ok()?),
        payload,
        header_len: 0,
    };
    let arrival_us = u64::from_le_bytes(head[12..20].try_into().ok()?);
    Some(Record::Packet {
        channel: channel_of(head[0])?,
        arrival_us,
        packet,
    })
}

fn read_mark(body: &[u8]) -> Option<Record<'_>> {
    let body: &[u8; MARK_LEN] = body.try_into().ok()?;
    let at_us = u64::from_le_bytes(body[1..9].try_into().ok()?);
    let value = u64::from_le_bytes(body[9..17].try_into().ok()?);
    Some(Record::Mark {
        at_us,
        mark: Mark::of(body[0], value)?,
    })
}

#[cfg(test)]
mod tests;

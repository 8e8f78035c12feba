//! Where states of calls go while the database cannot take them (full disk, locked, broken): a
//! file whose space is taken in advance, of records with a checksum. Replayed later or at the next
//! start; a state that was written meanwhile is not harmed (see `store::CallState`).
//!
//! A record: generation (u32), length (u32), CRC-32 of generation, length and payload (u32),
//! payload (JSON). All little-endian. Clearing begins a new generation, so that what lies behind
//! the last record is never taken for one.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

use store::CallState;

/// Octets taken in advance: some thousands of states.
const RESERVED: u64 = 4 << 20;
const HEAD: usize = 12;
/// A longer record is damage.
const LONGEST: u32 = 1 << 20;

/// The file, open for appending.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    generation: u32,
    end: u64,
}

impl Journal {
    /// Opens or makes it, and reads what it holds.
    pub(crate) fn open(path: &Path) -> io::Result<(Self, Vec<CallState>)> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        reserve(&mut file)?;
        let mut content = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.read_to_end(&mut content)?;
        let (generation, end, states) = read(&content);
        Ok((
            Self {
                file,
                generation,
                end,
            },
            states,
        ))
    }

    /// Appends states and waits until they are on the disk.
    pub(crate) fn append(&mut self, states: &[CallState]) -> io::Result<()> {
        let mut out = Vec::new();
        for state in states {
            let payload = serde_json::to_vec(state)?;
            write_record(self.generation, &payload, &mut out)?;
        }
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(&out)?;
        self.file.sync_data()?;
        self.end += out.len() as u64;
        Ok(())
    }

    /// Whether it holds nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.end == 0
    }

    /// Everything in it is in the database now.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        self.generation = self.generation.wrapping_add(1).max(1);
        let mut blank = Vec::new();
        write_record(self.generation, b"", &mut blank)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&blank)?;
        self.file.sync_data()?;
        self.end = 0;
        Ok(())
    }
}

fn reserve(file: &mut File) -> io::Result<()> {
    let mut length = file.metadata()?.len();
    file.seek(SeekFrom::End(0))?;
    let zeros = vec![0; 64 * 1024];
    while length < RESERVED {
        file.write_all(&zeros)?;
        length += zeros.len() as u64;
    }
    file.sync_all()
}

fn write_record(generation: u32, payload: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    let length = u32::try_from(payload.len()).map_err(io::Error::other)?;
    out.extend_from_slice(&generation.to_le_bytes());
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&checksum(generation, length, payload).to_le_bytes());
    out.extend_from_slice(payload);
    Ok(())
}

fn checksum(generation: u32, length: u32, payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&generation.to_le_bytes());
    hasher.update(&length.to_le_bytes());
    hasher.update(payload);
    hasher.finalize()
}

/// Generation to write with, end of the good records, and what they hold.
fn read(content: &[u8]) -> (u32, u64, Vec<CallState>) {
    let mut states = Vec::new();
    let mut generation = None;
    let mut at = 0;
    while let Some((found, payload)) = record(&content[at..]) {
        if *generation.get_or_insert(found) != found || payload.is_empty() {
            break;
        }
        match serde_json::from_slice(payload) {
            Ok(state) => states.push(state),
            Err(error) => tracing::error!(%error, "a record of the call journal cannot be read"),
        }
        at += HEAD + payload.len();
    }
    (generation.unwrap_or(1), at as u64, states)
}

fn record(content: &[u8]) -> Option<(u32, &[u8])> {
    let number = |at: usize| {
        Some(u32::from_le_bytes(
            content.get(at..at + 4)?.try_into().ok()?,
        ))
    };
    let (generation, length, sum) = (number(0)?, number(4)?, number(8)?);
    if generation == 0 || length > LONGEST {
        return None;
    }
    let payload = content.get(HEAD..HEAD + length as usize)?;
    (checksum(generation, length, payload) == sum).then_some((generation, payload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::book::tests::state;

    #[test]
    fn what_was_appended_is_there_after_opening_again_until_it_is_cleared() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.journal");
        let (mut journal, empty) = Journal::open(&path).unwrap();
        assert!(empty.is_empty() && journal.is_empty());
        let (a, b) = (state(), state());
        journal.append(std::slice::from_ref(&a)).unwrap();
        journal.append(std::slice::from_ref(&b)).unwrap();
        let (mut journal, found) = Journal::open(&path).unwrap();
        assert_eq!(found, [a, b.clone()]);
        journal.clear().unwrap();
        journal.append(std::slice::from_ref(&b)).unwrap();
        let (_, found) = Journal::open(&path).unwrap();
        assert_eq!(found, [b]);
    }

    #[test]
    fn a_torn_record_ends_the_journal_and_loses_nothing_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.journal");
        let (mut journal, _) = Journal::open(&path).unwrap();
        journal.append(&[state()]).unwrap();
        let good = journal.end;
        journal.append(&[state()]).unwrap();
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(good + 20).unwrap();
        let (journal, found) = Journal::open(&path).unwrap();
        assert_eq!((found.len(), journal.end), (1, good));
    }
}

//! An archive that goes out as it is read: stored, not deflated (an mp3 is packed already). Each
//! file's sum is found before its header goes out, so that every reader understands it without looking at
//! the end first; the libraries that write without going back leave the sum for later, which many
//! readers refuse for stored files. Large archives get the ZIP64 records (APPNOTE 6.3.10, 4.3).

use std::io::{self, Read, Write};

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;
/// Needs version 4.5 (ZIP64).
const VERSION: u16 = 45;
/// Names are UTF-8.
const UTF8: u16 = 1 << 11;
const CHUNK: usize = 64 * 1024;

/// A file that went out.
struct Entry {
    name: String,
    crc: u32,
    size: u64,
    offset: u64,
    stamp: u32,
}

/// Writes an archive.
pub(crate) struct Zip<W> {
    out: W,
    offset: u64,
    entries: Vec<Entry>,
}

impl<W: Write> Zip<W> {
    /// With nothing in it.
    pub(crate) fn new(out: W) -> Self {
        Self {
            out,
            offset: 0,
            entries: Vec::new(),
        }
    }

    /// One more file, read twice; `stamp` is its time as DOS writes it (date in the upper half).
    pub(crate) fn add<R: Read>(
        &mut self,
        name: &str,
        stamp: u32,
        mut open: impl FnMut() -> io::Result<R>,
    ) -> io::Result<()> {
        let (crc, size) = sum(open()?)?;
        let entry = Entry {
            name: name.to_owned(),
            crc,
            size,
            offset: self.offset,
            stamp,
        };
        self.write(&local(&entry))?;
        let mut content = open()?.take(size);
        let mut chunk = vec![0; CHUNK];
        let mut copied = 0;
        loop {
            let read = content.read(&mut chunk)?;
            if read == 0 {
                break;
            }
            copied += read as u64;
            self.write(&chunk[..read])?;
        }
        if copied != size {
            return Err(io::Error::other("a file became shorter while it was read"));
        }
        self.entries.push(entry);
        Ok(())
    }

    /// The list of what is in it ends the archive.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        let start = self.offset;
        for entry in std::mem::take(&mut self.entries) {
            self.write(&central(&entry))?;
            self.entries.push(entry);
        }
        let end = end(self.entries.len() as u64, start, self.offset);
        self.write(&end)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        self.out.write_all(octets)?;
        self.offset += octets.len() as u64;
        Ok(())
    }
}

fn sum(mut content: impl Read) -> io::Result<(u32, u64)> {
    let mut hasher = crc32fast::Hasher::new();
    let mut chunk = vec![0; CHUNK];
    let mut size = 0;
    loop {
        let read = content.read(&mut chunk)?;
        if read == 0 {
            return Ok((hasher.finalize(), size));
        }
        hasher.update(&chunk[..read]);
        size += read as u64;
    }
}

/// What does not fit into 32 bits stands in the ZIP64 field.
fn short(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn put16(out: &mut Vec<u8>, values: &[u16]) {
    for value in values {
        out.extend_from_slice(&value.to_le_bytes());
    }
}

fn put32(out: &mut Vec<u8>, values: &[u32]) {
    for value in values {
        out.extend_from_slice(&value.to_le_bytes());
    }
}

fn put64(out: &mut Vec<u8>, values: &[u64]) {
    for value in values {
        out.extend_from_slice(&value.to_le_bytes());
    }
}

fn length(text: &[u8]) -> u16 {
    u16::try_from(text.len()).unwrap_or(u16::MAX)
}

fn local(entry: &Entry) -> Vec<u8> {
    let mut extra = Vec::new();
    if entry.size >= u64::from(u32::MAX) {
        put16(&mut extra, &[1, 16]);
        put64(&mut extra, &[entry.size, entry.size]);
    }
    let mut out = Vec::new();
    put32(&mut out, &[LOCAL]);
    put16(&mut out, &[VERSION, UTF8, 0]);
    put32(&mut out, &[entry.stamp, entry.crc]);
    put32(&mut out, &[short(entry.size), short(entry.size)]);
    put16(&mut out, &[length(entry.name.as_bytes()), length(&extra)]);
    out.extend_from_slice(entry.name.as_bytes());
    out.extend_from_slice(&extra);
    out
}

fn central(entry: &Entry) -> Vec<u8> {
    let mut long = Vec::new();
    if entry.size >= u64::from(u32::MAX) {
        put64(&mut long, &[entry.size, entry.size]);
    }
    if entry.offset >= u64::from(u32::MAX) {
        put64(&mut long, &[entry.offset]);
    }
    let mut extra = Vec::new();
    if !long.is_empty() {
        put16(&mut extra, &[1, length(&long)]);
        extra.extend_from_slice(&long);
    }
    let mut out = Vec::new();
    put32(&mut out, &[CENTRAL]);
    put16(&mut out, &[VERSION, VERSION, UTF8, 0]);
    put32(&mut out, &[entry.stamp, entry.crc]);
    put32(&mut out, &[short(entry.size), short(entry.size)]);
    put16(
        &mut out,
        &[length(entry.name.as_bytes()), length(&extra), 0, 0, 0],
    );
    put32(&mut out, &[0, short(entry.offset)]);
    out.extend_from_slice(entry.name.as_bytes());
    out.extend_from_slice(&extra);
    out
}

fn end(entries: u64, start: u64, stop: u64) -> Vec<u8> {
    let size = stop - start;
    let mut out = Vec::new();
    if entries >= u64::from(u16::MAX) || stop >= u64::from(u32::MAX) {
        put32(&mut out, &[END_64]);
        put64(&mut out, &[44]);
        put16(&mut out, &[VERSION, VERSION]);
        put32(&mut out, &[0, 0]);
        put64(&mut out, &[entries, entries, size, start]);
        put32(&mut out, &[LOCATOR_64, 0]);
        put64(&mut out, &[stop]);
        put32(&mut out, &[1]);
    }
    let count = u16::try_from(entries).unwrap_or(u16::MAX);
    put32(&mut out, &[END]);
    put16(&mut out, &[0, 0, count, count]);
    put32(&mut out, &[short(size), short(start)]);
    put16(&mut out, &[0]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_found_by_its_list() {
        let mut zip = Zip::new(Vec::new());
        for (name, content) in [("a.mp3", &b"first"[..]), ("б.mp3", b"")] {
            zip.add(name, 0x21 << 16, || Ok(content)).unwrap();
        }
        let out = zip.finish().unwrap();
        let end = out.len() - 22;
        assert_eq!(out[end..end + 4], END.to_le_bytes());
        let number = |at: usize| u32::from_le_bytes(out[at..at + 4].try_into().unwrap()) as usize;
        let start = number(end + 16);
        assert_eq!(out[start..start + 4], CENTRAL.to_le_bytes());
        assert_eq!(number(start + 16), crc32fast::hash(b"first") as usize);
        let first = number(start + 42);
        assert_eq!(&out[first + 30..first + 40], b"a.mp3first");
    }
}

//! A journal becomes an mp3 and peaks: both sides aligned, loss concealed, in bounded memory.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, BufWriter},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use media_core::{
    g711, rtp,
    timeline::{Place, Timeline, WINDOW_MS},
};
use uuid::Uuid;

use super::{
    Finished,
    decode::Decoder,
    journal::{JournalError, Mark, Reader, Record},
    mp3::{self, Mp3, Mp3Error},
    peaks::{self, Peaks},
};
use crate::media::Channel;

/// Audio goes to the encoder in pieces of this length.
const STEP_US: u64 = 500_000;
const WINDOW_US: u64 = WINDOW_MS * 1000;
/// A recording longer than this is a broken clock, not a call.
const LONGEST_US: u64 = 7 * 24 * 3600 * 1_000_000;
/// A frame of 20 ms after the last packet of a recording without an end.
const TAIL_US: u64 = 20_000;
/// The longest packet decoded: 240 ms.
const LONGEST_PACKET: usize = 1920;

/// Why no mp3 was made. The journal is still there, except after [`Self::NothingRecorded`].
#[derive(Debug, thiserror::Error)]
pub enum FinishError {
    /// Reading or writing.
    #[error("the recording cannot be finished: {0}")]
    Io(#[from] io::Error),
    /// The journal's first octets are something else.
    #[error("the journal cannot be read: it is damaged from its beginning")]
    NotAJournal,
    /// Not one record was written.
    #[error("nothing was recorded: the call ended before any audio came")]
    NothingRecorded,
    /// Times in it that no call has.
    #[error("the journal cannot be right: it claims to be {0} hours long")]
    TooLong(u64),
    /// The encoder.
    #[error("the mp3 encoder refused: {0}")]
    Encoder(String),
    /// What was written is not what was meant.
    #[error("the mp3 is not as long as the call ({0} ms); it was not kept")]
    WrongLength(u64),
    /// A recording of this name is there and is another one.
    #[error("another recording of this call is there already; both are kept")]
    Occupied,
    /// A fault of ours.
    #[error("finishing the recording failed by a fault of Trubka; its journal is kept")]
    Fault,
}

impl FinishError {
    /// Whether it may work later (a full disk).
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Io(_))
    }
}

impl From<JournalError> for FinishError {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Io(error) => Self::Io(error),
            JournalError::NotAJournal => Self::NotAJournal,
        }
    }
}

impl From<Mp3Error> for FinishError {
    fn from(error: Mp3Error) -> Self {
        match error {
            Mp3Error::Io(error) => Self::Io(error),
            Mp3Error::Encoder(words) => Self::Encoder(words),
        }
    }
}

/// Makes `<call>.mp3` and `<call>.peaks` in `out_dir` and removes the journal when they are on the
/// disk. Files of an earlier attempt are replaced, but never those of another recording. A cut
/// journal gives what it holds.
///
/// # Errors
/// See [`FinishError`].
pub fn finish(journal: &Path, out_dir: &Path) -> Result<Finished, FinishError> {
    let mut reader = Reader::open(journal).map_err(|error| empty_or(error, journal))?;
    let call = reader.header().call;
    let mut making = Making::begin(out_dir, call)?;
    let made = match making.read(&mut reader).and_then(|()| making.end()) {
        Ok(made) => made,
        Err(error) => {
            remove_parts(out_dir, call);
            if matches!(error, FinishError::NothingRecorded) {
                remove(journal)?;
            }
            return Err(error);
        }
    };
    if reader.is_torn() {
        tracing::warn!(call.id = %call, good = reader.good_len(), "journal ended in a broken record");
    }
    remove(journal)?;
    Ok(made)
}

/// A journal too short for its header was killed at its birth.
fn empty_or(error: JournalError, journal: &Path) -> FinishError {
    let len = journal.metadata().map(|meta| meta.len());
    match (&error, len) {
        (JournalError::NotAJournal, Ok(len)) if len < super::journal::HEADER_LEN as u64 => {
            remove(journal).map_or_else(FinishError::Io, |()| FinishError::NothingRecorded)
        }
        _ => error.into(),
    }
}

fn remove(journal: &Path) -> io::Result<()> {
    std::fs::remove_file(journal)?;
    sync_dir(journal.parent())
}

fn sync_dir(dir: Option<&Path>) -> io::Result<()> {
    dir.map_or(Ok(()), |dir| File::open(dir)?.sync_all())
}

/// The two files of a conversation.
#[derive(Clone, Debug)]
struct Names {
    mp3: PathBuf,
    peaks: PathBuf,
}

impl Names {
    fn new(dir: &Path, call: Uuid) -> Self {
        let name = |extension| dir.join(format!("{call}.{extension}"));
        Self {
            mp3: name("mp3"),
            peaks: name("peaks"),
        }
    }
}

/// Extension of files that are being made.
pub(super) const PART: &str = "part";

fn part(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(PART);
    name.into()
}

fn remove_parts(dir: &Path, call: Uuid) {
    let names = Names::new(dir, call);
    for path in [part(&names.mp3), part(&names.peaks)] {
        if let Err(error) = std::fs::remove_file(&path) {
            tracing::debug!(%error, "no half-made file to remove");
        }
    }
}

fn create(path: &Path) -> io::Result<BufWriter<File>> {
    let options = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .clone();
    Ok(BufWriter::with_capacity(64 * 1024, options.open(path)?))
}

/// Both files while they are written.
struct Files {
    mp3: Mp3<BufWriter<File>>,
    peaks: Peaks<BufWriter<File>>,
}

/// A recording that is being made.
struct Making {
    dir: PathBuf,
    names: Names,
    /// Taken when the files are closed.
    files: Option<Files>,
    sides: [Side; 2],
    /// Microseconds of audio that went to the encoder.
    done_us: u64,
    /// The newest record.
    now_us: u64,
    ended: bool,
    records: u64,
    gap_ms: u64,
}

struct Side {
    decoder: Decoder,
    timeline: Timeline,
    samples: Vec<i16>,
}

impl Side {
    fn new() -> Self {
        let samples = Vec::with_capacity(g711::RATE_HZ as usize);
        Self {
            decoder: Decoder::default(),
            timeline: Timeline::new(g711::RATE_HZ),
            samples,
        }
    }

    fn push(&mut self, arrival_us: u64, packet: &rtp::Packet<'_>) {
        let mut samples = [0; LONGEST_PACKET];
        // Telephone events and comfort noise are no speech: their time is concealed, then silent.
        let Some((count, timestamp)) = self.decoder.decode(packet, &mut samples) else {
            return;
        };
        let place = Place {
            arrival_us,
            sequence: packet.sequence,
            timestamp,
            ssrc: packet.ssrc,
        };
        self.timeline.push(place, &samples[..count]);
    }

    fn drain(&mut self, until_us: u64) -> &[i16] {
        self.samples.clear();
        self.timeline.drain(until_us, &mut self.samples);
        &self.samples
    }
}

impl Making {
    fn begin(dir: &Path, call: Uuid) -> Result<Self, FinishError> {
        std::fs::create_dir_all(dir)?;
        let names = Names::new(dir, call);
        let mp3 = Mp3::new(create(&part(&names.mp3))?)?;
        let peaks = Peaks::new(create(&part(&names.peaks))?);
        Ok(Self {
            dir: dir.to_owned(),
            names,
            files: Some(Files { mp3, peaks }),
            sides: [Side::new(), Side::new()],
            done_us: 0,
            now_us: 0,
            ended: false,
            records: 0,
            gap_ms: 0,
        })
    }

    fn read(&mut self, reader: &mut Reader) -> Result<(), FinishError> {
        while let Some(record) = reader.next_record()? {
            self.advance(record.at_us())?;
            self.records += 1;
            match record {
                Record::Packet {
                    channel,
                    arrival_us,
                    packet,
                } => {
                    let side = match channel {
                        Channel::Left => &mut self.sides[0],
                        Channel::Right => &mut self.sides[1],
                    };
                    side.push(arrival_us, &packet);
                }
                Record::Mark {
                    mark: Mark::Gap(ms),
                    ..
                } => self.gap_ms += ms,
                Record::Mark {
                    mark: Mark::End, ..
                } => self.ended = true,
                Record::Mark {
                    mark:
                        Mark::LegChanged(_) | Mark::Hold | Mark::Unhold | Mark::Pause | Mark::Resume,
                    ..
                } => {}
            }
        }
        Ok(())
    }

    /// Encodes what no late packet can change any more.
    fn advance(&mut self, at_us: u64) -> Result<(), FinishError> {
        if at_us > LONGEST_US {
            return Err(FinishError::TooLong(at_us / 3_600_000_000));
        }
        self.now_us = self.now_us.max(at_us);
        while self.done_us + STEP_US + WINDOW_US <= self.now_us {
            self.encode(self.done_us + STEP_US)?;
        }
        Ok(())
    }

    fn encode(&mut self, until_us: u64) -> Result<(), FinishError> {
        let [left, right] = &mut self.sides;
        let (left, right) = (left.drain(until_us), right.drain(until_us));
        if let Some(Files { mp3, peaks }) = &mut self.files {
            mp3.push(left, right)?;
            peaks.push(left, right)?;
        }
        self.done_us = until_us;
        Ok(())
    }

    /// Encodes the rest, checks what was written, makes it durable and gives it its name.
    fn end(&mut self) -> Result<Finished, FinishError> {
        if self.records == 0 {
            return Err(FinishError::NothingRecorded);
        }
        let end_us = self.now_us + if self.ended { 0 } else { TAIL_US };
        while self.done_us < end_us {
            self.encode((self.done_us + STEP_US).min(end_us))?;
        }
        let Some(Files { mp3, peaks }) = self.files.take() else {
            return Err(FinishError::NothingRecorded);
        };
        let (mp3, samples) = mp3.finish()?;
        close(mp3)?;
        close(peaks.finish()?)?;
        let bytes = self.check(samples)?;
        if self.names.mp3.exists() && !are_equal(&part(&self.names.mp3), &self.names.mp3)? {
            return Err(FinishError::Occupied);
        }
        for path in [&self.names.mp3, &self.names.peaks] {
            std::fs::rename(part(path), path)?;
        }
        sync_dir(Some(&self.dir))?;
        Ok(Finished {
            mp3: self.names.mp3.clone(),
            peaks: self.names.peaks.clone(),
            peaks_per_sec: peaks::PER_SEC,
            duration_ms: samples * 1000 / u64::from(g711::RATE_HZ),
            bytes,
            gap_ms: self.gap_ms,
        })
    }

    /// Reads the mp3 back; returns its octets.
    fn check(&self, samples: u64) -> Result<u64, FinishError> {
        let file = File::open(part(&self.names.mp3))?;
        let bytes = file.metadata()?.len();
        if !mp3::is_whole(BufReader::new(file), samples)? {
            return Err(FinishError::WrongLength(samples / 8));
        }
        Ok(bytes)
    }
}

/// Whether two files hold the same octets.
fn are_equal(one: &Path, other: &Path) -> io::Result<bool> {
    let (one, other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut one, mut other) = (BufReader::new(one), BufReader::new(other));
    loop {
        let (left, right) = (one.fill_buf()?, other.fill_buf()?);
        let count = left.len().min(right.len());
        if count == 0 {
            return Ok(left.is_empty() && right.is_empty());
        }
        if left[..count] != right[..count] {
            return Ok(false);
        }
        one.consume(count);
        other.consume(count);
    }
}

fn close(file: BufWriter<File>) -> io::Result<()> {
    file.into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .sync_all()
}

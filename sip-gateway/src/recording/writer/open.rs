//! A journal that is being written.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::Path,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::{Alarm, Closed};
use crate::recording::sink::Sink;

/// A journal that is being written.
pub(super) struct Open {
    sink: Sink,
    file: Option<File>,
    /// Octets that are whole records.
    written: u64,
    /// Records that are not in the file yet.
    pending: Vec<u8>,
    /// Since when `pending` waits for room.
    stuck_since: Option<Instant>,
    /// Whether the disk ever refused.
    was_stuck: bool,
    /// Milliseconds that were lost and not told yet.
    lost_ms: u64,
    is_synced: bool,
    /// Who waits for the end.
    pub(super) closing: Option<Closing>,
}

/// The end of a recording.
pub(super) struct Closing {
    /// Who waits for it.
    pub(super) done: oneshot::Sender<Closed>,
    /// When nothing more came.
    pub(super) asked: Instant,
    /// How long it may take.
    pub(super) until: Instant,
}

impl Open {
    pub(super) fn new(sink: Sink) -> Self {
        let pending = sink.header().encode().to_vec();
        Self {
            sink,
            file: None,
            written: 0,
            pending,
            stuck_since: None,
            was_stuck: false,
            lost_ms: 0,
            is_synced: false,
            closing: None,
        }
    }

    /// Moves records from the ring to the file, and to the disk if `sync`.
    pub(super) fn visit(&mut self, sync: bool) -> Option<Alarm> {
        match self.write(sync) {
            Ok(()) => {
                self.stuck_since = None;
                let lost_ms = std::mem::take(&mut self.lost_ms);
                (lost_ms > 0).then(|| self.alarm(lost_ms, lost_in_words(self.was_stuck)))
            }
            Err(error) if self.stuck_since.is_none() => {
                self.stuck_since = Some(Instant::now());
                self.was_stuck = true;
                Some(self.alarm(0, refused_in_words(&error)))
            }
            Err(_) => None,
        }
    }

    /// Whether everything is on the disk and nothing will follow.
    pub(super) fn is_settled(&self) -> bool {
        self.pending.is_empty() && self.is_synced
    }

    /// Answers whoever waits; the alarm if records are left that found no room.
    pub(super) fn close(mut self) -> Option<Alarm> {
        let alarm = (!self.is_settled()).then(|| {
            let reason = "the disk stayed full, the end of the recording is missing".to_owned();
            self.alarm(self.missing_ms(), reason)
        });
        if let Some(Closing { done, .. }) = self.closing.take() {
            let journal = self.sink.journal().to_owned();
            // The receiver may have been dropped: nobody waits then.
            let _ = done.send(Closed {
                journal,
                is_complete: alarm.is_none(),
                lost_ms: alarm.as_ref().map_or(0, |alarm| alarm.lost_ms),
            });
        }
        alarm
    }

    /// How much of the end found no room: what came after the disk refused, and the moment before
    /// for which records are collected.
    fn missing_ms(&self) -> u64 {
        let end = self
            .closing
            .as_ref()
            .map_or_else(Instant::now, |closing| closing.asked);
        let stuck = self
            .stuck_since
            .map_or(Duration::ZERO, |since| end.saturating_duration_since(since));
        u64::try_from((stuck + super::WRITE_EVERY).as_millis()).unwrap_or(u64::MAX)
    }

    /// Writes everything there is.
    fn write(&mut self, sync: bool) -> io::Result<()> {
        self.flush()?;
        self.lost_ms += self.sink.take(&mut self.pending).lost_ms;
        self.flush()?;
        if sync { self.sync() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(create(self.sink.journal())?),
        };
        // At a fixed place: after a write that failed half way the next try overwrites its rest.
        file.write_all_at(&self.pending, self.written)?;
        self.written += self.pending.len() as u64;
        self.pending.clear();
        self.is_synced = false;
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.is_synced {
            return Ok(());
        }
        if let Some(file) = &self.file {
            file.sync_data()?;
            self.is_synced = true;
        }
        Ok(())
    }

    fn alarm(&self, lost_ms: u64, reason: String) -> Alarm {
        Alarm {
            call: self.sink.call(),
            lost_ms,
            reason,
        }
    }
}

/// Makes the file, and its name in the folder durable.
fn create(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    if let Some(dir) = path.parent() {
        File::open(dir)?.sync_all()?;
    }
    Ok(file)
}

fn refused_in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "the disk is full, the recording waits in memory: make room".to_owned()
        }
        io::ErrorKind::AlreadyExists => {
            "an older recording of this call lies in the way, it is kept".to_owned()
        }
        _ => format!("the recording cannot be written: {error}"),
    }
}

fn lost_in_words(was_stuck: bool) -> String {
    match was_stuck {
        true => "the disk was full, the recording has a gap".to_owned(),
        false => "the disk was too slow, the recording has a gap".to_owned(),
    }
}

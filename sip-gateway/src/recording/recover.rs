//! What a killed process left behind.

use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use uuid::Uuid;

use super::{
    finisher::call_of,
    journal::{EXTENSION, JournalError, Reader},
};

/// A journal of the last run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The conversation.
    pub call: Uuid,
    /// The journal, to be finished.
    pub journal: PathBuf,
    /// When the last complete record was written: the end of the conversation as far as is known.
    pub last_activity: SystemTime,
}

/// Journals in a folder, the one that ended first first. Files with another extension are left
/// alone; journals that cannot be read are renamed to `.damaged` and told in the log.
///
/// # Errors
/// When the folder cannot be read; a folder that is not there holds none.
pub fn recover(journal_dir: &Path) -> io::Result<Vec<Recovered>> {
    let mut found = Vec::new();
    for path in journals(journal_dir)? {
        match last_activity(&path) {
            Ok(last_activity) => {
                if let Some(call) = call_of(&path) {
                    found.push(Recovered {
                        call,
                        journal: path,
                        last_activity,
                    });
                }
            }
            Err(JournalError::NotAJournal) => {
                tracing::error!(file = %path.display(), "a journal is damaged from its beginning");
                set_aside(&path, "damaged")?;
            }
            Err(JournalError::Io(error)) => {
                // One bad file must not keep the others, or the gateway, from starting.
                tracing::error!(file = %path.display(), %error, "a journal cannot be read and is left");
            }
        }
    }
    found.sort_by_key(|recovered| recovered.last_activity);
    Ok(found)
}

fn journals(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let is_journal = path
            .extension()
            .is_some_and(|extension| extension == EXTENSION);
        if is_journal && call_of(&path).is_some() {
            paths.push(path);
        }
    }
    Ok(paths)
}

fn last_activity(journal: &Path) -> Result<SystemTime, JournalError> {
    let meta = journal.metadata()?;
    if meta.len() < super::journal::HEADER_LEN as u64 {
        return Ok(meta.modified()?); // killed at its birth
    }
    let mut reader = Reader::open(journal)?;
    let mut last_us = 0;
    while let Some(record) = reader.next_record()? {
        last_us = last_us.max(record.at_us());
    }
    let start = Duration::from_micros(reader.header().start_unix_us);
    let end = start.saturating_add(Duration::from_micros(last_us));
    Ok(UNIX_EPOCH.checked_add(end).unwrap_or(meta.modified()?))
}

/// Renames a journal so that it is not tried again; the file is kept.
pub(super) fn set_aside(journal: &Path, extension: &str) -> io::Result<()> {
    let aside = journal.with_extension(extension);
    tracing::error!(file = %aside.display(), "a journal is set aside");
    std::fs::rename(journal, aside)
}

//! Imports on disk.

use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use api_types::{Import, ImportState};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Imports, table};
use crate::{api::error::Error, export::Lang};

/// How long what was uploaded is kept.
const KEPT_FOR: Duration = Duration::from_secs(7 * 24 * 3600);

/// An import and whose it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub import: Import,
    /// The user who uploaded it.
    pub by: Uuid,
    /// His name then.
    pub by_name: String,
}

impl Imports {
    fn file(&self, id: Uuid, end: &str) -> PathBuf {
        self.folder.join(format!("{}.{end}", id.simple()))
    }

    /// Where a file is uploaded to.
    pub(crate) fn upload(&self, id: Uuid) -> PathBuf {
        self.file(id, "upload")
    }

    pub(super) fn table(&self, id: Uuid) -> PathBuf {
        self.file(id, "csv")
    }

    /// Rows that could not be taken, with the reasons in a language.
    pub(crate) fn errors(&self, id: Uuid, lang: Lang) -> PathBuf {
        match lang {
            Lang::En => self.file(id, "errors.csv"),
            Lang::Ru => self.file(id, "errors.ru.csv"),
        }
    }

    /// Makes the folder, and takes out what has been there for a week.
    pub(crate) async fn ready(&self) -> io::Result<()> {
        let folder = self.folder.clone();
        tokio::task::spawn_blocking(move || {
            std::fs::create_dir_all(&folder)?;
            sweep(&folder)
        })
        .await
        .map_err(io::Error::other)?
    }

    /// Takes out the tables and errors of imports that are over or were never started.
    pub(crate) async fn forget(&self) -> io::Result<()> {
        let (folder, running) = (self.folder.clone(), self.running_id());
        tokio::task::spawn_blocking(move || {
            let entries = match std::fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                Err(error) => return Err(error),
            };
            for entry in entries {
                let path = entry?.path();
                let name = path
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned());
                let name = name.unwrap_or_default();
                let is_running =
                    running.is_some_and(|id| name.starts_with(&id.simple().to_string()));
                if !is_running {
                    std::fs::remove_file(path)?;
                }
            }
            Ok(())
        })
        .await
        .map_err(io::Error::other)?
    }

    /// One import, as far as it is now; none: there is no such one (any more).
    pub(crate) async fn find(&self, id: Uuid) -> Result<Kept, Error> {
        let read = tokio::fs::read(self.file(id, "json")).await;
        let octets = match read {
            Ok(octets) => octets,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::NotFound("import; files are kept for a week"));
            }
            Err(error) => return Err(Error::internal(error)),
        };
        let mut kept: Kept = serde_json::from_slice(&octets).map_err(Error::internal)?;
        let progress = &mut kept.import.progress;
        match self.progress(id) {
            Some(running) => *progress = running,
            None if progress.state == ImportState::Running => {
                progress.state = ImportState::Stopped;
                "the server was stopped meanwhile; start the import again to go on"
                    .clone_into(&mut progress.note);
            }
            None => {}
        }
        Ok(kept)
    }

    /// Writes it down.
    pub(crate) async fn keep(&self, id: Uuid, kept: &Kept) -> Result<(), Error> {
        let octets = serde_json::to_vec(kept).map_err(Error::internal)?;
        let (new, file) = (self.file(id, "new"), self.file(id, "json"));
        tokio::fs::write(&new, octets)
            .await
            .map_err(Error::internal)?;
        tokio::fs::rename(&new, &file)
            .await
            .map_err(Error::internal)
    }

    /// The first rows of the table, header included.
    pub(super) async fn first(&self, id: Uuid) -> Result<Vec<Vec<String>>, Error> {
        let table = self.table(id);
        let rows = tokio::task::spawn_blocking(move || {
            table::Rows::open(&table, false, 0)?.next(table::SHOWN + 1)
        });
        let rows = rows
            .await
            .map_err(Error::internal)?
            .map_err(Error::internal)?;
        let cells = |row: &csv::StringRecord| row.iter().map(str::to_owned).collect();
        Ok(rows.iter().map(cells).collect())
    }
}

fn sweep(folder: &Path) -> io::Result<()> {
    let now = SystemTime::now();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let age = entry.metadata().and_then(|file| file.modified());
        let age = age.ok().and_then(|at| now.duration_since(at).ok());
        if age.is_some_and(|age| age > KEPT_FOR) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

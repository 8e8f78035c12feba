//! The worker that finishes recordings one at a time, off the packet path, at low priority.

use std::{
    collections::VecDeque,
    fmt, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use uuid::Uuid;

use super::{
    Finished,
    finish::{FinishError, PART, finish},
    recover::set_aside,
    writer::Closed,
};
use crate::config::OnFatal;

/// How long a recording that the disk refused waits for the next try; doubled each time.
const FIRST_RETRY: Duration = Duration::from_secs(30);
const LONGEST_RETRY: Duration = Duration::from_secs(3600);
/// Nice value of the worker: everything else goes before it.
const NICE: i32 = 15;

/// Handle of the worker; cheap to clone. The worker ends when the last handle is gone and its queue
/// is empty; a process that ends before leaves journals that `super::recover` finds.
#[derive(Clone)]
pub struct Finisher {
    queue: Sender<Job>,
}

struct Job {
    journal: PathBuf,
    /// Milliseconds that are known to be missing at its end.
    missing_ms: u64,
}

struct Retry {
    job: Job,
    due: Instant,
    delay: Duration,
}

impl Finisher {
    /// Starts the worker. `on_done` is called from it: once with the result; when the disk refused
    /// (see [`FinishError::is_passing`]) a second time, should a later try succeed.
    ///
    /// # Errors
    /// When the folder or the thread cannot be made.
    pub fn start(
        out_dir: &Path,
        on_done: impl Fn(Uuid, Result<Finished, FinishError>) + Send + 'static,
    ) -> io::Result<Self> {
        Self::start_watched(out_dir, on_done, OnFatal::default())
    }

    /// As [`Self::start`]; `on_fatal` is told should the worker panic.
    pub(crate) fn start_watched(
        out_dir: &Path,
        on_done: impl Fn(Uuid, Result<Finished, FinishError>) + Send + 'static,
        on_fatal: OnFatal,
    ) -> io::Result<Self> {
        std::fs::create_dir_all(out_dir)?;
        remove_leftovers(out_dir)?;
        let (queue, inbox) = channel();
        let worker = Worker {
            out_dir: out_dir.to_owned(),
            on_done: Box::new(on_done),
            retries: VecDeque::new(),
            work: finish,
        };
        thread::Builder::new()
            .name("finishing".to_owned())
            .spawn(move || {
                if catch_unwind(AssertUnwindSafe(|| worker.run(&inbox))).is_err() {
                    on_fatal.tell("the worker that finishes recordings");
                }
            })?;
        Ok(Self { queue })
    }

    /// Finishes this journal after those before it.
    pub fn enqueue(&self, journal: PathBuf) {
        self.put(Job {
            journal,
            missing_ms: 0,
        });
    }

    /// Finishes the journal of a recording that has just ended. What the disk refused of it counts
    /// as missing.
    pub fn enqueue_closed(&self, closed: Closed) {
        self.put(Job {
            journal: closed.journal,
            missing_ms: closed.lost_ms,
        });
    }

    fn put(&self, job: Job) {
        if self.queue.send(job).is_err() {
            tracing::error!("the worker that finishes recordings is gone");
        }
    }
}

impl fmt::Debug for Finisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finisher").finish_non_exhaustive()
    }
}

/// Half-made files of a run that was killed; their journals are still there.
fn remove_leftovers(out_dir: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(out_dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == PART) {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

struct Worker {
    out_dir: PathBuf,
    on_done: Box<dyn Fn(Uuid, Result<Finished, FinishError>) + Send>,
    /// In the order they fall due.
    retries: VecDeque<Retry>,
    /// [`finish`].
    work: fn(&Path, &Path) -> Result<Finished, FinishError>,
}

impl Worker {
    fn run(mut self, inbox: &Receiver<Job>) {
        lower_priority();
        loop {
            let wait = self.retries.front().map_or(LONGEST_RETRY, |retry| {
                retry.due.saturating_duration_since(Instant::now())
            });
            match inbox.recv_timeout(wait) {
                Ok(job) => self.finish(job, None),
                Err(RecvTimeoutError::Timeout) => self.retry(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn retry(&mut self) {
        if self
            .retries
            .front()
            .is_some_and(|retry| retry.due <= Instant::now())
            && let Some(retry) = self.retries.pop_front()
        {
            self.finish(retry.job, Some(retry.delay));
        }
    }

    /// `waited`: how long before this try, if it is not the first.
    fn finish(&mut self, job: Job, waited: Option<Duration>) {
        let Some(call) = call_of(&job.journal) else {
            tracing::error!(file = %job.journal.display(), "not named like a journal");
            return;
        };
        let begun = Instant::now();
        let result = self.try_finish(&job);
        match &result {
            Ok(made) => tracing::info!(
                call.id = %call,
                duration_ms = made.duration_ms,
                gap_ms = made.gap_ms,
                took_ms = begun.elapsed().as_millis(),
                "recording finished"
            ),
            Err(error) => tracing::error!(call.id = %call, %error, "recording not finished"),
        }
        // A journal that is gone will not come back.
        let again = result.as_ref().is_err_and(FinishError::is_passing) && job.journal.exists();
        if again {
            let delay = waited.map_or(FIRST_RETRY, |waited| (waited * 2).min(LONGEST_RETRY));
            self.retries.push_back(Retry {
                job,
                due: Instant::now() + delay,
                delay,
            });
            self.retries
                .make_contiguous()
                .sort_by_key(|retry| retry.due);
        }
        if waited.is_none() || result.is_ok() {
            (self.on_done)(call, result);
        }
    }

    /// One journal nobody can make sense of must not keep the others from being finished: it is
    /// set aside, so that the next start does not try it again either.
    fn try_finish(&self, job: &Job) -> Result<Finished, FinishError> {
        let work = || (self.work)(&job.journal, &self.out_dir);
        let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(FinishError::Fault));
        let aside = match &result {
            Err(FinishError::Fault) => Some("damaged"),
            Err(FinishError::Occupied) => Some("duplicate"),
            Ok(_) | Err(_) => None,
        };
        if let Some(Err(error)) = aside.map(|extension| set_aside(&job.journal, extension)) {
            tracing::error!(%error, file = %job.journal.display(), "it could not be set aside");
        }
        result.map(|made| Finished {
            gap_ms: made.gap_ms + job.missing_ms,
            ..made
        })
    }
}

/// The conversation a journal is named after.
pub(super) fn call_of(journal: &Path) -> Option<Uuid> {
    journal.file_stem()?.to_str()?.parse().ok()
}

/// On Linux the nice value belongs to the thread.
fn lower_priority() {
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::debug!(%error, "finishing recordings at the usual priority");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_that_makes_finishing_panic_is_set_aside_and_the_worker_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let (done, results) = channel();
        let worker = Worker {
            out_dir: dir.path().to_owned(),
            on_done: Box::new(move |call, result| done.send((call, result.is_ok())).unwrap()),
            retries: VecDeque::new(),
            work: |_, _| panic!("on purpose"),
        };
        let (queue, inbox) = channel();
        let calls = [Uuid::new_v4(), Uuid::new_v4()];
        for call in calls {
            let journal = dir.path().join(format!("{call}.journal"));
            std::fs::write(&journal, b"x").unwrap();
            let job = Job {
                journal,
                missing_ms: 0,
            };
            queue.send(job).unwrap();
        }
        drop(queue);
        worker.run(&inbox);
        for call in calls {
            assert_eq!(results.recv().unwrap(), (call, false));
            assert!(dir.path().join(format!("{call}.damaged")).exists());
            assert!(!dir.path().join(format!("{call}.journal")).exists());
        }
    }
}

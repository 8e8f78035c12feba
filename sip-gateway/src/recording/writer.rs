//! The one thread that writes all journals.

use std::{
    collections::HashMap,
    fmt, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::sync::oneshot;
use uuid::Uuid;

use self::open::{Closing, Open};
use super::{journal::EXTENSION, sink::Sink};

mod open;

/// What a killed process loses at most: records go to the file this often.
const WRITE_EVERY: Duration = Duration::from_millis(250);
/// What a power cut loses at most, plus the time of a sync.
const SYNC_EVERY: Duration = Duration::from_secs(1);
/// How long a recording that ended waits for room on a full disk.
const PATIENCE: Duration = Duration::from_secs(10);

/// Something a person must know: recording is in trouble or has a gap. The audio went on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// The conversation.
    pub call: Uuid,
    /// Milliseconds that are lost for good; 0: nothing yet, writing is tried again.
    pub lost_ms: u64,
    /// In words.
    pub reason: String,
}

/// A journal that is complete and closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The file; `super::finish` makes the mp3 of it.
    pub journal: PathBuf,
    /// Whether everything handed to the sink is on the disk.
    pub is_complete: bool,
    /// Milliseconds at the end that found no room; 0 when it is complete.
    pub lost_ms: u64,
}

/// Handle of the writing thread; cheap to clone.
#[derive(Clone)]
pub struct Writer {
    dir: PathBuf,
    orders: Sender<Order>,
    sinks: Arc<Mutex<HashMap<Uuid, Sink>>>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

enum Order {
    Begin(Sink),
    Finish(Uuid, oneshot::Sender<Closed>),
    Shutdown,
}

impl Writer {
    /// Makes the folder and starts the thread; `on_alarm` is called from it and must not block.
    ///
    /// # Errors
    /// When the folder or the thread cannot be made.
    pub fn start(dir: &Path, on_alarm: impl Fn(Alarm) + Send + 'static) -> io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        let (orders, inbox) = channel();
        let worker = Worker {
            open: HashMap::new(),
            on_alarm: Box::new(on_alarm),
        };
        let thread = thread::Builder::new()
            .name("recording".to_owned())
            .spawn(move || worker.run(&inbox))?;
        Ok(Self {
            dir: dir.to_owned(),
            orders,
            sinks: Arc::default(),
            thread: Arc::new(Mutex::new(Some(thread))),
        })
    }

    /// Begins a recording. The file exists and is on the disk a moment later; if the disk refuses,
    /// an alarm is raised and it is tried again while packets wait in the sink's ring. A recording
    /// that runs already is gone on with.
    #[must_use]
    pub fn begin(&self, call: Uuid) -> Sink {
        let mut sinks = self.sinks.lock().unwrap_or_else(PoisonError::into_inner);
        let sink = sinks.entry(call).or_insert_with(|| {
            let sink = Sink::new(call, self.journal_path(call));
            self.order(Order::Begin(sink.clone()));
            sink
        });
        sink.clone()
    }

    /// Ends a recording: what is in its ring is written, synced and the file closed, then the
    /// receiver is answered. The receiver fails when there is no such recording.
    pub fn finish(&self, call: Uuid) -> oneshot::Receiver<Closed> {
        let (done, answer) = oneshot::channel();
        let mut sinks = self.sinks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sink) = sinks.remove(&call) {
            sink.close();
            self.order(Order::Finish(call, done));
        }
        answer
    }

    /// Where the journal of a conversation lies.
    #[must_use]
    pub fn journal_path(&self, call: Uuid) -> PathBuf {
        self.dir.join(call.to_string()).with_extension(EXTENSION)
    }

    /// Writes and syncs everything, closes all journals and ends the thread. Blocks for that long.
    /// Journals of recordings that were not finished are found at the next start.
    pub fn shutdown(&self) {
        self.order(Order::Shutdown);
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(Err(_)) = thread.map(JoinHandle::join) {
            tracing::error!("the recording thread panicked");
        }
    }

    fn order(&self, order: Order) {
        if self.orders.send(order).is_err() {
            tracing::warn!("recording has been shut down already");
        }
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("dir", &self.dir)
            .finish_non_exhaustive()
    }
}

struct Worker {
    open: HashMap<Uuid, Open>,
    on_alarm: Box<dyn Fn(Alarm) + Send>,
}

impl Worker {
    fn run(mut self, inbox: &Receiver<Order>) {
        let mut next_write = Instant::now() + WRITE_EVERY;
        let mut next_sync = Instant::now() + SYNC_EVERY;
        loop {
            match inbox.recv_timeout(next_write.saturating_duration_since(Instant::now())) {
                Ok(Order::Begin(sink)) => self.begin(sink),
                Ok(Order::Finish(call, done)) => self.finish(call, done),
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Order::Shutdown) | Err(RecvTimeoutError::Disconnected) => {
                    self.visit(true);
                    return;
                }
            }
            let now = Instant::now();
            if now >= next_write {
                let sync = now >= next_sync;
                self.visit(sync);
                next_write = Instant::now() + WRITE_EVERY;
                if sync {
                    next_sync = now + SYNC_EVERY;
                }
            }
        }
    }

    fn begin(&mut self, sink: Sink) {
        let call = sink.call();
        self.open.insert(call, Open::new(sink));
        self.visit_one(call, true);
    }

    fn finish(&mut self, call: Uuid, done: oneshot::Sender<Closed>) {
        if let Some(open) = self.open.get_mut(&call) {
            let now = Instant::now();
            open.closing = Some(Closing {
                done,
                asked: now,
                until: now + PATIENCE,
            });
            self.visit_one(call, true);
        }
    }

    fn visit(&mut self, sync: bool) {
        let calls: Vec<Uuid> = self.open.keys().copied().collect();
        for call in calls {
            self.visit_one(call, sync);
        }
    }

    /// Writes (and syncs) one journal; closes it when it is to be closed and nothing is left to
    /// write, or its time is over.
    fn visit_one(&mut self, call: Uuid, sync: bool) {
        let Some(open) = self.open.get_mut(&call) else {
            return;
        };
        if let Some(alarm) = open.visit(sync) {
            tracing::error!(call.id = %call, lost_ms = alarm.lost_ms, reason = alarm.reason, "recording");
            (self.on_alarm)(alarm);
        }
        let is_over = match &open.closing {
            Some(closing) => open.is_settled() || Instant::now() >= closing.until,
            None => false,
        };
        if is_over
            && let Some(open) = self.open.remove(&call)
            && let Some(alarm) = open.close()
        {
            tracing::error!(call.id = %call, lost_ms = alarm.lost_ms, "recording cut short");
            (self.on_alarm)(alarm);
        }
    }
}

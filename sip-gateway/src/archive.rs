//! Recordings after their call: journals become files in the background, those of the last run
//! too.

use std::path::Path;

use crate::{
    config::{OnFatal, StartError},
    events::EventSink,
    ports::CallEvent,
    recording::{Closed, FinishError, Finished, Finisher, Recovered, recover},
};

/// The finishing worker and what tells of its work. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Archive {
    finisher: Finisher,
}

impl Archive {
    /// Starts the worker, with what the last run left behind as its first work. To be called
    /// before new journals are begun.
    pub(crate) fn open(
        journals: &Path,
        recordings: &Path,
        events: EventSink,
        on_fatal: OnFatal,
    ) -> Result<(Self, Vec<Recovered>), StartError> {
        let folder = |path: &Path| {
            let path = path.to_owned();
            move |source| StartError::Folder { path, source }
        };
        let left_over = recover(journals).map_err(folder(journals))?;
        let on_done = move |id, result: Result<Finished, FinishError>| {
            events.emit(match result {
                Ok(files) => CallEvent::RecordingReady { id, files },
                Err(error) => CallEvent::RecordingFailed {
                    id,
                    reason: error.to_string(),
                },
            });
        };
        let finisher =
            Finisher::start_watched(recordings, on_done, on_fatal).map_err(folder(recordings))?;
        for recovered in &left_over {
            finisher.enqueue(recovered.journal.clone());
        }
        Ok((Self { finisher }, left_over))
    }

    /// The call is over and its journal closed.
    pub(crate) fn finish(&self, closed: Closed) {
        self.finisher.enqueue_closed(closed);
    }
}

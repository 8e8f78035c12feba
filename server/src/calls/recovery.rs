//! After a crash or a kill: calls that were going on are closed, and recordings whose making was
//! not reported any more are found on the disk.

use std::{
    fs,
    path::{Path, PathBuf},
};

use api_types::{CallStatus, HungUpBy, RecordingState};
use sip_gateway::recording::{PEAKS_PER_SEC, Recovered};
use store::{CallState, OpenCall, Store, StoreError, entity::recording};
use uuid::Uuid;

use super::{
    CallBook,
    rows::{blank, recording_begun, time},
    word,
};
use crate::clock::to_ms;

/// What the record of such a call says.
const REASON: &str = "Trubka was stopped in the middle of the call";

/// Puts what the journal held into the database, then lists the calls that have no end. To be
/// called before new calls can begin.
pub(crate) async fn open_calls(
    store: &Store,
    journalled: &[CallState],
) -> Result<Vec<OpenCall>, StoreError> {
    store.put_calls(journalled).await?;
    store.open_calls().await
}

/// Closes the calls of the last run. `recovered`: recordings that are being finished now.
pub(crate) async fn close_open_calls(
    store: &Store,
    book: &CallBook,
    open: &[OpenCall],
    recovered: &[Recovered],
) -> Result<(), StoreError> {
    let last_activity = |id: Uuid| {
        recovered
            .iter()
            .find(|found| found.call == id)
            .map(|found| to_ms(found.last_activity))
    };
    let journal = |id: Uuid| {
        recovered
            .iter()
            .find(|found| found.call == id)
            .map(|found| found.journal.as_path())
    };
    for call in open {
        if let Some(mut state) = store.call_state(call.id).await? {
            if let (None, Some(journal)) = (&state.recording, journal(call.id)) {
                state.recording = Some(begun(call.id, journal));
            }
            let ended_at = last_activity(call.id)
                .unwrap_or(call.updated_at)
                .max(call.updated_at);
            book.adopt(interrupted(state, ended_at)).await;
        }
    }
    for found in recovered {
        if store.call_state(found.call).await?.is_none() {
            // Killed between the call's first packet and its first row.
            let ended_at = to_ms(found.last_activity);
            let call = blank(found.call, ended_at);
            let state = CallState {
                call,
                viewers: Vec::new(),
                recording: Some(begun(found.call, &found.journal)),
            };
            book.adopt(interrupted(state, ended_at)).await;
        }
    }
    if !open.is_empty() {
        tracing::warn!(
            calls = open.len(),
            "closed the calls that were going on when Trubka was stopped"
        );
    }
    Ok(())
}

/// The row of a recording that is being finished and has none yet.
fn begun(call: Uuid, journal: &Path) -> recording::Model {
    recording_begun(call, journal.to_string_lossy().into_owned())
}

fn interrupted(mut state: CallState, ended_at: i64) -> CallState {
    let call = &mut state.call;
    call.version += 1;
    call.status = word(CallStatus::Interrupted);
    call.ended_at = Some(ended_at);
    time(call);
    call.updated_at = ended_at;
    call.hung_up_by = Some(word(HungUpBy::System));
    REASON.clone_into(&mut call.sip_reason);
    if let Some(recording) = state
        .recording
        .as_mut()
        .filter(|recording| recording.state == "running")
    {
        recording.state = word(RecordingState::Finishing);
    }
    state
}

/// Recordings that are neither made nor being made: the file may be there and only its report was
/// lost; else it says so.
pub(crate) async fn adopt_recordings(
    store: &Store,
    book: &CallBook,
    folder: &Path,
    recovered: &[Recovered],
) -> Result<(), StoreError> {
    for row in store.unfinished_recordings().await? {
        if recovered.iter().any(|found| found.call == row.call_id) {
            continue;
        }
        let Some(mut state) = store.call_state(row.call_id).await? else {
            continue;
        };
        state.call.version += 1;
        state.recording = Some(found_on_disk(row, folder));
        book.adopt(state).await;
    }
    Ok(())
}

fn found_on_disk(mut row: recording::Model, folder: &Path) -> recording::Model {
    let file = |extension: &str| -> Option<PathBuf> {
        let path = folder.join(format!("{}.{extension}", row.call_id));
        path.is_file().then_some(path)
    };
    let size = |path: &Path| fs::metadata(path).map_or(0, |meta| meta.len());
    let name = |path: &Path| {
        path.file_name()
            .map(|name| name.to_string_lossy().into_owned())
    };
    row.journal = None;
    let (Some(mp3), Some(peaks)) = (file("mp3"), file("peaks")) else {
        row.state = word(RecordingState::Failed);
        "the recording was lost when Trubka was stopped".clone_into(&mut row.note);
        return row;
    };
    row.state = word(RecordingState::Ready);
    row.bytes = i64::try_from(size(&mp3)).unwrap_or(0);
    row.duration_ms =
        i64::try_from(size(&peaks) / 2 * 1000 / u64::from(PEAKS_PER_SEC)).unwrap_or(0);
    row.peaks_per_sec = i32::try_from(PEAKS_PER_SEC).unwrap_or(0);
    row.mp3 = name(&mp3);
    row.peaks = name(&peaks);
    row
}

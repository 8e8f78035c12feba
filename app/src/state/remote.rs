//! Something read from the server.

use std::future::Future;

use leptos::{prelude::*, task::spawn_local};

use crate::view::failure::Failure;

/// How far reading is.
#[derive(Debug, Clone, PartialEq)]
pub enum Remote<T> {
    /// Under way.
    Loading,
    /// Here.
    Ready(T),
    /// Failed.
    Failed(Failure),
}

impl<T> Remote<T> {
    /// What was read.
    pub fn ready(&self) -> Option<&T> {
        match self {
            Self::Ready(value) => Some(value),
            Self::Loading | Self::Failed(_) => None,
        }
    }

    /// What was read, to change it.
    pub fn ready_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Ready(value) => Some(value),
            Self::Loading | Self::Failed(_) => None,
        }
    }
}

/// Reads into a signal. What is shown stays until the answer comes; a component that went away
/// is left alone.
pub fn read_into<T: Send + Sync + 'static>(
    into: RwSignal<Remote<T>>,
    reading: impl Future<Output = Result<T, Failure>> + 'static,
) {
    spawn_local(async move {
        let answer = match reading.await {
            Ok(value) => Remote::Ready(value),
            Err(failure) => Remote::Failed(failure),
        };
        let _ = into.try_set(answer);
    });
}

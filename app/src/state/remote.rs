//! Something read from the server.

use std::{
    cell::RefCell,
    collections::HashMap,
    future::Future,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash},
};

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

/// Reads into a signal. What is shown stays until the answer comes; an answer to an earlier question
/// than the last is dropped, and a component that went away is left alone.
pub fn read_into<T: Send + Sync + 'static>(
    into: RwSignal<Remote<T>>,
    reading: impl Future<Output = Result<T, Failure>> + 'static,
) {
    let turn = Turn::next(&into);
    spawn_local(async move {
        let answer = match reading.await {
            Ok(value) => Remote::Ready(value),
            Err(failure) => Remote::Failed(failure),
        };
        if turn.is_last() {
            let _ = into.try_set(answer);
        }
    });
}

/// One question of several whose answers go to the same place. Answers may come in another order than
/// the questions were asked in.
#[must_use = "an answer has to know whether it is the last"]
pub struct Turn {
    place: u64,
    number: u32,
}

/// Questions of one place.
#[derive(Default)]
struct Asked {
    last: u32,
    open: u32,
}

thread_local! {
    static ASKED: RefCell<HashMap<u64, Asked>> = RefCell::default();
}

impl Turn {
    /// The next question for a place, such as a signal.
    pub fn next(place: &impl Hash) -> Self {
        let place = BuildHasherDefault::<DefaultHasher>::default().hash_one(place);
        let number = ASKED.with_borrow_mut(|all| {
            let asked = all.entry(place).or_default();
            asked.open += 1;
            asked.last += 1;
            asked.last
        });
        Self { place, number }
    }

    /// Whether nothing was asked since.
    pub fn is_last(&self) -> bool {
        ASKED.with_borrow(|all| {
            all.get(&self.place)
                .is_some_and(|asked| asked.last == self.number)
        })
    }
}

impl Drop for Turn {
    /// Nothing is kept of a place without open questions.
    fn drop(&mut self) {
        let _ = ASKED.try_with(|all| {
            let mut all = all.borrow_mut();
            if let Some(asked) = all.get_mut(&self.place) {
                asked.open -= 1;
                if asked.open == 0 {
                    all.remove(&self.place);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::Turn;

    #[test]
    fn only_the_last_question_counts_in_whatever_order_answers_come() {
        let (first, other, second) = (Turn::next(&1), Turn::next(&2), Turn::next(&1));
        assert!(second.is_last() && other.is_last() && !first.is_last());
        drop(second);
        assert!(!first.is_last(), "the first answer comes after the second");
        drop(first);
        assert!(Turn::next(&1).is_last());
    }
}

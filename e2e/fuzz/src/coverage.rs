//! Counters the compiler puts into the code when told to (LLVM's `sancov-module` pass with inline
//! 8-bit counters). In an ordinary build there are none, and nothing is ever new.
#![expect(
    unsafe_code,
    reason = "the compiler's interface: it hands us the counters' addresses, once, before main"
)]

use std::{
    slice,
    sync::{Mutex, PoisonError},
};

/// Start addresses and lengths of the counters, one pair for each module.
static COUNTERS: Mutex<Vec<(usize, usize)>> = Mutex::new(Vec::new());

/// Called by each instrumented module before `main`.
#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_8bit_counters_init(start: *mut u8, stop: *mut u8) {
    let (start, stop) = (start as usize, stop as usize);
    let mut list = COUNTERS.lock().unwrap_or_else(PoisonError::into_inner);
    if stop > start && !list.contains(&(start, stop - start)) {
        list.push((start, stop - start));
    }
}

/// Called beside it; the addresses of the code are of no use here.
#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_pcs_init(_start: *const usize, _stop: *const usize) {}

/// Remembers which places were reached how often, in powers of two.
#[derive(Default)]
pub struct Seen {
    buckets: Vec<Vec<u8>>,
    reached: usize,
}

impl Seen {
    /// Places reached so far; 0 without counters.
    pub fn reached(&self) -> usize {
        self.reached
    }

    /// Clears the counters; call before an input.
    pub fn begin() {
        for counters in modules() {
            counters.fill(0);
        }
    }

    /// Whether the input reached a place, or a number of visits, not seen before.
    pub fn is_new(&mut self) -> bool {
        let mut new = false;
        for (index, counters) in modules().into_iter().enumerate() {
            if self.buckets.len() <= index {
                self.buckets.push(vec![0; counters.len()]);
            }
            for (seen, count) in self.buckets[index].iter_mut().zip(counters.iter()) {
                let bucket = bucket(*count);
                if bucket & !*seen != 0 {
                    self.reached += usize::from(*seen == 0);
                    *seen |= bucket;
                    new = true;
                }
            }
        }
        new
    }
}

fn bucket(count: u8) -> u8 {
    match count {
        0 => 0,
        1 => 1,
        2 => 2,
        3 => 4,
        4..=7 => 8,
        8..=15 => 16,
        16..=31 => 32,
        32..=127 => 64,
        128.. => 128,
    }
}

fn modules() -> Vec<&'static mut [u8]> {
    let list = COUNTERS.lock().unwrap_or_else(PoisonError::into_inner);
    list.iter()
        .map(|(start, len)| {
            // SAFETY: the compiler's own static arrays, alive for ever; the fuzzer has one thread.
            unsafe { slice::from_raw_parts_mut(*start as *mut u8, *len) }
        })
        .collect()
}

//! Feeding a target for a while.

use std::{
    io, panic,
    path::PathBuf,
    time::{Duration, Instant},
};

use crate::{Target, corpus, coverage::Seen, mutation::Dice, mutation::mutate};

/// Longest an input may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// Inputs kept for further mutation.
const POOL: usize = 20_000;
/// A busy machine sets a process aside for seconds: an input is slow if it was slow so many times.
const TRIES: usize = 3;

/// What a campaign did.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// Inputs fed.
    pub inputs: u64,
    /// Inputs kept because they reached something new.
    pub kept: usize,
    /// Places in the code reached; 0 in a build without counters.
    pub reached: usize,
}

/// Why it ended early. The input lies in `file`.
#[derive(Debug)]
pub enum Failure {
    /// The target panicked.
    Panic {
        /// The input.
        file: PathBuf,
    },
    /// The target took too long.
    Slow {
        /// The input.
        file: PathBuf,
        /// How long.
        took: Duration,
    },
    /// Files could not be read or written.
    Io(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Mutates the corpus of `target` for `time`.
///
/// # Errors
/// At the first input the target cannot take.
pub fn run(target: Target, time: Duration, seed: u64) -> Result<Report, Failure> {
    let mut pool: Vec<Vec<u8>> = corpus::load(target.name)?
        .into_iter()
        .map(|(_, bytes)| bytes)
        .collect();
    pool.push(Vec::new());
    let mut dice = Dice::new(seed);
    let mut seen = Seen::default();
    let (start, seeds, mut inputs) = (Instant::now(), pool.len(), 0);
    for input in &pool {
        feed(target, input, &mut seen)?;
    }
    while start.elapsed() < time {
        let (one, other) = (dice.below(pool.len()), dice.below(pool.len()));
        let input = mutate(&pool[one], &pool[other], &mut dice);
        inputs += 1;
        if feed(target, &input, &mut seen)? && pool.len() < POOL {
            pool.push(input);
        }
    }
    Ok(Report {
        inputs,
        kept: pool.len() - seeds,
        reached: seen.reached(),
    })
}

/// Feeds one input; whether it reached something new.
fn feed(target: Target, input: &[u8], seen: &mut Seen) -> Result<bool, Failure> {
    Seen::begin();
    let mut took = Duration::MAX;
    for _ in 0..TRIES {
        let start = Instant::now();
        if panic::catch_unwind(|| (target.feed)(input)).is_err() {
            let file = keep(target, "panic", input)?;
            return Err(Failure::Panic { file });
        }
        took = took.min(start.elapsed());
        if took <= PATIENCE {
            break;
        }
    }
    if took > PATIENCE {
        let file = keep(target, "slow", input)?;
        return Err(Failure::Slow { file, took });
    }
    Ok(seen.is_new())
}

/// Writes a bad input where the replaying test finds it from now on.
fn keep(target: Target, what: &str, input: &[u8]) -> io::Result<PathBuf> {
    let hash = input.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let file = corpus::folder(target.name).join(format!("{what}-{hash:016x}"));
    std::fs::write(&file, input)?;
    Ok(file)
}

//! The corpora, replayed, and a second of mutation for each target.

use std::time::{Duration, Instant};

use fuzz::{all, campaign, corpus};

#[test]
fn every_corpus_is_read_without_panic_or_delay() {
    for target in all() {
        let inputs = corpus::load(target.name).unwrap();
        assert!(!inputs.is_empty(), "{} has no corpus", target.name);
        for (path, input) in inputs {
            let start = Instant::now();
            (target.feed)(&input);
            assert!(start.elapsed().as_secs() < 2, "{}", path.display());
        }
    }
}

#[test]
fn a_moment_of_mutation_finds_nothing() {
    for target in all() {
        let report = campaign::run(target, Duration::from_millis(500), 4475).unwrap();
        assert!(report.inputs > 10, "{}", target.name);
    }
}

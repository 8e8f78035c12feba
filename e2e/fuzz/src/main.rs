//! `fuzz [TARGET] [SECONDS] [SEED]`: every target, or one, for so long each.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line program talks to its terminal"
)]

use std::{process::ExitCode, time::Duration};

use fuzz::{all, campaign};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let name = words.first().map_or("all", String::as_str);
    let number = |at: usize, usual| words.get(at).map_or(Some(usual), |word| word.parse().ok());
    let (Some(seconds), Some(seed)) = (number(1, 60), number(2, 1)) else {
        eprintln!("usage: fuzz [TARGET|all] [SECONDS] [SEED]");
        return ExitCode::FAILURE;
    };
    let targets: Vec<_> = all()
        .into_iter()
        .filter(|target| name == "all" || target.name == name)
        .collect();
    if targets.is_empty() {
        let names: Vec<&str> = all().iter().map(|target| target.name).collect();
        eprintln!("there is no target `{name}`: {}", names.join(", "));
        return ExitCode::FAILURE;
    }
    for target in targets {
        match campaign::run(target, Duration::from_secs(seconds), seed) {
            Ok(report) => println!(
                "{}: {} inputs in {seconds} s (seed {seed}), {} kept, {} places reached, nothing found",
                target.name, report.inputs, report.kept, report.reached
            ),
            Err(failure) => {
                eprintln!("{}: {failure:?}", target.name);
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

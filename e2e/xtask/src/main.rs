//! `cargo xtask …`: everything a developer, a newcomer or CI runs.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line program talks to its terminal"
)]

mod app;
mod bench;
mod ci;
mod fuzz;
mod network;
mod packages;
mod process;
mod run;
mod test;
mod tidy;
mod tools;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

/// Trubka's developer commands.
#[derive(Parser)]
#[command(name = "cargo xtask", max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what is missing, build, start `trubka serve --demo` and print a link that signs you in.
    Run(run::Options),
    /// Build the app and the server, start nothing.
    Build,
    /// Install the test peers, run every check and test.
    Test,
    /// What `.ci/run` runs: `test` and the gates of docs/style.md.
    Ci,
    /// Browser tests only.
    E2e(test::E2eOptions),
    /// Tests that take minutes, at full length.
    Soak {
        /// Beginning of the name of a gateway test (`timers`, `flood`) or part of a file's in `e2e/soak`.
        name: Option<String>,
    },
    /// Fill a data folder with made-up clients, work and calls: `trubka demo-data` of the release build.
    DemoData {
        /// What it is told: `--contacts N --calls N`, and `--data DIR` (else `demo-data` in the target
        /// folder).
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Figures: ours in one run, as numbers whose names end in their unit.
    Bench(bench::Options),
    /// Hostile input for everything that reads the network.
    Fuzz(fuzz::Options),
    /// Check the repository's own rules: layout, dependency direction, file sizes.
    Tidy,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Run(options) => run::run(&options),
        Command::Build => app::build().and_then(|()| app::build_server(false)),
        Command::Test => test::test(),
        Command::Ci => ci::ci(),
        Command::E2e(options) => test::e2e(&options),
        Command::Soak { name } => test::soak(name.as_deref()),
        Command::DemoData { args } => app::build_server(true).and_then(|()| {
            let mut filler = std::process::Command::new(app::server(true));
            filler.arg("demo-data").args(&args);
            if !args.iter().any(|arg| arg.starts_with("--data")) {
                filler.arg("--data").arg(target().join("demo-data"));
            }
            process::run(&mut filler)
        }),
        Command::Bench(options) => bench::bench(&options),
        Command::Fuzz(options) => fuzz::fuzz(&options),
        Command::Tidy => tidy::tidy(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The repository's root.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).map(PathBuf::from).unwrap_or(here)
}

/// Cargo's target folder: `CARGO_TARGET_DIR` or `target`.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Says what is being done, in words.
pub fn say(text: &str) {
    println!("\x1b[1m▸ {text}\x1b[0m");
}

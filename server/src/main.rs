//! The program: reads what it is told, serves, and stops in good order.

use std::process::ExitCode;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::EnvFilter;
use trubka::{
    RunningServer,
    config::{Cli, Command, Config, ConfigError, DemoData},
};

fn main() -> ExitCode {
    let Cli { command } = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(ConfigError::CommandLine(error)) => error.exit(),
        Err(error) => return fail(&error.into()),
    };
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn")),
        )
        .with_writer(std::io::stderr)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    let done = runtime.block_on(async {
        match command {
            Command::Serve(config) => serve(*config).await,
            Command::DemoData(wanted) => fill(&wanted).await.map(|()| ExitCode::SUCCESS),
        }
    });
    match done {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

#[expect(clippy::print_stderr, reason = "the last words go to the terminal")]
fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("Trubka did not start: {error}");
    ExitCode::FAILURE
}

/// A failure after the start is in the log; the exit code tells the supervisor.
async fn serve(config: Config) -> anyhow::Result<ExitCode> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let server = trubka::start(config).await?;
    greet(&server);
    let code = tokio::select! {
        () = either(&mut terminate, &mut interrupt) => {
            tracing::info!("stopping; once more stops at once");
            ExitCode::SUCCESS
        }
        part = server.part_ended() => {
            tracing::error!("{part} has failed; Trubka stops with an error and is to be started anew");
            ExitCode::FAILURE
        }
    };
    tokio::select! {
        () = server.stop() => tracing::info!("stopped"),
        () = either(&mut terminate, &mut interrupt) => tracing::warn!("stopped at once"),
    }
    Ok(code)
}

#[expect(clippy::print_stdout, reason = "this is for the person who started it")]
async fn fill(wanted: &DemoData) -> anyhow::Result<()> {
    trubka::demo_data(wanted).await?;
    println!(
        "Made {} contacts and {} calls in {}",
        wanted.contacts,
        wanted.calls,
        wanted.data.display()
    );
    Ok(())
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

#[expect(clippy::print_stdout, reason = "this is for the person who started it")]
fn greet(server: &RunningServer) {
    let config = server.config();
    let data = config
        .data
        .canonicalize()
        .unwrap_or_else(|_| config.data.clone());
    println!("Trubka serves at      {}", server.url());
    println!("Data and recordings   {}", data.display());
    if config.demo {
        println!("Telephony             built-in test network, this machine only");
    } else {
        println!("Open in the firewall:");
    }
    println!("  SIP                 UDP and TCP {}", server.sip());
    if let Some(address) = server.sip_tls() {
        println!("  SIP over TLS        TCP {address}");
    }
    println!("  Media of browsers   UDP {}", server.media());
    if let Some(address) = server.media_tcp() {
        println!("                      TCP {address} (for networks that block UDP)");
    }
    println!("  RTP towards lines   UDP {}", config.rtp_ports);
    if config.demo {
        println!(
            "Numbers to dial       600 echo, 601 clock, 602 tone, 603 busy, 604 no answer, 605 early media, 606 declined"
        );
    }
    match server.first_run_link() {
        Some(link) => println!("\nSign in with this link (once, within 24 hours):\n{link}\n"),
        None => println!("\nSign in at {}\n", server.url()),
    }
}

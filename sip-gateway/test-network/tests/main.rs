//! The test network against raw sockets and against programs that nobody here wrote.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on ends here"
)]

mod audio;
mod baresip;
mod dialling;
mod phone;
mod programs;
mod registration;
mod robot;
mod sipp;

use std::time::Duration;
use test_network::{Account, Config, Quirks, TestNetwork};
use tokio::time::timeout;

/// Longest wait for anything that must happen.
const PATIENCE: Duration = Duration::from_secs(10);

/// A provider with the accounts `alice` and `bob`.
async fn provider(quirks: Quirks) -> TestNetwork {
    let account = |user: &str, number: &str| Account {
        user: user.to_owned(),
        password: format!("{user}-secret"),
        number: number.to_owned(),
    };
    let accounts = vec![account("alice", "15550100"), account("bob", "15550101")];
    let config = Config {
        quirks,
        ..Config::local(accounts)
    };
    TestNetwork::start(config).await.unwrap()
}

/// Waits until the provider has seen what `probe` looks for.
async fn until<T>(net: &TestNetwork, what: &str, probe: impl Fn(&TestNetwork) -> Option<T>) -> T {
    let mut changes = net.changes();
    let wait = async {
        loop {
            if let Some(found) = probe(net) {
                return found;
            }
            changes.changed().await.unwrap();
        }
    };
    match timeout(PATIENCE, wait).await {
        Ok(found) => found,
        Err(_) => panic!("never: {what}; calls: {:#?}", net.calls()),
    }
}

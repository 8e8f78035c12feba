//! A network of its own for tests: only loopback, no way out.

use std::process::Command;

use crate::process;

/// A command that runs `program` where only 127.0.0.0/8 exists.
pub fn isolated(program: &str) -> Command {
    let root = process::output("id", &["-u"]).is_some_and(|uid| uid == "0");
    let mut command = Command::new("unshare");
    if !root {
        command.arg("--map-root-user");
    }
    command.args(["--net", "--", "sh", "-c"]);
    command
        .arg("ip link set lo up && exec \"$@\"")
        .args(["sh", program]);
    command
}

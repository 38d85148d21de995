//! What the server does, and what an attacker would do who has taken it over. All of it happens in a folder of its own.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use crate::server;

/// A file in the folder.
pub(crate) const FILE: &str = "page.html";

/// Something to try.
pub(crate) struct Attempt {
    pub(crate) name: &'static str,
    /// What it has brought, in words.
    run: fn() -> io::Result<String>,
}

pub(crate) const ATTEMPTS: [Attempt; 5] = [
    Attempt { name: "answer a request", run: server::serve },
    Attempt { name: "start a shell", run: start_a_shell },
    Attempt { name: "delete a file", run: || fs::remove_file(FILE).map(|()| "deleted".to_owned()) },
    Attempt { name: "make a file set-user-ID", run: make_set_user_id },
    Attempt {
        name: "link to another file",
        run: || symlink("/etc/passwd", "link").map(|()| "linked".to_owned()),
    },
];

/// Tries what the second argument of this process says.
pub(crate) fn attempt() -> io::Result<String> {
    let name = std::env::args().nth(2).unwrap_or_default();
    let attempt = ATTEMPTS.iter().find(|attempt| attempt.name == name);
    (attempt.ok_or(io::ErrorKind::InvalidInput)?.run)()
}

fn make_set_user_id() -> io::Result<String> {
    fs::set_permissions(FILE, Permissions::from_mode(0o4755))?;
    Ok("runs as its owner".to_owned())
}

/// If it works, this process is the shell.
fn start_a_shell() -> io::Result<String> {
    Err(Command::new("/bin/sh").args(["-c", "echo \"a shell of user $(id -u)\""]).exec())
}

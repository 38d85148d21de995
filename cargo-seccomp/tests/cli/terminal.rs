//! What is different on a terminal: colour, and no binary filters.

use std::fs::{File, OpenOptions};
use std::io::Read;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::harness::{Folder, MISTAKEN, SOUND};

/// The two ends of a terminal: the one that the user sees, and the one that a program writes to.
fn terminal() -> (File, File) {
    let user = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudoterminal");
    grantpt(&user).expect("its other end is ours");
    unlockpt(&user).expect("its other end opens");
    let name = ptsname(&user, Vec::new()).expect("its other end has a name").into_string().expect("of text");
    let program = OpenOptions::new().read(true).write(true).open(name).expect("its other end");
    (user.into(), program)
}

/// What was shown. Reading a terminal ends with an error once nobody writes to it any more.
fn shown(mut user: File) -> String {
    let mut bytes = Vec::new();
    user.read_to_end(&mut bytes).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn a_terminal_gets_no_binary_filter() {
    let folder = Folder::with(&[("policy.yaml", SOUND)]);
    let (user, program) = terminal();
    let output = folder.command("export policy.yaml").stdout(program).output().expect("the command starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr.starts_with("error: a binary filter should not go to a terminal: "), "{stderr}");
    assert_eq!(shown(user), "");
}

#[test]
fn a_terminal_gets_the_disassembly() {
    let folder = Folder::with(&[("policy.yaml", SOUND)]);
    let (user, program) = terminal();
    let status = folder
        .command("export policy.yaml --format asm")
        .stdout(program)
        .status()
        .expect("the command starts");
    assert_eq!(status.code(), Some(0));
    assert!(shown(user).contains("; allow"));
}

#[test]
fn findings_are_coloured_on_a_terminal_unless_the_user_objects() {
    let folder = Folder::with(&[("policy.yaml", MISTAKEN)]);
    for (no_color, arguments, coloured) in [
        (None, "check policy.yaml", true),
        (Some("1"), "check policy.yaml", false),
        (None, "check policy.yaml --color never", false),
        (Some("1"), "check policy.yaml --color always", true),
    ] {
        let (user, program) = terminal();
        let mut command = folder.command(arguments);
        command.envs(no_color.map(|value| ("NO_COLOR", value)));
        let status = command.stderr(program).status().expect("the command starts");
        // Until it is dropped, the command keeps the program's end open.
        drop(command);
        let shown = shown(user);
        assert_eq!(status.code(), Some(1));
        assert_eq!(shown.contains('\x1b'), coloured, "{arguments}: {shown:?}");
    }
}

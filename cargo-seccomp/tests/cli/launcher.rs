//! What docs/caveats.md says of launchers, and docs/recording.md of containers, done.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::harness::Folder;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in the project").to_owned()
}

/// The blocks of a page of this kind, which name bwrap or a policy for it.
fn blocks(page: &str, fence: &str) -> Vec<String> {
    let page = fs::read_to_string(project().join("docs").join(page)).expect("the page is there");
    let start = format!("```{fence}\n");
    page.split(&start)
        .skip(1)
        .map(|rest| rest.split_once("```").expect("the block ends").0.to_owned())
        .collect()
}

/// The first of them on the page about launchers.
fn shown(fence: &str) -> String {
    blocks("caveats.md", fence).into_iter().next().expect("the page shows it")
}

/// The shown commands in a folder with the project's policies, where `program` is this command.
fn launched(policy: &str, program: &str) -> Output {
    let policies = project().join("policies");
    let folder = Folder::with(&[("launched.yaml", &shown("yaml,file=launched.yaml"))]);
    fs::create_dir(folder.path("policies")).expect("the folder is empty");
    for name in ["no-network.yaml", "network-server.yaml"] {
        fs::copy(policies.join(name), folder.path("policies").join(name)).expect("the policy can be copied");
    }
    fs::rename(folder.path("launched.yaml"), folder.path("policies/launched.yaml"))
        .expect("the file is there");
    let commands = shown("sh").replace("no-network", policy).replace(" program\n", &format!(" {program}\n"));
    assert!(commands.contains(program), "{commands}");
    // As cargo runs the command.
    let script = format!("set -e; cargo() {{ \"$CARGO_SECCOMP\" \"$@\"; }}\n{commands}");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).env("CARGO_SECCOMP", env!("CARGO_BIN_EXE_cargo-seccomp"));
    shell.current_dir(folder.path(".")).output().expect("there is a shell")
}

/// Whether bwrap can make its namespaces here; if not, that is said where `cargo test` shows it.
pub(crate) fn has_bwrap() -> bool {
    let why = match Command::new("bwrap").args(["--bind", "/", "/", "true"]).output() {
        Ok(output) if output.status.success() => return true,
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => format!("bwrap: {error}"),
    };
    let _written = writeln!(std::io::stderr().lock(), "SKIPPED: no launcher was tried: {}", why.trim_end());
    false
}

#[test]
fn bwrap_starts_a_program_under_an_exported_filter() {
    if !has_bwrap() {
        return;
    }
    let text = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let output = launched("no-network", "cat /proc/self/status");
    assert!(output.status.success(), "{}", text(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("Seccomp:\t2"), "{output:?}");
    let output = launched("no-network", "bash -c ': > /dev/tcp/127.0.0.1/9'");
    assert!(text(&output).contains("Address family not supported"), "{}", text(&output));
    // The policy of the page, which includes a stricter one.
    let output = launched("launched", "cat /proc/self/status");
    assert!(output.status.success(), "{}", text(&output));
    let output = launched("launched", "sh -c 'echo x > made'");
    assert!(text(&output).contains("Permission denied"), "{}", text(&output));
    // What the stricter one refuses itself.
    let output = launched("network-server", "true");
    assert!(!output.status.success());
    assert!(
        text(&output).starts_with("warning: no program can be started under this filter"),
        "{}",
        text(&output)
    );
}

#[test]
fn a_program_is_recorded_in_a_container_and_runs_in_one() {
    if !has_bwrap() {
        return;
    }
    let page = "recording.md";
    let policies = blocks(page, "yaml,file=confined.yaml");
    let folder = Folder::with(&[("confined.yaml", &policies[0])]);
    let command = Path::new(env!("CARGO_BIN_EXE_cargo-seccomp")).parent().expect("it is in a folder");
    let path = format!("{}:{}", command.display(), std::env::var("PATH").unwrap_or_default());
    let commands = blocks(page, "sh");
    assert_eq!(commands.len(), 2);
    for block in commands {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("set -e; {block}")]).env("PATH", &path).current_dir(folder.path("."));
        let output = shell.output().expect("there is a shell");
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{block}{}", String::from_utf8_lossy(&output.stderr));
        assert!(printed.contains("Seccomp:\t2"), "{block}{printed}");
    }
    let refused = "bwrap --bind / / --unshare-pid --as-pid-1 --proc /proc --seccomp 3 3<tool.bpf mkdir made";
    let mut shell = Command::new("sh");
    let output =
        shell.args(["-c", refused]).current_dir(folder.path(".")).output().expect("there is a shell");
    assert!(!output.status.success() && !folder.path("made").exists(), "{output:?}");
}

//! Recording in containers: in namespaces of its own it works, and where the tracer cannot do its work, nothing is run or
//! written, and it is said why.

use crate::harness::{Folder, Run};
use crate::launcher::has_bwrap;

const WITHOUT_PTRACE: &str = "\
default_action: allow
allow_warnings: [{hole-in-blocklist: only ptrace is to fail}]
syscalls:
- action: errno
  names: [ptrace]
";

/// Runs `cargo seccomp` on `touch made`, in namespaces of its own that these options of bwrap make.
fn contained(folder: &Folder, options: &str, arguments: &str) -> Run {
    let script = format!(
        "exec 9< filter.bpf && exec bwrap --dev-bind / / --unshare-user --unshare-pid {options} \"$0\" seccomp {arguments} \
         -- touch made"
    );
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_cargo-seccomp")]).current_dir(folder.path("."));
    shell.output().expect("there is a shell").into()
}

#[test]
fn a_container_records_or_says_why_not() {
    if !has_bwrap() {
        return;
    }
    let folder = Folder::with(&[("policy.yaml", WITHOUT_PTRACE)]);
    assert_eq!(folder.run("export policy.yaml --output filter.bpf").code, Some(0));
    let refused = [
        ("", "`/proc` is not mounted, or is that of another PID namespace"),
        (
            "--proc /proc --seccomp 9",
            "permission denied; ptrace may be refused by `kernel.yama.ptrace_scope`",
        ),
    ];
    for (options, reason) in refused {
        for arguments in ["record --output new.yaml --evidence new.json", "run policy.yaml"] {
            let run = contained(&folder, options, arguments);
            assert_eq!(run.code, Some(2), "{options} {arguments}: {}", run.stderr);
            let said = format!("error: cannot trace a command here: {reason}");
            assert!(run.stderr.starts_with(&said), "{options} {arguments}: {}", run.stderr);
            assert_eq!(folder.files(), ["filter.bpf", "policy.yaml"], "{options} {arguments}");
        }
    }
    let run = contained(&folder, "--proc /proc", "record --output new.yaml");
    assert!(run.code == Some(0) && run.stderr.contains(" by /"), "{}", run.stderr);
    let run = contained(&folder, "--proc /proc", "run new.yaml");
    assert!(run.code == Some(0) && run.stderr.contains("no call was refused"), "{}", run.stderr);
    assert_eq!(folder.files(), ["filter.bpf", "made", "new.yaml", "policy.yaml"]);
}

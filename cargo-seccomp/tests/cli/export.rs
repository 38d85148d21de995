//! `export`: the bytes, and files that are complete or absent.

use std::fs;

use crate::harness::{DISABLED, Folder, LAUNCHED, MISTAKEN, ODD, SOUND, program, run};

#[test]
fn the_program_is_written_in_the_byte_order_of_its_architecture() {
    for architecture in ["x86_64", "s390x"] {
        let folder = Folder::with(&[("policy.yaml", LAUNCHED)]);
        let run =
            folder.run(&format!("export --format bpf --arch {architecture} policy.yaml --output filter.bpf"));
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "", ""));
        let bytes = fs::read(folder.path("filter.bpf")).expect("the export");
        assert_eq!(bytes, program(LAUNCHED, architecture).to_bytes());
        assert_eq!(folder.files(), ["filter.bpf", "policy.yaml"]);
    }
    let first = |architecture| program(LAUNCHED, architecture).to_bytes()[..8].to_vec();
    assert_eq!(first("x86_64"), [0x20, 0, 0, 0, 4, 0, 0, 0]);
    assert_eq!(first("s390x"), [0, 0x20, 0, 0, 0, 0, 0, 4]);
}

#[test]
fn standard_output_gets_the_same_bytes() {
    for arguments in
        ["export --arch s390x policy.yaml", "export --arch s390x policy.yaml --color always --output -"]
    {
        let run = run(LAUNCHED, arguments);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        assert_eq!(run.bytes, program(LAUNCHED, "s390x").to_bytes());
    }
}

#[test]
fn the_disassembly_is_that_of_the_program() {
    let run = run(LAUNCHED, "export --format asm --arch x86_64 policy.yaml");
    let code = |line: &str| line.split(';').next().unwrap_or_default().trim_end().to_owned();
    let program = program(LAUNCHED, "x86_64").to_string();
    assert!(run.stdout.lines().map(code).eq(program.lines().map(code)), "{}", run.stdout);
    assert!(run.stdout.contains("; errno(ENOSYS)  (line 2; a default)\n"), "{}", run.stdout);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}

#[test]
fn no_file_that_the_filter_is_made_from_is_replaced() {
    let including = format!("include: [base.yaml]\n{LAUNCHED}");
    let files = [
        ("policy.yaml", including.as_str()),
        ("base.yaml", "syscalls: [{action: allow, names: [sync]}]\n"),
        ("counts.yaml", "read: 1\n"),
    ];
    let folder = Folder::with(&files);
    for name in ["policy.yaml", "./base.yaml", "counts.yaml"] {
        let run = folder.run(&format!("export policy.yaml --profile counts.yaml --output {name}"));
        let refusal = format!("error: the filter is made from `{name}`: name another file with `--output`\n");
        assert_eq!((run.code, run.stderr), (Some(2), refusal));
    }
    for (name, text) in files {
        assert_eq!(fs::read_to_string(folder.path(name)).expect("it is there"), text);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_policy_at_standard_input_is_not_replaced_either() {
    let folder = Folder::with(&[("policy.yaml", LAUNCHED)]);
    let mut command = folder.command("export - --output policy.yaml");
    let run: crate::harness::Run = command
        .stdin(fs::File::open(folder.path("policy.yaml")).expect("it is there"))
        .output()
        .expect("the command starts")
        .into();
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("the filter is made from `policy.yaml`"), "{}", run.stderr);
}

#[test]
fn flags_of_the_policy_s_own_are_said_to_be_missing() {
    for (flags, wanted) in [
        ("[log, tsync]", "SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG"),
        ("[spec_allow]", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"),
        ("[]", "no flag"),
    ] {
        let policy = format!("flags: {flags}\n{LAUNCHED}");
        let run = run(&policy, "export policy.yaml");
        let note = format!(
            "note: a file of instructions has no `flags`: install the filter with {wanted}, as `policy.yaml` says, if the \
             program that installs it lets you\n"
        );
        assert!(run.code == Some(0) && run.stderr.ends_with(&note), "{}", run.stderr);
        assert!(
            !crate::harness::run(&policy, "export policy.yaml --format asm").stderr.contains("note: a file")
        );
    }
    assert_eq!(run(&format!("flags: [tsync]\n{LAUNCHED}"), "export policy.yaml").stderr, "");
}

#[test]
fn with_errors_no_file_is_written_or_replaced() {
    let folder = Folder::with(&[("policy.yaml", MISTAKEN), ("old.bpf", "as it was")]);
    for name in ["old.bpf", "new.bpf"] {
        let run = folder.run(&format!("export policy.yaml --output {name}"));
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    }
    assert_eq!(folder.files(), ["old.bpf", "policy.yaml"]);
    assert_eq!(fs::read(folder.path("old.bpf")).expect("the old file"), b"as it was");
}

#[test]
fn an_existing_file_is_replaced() {
    let folder = Folder::with(&[("policy.yaml", LAUNCHED), ("old.bpf", "as it was, and rather longer")]);
    assert_eq!(folder.run("export policy.yaml --arch x86_64 -o old.bpf").code, Some(0));
    assert_eq!(fs::read(folder.path("old.bpf")).expect("the file"), program(LAUNCHED, "x86_64").to_bytes());
    assert_eq!(folder.files(), ["old.bpf", "policy.yaml"]);
}

#[cfg(unix)]
#[test]
fn a_replaced_file_keeps_its_permissions_and_links() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = Folder::with(&[("policy.yaml", LAUNCHED), ("old.bpf", "")]);
    fs::set_permissions(folder.path("old.bpf"), fs::Permissions::from_mode(0o640)).expect("it is ours");
    symlink("old.bpf", folder.path("link.bpf")).expect("a link");
    assert_eq!(folder.run("export policy.yaml -o link.bpf").code, Some(0));
    let file = fs::symlink_metadata(folder.path("old.bpf")).expect("the file");
    assert_eq!((file.permissions().mode() & 0o777, file.len() % 8), (0o640, 0));
    assert!(file.len() > 0);
    assert!(folder.path("link.bpf").is_symlink());
}

#[cfg(unix)]
#[test]
fn a_new_file_is_readable_as_any_other() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::with(&[("policy.yaml", LAUNCHED)]);
    folder.run("export policy.yaml -o new.bpf");
    let mode = |name| fs::metadata(folder.path(name)).expect("a file").permissions().mode();
    assert_eq!(mode("new.bpf"), mode("policy.yaml"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_or_a_device_is_written_to() {
    let run = run(LAUNCHED, "export policy.yaml --arch x86_64 --output /dev/stdout");
    assert_eq!((run.code, run.bytes), (Some(0), program(LAUNCHED, "x86_64").to_bytes()));
}

#[test]
fn a_file_that_cannot_be_written_exits_with_2() {
    let folder = Folder::with(&[("policy.yaml", LAUNCHED)]);
    for name in ["missing/filter.bpf", "."] {
        let run = folder.run(&format!("export policy.yaml --output {name}"));
        assert_eq!(run.code, Some(2));
        assert!(run.stderr.starts_with(&format!("error: cannot write `{name}`: ")), "{}", run.stderr);
        assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    }
    assert_eq!(folder.files(), ["policy.yaml"]);
}

#[test]
fn a_disabled_policy_is_refused() {
    let folder = Folder::with(&[("policy.yaml", DISABLED)]);
    for format in ["bpf", "asm"] {
        let run = folder.run(&format!("export policy.yaml --format {format} --output filter"));
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
        assert_eq!(
            run.stderr,
            "error: `policy.yaml` has `enabled: false`, so there is no filter to export\n"
        );
    }
    assert_eq!(folder.files(), ["policy.yaml"]);
}

#[test]
fn warnings_do_not_prevent_an_export() {
    let run = run(ODD, "export policy.yaml --arch x86_64");
    assert_eq!((run.code, run.bytes), (Some(0), program(ODD, "x86_64").to_bytes()));
    assert!(run.stderr.starts_with("warning[errno-zero]: "), "{}", run.stderr);
}

#[test]
fn an_unreadable_policy_exits_with_2() {
    let run = run(LAUNCHED, "export missing.yaml");
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert!(run.stderr.starts_with("error: cannot read `missing.yaml`: "), "{}", run.stderr);
}

#[test]
fn an_architecture_that_the_policy_is_not_meant_for_is_a_problem() {
    let run = run(crate::harness::MEANT_FOR_X86, "export policy.yaml --arch riscv64");
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert!(run.stderr.starts_with("error[other-architecture]: "), "{}", run.stderr);
}

#[test]
fn an_export_that_no_program_can_be_started_under_is_warned_of() {
    let run = run(SOUND, "export policy.yaml --arch x86_64");
    assert_eq!((run.code, run.bytes), (Some(0), program(SOUND, "x86_64").to_bytes()));
    assert_eq!(
        run.stderr,
        "warning: no program can be started under this filter: `policy.yaml` refuses `execve`\n |\n \
         = help: for a launcher such as bwrap, allow `execve` in a policy that includes this one; a program that \
         installs the filter itself need not\n"
    );
    let bare = SOUND.replace("\"@rust-std\"", "execve, read");
    let run = crate::harness::run(&bare, "export policy.yaml --arch aarch64");
    let first =
        run.stderr.lines().find(|line| line.contains("no program can be started")).expect("a warning");
    assert!(first.ends_with("refuses `openat`, `fstat`, `mmap`, `mprotect`, `close`"), "{first}");
    assert_eq!(
        crate::harness::run(&bare, "export policy.yaml --format asm").stderr.matches("started").count(),
        0
    );
}

#[test]
fn a_profile_changes_the_order_and_not_the_answers() {
    let policy = "default_action: allow\nsyscalls: [{action: errno, names: [acct, swapon, reboot, bpf, setns, syslog]}]\n";
    let folder = Folder::with(&[
        ("policy.yaml", policy),
        ("wrong.yaml", "reboot: 1000000\nno_such_call: 1\n"),
        ("counts.yaml", "reboot: 1000000\n"),
    ]);
    let run = folder.run("export policy.yaml --arch x86_64 --profile wrong.yaml");
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert!(run.stderr.starts_with("error[unknown-syscall]: "), "{}", run.stderr);
    let run = folder.run("export policy.yaml --arch x86_64 --profile counts.yaml --output filter.bpf");
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_ne!(fs::read(folder.path("filter.bpf")).expect("the file"), program(policy, "x86_64").to_bytes());
    assert_eq!(folder.run("verify policy.yaml --program filter.bpf --arch x86_64").code, Some(0));
    assert_eq!(folder.run("check policy.yaml --arch x86_64 --profile counts.yaml").code, Some(0));
}

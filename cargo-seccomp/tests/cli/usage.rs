//! The command line itself: wrong usage, help and version.

use seccomp_compiler::{Architecture, TABLE_VERSION};

use crate::harness::{Folder, LAUNCHED, ODD, SOUND, run};

/// A shell's `>&-`: Rust's runtime opens `/dev/null` in its place.
#[cfg(unix)]
#[test]
fn a_closed_standard_output_fails_what_writes_there_and_nothing_else() {
    let record = "type=SECCOMP msg=audit(1.000:1): pid=1 comm=\"a\" arch=c000003e syscall=41 code=0x50000\n";
    let folder = Folder::with(&[("policy.yaml", LAUNCHED), ("odd.yaml", ODD), ("audit.log", record)]);
    let exported = folder.run("export policy.yaml --arch x86_64 --output filter.bpf");
    assert_eq!(exported.code, Some(0));
    let redirected = |arguments: &str, redirection: &str| {
        let program = folder.command(arguments);
        let mut shell = std::process::Command::new("sh");
        shell.arg("-c").arg(format!("exec \"$0\" \"$@\" {redirection}")).arg(program.get_program());
        shell.args(program.get_args()).current_dir(folder.path("."));
        crate::harness::Run::from(shell.output().expect("there is a shell"))
    };
    for arguments in [
        "export policy.yaml",
        "export policy.yaml --format asm",
        "check odd.yaml --format json",
        "check policy.yaml --format sarif",
        "violations audit.log",
        "violations audit.log --format ecs",
        "policy show minimal",
        "policy list",
        "sets",
        "effects",
        "explain-code",
        "schema",
        "--help",
    ] {
        let closed = redirected(arguments, ">&-");
        assert_eq!(closed.code, Some(2), "{arguments}: {}", closed.stderr);
        assert!(
            closed.stderr.contains("error: cannot write to standard output: it is closed"),
            "{}",
            closed.stderr
        );
        assert_eq!(redirected(arguments, ">/dev/null").code, Some(0), "{arguments}");
    }
    for arguments in [
        "check policy.yaml --verbose",
        "verify policy.yaml --program filter.bpf --arch x86_64",
        "export policy.yaml --output filter.bpf",
        "policy new minimal",
    ] {
        let closed = redirected(arguments, ">&-");
        assert_eq!((closed.code, closed.stderr.as_str()), (Some(0), ""), "{arguments}");
    }
}

#[test]
fn wrong_usage_exits_with_2_and_goes_to_standard_error() {
    for arguments in [
        "",
        "chek policy.yaml",
        "check policy.yaml --arch x86_64 --all-architectures",
        "check policy.yaml --color sometimes",
        "export policy.yaml --format elf",
        "export policy.yaml other.yaml",
        "violations --format csv",
        "violations --why --follow",
    ] {
        let run = run(SOUND, arguments);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments}");
        assert!(
            run.stderr.contains("Usage: cargo seccomp") || run.stderr.contains("--help"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn an_unknown_architecture_lists_the_known_ones() {
    for (command, name) in
        [("check", "x86-64"), ("export", "x86-64"), ("check", "AMD64"), ("check", "SCMP_ARCH_X86_64")]
    {
        let run = run(SOUND, &format!("{command} policy.yaml --arch {name}"));
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
        assert!(run.stderr.contains("a similar value exists: 'x86_64'"), "{}", run.stderr);
        for architecture in Architecture::all() {
            assert!(run.stderr.contains(architecture.name()), "{architecture} in {}", run.stderr);
        }
    }
}

#[test]
fn cargo_may_pass_the_name_of_the_subcommand() {
    let run = run(SOUND, "seccomp check policy.yaml");
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}

#[test]
fn help_has_examples_and_exit_codes() {
    for arguments in
        ["--help", "check --help", "export --help", "violations --help", "check -h", "seccomp --help"]
    {
        let run = run(SOUND, arguments);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{arguments}");
        for part in ["Usage: cargo seccomp", "Examples:\n  cargo seccomp", "Exit codes:\n  0  success"] {
            assert!(run.stdout.contains(part), "{part} in {}", run.stdout);
        }
    }
}

#[test]
fn version_says_which_system_calls_it_knows() {
    let run = run(SOUND, "--version");
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(run.stdout, format!("cargo-seccomp {version} (system calls of {TABLE_VERSION})\n"));
    assert_eq!(run.code, Some(0));
}

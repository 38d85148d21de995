//! `check`: what is proved, what is skipped, and the worst of several policies.

use std::io;
use std::process::Stdio;

use seccomp_compiler::{Architecture, TABLE_VERSION};

use crate::harness::{DISABLED, Folder, MEANT_FOR_X86, MISTAKEN, ODD, SOUND, compiled, program, run};

#[test]
fn a_sound_policy_is_proved() {
    let run = run(SOUND, "check policy.yaml --arch x86_64");
    let instructions = program(SOUND, "x86_64").instructions.len();
    assert_eq!(
        run.stdout,
        format!(
            "policy.yaml: proved, with the system calls of {TABLE_VERSION}\n  x86_64      {instructions:>4} instructions\n"
        )
    );
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}

#[test]
fn without_an_architecture_the_host_is_checked() {
    let run = run(SOUND, "check policy.yaml");
    let host = Architecture::host().expect("tests run where filters are").name();
    assert!(run.stdout.contains(&format!("\n  {host} ")), "{}", run.stdout);
    assert_eq!(run.stdout.lines().count(), 2);
}

#[test]
fn a_wrong_policy_exits_with_1_and_writes_nothing_to_standard_output() {
    let run = run(MISTAKEN, "check policy.yaml");
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert!(run.stderr.ends_with("error: `policy.yaml` has 3 errors\n"), "{}", run.stderr);
}

#[test]
fn warnings_are_not_a_failure() {
    let run = run(ODD, "check policy.yaml --arch x86_64");
    assert_eq!(run.code, Some(0));
    assert!(run.stdout.starts_with("policy.yaml: proved"), "{}", run.stdout);
    assert!(run.stderr.starts_with("warning[errno-zero]: "), "{}", run.stderr);
    assert!(run.stderr.ends_with("warning: `policy.yaml` has 1 warning\n"), "{}", run.stderr);
}

#[test]
fn only_denied_warnings_are_problems() {
    for (policy, code) in [(ODD, 1), (SOUND, 0), (MISTAKEN, 1)] {
        let run = run(policy, "check policy.yaml --arch x86_64 --deny warnings");
        assert_eq!(run.code, Some(code), "{}", run.stderr);
        let said = run.stderr.ends_with("error: warnings are denied\n");
        assert_eq!(said, policy == ODD, "{}", run.stderr);
    }
}

#[test]
fn a_warning_with_a_reason_is_not_denied() {
    let policy = format!("{ODD}allow_warnings: [errno-zero: nobody reads the result]\n");
    let run = run(&policy, "check policy.yaml --arch x86_64 --deny warnings");
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}

#[test]
fn all_policies_are_checked_and_the_worst_counts() {
    let folder = Folder::with(&[("sound.yaml", SOUND), ("wrong.yaml", MISTAKEN)]);
    let run = folder.run("check wrong.yaml sound.yaml");
    assert_eq!(run.code, Some(1));
    assert!(run.stdout.starts_with("sound.yaml: proved"), "{}", run.stdout);
    assert!(run.stderr.contains("`wrong.yaml` has 3 errors"), "{}", run.stderr);
}

#[test]
fn an_unreadable_policy_is_the_worst_and_the_others_are_still_checked() {
    let folder = Folder::with(&[("sound.yaml", SOUND), ("wrong.yaml", MISTAKEN)]);
    let run = folder.run("check missing.yaml wrong.yaml . sound.yaml");
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.starts_with("error: cannot read `missing.yaml`: "), "{}", run.stderr);
    assert!(run.stderr.contains("\nerror: cannot read `.`: "), "{}", run.stderr);
    assert!(run.stderr.contains("`wrong.yaml` has 3 errors"), "{}", run.stderr);
    assert!(run.stdout.starts_with("sound.yaml: proved"), "{}", run.stdout);
}

#[test]
fn architectures_have_many_names_and_each_is_checked_once() {
    let run = run(SOUND, "check policy.yaml --arch amd64 --arch s390x-unknown-linux-gnu --arch x86_64");
    let names: Vec<&str> =
        run.stdout.lines().skip(1).filter_map(|row| row.split_whitespace().next()).collect();
    assert_eq!((names, run.code), (vec!["x86_64", "s390x"], Some(0)));
}

#[test]
fn a_sound_policy_is_proved_on_all_architectures() {
    let run = run(SOUND, "check policy.yaml --all-architectures");
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(run.stdout.lines().count(), 1 + Architecture::all().count());
    for architecture in Architecture::all() {
        assert!(run.stdout.contains(&format!("\n  {architecture} ")), "{architecture} in {}", run.stdout);
    }
}

#[test]
fn architectures_that_a_policy_is_not_meant_for_are_listed_as_skipped() {
    let run = run(MEANT_FOR_X86, "check policy.yaml --all-architectures");
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 4, "{}", run.stdout);
    let skipped = lines[3]
        .strip_prefix("  skipped, because the policy is not meant for them: ")
        .expect("the last line");
    assert_eq!(skipped.split(", ").count(), Architecture::all().count() - 2);
}

#[test]
fn a_named_architecture_is_not_skipped() {
    let run = run(MEANT_FOR_X86, "check policy.yaml --arch riscv64 --arch i386");
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.starts_with("error[other-architecture]: "), "{}", run.stderr);
    assert!(run.stdout.starts_with("policy.yaml: proved on 1 of 2 architectures"), "{}", run.stdout);
    assert!(run.stdout.contains("\n  riscv64     not proved; see the errors\n"), "{}", run.stdout);
}

/// As where a folder has policies for several architectures.
#[test]
fn a_policy_for_other_architectures_than_this_one_is_skipped_aloud() {
    let host = Architecture::host().expect("tests run where filters are").name();
    let other = if host == "riscv64" { "s390x" } else { "riscv64" };
    let policy = MEANT_FOR_X86.replace("x86_64, i386", other).replace("iopl, ioperm, uselib", "sync");
    let run = run(&policy, "check policy.yaml");
    let expected = format!("policy.yaml: skipped, because the policy is not meant for {host}\n");
    assert_eq!((run.code, run.stdout, run.stderr.as_str()), (Some(0), expected, ""));
}

#[test]
fn several_policies_on_several_architectures_are_summarised() {
    let wrong = SOUND.replace("[\"@rust-std\"]", "[arch_prctl]");
    let files = [("sound.yaml", SOUND), ("x86.yaml", MEANT_FOR_X86), ("wrong.yaml", wrong.as_str())];
    let folder = Folder::with(&files);
    let all = Architecture::all().count();
    let run = folder.run("check sound.yaml x86.yaml wrong.yaml --all-architectures");
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines[0].starts_with(&format!("sound.yaml: proved on {all} architectures, ")), "{}", run.stdout);
    assert!(lines[0].ends_with(" instructions"), "{}", run.stdout);
    assert!(lines[1].starts_with("x86.yaml: proved on 2 architectures, "), "{}", run.stdout);
    let skipped = format!("  skipped, because the policy is not meant for them: {} architectures", all - 2);
    assert_eq!(lines[2], skipped);
    assert!(lines[3].starts_with("wrong.yaml: proved on "), "{}", run.stdout);
    assert!(lines[4..].iter().all(|line| line.ends_with("not proved; see the errors")), "{}", run.stdout);
    assert!(lines.len() > 10 && lines.len() < all + 4, "{}", run.stdout);
    let verbose = folder.run("check sound.yaml x86.yaml --all-architectures --verbose");
    assert_eq!(verbose.stdout.lines().count(), 1 + all + 1 + 2 + 1, "{}", verbose.stdout);
}

#[test]
fn quiet_shows_problems_alone() {
    let run = run(ODD, "check policy.yaml --arch x86_64 --quiet");
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""));
    assert!(run.stderr.starts_with("warning[errno-zero]: "), "{}", run.stderr);
    assert!(run.stderr.ends_with("warning: `policy.yaml` has 1 warning\n"), "{}", run.stderr);
}

#[test]
fn skipping_hides_no_mistake() {
    let policy = MEANT_FOR_X86.replace("uselib", "usleib").replace("i386]", "i368]");
    let run = run(&policy, "check policy.yaml --all-architectures");
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("error[unknown-syscall]: unknown system call `usleib`"), "{}", run.stderr);
    assert!(
        run.stderr.contains("error[unknown-architecture]: unknown architecture `i368`"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("other-architecture"), "{}", run.stderr);
}

#[test]
fn verbose_shows_the_size_of_the_proof() {
    let run = run(SOUND, "check policy.yaml --arch x86_64 --verbose");
    let proof = compiled(SOUND, "x86_64").verified.proof();
    let nodes = format!("{} diagram nodes", proof.nodes);
    let cached = format!("{} cached calls", proof.cached);
    for figure in [" instructions", &nodes, &cached, " ms\n"] {
        assert!(run.stdout.contains(figure), "{figure} in {}", run.stdout);
    }
}

#[test]
fn verbose_shows_which_abis_compat_covers() {
    let policy = format!("compat: true\n{SOUND}");
    let run = run(&policy, "check policy.yaml --arch x86_64 --arch riscv64 --verbose");
    let rows: Vec<&str> = run.stdout.lines().skip(1).collect();
    assert!(rows[0].ends_with(" ms; also covers i386 and x32"), "{}", rows[0]);
    assert!(
        rows[1].ends_with(" ms; `compat` has no effect: there is no other ABI that a filter can tell apart"),
        "{}",
        rows[1]
    );
}

#[test]
fn verbose_lists_what_each_effect_came_to() {
    let policy = "{default_action: allow, syscalls: [{action: errno, effects: [new-processes]}]}";
    let verbose = run(policy, "check policy.yaml --arch x86_64 --verbose");
    let rows: Vec<&str> = verbose.stdout.lines().skip(2).collect();
    assert_eq!(
        rows,
        [
            "    new-processes: errno(EPERM) for fork, vfork, clone(clone_flags BitsNotSet CLONE_THREAD)",
            "    new-processes: errno(ENOSYS) for clone3",
        ]
    );
    let quiet = run(policy, "check policy.yaml --arch x86_64");
    assert_eq!(quiet.stdout.lines().count(), 2);
}

#[test]
fn verbose_lists_the_effects_that_are_promised() {
    let policy = format!("{SOUND}expect: [{{action: refused, effects: [exec, network]}}]\n");
    let verbose = run(&policy, "check policy.yaml --arch x86_64 --verbose");
    let rows: Vec<&str> = verbose.stdout.lines().skip(2).collect();
    assert_eq!(
        rows,
        ["    exec: refused, as expected", "    network: refused, as expected"],
        "{}",
        verbose.stderr
    );
}

#[test]
fn a_disabled_policy_is_checked_and_reported_as_disabled() {
    let run = run(DISABLED, "check policy.yaml --arch x86_64");
    assert_eq!(run.code, Some(0));
    let headline = run.stdout.lines().next().expect("a line");
    assert!(headline.ends_with("; not installed, because of `enabled: false`"), "{headline}");
}

#[test]
fn a_closed_pipe_is_not_a_failure() {
    for (policy, code) in [(SOUND, 0), (MEANT_FOR_X86, 0), (MISTAKEN, 1)] {
        let folder = Folder::with(&[("policy.yaml", policy)]);
        let (reader, writer) = io::pipe().expect("a pipe");
        drop(reader);
        let mut command = folder.command("check policy.yaml --all-architectures");
        let status = command.stdout(writer).stderr(Stdio::null()).status().expect("the command starts");
        assert_eq!(status.code(), Some(code));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn results_that_cannot_be_written_are_a_failure() {
    let folder = Folder::with(&[("policy.yaml", SOUND)]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let output = folder.command("check policy.yaml").stdout(full).output().expect("the command starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr.starts_with("error: cannot write to standard output: "), "{stderr}");
    assert_eq!(stderr.lines().count(), 1);
}

#[test]
fn refusals_that_are_only_logged_are_warned_of() {
    let warning =
        "warning: with `--refusals log`, the filter of `policy.yaml` refuses nothing and only logs\n";
    for command in ["check", "export --format asm"] {
        let logs = run(SOUND, &format!("{command} policy.yaml --arch x86_64 --refusals log"));
        assert_eq!((logs.code, logs.stderr.as_str()), (Some(0), warning));
        let traps = run(SOUND, &format!("{command} policy.yaml --arch x86_64 --refusals trap"));
        assert_eq!((traps.code, traps.stderr.as_str()), (Some(0), ""));
    }
    let listing = |refusals: &str| {
        run(SOUND, &format!("export policy.yaml --arch x86_64 --format asm {refusals}")).stdout
    };
    let (plain, logs, traps) = (listing(""), listing("--refusals log"), listing("--refusals trap"));
    assert!(plain.contains("errno(EPERM)") && plain.contains("kill_process"), "{plain}");
    for (listing, action) in [(logs, "log"), (traps, "trap")] {
        assert!(listing.contains(action), "{listing}");
        // Calls that are newer than the table still get ENOSYS, on which libraries fall back.
        assert!(!listing.contains("errno(EPERM)") && !listing.contains("kill_process"), "{listing}");
    }
}

#[cfg(unix)]
#[test]
fn what_may_never_end_is_not_read() {
    let folder = Folder::with(&[("sound.yaml", SOUND)]);
    let made = std::process::Command::new("mkfifo").arg(folder.path("pipe")).status();
    assert!(made.is_ok_and(|status| status.success()));
    for arguments in
        ["check pipe", "export pipe", "check sound.yaml --profile pipe", "verify sound.yaml --program pipe"]
    {
        let run = folder.run(arguments);
        let said = "error: cannot read `pipe`: it is not a regular file\n";
        assert_eq!((run.code, run.stderr.as_str()), (Some(2), said), "{arguments}");
    }
}

#[cfg(unix)]
#[test]
fn no_name_of_a_file_commands_a_terminal() {
    let name = "a\x1b[2Jb.yaml";
    let folder = Folder::with(&[(name, MISTAKEN), ("sound\x1b[2J.yaml", SOUND)]);
    let run = folder.run(&format!("check {name} sound\x1b[2J.yaml missing\x1b[2J.yaml --color always"));
    let text = format!("{}{}", run.stdout, run.stderr);
    assert!(!text.contains("\x1b[2J"), "{text:?}");
    for part in [
        "a\\u{1b}[2Jb.yaml:1:17",
        "`a\\u{1b}[2Jb.yaml` has 3 errors",
        "sound\\u{1b}[2J.yaml: proved",
        "cannot read `missing\\u{1b}[2J.yaml`: no such file",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn a_file_that_is_missing_is_missing_in_the_same_words_everywhere() {
    for arguments in [
        "check missing",
        "export missing",
        "check policy.yaml --profile missing",
        "verify policy.yaml --program missing",
        "violations --source missing",
        "violations --source - --policy missing",
    ] {
        let run = run(SOUND, arguments);
        let said = "error: cannot read `missing`: no such file\n";
        assert_eq!((run.code, run.stderr.as_str()), (Some(2), said), "{arguments}");
    }
}

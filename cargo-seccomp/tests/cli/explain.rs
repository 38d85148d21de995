//! What the command knows without a policy: codes, sets, effects and the schema.

use seccomp_compiler::{Architecture, Code, Effect, sets};

use crate::harness::{SOUND, run};

#[test]
fn every_code_is_explained_by_its_own_section() {
    for code in Code::all() {
        let run = run(SOUND, &format!("explain-code {}", code.name()));
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        let start = format!("{}\n\n", code.name());
        assert!(run.stdout.starts_with(&start), "{}", run.stdout);
        assert!(run.stdout.len() > start.len() + 40, "{}", run.stdout);
        assert!(!run.stdout.contains("\n## "), "{}", run.stdout);
    }
}

#[test]
fn codes_are_listed_with_their_severity() {
    let run = run(SOUND, "explain-code");
    assert_eq!((run.code, run.stdout.lines().count()), (Some(0), Code::all().count()));
    assert!(
        run.stdout.contains(
            "unknown-syscall          error    No Linux architecture has a system call of this name"
        ),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("drift                    warning  "), "{}", run.stdout);
}

#[test]
fn an_unknown_code_set_or_effect_exits_with_2_and_names_the_nearest() {
    let cases = [
        ("explain-code unknown-sycall", "did you mean `unknown-syscall`?"),
        ("explain-code E0001", "`cargo seccomp explain-code` lists them"),
        ("sets @rust-sdt", "did you mean `@rust-std`?"),
        ("sets epol_wait", "did you mean `epoll_wait`?"),
        ("sets everything", "`cargo seccomp sets` lists them"),
        ("effects exce", "did you mean `exec`?"),
        ("effects everything", "`cargo seccomp effects` lists them"),
    ];
    for (arguments, answer) in cases {
        let run = run(SOUND, arguments);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments}");
        assert!(run.stderr.contains(answer), "{}", run.stderr);
    }
}

#[test]
fn sets_are_listed_with_the_calls_that_an_architecture_has() {
    let run = run(SOUND, "sets --arch aarch64");
    assert_eq!((run.code, run.stdout.lines().count()), (Some(0), sets().count()));
    let keyring = "@keyring             3 calls  the kernel's key store";
    assert!(run.stdout.lines().any(|line| line == keyring), "{}", run.stdout);
}

#[test]
fn only_the_members_that_the_architecture_has_are_listed() {
    for (name, members) in sets() {
        for architecture in ["x86_64", "riscv32"] {
            let found = run(SOUND, &format!("sets {name} --arch {architecture}")).stdout;
            let architecture = Architecture::find(architecture).expect("it is in the table");
            let here = members.iter().filter(|member| architecture.syscall_number(member).is_some());
            assert!(found.lines().eq(here.copied()), "{name} on {architecture}: {found}");
        }
    }
}

#[test]
fn for_a_call_the_sets_that_hold_it_are_listed() {
    let run = run(SOUND, "sets epoll_wait --arch x86_64");
    let listed: Vec<&str> = run.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let holding: Vec<&str> =
        sets().filter(|(_, members)| members.contains(&"epoll_wait")).map(|(set, _)| set).collect();
    assert_eq!((run.code, listed, run.stderr.as_str()), (Some(0), holding, ""));
}

#[test]
fn what_no_set_or_architecture_has_is_noted() {
    let absent = run(SOUND, "sets epoll_wait --arch aarch64");
    assert_eq!((absent.code, absent.stderr.as_str()), (Some(0), "note: aarch64 has no `epoll_wait`\n"));
    let run = run(SOUND, "sets arm_sync_file_range --arch arm");
    let note = "note: no set holds `arm_sync_file_range`\n";
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "", note));
}

#[test]
fn several_sets_and_calls_each_have_a_heading() {
    let run = run(SOUND, "sets keyring add_key sync --arch x86_64");
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[..5], ["@keyring:", "  add_key", "  keyctl", "  request_key", "add_key:"]);
    // A name that is both is the call's.
    assert!(lines.contains(&"sync:") && !lines.contains(&"@sync:"), "{}", run.stdout);
}

#[test]
fn effects_are_listed_and_every_route_to_one_with_its_call() {
    let all = run(SOUND, "effects");
    assert_eq!((all.code, all.stdout.lines().count()), (Some(0), Effect::all().count()));
    let mut of_calls: std::collections::HashMap<&str, String> = std::collections::HashMap::new();
    for effect in Effect::all() {
        let routes = run(SOUND, &format!("effects {}", effect.name)).stdout;
        for route in effect.routes() {
            let starts = |line: &str| line.starts_with(&format!("{route}: ")) && line.contains(route.source);
            assert!(routes.lines().any(starts), "{route}: {routes}");
            let own = of_calls.entry(route.call);
            let own = own.or_insert_with(|| run(SOUND, &format!("effects {}", route.call)).stdout);
            let is_told = own.lines().any(|line| line.starts_with(effect.name));
            assert!(is_told || Effect::find(route.call).is_some(), "{route}: {own}");
        }
    }
    let exec = run(SOUND, "effects exec").stdout;
    assert!(exec.contains("execveat: since Linux 3.19; on all architectures; see execveat(2)\n"), "{exec}");
    let mapped = run(SOUND, "effects mmap2").stdout;
    assert!(
        mapped.contains(
            "executable-memory, if prot BitsSet PROT_EXEC: hidden from filters; on s390; see mmap(2)\n"
        ),
        "{mapped}"
    );
    assert_eq!(run(SOUND, "effects getpid").stdout, "`getpid` has none of these effects\n");
}

#[test]
fn the_schema_is_printed_for_an_editor() {
    let run = run(SOUND, "schema");
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert!(run.stdout.starts_with("{\n  \"$schema\": "), "{:.80}", run.stdout);
    assert_eq!(run.stdout, seccomp_compiler::schema());
}

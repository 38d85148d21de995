//! Times what a promise, and the warning about holes, add to compiling a policy of about 60 instructions: each line has
//! the microseconds of processor time without and with it, the least of several runs.

use std::path::Path;

use nix::time::{ClockId, clock_gettime};
use seccomp_compiler::{Architecture, Compiler, SourceFile};

const TIMES: usize = 40;

const PROMISES: [&str; 3] = [
    "\nexpect:\n- {action: refused, effects: [kernel-code]}\n",
    "\nexpect:\n- {action: refused, names: [reboot]}\n",
    "\nexpect:\n- {action: refused, effects: [kernel-code, reboot, swap-and-quota, mount, keyrings]}\n",
];

fn main() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/container-default.yaml");
    let Some(x86_64) = Architecture::find("x86_64") else { return };
    let Ok(policy) = std::fs::read_to_string(path) else { return };
    // It may have promises of its own.
    let policy = policy.split("\nexpect:").next().unwrap_or_default();
    let without = microseconds(policy, x86_64);
    for promise in PROMISES {
        println!("{without} {}", microseconds(&format!("{policy}{promise}"), x86_64));
    }
    // Holes are only looked for where something is refused; the program is the same in all else.
    let blocklist = |action: &str| {
        let sets =
            "'@chown', '@clock', '@keyring', '@module', '@mount', '@raw-io', '@reboot', '@setuid', '@swap'";
        let others =
            "ptrace, process_vm_writev, unshare, personality, execve, socket, connect, openat, chmod";
        format!("default_action: allow\nsyscalls:\n- {{action: {action}, names: [{sets}, {others}]}}\n")
    };
    println!("{} {}", microseconds(&blocklist("log"), x86_64), microseconds(&blocklist("errno"), x86_64));
}

fn microseconds(policy: &str, architecture: &'static Architecture) -> i64 {
    let file = SourceFile::new("policy.yaml", policy);
    let now = || {
        clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)
            .map_or(0, |now| now.tv_sec() * 1_000_000 + now.tv_nsec() / 1000)
    };
    let one = || {
        let start = now();
        let compiled = Compiler::for_architecture(architecture).compile(&file);
        let spent = now() - start;
        compiled.is_ok().then_some(spent)
    };
    // A policy that does not compile is no figure.
    (0..TIMES).filter_map(|_| one()).min().unwrap_or(-1)
}

//! How long programs are, against the plainest of the same meaning.

use seccomp_compiler::{Architecture, Call, Compiler, SourceFile, sets};

/// Sets of calls of which a program as short as the chain takes much longer than a tree, somewhere:
/// `cargo run --release -p benches -- corpus` shows what bounds them.
const SLOW_AS_A_CHAIN: [&str; 6] = ["@chown", "@clock", "@debug", "@process", "@resources", "@sync"];

#[test]
fn an_allowlist_is_no_longer_than_a_chain_of_tests() {
    for name in ["aarch64", "arm", "i386", "riscv64", "s390x"] {
        let architecture = Architecture::find(name).expect("it is in the table");
        for (set, _) in sets().filter(|(set, _)| !SLOW_AS_A_CHAIN.contains(set)) {
            let text = format!(
                "default_action: errno\nnewer_syscalls: errno\nsyscalls: [{{action: allow, names: ['{set}']}}]\n"
            );
            let compiled = Compiler::for_architecture(architecture)
                .compile(&SourceFile::new(set, text))
                .expect("the set is on each");
            let mut numbers: Vec<u32> =
                compiled.rules().abis[0].rules.iter().map(|rule| rule.number).collect();
            numbers.sort_unstable();
            let rows = numbers.chunk_by(|number, next| number + 1 == *next);
            let tests: usize = rows.map(|row| if row.len() == 1 || row[0] == 0 { 1 } else { 2 }).sum();
            // The architecture, its test and the number; the answers to foreign, to listed and to other calls.
            let chain = 3 + tests + 3;
            let length = compiled.program().instructions.len();
            assert!(length <= chain, "{set} on {name}: {length} instructions, {chain} in a chain");
        }
    }
}

/// As the second call's tests are those of the first, they are looked for once and stand there once.
#[test]
fn calls_with_the_same_conditions_share_their_tests() {
    let aarch64 = Architecture::find("aarch64").expect("it is in the table");
    let values = |name: &str| {
        let entry = |value: u32| {
            let value = value * 37 % 1009;
            format!("  - {{name: {name}, arguments: [{{argument: 1, operation: Equal, value: {value}}}]}}\n")
        };
        (0..60).map(entry).collect::<String>()
    };
    let length = |entries: &str| {
        let text =
            format!("default_action: errno\nsyscalls:\n- action: allow\n  names_with_args:\n{entries}");
        let compiled = Compiler::for_architecture(aarch64)
            .compile(&SourceFile::new("shared", text))
            .expect("it compiles");
        compiled.program().instructions.len()
    };
    let (one, two) = (length(&values("fcntl")), length(&(values("fcntl") + &values("ioctl"))));
    assert!(two <= one + 2, "{one} instructions for one call, {two} for two");
}

/// What finds a value goes with the logarithm of how many there are, not with the place of its rule. No program has room
/// for many more.
#[test]
fn many_values_of_an_argument_are_halved() {
    let x86_64 = Architecture::find("x86_64").expect("it is in the table");
    let entry = |at: u32| {
        let value = at.wrapping_mul(2_654_435_761);
        format!("  - {{name: ioctl, arguments: [{{argument: cmd, operation: Equal, value: {value}}}]}}\n")
    };
    let entries: String = (0..2500).map(entry).collect();
    let text = format!("default_action: errno\nsyscalls:\n- action: allow\n  names_with_args:\n{entries}");
    let compiled =
        Compiler::for_architecture(x86_64).compile(&SourceFile::new("values", text)).expect("it compiles");
    let ioctl = x86_64.syscall_number("ioctl").expect("it is in the table");
    let program = compiled.program();
    let worst = (0..2500).map(|at: u32| {
        let value = u64::from(at.wrapping_mul(2_654_435_761));
        let call = Call { number: ioctl, arguments: [0, value, 0, 0, 0, 0], ..Call::default() };
        program.executed(&Call { arch: x86_64.audit(), ..call }).expect("it is a program")
    });
    let worst = worst.max().expect("there are values");
    assert!(worst <= 24, "{worst}");
}

/// As long a program whose tree splits near where shorter ones do executes a sixth more.
#[test]
fn the_best_tree_may_split_far_from_where_shorter_ones_do() {
    let powerpc = Architecture::find("powerpc").expect("it is in the table");
    let text = "default_action: allow\nsyscalls:\n- action: errno\n  names: [brk, chroot, getegid, signal, symlink]\n\
                - action: log\n  names: [ftruncate, rmdir]\n\
                - action: kill_process\n  names: [sethostname, ssetmask, umask]\n";
    let compiled =
        Compiler::for_architecture(powerpc).compile(&SourceFile::new("split", text)).expect("it compiles");
    let program = compiled.program();
    let calls = powerpc.table().map(|number| Call { arch: powerpc.audit(), number, ..Call::default() });
    let (count, all) = (calls.len(), calls.filter_map(|call| program.executed(&call)).sum::<usize>());
    assert!(program.instructions.len() <= 18 && all <= count * 15 / 2, "{all} for {count} calls");
}

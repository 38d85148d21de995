//! The other doors of this architecture: i386's `int 0x80` and the numbers of x32.

use seccomp_compiler::{Architecture, Verdict};
use seccomp_runtime::{Errno, Filter, include_policy};
use seccomp_tests::kernel::attempt::{Attempt, Door, Outcome, Stage, Value};
use seccomp_tests::kernel::{
    Ended, chmod, dies_of_sigsys, getppid, getppid_by_int80, getppid_of_x32, in_child, install, passes,
};
use seccomp_tests::programs;

static ALLOWS: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: errno, names: [ptrace]}]}");
static ANSWERS_FOREIGNERS: Filter = include_policy!(
    yaml = "
default_action: allow
foreign_architecture: errno(ENOSYS)
syscalls: [{action: errno, names: [ptrace]}]
"
);
static NO_4755: Filter = include_policy!(
    yaml = "
default_action: allow
syscalls:
- action: errno
  names_with_args: [{name: chmod, arguments: [{argument: 1, operation: Equal, value: 0o4755}]}]
"
);

/// 64 is getppid on i386, and semget here.
static COVERS_I386: Filter = include_policy!(
    yaml = "
default_action: allow
compat: true
syscalls:
- action: errno
  names: [semget]
- action: errno(EXDEV)
  architectures: [i386]
  names: [getppid]
"
);
static ALLOWS_I386: Filter = include_policy!(
    yaml = "
default_action: allow
compat: true
syscalls:
- action: errno
  names: [semget]
"
);

static NO_DESCRIPTOR_7: Filter = include_policy!(
    yaml = "
default_action: allow
compat: true
syscalls:
- action: errno(EXDEV)
  names_with_args:
  - {name: writev, arguments: [{argument: fd, operation: Equal, value: 7}]}
"
);

/// Whether this kernel takes calls of i386 at all; without them `int 0x80` is a fault.
pub(crate) fn has_i386() -> bool {
    let parent = i32::try_from(std::process::id()).expect("a process's number is an int");
    let (ended, _) = in_child(|| assert_eq!(getppid_by_int80(), parent));
    if ended != Ended::Exited(0) {
        seccomp_tests::skipped(format_args!("this kernel has no i386 calls (int 0x80 ended as {ended:?})"));
    }
    ended == Ended::Exited(0)
}

#[test]
fn int80_is_killed_even_where_everything_is_allowed() {
    if has_i386() {
        dies_of_sigsys(|| {
            ALLOWS.install().expect("the kernel takes it");
            let _result = getppid_by_int80();
        });
    }
}

#[test]
fn int80_gets_what_the_policy_says_of_foreign_architectures() {
    if has_i386() {
        passes(|| {
            let before = getppid();
            ANSWERS_FOREIGNERS.install().expect("the kernel takes it");
            assert_eq!(getppid_by_int80(), -libc::ENOSYS);
            assert_eq!(getppid(), before);
        });
    }
}

#[test]
fn int80_is_judged_by_the_rules_of_i386_under_compat() {
    if has_i386() {
        passes(|| {
            let before = getppid();
            let parent =
                i32::try_from(before.expect("it cannot fail")).expect("a process's number is an int");
            ALLOWS_I386.install().expect("the kernel takes it");
            assert_eq!(getppid_by_int80(), parent, "its number here is that of a refused call");
            COVERS_I386.install().expect("the kernel takes it");
            assert_eq!(getppid_by_int80(), -libc::EXDEV);
            assert_eq!(getppid(), before);
        });
    }
}

/// A kernel without x32 answers ENOSYS too, so a filter below answers first where the policy would let them pass.
#[test]
fn x32_numbers_are_enosys_even_where_everything_is_allowed() {
    const X32_BIT: u32 = 0x4000_0000;
    passes(|| {
        install(&programs::answering_from(X32_BIT, Verdict::Errno(0x123))).expect("the kernel takes it");
        assert_eq!(getppid_of_x32(), Err(Errno(0x123)));
        ALLOWS.install().expect("the kernel takes it");
        assert_eq!(getppid_of_x32(), Err(Errno(libc::ENOSYS)));
    });
}

#[test]
fn the_mode_of_chmod_is_compared_on_16_bits() {
    passes(|| {
        NO_4755.install().expect("the kernel takes it");
        for mode in [0o4755, 0xabc1_0000 | 0o4755] {
            assert_eq!(chmod(mode), Err(Errno(libc::EPERM)), "{mode:#x}");
        }
        assert_eq!(chmod(0xabc1_0000 | 0o755), Err(Errno(libc::EFAULT)));
    });
}

/// writev(2) of no vectors to a descriptor, as the register has it, in a process of its own.
fn writev(stage: &Stage, door: Door, architecture: &str, fd: u64) -> Outcome {
    let architecture = Architecture::find(architecture).expect("it is in the table");
    let number = architecture.syscall_number("writev").expect("it has the call");
    let mut arguments = [Value::Bits(0); 6];
    arguments[0] = Value::Bits(fd);
    stage.attempt(door, &[Attempt { number, arguments }], None)
}

/// The kernel takes the descriptor from the lower half of the register, and so does the filter, also where it is shown
/// all of a 64-bit process's registers by a call of i386.
#[test]
fn no_upper_half_of_a_register_gets_past_a_rule() {
    let doors = [(Door::Native, "x86_64"), (Door::Int80, "i386")];
    for (door, architecture) in doors.into_iter().filter(|(door, _)| *door == Door::Native || has_i386()) {
        passes(|| {
            let stage = Stage::new();
            NO_DESCRIPTOR_7.install().expect("the kernel takes it");
            for upper in [0, 1 << 32, 1 << 63, u64::MAX << 32] {
                let refused = writev(&stage, door, architecture, 7 | upper);
                assert_eq!(refused, Outcome::Returned([-libc::EXDEV, 0], 0), "{architecture}: {upper:#x}");
                let missing = writev(&stage, door, architecture, 0x7777 | upper);
                assert_eq!(missing, Outcome::Returned([-libc::EBADF, 0], 0), "{architecture}: {upper:#x}");
            }
        });
    }
}

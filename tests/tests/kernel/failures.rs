//! Each step of installing fails with its own error, and leaves the process without the filter. Most of the failures
//! are what a strict filter below answers, as a container's would.

use seccomp_compiler::{Instruction, Verdict};
use seccomp_runtime::{Errno, Filter, Flag, InstallError, Refusal, include_policy};
use seccomp_tests::kernel::{getppid, install, passes};
use seccomp_tests::programs;

use crate::status::Status;

static REFUSES: Filter =
    include_policy!(yaml = "{default_action: allow, syscalls: [{action: errno(EXDEV), names: [getppid]}]}");
static WITH_ALL_FLAGS: Filter = include_policy!(
    yaml = "{flags: [tsync, log, spec_allow], default_action: allow, syscalls: [{action: errno, names: [getppid]}]}"
);

fn errno(number: libc::c_int) -> Verdict {
    Verdict::Errno(number.try_into().expect("an errno"))
}

/// Under a filter below, `filter` is not installed for this reason, and its rules are not in force.
#[track_caller]
fn fails_under(below: &[Instruction], filter: &'static Filter, reason: InstallError) {
    passes(|| {
        let before = getppid();
        install(below).expect("the kernel takes it");
        assert_eq!(filter.install(), Err(reason));
        assert_eq!(filter.install_on_current_thread(), Err(reason));
        assert_eq!(getppid(), before);
        assert!(Status::now().no_new_privs);
    });
}

#[test]
fn more_instructions_than_a_thread_may_have_are_out_of_memory() {
    passes(|| {
        let before = getppid();
        // Long programs first, then short ones, until not even one of those fits.
        let shorter = programs::answering(libc::SYS_ptrace, errno(libc::EPERM));
        for program in [programs::longest(), shorter] {
            let fit = (0..8192).take_while(|_| install(&program).is_ok()).count();
            assert!((1..8192).contains(&fit), "{fit} programs of {} instructions fit", program.len());
        }
        assert_eq!(REFUSES.install(), Err(InstallError::OutOfMemory));
        assert_eq!(getppid(), before);
    });
}

#[test]
fn a_prctl_that_is_refused_is_no_new_privs() {
    let below = programs::answering(libc::SYS_prctl, errno(libc::EACCES));
    fails_under(&below, &REFUSES, InstallError::NoNewPrivs(Errno(libc::EACCES)));
}

#[test]
fn a_seccomp_that_is_refused_is_the_other_filter_s_errno() {
    // The kernel's own EACCES is for a caller without no_new_privs.
    for number in [libc::EPERM, libc::EACCES] {
        let below = programs::answering(libc::SYS_seccomp, errno(number));
        fails_under(&below, &REFUSES, InstallError::RefusedByFilter(Errno(number)));
    }
}

/// The kernel gives these two for want of filters as well, but under a filter they cannot be the kernel's.
#[test]
fn enosys_and_einval_of_everything_are_the_other_filter_s() {
    for number in [libc::ENOSYS, libc::EINVAL] {
        let below = programs::answering(libc::SYS_seccomp, errno(number));
        fails_under(&below, &REFUSES, InstallError::RefusedByFilter(Errno(number)));
    }
}

#[test]
fn a_filter_that_answers_with_success_is_seen_through() {
    let below = programs::answering(libc::SYS_seccomp, Verdict::Errno(0));
    fails_under(&below, &REFUSES, InstallError::FalseSuccess);
    fails_under(&below, &WITH_ALL_FLAGS, InstallError::FalseSuccess);
}

#[test]
fn einval_of_one_flag_names_the_flag() {
    let flags = [(2, Flag::Log), (4, Flag::SpecAllow)];
    for (bit, flag) in flags {
        let below = programs::answering_bits(libc::SYS_seccomp, 1, bit, errno(libc::EINVAL));
        fails_under(&below, &WITH_ALL_FLAGS, InstallError::Refused(Refusal::Flag(flag)));
    }
}

#[test]
fn einval_of_tsync_names_it_and_install_on_current_thread_does_without() {
    passes(|| {
        install(&programs::answering_bits(libc::SYS_seccomp, 1, 1, errno(libc::EINVAL)))
            .expect("the kernel takes it");
        assert_eq!(REFUSES.install(), Err(InstallError::Refused(Refusal::Flag(Flag::Tsync))));
        assert_eq!(REFUSES.install_on_current_thread(), Ok(()));
        assert_eq!(getppid(), Err(Errno(libc::EXDEV)));
    });
}

#[test]
fn einval_of_a_program_alone_is_the_program() {
    let below = programs::answering_bits(libc::SYS_seccomp, 2, u32::MAX, errno(libc::EINVAL));
    fails_under(&below, &REFUSES, InstallError::Refused(Refusal::Program));
}

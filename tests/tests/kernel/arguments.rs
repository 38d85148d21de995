//! An argument is compared on the bits that the kernel reads: garbage in the others opens nothing.

#![cfg(target_pointer_width = "64")]

use seccomp_runtime::{Errno, Filter, include_policy};
use seccomp_tests::kernel::{fchmodat, ioctl, passes, socket};

static NO_TIOCSTI: Filter = include_policy!(
    yaml = "
default_action: allow
syscalls:
- action: errno
  names_with_args: [{name: ioctl, arguments: [{argument: 1, operation: Equal, value: TIOCSTI}]}]
"
);
static NO_PACKETS: Filter = include_policy!(
    yaml = "
default_action: allow
syscalls:
- action: errno
  names_with_args: [{name: socket, arguments: [{argument: 0, operation: Equal, value: AF_PACKET}]}]
"
);
static ONLY_UNIX: Filter = include_policy!(
    yaml = "
default_action: allow
syscalls:
- action: errno
  names_with_args: [{name: socket, arguments: [{argument: 0, operation: NotEqual, value: AF_UNIX}]}]
"
);
static NO_SET_USER_ID: Filter = include_policy!(
    yaml = "
default_action: allow
syscalls:
- action: errno
  names_with_args: [{name: fchmodat, arguments: [{argument: 2, operation: BitsSet, value: 0o4000}]}]
"
);
static NO_4755: Filter = include_policy!(
    yaml = "
default_action: allow
syscalls:
- action: errno
  names_with_args: [{name: fchmodat, arguments: [{argument: 2, operation: Equal, value: 0o4755}]}]
"
);

const REFUSED: Result<libc::c_long, Errno> = Err(Errno(libc::EPERM));

/// Values with the same low 32 bits.
fn with_garbage(value: usize) -> impl Iterator<Item = usize> {
    [0, 1, 1 << 31, 0xffff_ffff, 0xdead_beef].into_iter().map(move |high| value | high << 32)
}

fn positive(value: impl TryInto<usize>) -> usize {
    value.try_into().ok().expect("the constant is not negative")
}

#[test]
fn tiocsti_is_refused_whatever_the_high_half_of_the_request() {
    passes(|| {
        NO_TIOCSTI.install().expect("the kernel takes it");
        for request in with_garbage(positive(libc::TIOCSTI)) {
            assert_eq!(ioctl(request), REFUSED, "{request:#x}");
        }
        for request in with_garbage(positive(libc::TIOCSTI) + 1) {
            assert_eq!(ioctl(request), Err(Errno(libc::EBADF)), "{request:#x}");
        }
    });
}

#[test]
fn a_socket_s_domain_is_refused_whatever_its_high_half() {
    passes(|| {
        let unfiltered = socket(positive(libc::AF_UNIX));
        assert_ne!(unfiltered, REFUSED);
        NO_PACKETS.install().expect("the kernel takes it");
        for domain in with_garbage(positive(libc::AF_PACKET)) {
            assert_eq!(socket(domain), REFUSED, "{domain:#x}");
        }
        for domain in with_garbage(positive(libc::AF_UNIX)) {
            assert_eq!(socket(domain), unfiltered, "{domain:#x}");
        }
    });
}

#[test]
fn a_socket_s_domain_is_let_through_whatever_its_high_half() {
    passes(|| {
        let unfiltered = socket(positive(libc::AF_UNIX));
        ONLY_UNIX.install().expect("the kernel takes it");
        for domain in with_garbage(positive(libc::AF_UNIX)) {
            assert_eq!(socket(domain), unfiltered, "{domain:#x}");
        }
        for domain in with_garbage(positive(libc::AF_PACKET)) {
            assert_eq!(socket(domain), REFUSED, "{domain:#x}");
        }
    });
}

#[test]
fn a_mode_is_compared_on_16_bits() {
    for filter in [&NO_SET_USER_ID, &NO_4755] {
        passes(|| {
            filter.install().expect("the kernel takes it");
            for mode in [0o4755, 0xabc1_0000 | 0o4755, 0xffff_ffff_ffff_0000 | 0o4755] {
                assert_eq!(fchmodat(mode), REFUSED, "{mode:#x}");
            }
            for mode in [0o755, 0xabc1_0000 | 0o755] {
                assert_eq!(fchmodat(mode), Err(Errno(libc::EFAULT)), "{mode:#x}");
            }
        });
    }
}

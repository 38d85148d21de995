//! A program that makes calls which its policy does not list.

use seccomp_tests::kernel;

#[seccomp_runtime::policy("policies/unlisted.yaml", report = "errno(EPERM)")]
fn main() {
    let internet = usize::try_from(libc::AF_INET).expect("it is small");
    let stream = usize::try_from(libc::SOCK_STREAM | libc::SOCK_CLOEXEC).expect("it is positive");
    let calls =
        [kernel::getppid(), kernel::mknodat(), kernel::socket_of_type(internet, stream), kernel::newer()];
    for call in calls {
        call.expect_err("it is refused");
    }
}

//! A program that makes a call which its filter refuses or logs, some number of times: its arguments say which, and how
//! often. For `tests/emulated/logs`, which knows what records come of it.

use seccomp_tests::kernel;

#[seccomp_runtime::policy(yaml = "
default_action: allow
foreign_architecture: errno(ENOSYS)
flags: [log]
syscalls:
- {action: errno, names: [getppid]}
- {action: log, names: [socket]}
- {action: trap, names: [ioctl]}
- {action: kill_process, names: [fchmodat]}
- {action: kill_thread, names: [gettid]}
")]
fn main() {
    let mut arguments = std::env::args().skip(1);
    let action = arguments.next().unwrap_or_default();
    let times: usize = arguments.next().and_then(|times| times.parse().ok()).unwrap_or(1);
    for _ in 0..times {
        let _made = match action.as_str() {
            "errno" => kernel::getppid().is_ok(),
            "log" => kernel::socket(1).is_ok(),
            "trap" => kernel::ioctl(0).is_ok(),
            "kill_process" => kernel::fchmodat(0).is_ok(),
            "kill_thread" => kernel::gettid() > 0,
            #[cfg(target_arch = "x86_64")]
            "foreign" => kernel::getppid_by_int80() >= 0,
            _ => std::process::exit(2),
        };
    }
}

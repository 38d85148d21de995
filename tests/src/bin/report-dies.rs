//! A program that says what was refused and dies of it; which call it makes is its argument.

use seccomp_compiler::Verdict;
use seccomp_tests::{kernel, programs};

#[seccomp_runtime::policy("policies/report.yaml", report)]
fn main() {
    kernel::no_core();
    match std::env::args().nth(1).as_deref() {
        Some("getppid") => println!("{:?}", kernel::getppid()),
        Some("socket") => println!("{:?}", kernel::socket(17)),
        Some("other") => {
            let other = programs::answering(libc::SYS_ioctl, Verdict::Trap(0));
            kernel::install(&other).expect("filters add up");
            println!("{:?}", kernel::ioctl(0));
        }
        Some("raise") => kernel::raise_sigsys(),
        Some("forged") => kernel::forge_sigsys(),
        Some("faked") => {
            // Every call with which the process may end itself seems to succeed.
            for call in [libc::SYS_rt_sigaction, libc::SYS_tgkill, libc::SYS_rt_sigprocmask] {
                let other = programs::answering(call, Verdict::Errno(0));
                kernel::install(&other).expect("filters add up");
            }
            let other = programs::answering(libc::SYS_ioctl, Verdict::Trap(0));
            kernel::install(&other).expect("filters add up");
            println!("{:?}", kernel::ioctl(0));
        }
        #[cfg(target_arch = "x86_64")]
        Some("vsyscall") => println!("{}", kernel::time_by_vsyscall()),
        Some("threads") => threads(),
        #[cfg(target_arch = "x86_64")]
        Some("int80") => println!("{}", kernel::getppid_by_int80()),
        _ => println!("main runs"),
    }
    println!("main goes on");
}

/// Many threads at once; the first to be done ends them all.
fn threads() {
    let threads: Vec<_> = (0..8).map(|_| std::thread::spawn(kernel::getppid)).collect();
    for thread in threads {
        let _never = thread.join();
    }
}

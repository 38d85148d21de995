//! A program that says what was refused and dies of it; which call it makes is its argument.

use seccomp_tests::kernel;

#[seccomp_runtime::policy("policies/report.yaml", report)]
fn main() {
    kernel::no_core();
    match std::env::args().nth(1).as_deref() {
        Some("getppid") => drop(kernel::getppid()),
        Some("socket") => drop(kernel::socket(17)),
        Some("raise") => kernel::raise_sigsys(),
        Some("threads") => threads(),
        #[cfg(target_arch = "x86_64")]
        Some("int80") => drop(kernel::getppid_by_int80()),
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

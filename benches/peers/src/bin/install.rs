//! Installs the program on standard input, and prints how long the system call took in nanoseconds.
use std::io::Read as _;
use std::time::Instant;

fn main() {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).expect("a program");
    let filter: Vec<libc::sock_filter> = bytes
        .chunks_exact(8)
        .map(|of| libc::sock_filter {
            code: u16::from_le_bytes([of[0], of[1]]),
            jt: of[2],
            jf: of[3],
            k: u32::from_le_bytes([of[4], of[5], of[6], of[7]]),
        })
        .collect();
    let fprog = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_ptr().cast_mut() };
    // SAFETY: prctl(2) takes its arguments by value for this option.
    unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    let start = Instant::now();
    // SAFETY: seccomp(2) reads the program, which lives until after the call.
    let result = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const fprog) };
    let nanoseconds = start.elapsed().as_nanos();
    println!("{nanoseconds}");
    std::process::exit(i32::from(result != 0));
}

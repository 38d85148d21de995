//! Times the system call that installs a filter, for each program on standard input in turns, as many rounds as the first
//! argument says. Each is installed in a child of its own, as a filter cannot be taken back; the children are alike, and
//! only the call is timed. A program is a line of hexadecimal digits; a round is a line of nanoseconds.
use std::time::Instant;

fn main() {
    let rounds: usize = std::env::args().nth(1).and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    let programs: Vec<Vec<libc::sock_filter>> =
        std::io::stdin().lines().map(|line| read(&line.expect("text"))).collect();
    for _ in 0..rounds {
        let times: Vec<String> = programs.iter().map(|program| in_child(program).to_string()).collect();
        println!("{}", times.join(" "));
    }
}

fn read(line: &str) -> Vec<libc::sock_filter> {
    let number = |at: usize, digits: usize| u32::from_str_radix(&line[at..at + digits], 16).expect("digits");
    let instruction = |at: usize| libc::sock_filter {
        code: number(at, 4) as u16,
        jt: number(at + 4, 2) as u8,
        jf: number(at + 6, 2) as u8,
        k: number(at + 8, 8),
    };
    (0..line.len()).step_by(16).map(instruction).collect()
}

/// How long it took to install, in nanoseconds; 0 where it failed.
fn in_child(program: &[libc::sock_filter]) -> u64 {
    let mut ends = [0; 2];
    // SAFETY: pipe(2) writes two ints, fork(2) is called in a process of one thread; the descriptors are its own.
    unsafe {
        assert_eq!(libc::pipe(ends.as_mut_ptr()), 0);
        let child = libc::fork();
        if child == 0 {
            let taken = install(program).to_ne_bytes();
            libc::write(ends[1], taken.as_ptr().cast(), taken.len());
            libc::_exit(0);
        }
        let mut taken = [0_u8; 8];
        libc::read(ends[0], taken.as_mut_ptr().cast(), taken.len());
        libc::waitpid(child, std::ptr::null_mut(), 0);
        libc::close(ends[0]);
        libc::close(ends[1]);
        u64::from_ne_bytes(taken)
    }
}

fn install(program: &[libc::sock_filter]) -> u64 {
    let fprog = libc::sock_fprog { len: program.len() as u16, filter: program.as_ptr().cast_mut() };
    // SAFETY: prctl(2) takes its arguments by value for this option.
    unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    let start = Instant::now();
    // SAFETY: seccomp(2) reads the program, which lives until after the call.
    let result =
        unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const fprog) };
    let nanoseconds = start.elapsed().as_nanos() as u64;
    if result == 0 { nanoseconds } else { 0 }
}

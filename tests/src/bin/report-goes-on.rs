//! A program that says what was refused, on standard error and into a pipe, and goes on.

use std::io::{PipeReader, PipeWriter, Read as _};
use std::os::fd::AsRawFd as _;
use std::sync::atomic::{AtomicI32, Ordering};

use seccomp_tests::kernel;

static REPORTS: AtomicI32 = AtomicI32::new(-1);

#[seccomp_runtime::policy("policies/report.yaml", report = "errno(E2BIG)", report_to = REPORTS)]
fn main() {
    println!("getppid: {:?}", kernel::getppid());
    let (reader, writer) = std::io::pipe().expect("a pipe");
    REPORTS.store(writer.as_raw_fd(), Ordering::Relaxed);
    println!("socket: {:?}", kernel::socket(17));
    println!("socket: {:?}", kernel::socket(4711));
    println!("ioctl: {:?}", kernel::ioctl(usize::try_from(libc::TIOCSTI).expect("it has 32 bits")));
    println!("ioctl: {:?}", kernel::ioctl(0));
    println!("fchmodat: {:?}", kernel::fchmodat(0o2755));
    #[cfg(target_arch = "x86_64")]
    println!("int 0x80: {}", kernel::getppid_by_int80());
    std::thread::spawn(kernel::getppid).join().expect("the thread ends").expect_err("it is refused");
    REPORTS.store(-1, Ordering::Relaxed);
    println!("{}", received(reader, writer));
}

fn received(mut reader: PipeReader, writer: PipeWriter) -> String {
    drop(writer);
    let mut text = String::new();
    reader.read_to_string(&mut text).expect("the reports are text");
    text
}

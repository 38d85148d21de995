//! A program that reports which of its calls were refused, and by which line of its policy, and continues.

use std::io;
use std::net::UdpSocket;
use std::os::unix::net::UnixDatagram;

use seccomp_runtime::policy;

#[policy("policies/report.yaml", report = "errno(EACCES)")]
fn main() {
    println!("a local socket     {}", outcome(UnixDatagram::unbound()));
    println!("a network socket   {}", outcome(UdpSocket::bind("127.0.0.1:0")));
    println!("another folder     {}", outcome(std::env::set_current_dir("/")));
    println!("Next: remove `= \"errno(EACCES)\"` from the attribute in examples/report and run it again.");
}

fn outcome<T>(result: io::Result<T>) -> String {
    match result {
        Ok(_) => "allowed".to_owned(),
        Err(error) => format!("refused: {error}"),
    }
}

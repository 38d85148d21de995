//! A small HTTP server under a policy: it serves one request, fails to start a shell, and says what it saw.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;
use std::{fs, thread};

use seccomp_runtime::policy;

#[policy("policies/quickstart.yaml", static = FILTER)]
fn main() -> io::Result<()> {
    println!("policies/quickstart.yaml is a filter of {} instructions", FILTER.instructions().len());

    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || serve(&listener));
    println!("  GET http://{address}/    {}", get(address)?);
    server.join().expect("the server does not panic")?;

    println!("  spawn /bin/sh                  {}", spawn_a_shell());
    println!("  /proc/self/status              {}", seccomp_status()?);

    println!("Next: write `opne` into the policy in examples/quickstart and build again.");
    Ok(())
}

/// Answers one request.
fn serve(listener: &TcpListener) -> io::Result<()> {
    let (mut client, _) = listener.accept()?;
    client.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        request.extend(byte);
    }
    client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
}

/// The server's answer: the first line and the body.
fn get(address: SocketAddr) -> io::Result<String> {
    let mut server = TcpStream::connect(address)?;
    server.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    let mut answer = String::new();
    server.read_to_string(&mut answer)?;
    let first = answer.lines().next().unwrap_or_default();
    let body = answer.rsplit("\r\n").next().unwrap_or_default();
    Ok(format!("{first}: {body}"))
}

fn spawn_a_shell() -> String {
    match Command::new("/bin/sh").args(["-c", "exit"]).status() {
        Ok(_) => "started: the policy is not enforced".to_owned(),
        Err(error) => format!("{error}"),
    }
}

/// `Seccomp: 2` means that filters are installed.
fn seccomp_status() -> io::Result<String> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("Seccomp:")).unwrap_or("Seccomp: unknown");
    Ok(line.split_whitespace().collect::<Vec<_>>().join(" "))
}

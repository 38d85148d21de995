//! A small HTTP server, as a program of yours would be: with its policy on `main`.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use seccomp_runtime::policy;

// `main.rs` calls this `main`, after it has tried the same without a filter. Usually it is the program's own.
#[policy("policies/quickstart.yaml", static = FILTER)]
pub(crate) fn main() -> io::Result<String> {
    crate::attempts::attempt()
}

/// How many instructions the filter has.
pub(crate) fn length() -> usize {
    FILTER.instructions().len()
}

/// Answers one request, and says what the client got.
pub(crate) fn serve() -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || answer(&listener));
    let got = get(address)?;
    server.join().expect("the server does not panic")?;
    Ok(got)
}

fn answer(listener: &TcpListener) -> io::Result<()> {
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

/// The server's answer: the status and the body.
fn get(address: SocketAddr) -> io::Result<String> {
    let mut server = TcpStream::connect(address)?;
    server.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    let mut answer = String::new();
    server.read_to_string(&mut answer)?;
    let status = answer.lines().next().unwrap_or_default().trim_start_matches("HTTP/1.1 ");
    let body = answer.rsplit("\r\n").next().unwrap_or_default();
    Ok(format!("{status}: {body}"))
}

//! The server does its work under its policy.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_file-server"))
            .args([concat!(env!("CARGO_MANIFEST_DIR"), "/www"), "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let output = process.stdout.take().expect("it is a pipe");
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).expect("the server says where it is");
        let (_, address) = line.trim_end().trim_end_matches('/').split_once("http://").expect("an address");
        Self { address: address.to_owned(), process }
    }

    fn get(&self, path: &str) -> String {
        let mut client = TcpStream::connect(&self.address).expect("the server listens");
        write!(client, "GET {path} HTTP/1.1\r\n\r\n").expect("it reads");
        let mut answer = String::new();
        client.read_to_string(&mut answer).expect("it answers");
        answer
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().expect("it is still there");
        self.process.wait().expect("it has ended");
    }
}

#[test]
fn files_are_served_under_the_filter() {
    let server = Server::start();
    assert!(server.get("/").ends_with("<h1>It works</h1>\n"));
    assert!(server.get("/index.html").starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(server.get("/missing").starts_with("HTTP/1.1 404 "));
    assert!(server.get("/../Cargo.toml").starts_with("HTTP/1.1 400 "));

    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process.id()));
    assert!(status.expect("the server runs").contains("\nSeccomp:\t2\n"), "the filter is installed");
}

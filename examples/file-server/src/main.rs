//! A static file server under an allowlist: it answers `GET` requests with the files of a folder.

use std::io;
use std::path::{Component, Path, PathBuf};

use seccomp_runtime::policy;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[cfg_attr(not(feature = "report"), policy("policies/file-server.yaml", deny_warnings))]
#[cfg_attr(
    feature = "report",
    policy("policies/file-server.yaml", deny_warnings, refusals = "trap", report = "errno(EPERM)")
)]
#[tokio::main]
async fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "www".to_owned()));
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:8080".to_owned());

    let listener = TcpListener::bind(address).await?;
    println!("serving {} at http://{}/", folder.display(), listener.local_addr()?);
    loop {
        let (client, _) = listener.accept().await?;
        let folder = folder.clone();
        tokio::spawn(async move {
            if let Err(error) = answer(client, &folder).await {
                eprintln!("{error}");
            }
        });
    }
}

/// Answers one request.
async fn answer(mut client: TcpStream, folder: &Path) -> io::Result<()> {
    let mut request = String::new();
    BufReader::new(&mut client).read_line(&mut request).await?;
    let (status, body) = match requested(&request) {
        Some(path) => match tokio::fs::read(folder.join(path)).await {
            Ok(body) => ("200 OK", body),
            Err(error) => ("404 Not Found", format!("{error}\n").into_bytes()),
        },
        None => ("400 Bad Request", b"bad request\n".to_vec()),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    client.write_all(head.as_bytes()).await?;
    client.write_all(&body).await?;
    client.shutdown().await
}

/// The file that a request is for, below the folder.
fn requested(request: &str) -> Option<&Path> {
    let path = request.strip_prefix("GET /")?.split(' ').next()?;
    let path = Path::new(if path.is_empty() { "index.html" } else { path });
    path.components().all(|part| matches!(part, Component::Normal(_))).then_some(path)
}

//! A small server: a program of an ordinary kind, in which rustc meets what programs have.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(5);

static LETTERS: [bool; 128] = letters();

const fn letters() -> [bool; 128] {
    let mut letters = [false; 128];
    let mut at = b'a';
    while at <= b'z' {
        letters[at as usize] = true;
        at += 1;
    }
    letters
}

type Store = Mutex<HashMap<String, String>>;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Command {
    Get(String),
    Set { key: String, value: String },
    Quit,
}

#[derive(Debug)]
enum Error {
    Io(io::Error),
    Unknown(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "{error}"),
            Self::Unknown(line) => write!(f, "unknown command {line:?}"),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

fn is_key(word: &str) -> bool {
    word.bytes().all(|byte| LETTERS.get(usize::from(byte)).copied().unwrap_or_default())
}

fn parse(line: &str) -> Result<Command, Error> {
    let mut words = line.split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some("get"), Some(key), None) if is_key(key) => Ok(Command::Get(key.to_owned())),
        (Some("set"), Some(key), Some(value)) if is_key(key) => {
            Ok(Command::Set { key: key.to_owned(), value: value.to_owned() })
        }
        (Some("quit"), None, None) => Ok(Command::Quit),
        _ => Err(Error::Unknown(line.to_owned())),
    }
}

fn serve(stream: TcpStream, store: &Store) -> Result<(), Error> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    let mut out = stream.try_clone()?;
    for line in BufReader::new(stream).lines() {
        match parse(&line?)? {
            Command::Get(key) => {
                let found = store.lock().ok().and_then(|store| store.get(&key).cloned());
                writeln!(out, "{}", found.as_deref().unwrap_or("-"))?;
            }
            Command::Set { key, value } => {
                let _replaced = store.lock().ok().and_then(|mut store| store.insert(key, value));
            }
            Command::Quit => break,
        }
    }
    Ok(())
}

fn listen() -> Result<(), Error> {
    let store = Arc::new(Store::default());
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    println!("{}", listener.local_addr()?);
    for stream in listener.incoming() {
        let (stream, store) = (stream?, Arc::clone(&store));
        let _detached = thread::spawn(move || {
            if let Err(error) = serve(stream, &store) {
                eprintln!("{error}");
            }
        });
    }
    Ok(())
}

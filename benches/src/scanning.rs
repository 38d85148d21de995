//! What `cargo seccomp scan` finds in programs of the system, beside what strace sees them do.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use seccomp_compiler::LoadError;
use seccomp_tools::scan::Scanner;

/// Programs, each with lines for a shell that make it do some of what it can.
const PROGRAMS: [(&str, &[&str]); 36] = [
    ("bash", &["bash -c 'echo a | cat; ls & wait; read x < /etc/passwd; ulimit -a; trap : INT; kill -0 $$'"]),
    ("busybox", &["busybox ls -l", "busybox sh -c 'echo a | busybox cat'", "busybox find /etc"]),
    ("cat", &["cat /etc/passwd", "cat < /etc/passwd"]),
    ("chmod", &["touch f && chmod 600 f", "mkdir -p d && chmod -R 700 d"]),
    ("cp", &["cp -a /etc/passwd p", "cp -r /etc/apt apt"]),
    (
        "curl",
        &["curl -s file:///etc/passwd", "curl -sv http://127.0.0.1:1/", "curl -sm2 http://localhost:1/"],
    ),
    ("dash", &["dash -c 'echo a | cat; ls & wait; ulimit -a'"]),
    ("date", &["date", "date -s nosuch"]),
    ("dd", &["dd if=/etc/passwd of=copy bs=16", "dd if=/dev/zero of=zeros count=1 seek=4 conv=fsync"]),
    ("diff", &["diff /etc/passwd /etc/group", "diff -r /etc/apt /etc/default"]),
    ("env", &["env true", "env -i sh -c true"]),
    (
        "find",
        &[
            "find /usr/share/doc -newer /etc/passwd",
            "find /etc -maxdepth 1 -exec true {} +",
            "mkdir -p x/y; find x -delete",
        ],
    ),
    (
        "git",
        &[
            "git init -q g",
            "git -C g status",
            "git -C g -c user.name=a -c user.email=a commit -qm a --allow-empty",
            "git -C g log",
        ],
    ),
    ("grep", &["grep -r root /etc", "echo a | grep a"]),
    ("gzip", &["gzip -k -c /etc/passwd", "cp /etc/passwd z; gzip z; gzip -d z.gz"]),
    ("head", &["head /etc/passwd", "head -c 5 /etc/passwd"]),
    ("id", &["id", "id root"]),
    ("ln", &["ln -sf a b", "touch l; ln -f l m"]),
    ("ls", &["ls -laR /etc", "ls --color=always -l /tmp", "ls /nonexistent"]),
    ("make", &["make -f /dev/null", "printf 'a:\\n\\techo b\\n' > m.mk; make -f m.mk"]),
    ("mkdir", &["mkdir -p h/i", "mkdir -m 700 j"]),
    ("mv", &["touch q; mv q r", "touch s; mv s /dev/shm/benches-mv; mv /dev/shm/benches-mv s"]),
    ("openssl", &["openssl version -a", "openssl rand 10", "openssl genrsa 1024"]),
    (
        "perl",
        &[
            "perl -e 'fork; print 1; open F, \"/etc/passwd\"; print <F>;'",
            "perl -MSocket -e 'socket S, AF_INET, SOCK_STREAM, 0'",
        ],
    ),
    ("ps", &["ps aux"]),
    ("rm", &["mkdir -p k/l; touch k/l/m; rm -rf k", "rm nosuch"]),
    ("sed", &["echo a > t; sed -i s/a/b/ t", "sed -n p /etc/passwd"]),
    ("sort", &["sort /etc/passwd", "sort -R /etc/services", "sort -S 1M /etc/services -o u"]),
    (
        "sqlite3",
        &[
            "sqlite3 t.db 'create table a(b); insert into a values(1); pragma journal_mode=wal; insert into a values(2); vacuum'",
            "sqlite3 t.db .dump",
        ],
    ),
    ("ssh", &["ssh -V", "ssh -o BatchMode=yes -p 1 localhost"]),
    ("stat", &["stat /etc/passwd", "stat -f /"]),
    ("tail", &["tail -n3 /etc/passwd", "seq 100000 | tail"]),
    ("tar", &["tar cf v.tar /etc/passwd", "tar tvf v.tar", "tar xf v.tar"]),
    ("touch", &["touch w", "touch -d yesterday w"]),
    ("wc", &["wc /etc/passwd", "seq 10 | wc"]),
    ("xargs", &["echo a | xargs echo", "seq 9 | xargs -n1 -P3 true"]),
];

/// What the kernel and the loader do before the program begins, or on behalf of a debugger.
const LOADER: [&str; 7] =
    ["execve", "access", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "restart_syscall"];

/// The table, as Markdown.
pub(crate) fn table() -> Result<String, String> {
    let folder = std::env::temp_dir().join(format!("seccomp-scanning-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let mut text =
        "| program | reached | not known | seen | missed | seconds |\n|---|--:|--:|--:|---|--:|\n".to_owned();
    let (mut count, mut reached) = (0, 0);
    for (program, lines) in PROGRAMS {
        let Some(path) = installed(program) else {
            eprintln!("benches: {program} is not installed, or is a script");
            continue;
        };
        let started = Instant::now();
        let load = |path: &str| std::fs::read(path).map_err(|_| LoadError::NotFound);
        let scan = Scanner::new(&load).scan(&path.to_string_lossy()).map_err(|error| error.to_string())?;
        let seconds = started.elapsed().as_secs_f64();
        let seen = seen(&path, lines, &folder)?;
        let found: BTreeSet<String> = scan.calls.iter().map(|call| call.name()).collect();
        let missed: Vec<String> = seen.difference(&found).map(|name| format!("`{name}`")).collect();
        let (calls, open) = (scan.calls.len(), scan.unresolved.len());
        let missed = missed.join(", ");
        let _written =
            writeln!(text, "| {program} | {calls} | {open} | {} | {missed} | {seconds:.1} |", seen.len());
        (count, reached) = (count + 1, reached + calls);
    }
    let _gone = std::fs::remove_dir_all(&folder);
    let _written = writeln!(text, "\n{count} programs reach {} calls on average.", reached / count.max(1));
    Ok(text)
}

fn installed(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let path =
        std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())?;
    let is_elf = std::fs::read(&path).is_ok_and(|bytes| bytes.starts_with(b"\x7fELF"));
    is_elf.then(|| path.canonicalize().ok())?
}

/// The calls that the program is seen to make in these lines, after its loader.
fn seen(program: &Path, lines: &[&str], folder: &Path) -> Result<BTreeSet<String>, String> {
    let mut seen = BTreeSet::new();
    for line in lines {
        let log = folder.join("strace.log");
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-s", "4096", "-o"]).arg(&log).args(["sh", "-c", line]).current_dir(folder);
        strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        strace.status().map_err(|error| format!("strace: {error}"))?;
        let text = std::fs::read(&log).map_err(|error| format!("strace: {error}"))?;
        seen.extend(of_program(program, &String::from_utf8_lossy(&text)));
    }
    seen.retain(|name| !LOADER.contains(&name.as_str()));
    Ok(seen)
}

/// The calls of one program in a log of strace.
fn of_program(program: &Path, log: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    // Whether each process runs the program.
    let mut runs: BTreeMap<&str, bool> = BTreeMap::new();
    for line in log.lines() {
        let Some((process, rest)) = line.split_once(char::is_whitespace) else { continue };
        let rest = rest.trim_start();
        // A call that was interrupted by one of another process ends in a line of its own.
        let resumed = rest.strip_prefix("<... ").and_then(|rest| rest.split_once(" resumed>"));
        let Some((name, arguments)) = resumed.or_else(|| rest.split_once('(')) else { continue };
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            continue;
        }
        let is_own = runs.get(process).copied().unwrap_or_default();
        if is_own {
            seen.insert(name.to_owned());
        }
        let result = line.rsplit_once(" = ").map(|(_, result)| result);
        match name {
            "execve" if resumed.is_none() && (result == Some("0") || result.is_none()) => {
                let path = arguments.split('"').nth(1).unwrap_or_default();
                let path = Path::new(path).canonicalize();
                runs.insert(process, path.is_ok_and(|path| path == program));
            }
            "clone" | "clone3" | "fork" | "vfork" => {
                let child = result.filter(|result| result.bytes().all(|byte| byte.is_ascii_digit()));
                // It may run another program already.
                if let Some(child) = child {
                    runs.entry(child).or_insert(is_own);
                }
            }
            _ => {}
        }
    }
    seen
}

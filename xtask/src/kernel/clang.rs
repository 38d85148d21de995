//! Clang, which knows the preprocessor, the expressions and the layouts of every ABI.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use super::abi::Abi;

/// Clang for the headers that one ABI's programs include.
pub(super) struct Clang {
    arguments: Vec<String>,
    /// Headers that were written for it.
    _wrappers: TempDir,
}

impl Clang {
    pub(super) fn new(source: &Path, abi: &Abi) -> Self {
        let own = source.join("arch").join(abi.folder).join("include/uapi");
        let target = abi.target.unwrap_or("riscv32-linux-gnu");
        let mut arguments = vec![format!("--target={target}")];
        arguments.extend(["-nostdlibinc", "-ffreestanding", "-w", "-ferror-limit=0"].map(str::to_owned));
        if abi.name == "m68k" {
            // Its structures are aligned to 16 bits, which clang does not know.
            arguments.push("-fpack-struct=2".to_owned());
        }
        if abi.name == "s390" {
            let macros = ["-U__powerpc__", "-U__powerpc", "-U__PPC__", "-U__PPC", "-D__s390__"];
            arguments.extend(macros.map(str::to_owned));
        }
        let wrappers = wrappers(source, abi);
        for folder in [wrappers.path(), &own, &source.join("include/uapi")] {
            arguments.push(format!("-I{}", folder.display()));
        }
        // Annotations, which a build takes out of the headers or defines elsewhere.
        arguments.extend(
            ["__user", "__force", "__bitwise", "__attribute_const__"].map(|name| format!("-D{name}=")),
        );
        arguments.push("-D__packed=__attribute__((packed))".to_owned());
        Self { arguments, _wrappers: wrappers }
    }

    /// Runs clang on a text.
    fn run(&self, arguments: &[&str], text: &str) -> Output {
        let program = program();
        let mut clang = Command::new(&program);
        clang.args(&self.arguments).args(arguments).args(["-x", "c", "-o", "-", "-"]);
        let pipes = clang.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let mut input = child.stdin.take().expect("it is a pipe");
        let text = text.to_owned();
        let writer = std::thread::spawn(move || input.write_all(text.as_bytes()).expect("clang reads"));
        let output = child.wait_with_output().expect("clang ends");
        writer.join().expect("no panic");
        output
    }

    /// A text as the preprocessor leaves it.
    pub(super) fn preprocess(&self, text: &str, arguments: &[&str]) -> String {
        let output = self.run(&[&["-E"], arguments].concat(), text);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The macros of a text that take no arguments.
    pub(super) fn macros(&self, text: &str) -> HashMap<String, String> {
        let definition = |line: &str| {
            let (name, value) = line.strip_prefix("#define ")?.split_once(' ')?;
            (!name.contains('(')).then(|| (name.to_owned(), value.to_owned()))
        };
        self.preprocess(text, &["-dM"]).lines().filter_map(definition).collect()
    }

    /// The lines of a text that include what clang refuses.
    pub(super) fn refused_includes(&self, text: &str) -> BTreeSet<usize> {
        let output = self.run(&["-fsyntax-only", "-fno-caret-diagnostics"], text);
        failed(&String::from_utf8_lossy(&output.stderr))
    }

    /// The values of those names that are constant integers after a text.
    pub(super) fn evaluate(&self, text: &str, names: &BTreeSet<&str>) -> HashMap<String, i128> {
        let mut names: Vec<&str> = names.iter().copied().collect();
        let first = text.lines().count() + 1;
        loop {
            let definition = |name: &&str| {
                format!(
                    "const unsigned long long v_{name} = ({name}); const int n_{name} = ({name}) < 0; \
                     const int s_{name} = sizeof({name});\n"
                )
            };
            let definitions: String = names.iter().map(definition).collect();
            let output =
                self.run(&["-S", "-emit-llvm", "-fno-caret-diagnostics"], &format!("{text}{definitions}"));
            if output.status.success() {
                return values(&String::from_utf8_lossy(&output.stdout));
            }
            let errors = String::from_utf8_lossy(&output.stderr);
            let failed = failed(&errors);
            let before = names.len();
            let kept = names.into_iter().zip(first..).filter(|(_, line)| !failed.contains(line));
            names = kept.map(|(name, _)| name).collect();
            assert!(names.len() < before, "{:?}: {errors}", self.arguments);
        }
    }
}

/// Panics unless clang knows every ABI, before anything is written.
pub(super) fn check_version() {
    let program = program();
    let output = Command::new(&program).arg("--version").output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.split("clang version ").nth(1).and_then(|rest| rest.split('.').next()?.parse().ok());
    let is_new = version.is_some_and(|version: u32| version >= 19);
    assert!(
        is_new,
        "clang 19 or newer is needed, set CLANG to its name: {}",
        text.lines().next().unwrap_or_default()
    );
}

/// `CLANG` names another one than `clang`.
fn program() -> OsString {
    std::env::var_os("CLANG").unwrap_or_else(|| "clang".into())
}

/// The lines of standard input that clang refuses, also where what it refuses is in a macro of a header.
fn failed(errors: &str) -> BTreeSet<usize> {
    let line = |error: &str| error.split_once("<stdin>:")?.1.split(':').next()?.parse().ok();
    errors.lines().filter_map(line).collect()
}

/// `@v_NAME = … constant i64 VALUE`, and the same with `n_` and `s_` for its sign and its size.
fn values(assembly: &str) -> HashMap<String, i128> {
    let constant = |line: &str| {
        let (name, rest) = line.strip_prefix('@')?.split_once(" = ")?;
        let value = rest.split_once("constant i")?.1.split([' ', ',']).nth(1)?.parse::<i128>().ok()?;
        Some((name.to_owned(), value))
    };
    let all: HashMap<String, i128> = assembly.lines().filter_map(constant).collect();
    let mut values = HashMap::new();
    for (name, value) in all.iter().filter_map(|(name, value)| Some((name.strip_prefix("v_")?, *value))) {
        let measure = |what: &str| all.get(&format!("{what}_{name}")).copied();
        // The highest bit of an `int` alone is a bit, and no number below zero.
        let negative = measure("n") == Some(1) && measure("s") == Some(4) && value != i128::from(i32::MIN);
        let bits = if measure("s") == Some(4) { 32 } else { 64 };
        values.insert(name.to_owned(), if negative { value } else { value.rem_euclid(1 << bits) });
    }
    values
}

/// What the headers take from the C library. Where a `long` has 32 bits, so may a `time_t` or not: what depends on it
/// has no one value.
const C_LIBRARY: [(&str, &str); 3] = [
    ("string.h", "void *memset(void *, int, __SIZE_TYPE__);"),
    (
        "sys/socket.h",
        "typedef unsigned short sa_family_t;\nstruct sockaddr { sa_family_t sa_family; char sa_data[14]; };",
    ),
    ("time.h", "#if __SIZEOF_LONG__ == 8\ntypedef long time_t;\n#endif"),
];

/// Headers that a build of the kernel writes or takes from elsewhere: `asm/…` that are only those of `asm-generic`, and
/// others that define no constants.
fn wrappers(source: &Path, abi: &Abi) -> TempDir {
    const EMPTY: [&str; 17] = [
        "endian.h",
        "netinet/in.h",
        "stdlib.h",
        "sys/ioctl.h",
        "sys/time.h",
        "sys/types.h",
        "linux/compiler.h",
        "linux/compiler_types.h",
        "unistd.h",
        "asm/unistd_32.h",
        "asm/unistd_64.h",
        "asm/unistd_x32.h",
        "asm/unistd_n32.h",
        "asm/unistd_n64.h",
        "asm/unistd_o32.h",
        "asm/unistd-eabi.h",
        "asm/unistd-oabi.h",
    ];
    let folder = tempfile::tempdir().expect("a folder can be made");
    let write =
        |name: &str, text: String| fs::write(folder.path().join(name), text).expect("a file can be written");
    for part in ["asm", "linux", "netinet", "sys"] {
        fs::create_dir_all(folder.path().join(part)).expect("a folder can be made");
    }
    let own = source.join("arch").join(abi.folder).join("include/uapi/asm");
    for header in fs::read_dir(source.join("include/uapi/asm-generic")).expect("the source is there") {
        let header = header.expect("a folder can be read").file_name().to_string_lossy().into_owned();
        if !own.join(&header).exists() {
            write(&format!("asm/{header}"), format!("#include <asm-generic/{header}>\n"));
        }
    }
    EMPTY.into_iter().for_each(|header| write(header, String::new()));
    for (header, declarations) in C_LIBRARY {
        write(header, format!("#pragma once\n{declarations}\n"));
    }
    folder
}

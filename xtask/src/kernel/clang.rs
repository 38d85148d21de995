//! Clang, which knows the preprocessor, the expressions and the layouts of every ABI.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::abi::Abi;

/// Clang for the headers that one ABI's programs include.
pub(super) struct Clang {
    arguments: Vec<String>,
}

impl Clang {
    pub(super) fn new(source: &Path, abi: &Abi) -> Self {
        let own = source.join("arch").join(abi.folder).join("include/uapi");
        let wrappers = wrappers(source, abi);
        let target = abi.target.unwrap_or("riscv32-linux-gnu");
        let mut arguments = vec![format!("--target={target}"), "-nostdinc".to_owned(), "-w".to_owned()];
        for folder in [wrappers, own, source.join("include/uapi")] {
            arguments.push(format!("-I{}", folder.display()));
        }
        arguments
            .extend(["-D__user=", "-D__force=", "-D__bitwise=", "-D__EXPORTED_HEADERS__"].map(str::to_owned));
        Self { arguments }
    }

    /// Runs clang on a text; `CLANG` names another one than `clang`.
    fn run(&self, arguments: &[&str], text: &str) -> Output {
        let program = std::env::var_os("CLANG").unwrap_or_else(|| "clang".into());
        let mut clang = Command::new(&program);
        clang.args(&self.arguments).args(arguments).args(["-x", "c", "-o", "-", "-"]);
        let pipes = clang.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        child.stdin.take().expect("it is a pipe").write_all(text.as_bytes()).expect("clang reads");
        child.wait_with_output().expect("clang ends")
    }

    /// A header as the preprocessor leaves it.
    pub(super) fn preprocess(&self, header: &str, arguments: &[&str]) -> String {
        let output = self.run(&[&["-E"], arguments].concat(), &format!("#include <{header}>\n"));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The macros that a header defines and that take no arguments.
    pub(super) fn macros(&self, header: &str) -> HashMap<String, String> {
        let text = self.preprocess(header, &["-dM"]);
        let definition = |line: &str| {
            let (name, value) = line.strip_prefix("#define ")?.split_once(' ')?;
            (!name.contains('(')).then(|| (name.to_owned(), value.to_owned()))
        };
        text.lines().filter_map(definition).collect()
    }

    /// The values of those names that are constant integers.
    pub(super) fn evaluate(&self, header: &str, names: &[&str]) -> HashMap<String, i128> {
        let mut names = names.to_vec();
        loop {
            let definitions = names.iter().map(|name| {
                format!(
                    "const unsigned long long v_{name} = ({name}); const int n_{name} = ({name}) < 0; \
                     const int s_{name} = sizeof({name});\n"
                )
            });
            let text = format!("#include <{header}>\n") + &definitions.collect::<String>();
            let output = self.run(&["-S", "-emit-llvm", "-ferror-limit=0", "-fno-caret-diagnostics"], &text);
            if output.status.success() {
                return values(&String::from_utf8_lossy(&output.stdout));
            }
            let failed = failed(&String::from_utf8_lossy(&output.stderr));
            let before = names.len();
            names = names
                .into_iter()
                .zip(2..)
                .filter(|(_, line)| !failed.contains(line))
                .map(|(name, _)| name)
                .collect();
            if names.len() == before {
                return HashMap::new();
            }
        }
    }
}

/// The lines of standard input that clang refuses.
fn failed(errors: &str) -> Vec<usize> {
    let line = |error: &str| error.strip_prefix("<stdin>:")?.split(':').next()?.parse().ok();
    errors.lines().filter(|error| error.contains(": error: ")).filter_map(line).collect()
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
    for (name, value) in all.iter().filter_map(|(name, value)| Some((name.strip_prefix("v_")?, value))) {
        let of = |what: &str| all.get(&format!("{what}_{name}")).copied();
        let negative = of("n") == Some(1) && of("s") == Some(4);
        let bits = value.rem_euclid(1 << 64);
        values.insert(name.to_owned(), if negative { *value } else { bits });
    }
    values
}

/// Headers that a build of the kernel writes: `asm/…` that are only those of `asm-generic`, and the annotations that
/// installed headers lack.
fn wrappers(source: &Path, abi: &Abi) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("xtask-{}-{}", std::process::id(), abi.folder));
    let own = source.join("arch").join(abi.folder).join("include/uapi/asm");
    if !folder.exists() {
        for part in ["asm", "linux"] {
            std::fs::create_dir_all(folder.join(part)).expect("a folder can be made");
        }
        for header in std::fs::read_dir(source.join("include/uapi/asm-generic")).expect("the source is there")
        {
            let header = header.expect("a folder can be read").file_name();
            if !own.join(&header).exists() {
                let text = format!("#include <asm-generic/{}>\n", header.display());
                std::fs::write(folder.join("asm").join(&header), text).expect("a file can be written");
            }
        }
        for header in ["compiler.h", "compiler_types.h"] {
            std::fs::write(folder.join("linux").join(header), "").expect("a file can be written");
        }
    }
    folder
}

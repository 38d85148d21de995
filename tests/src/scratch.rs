//! Throw-away packages: sources of the tests in a folder of their own, built by cargo as a user's package is.
//!
//! They lie in the folder that cargo keeps for the tests' files, with the workspace's `Cargo.lock` beside them, so
//! that they need no network and have the versions that the workspace has. All of them share one target folder.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::documents::blocks;

/// The workspace that is tested.
pub fn workspace() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the tests lie in the workspace").to_owned()
}

/// This machine's target with musl, where rustc has a standard library for it and the tests are not run with it anyway.
pub fn musl_target() -> Option<String> {
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()));
    let library = rustc.args(["--print", "target-libdir", "--target", &target]).output().ok()?;
    let library = String::from_utf8(library.stdout).expect("the path is text");
    if cfg!(target_env = "musl") || !Path::new(library.trim_end()).is_dir() {
        crate::skipped(format_args!("nothing is run with musl: rustc has no standard library for {target}"));
        return None;
    }
    Some(target)
}

/// A folder for one package or workspace.
#[derive(Debug)]
pub struct Scratch {
    root: PathBuf,
    target: PathBuf,
}

impl Scratch {
    /// The folder of this name in `tmp`, which is `CARGO_TARGET_TMPDIR`. What it holds from before stays, so that
    /// cargo need not build it again.
    pub fn new(tmp: &str, name: &str) -> Self {
        let scratch = Self { root: Path::new(tmp).join(name), target: Path::new(tmp).join("target") };
        let lock = fs::read(workspace().join("Cargo.lock")).expect("the workspace has a lock file");
        if !scratch.root.join("Cargo.lock").exists() || scratch.read("workspace.lock") != Some(lock.clone()) {
            scratch.write("Cargo.lock", &lock);
            scratch.write("workspace.lock", &lock);
        }
        scratch
    }

    /// The packages of `tests/fixtures`, with the policies that the project ships and those that its pages show.
    pub fn fixtures(tmp: &str) -> Self {
        let scratch = Self::new(tmp, "fixtures");
        scratch.copy(&workspace().join("tests/fixtures"));
        for policy in fs::read_dir(workspace().join("policies")).expect("the folder is there") {
            let policy = policy.expect("the folder can be read");
            let text = fs::read(policy.path()).expect("the policy can be read");
            scratch.write(Path::new("ready/policies").join(policy.file_name()), text);
        }
        let root = workspace();
        for name in ["quickstart", "report"] {
            let policy = format!("examples/{name}/policies/{name}.yaml");
            let text = fs::read(root.join(policy)).expect("the example has a policy");
            scratch.write(format!("ready/policies/{name}.yaml"), text);
        }
        let shown =
            [("README.md", &["readme"][..]), ("policies/README.md", &["helpers", "storing", "asking"])];
        for (page, names) in shown {
            let blocks = blocks(&root.join(page));
            assert_eq!(blocks.len(), names.len(), "the policies that {page} shows");
            for (block, name) in blocks.iter().zip(names) {
                scratch.write(format!("ready/policies/{name}.yaml"), &block.text);
            }
        }
        let helpers = scratch.read("ready/policies/helpers.yaml").expect("it was just written");
        let helpers = String::from_utf8(helpers).expect("a policy is text");
        scratch.write("ready/policies/piping.yaml", helpers.replace("network-server.yaml", "cli-tool.yaml"));
        scratch
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The bytes of one of its files.
    pub fn read(&self, name: impl AsRef<Path>) -> Option<Vec<u8>> {
        fs::read(self.root.join(name)).ok()
    }

    /// Writes one of its files, unless it is so already: cargo goes by the time of the last change.
    pub fn write(&self, name: impl AsRef<Path>, contents: impl AsRef<[u8]>) {
        if self.read(&name).as_deref() == Some(contents.as_ref()) {
            return;
        }
        let path = self.root.join(name);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the folder can be made");
        fs::write(path, contents).expect("the file can be written");
    }

    /// Copies a folder with all below it. The paths in a `Cargo.toml` that lead up to the workspace lead there from
    /// the copy as well.
    pub fn copy(&self, from: &Path) {
        self.copy_below(from, Path::new(""));
    }

    fn copy_below(&self, from: &Path, below: &Path) {
        let folder = from.join(below);
        for entry in fs::read_dir(&folder).expect("the folder can be read") {
            let entry = entry.expect("the folder can be read");
            let name = below.join(entry.file_name());
            if entry.path().is_dir() {
                self.copy_below(from, &name);
                continue;
            }
            let mut contents = fs::read(entry.path()).expect("the file can be read");
            if entry.file_name() == "Cargo.toml" {
                contents = at_the_workspace(&contents);
            }
            self.write(name, contents);
        }
    }

    /// Runs cargo here.
    pub fn cargo<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Built {
        let offline = self.run(arguments, &["--offline"]);
        let built = Built { output: offline };
        if !built.output.status.success() && built.log().contains("--offline") {
            return Built { output: self.run(arguments, &[]) };
        }
        built
    }

    fn run<S: AsRef<OsStr>>(&self, arguments: &[S], more: &[&str]) -> Output {
        let mut cargo = Command::new(env!("CARGO"));
        let (command, arguments) = arguments.split_first().expect("a command of cargo");
        // Other formats of messages can only come after this one.
        cargo.arg(command).arg("--message-format=json").args(arguments).args(more);
        cargo.arg("--target-dir").arg(&self.target);
        // What the tests themselves are built with is not what a user's package is built with.
        for variable in
            ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WORKSPACE_WRAPPER", "CARGO_MANIFEST_DIR"]
        {
            cargo.env_remove(variable);
        }
        cargo.current_dir(&self.root).env("CARGO_TERM_COLOR", "never").output().expect("cargo runs")
    }
}

/// A `Cargo.toml` whose relative paths to the workspace are absolute.
fn at_the_workspace(manifest: &[u8]) -> Vec<u8> {
    let manifest = core::str::from_utf8(manifest).expect("a manifest is text");
    let workspace = workspace();
    let workspace = workspace.to_str().expect("the workspace's path is text");
    manifest.replace("path = \"../../../", &format!("path = \"{workspace}/")).into_bytes()
}

/// What cargo did.
#[derive(Debug)]
pub struct Built {
    output: Output,
}

impl Built {
    /// Fails the test unless all of it was built.
    #[must_use]
    pub fn expect_success(self) -> Self {
        let rendered: Vec<String> = self.messages().iter().map(rendered).collect();
        assert!(self.output.status.success(), "{}\n{}", rendered.concat(), self.log());
        self
    }

    /// What cargo said on standard error.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// The messages of rustc and of cargo.
    pub fn messages(&self) -> Vec<Value> {
        let lines = self.output.stdout.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"{"));
        lines.map(|line| serde_json::from_slice(line).expect("cargo writes JSON")).collect()
    }

    /// The file of a program that was built.
    pub fn executable(&self, name: &str) -> PathBuf {
        let messages = self.messages();
        let path = messages.iter().filter(|message| message["target"]["name"] == name);
        let path = path.filter_map(|message| message["executable"].as_str()).next();
        PathBuf::from(path.unwrap_or_else(|| panic!("no program `{name}` was built:\n{}", self.log())))
    }

    /// Whether a program was there already, as nothing that it is made of had changed.
    pub fn was_fresh(&self, name: &str) -> bool {
        let artifact =
            |message: &&Value| message["target"]["name"] == name && message["executable"].is_string();
        self.messages().iter().find(artifact).is_some_and(|message| message["fresh"] == true)
    }
}

/// A message of rustc as a user sees it; nothing for other messages.
pub fn rendered(message: &Value) -> String {
    message["message"]["rendered"].as_str().unwrap_or_default().to_owned()
}

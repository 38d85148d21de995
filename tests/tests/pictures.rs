//! The pictures in the documents: what a terminal shows, as SVG.
//!
//! `BLESS=1 cargo test -p seccomp-tests --test pictures` draws them anew.

use std::process::Command;

use anstyle_svg::Term;
use cargo_seccomp::{Outcome, Output};
use seccomp_tests::is_kept;
use seccomp_tests::scratch::{Scratch, rendered, workspace};

/// Compares a picture with the one in the documents.
fn check(name: &str, command: &str, shown: &str) {
    let text = format!("\x1b[1m$ {command}\x1b[0m\n{}\n", shown.trim_end());
    let path = workspace().join("docs/terminal").join(name);
    is_kept(&path, &Term::new().render_svg(&text), "pictures");
}

/// Makes a folder a package with the runtime.
fn make_package(scratch: &Scratch, name: &str) {
    let runtime = workspace().join("seccomp-runtime");
    let manifest = format!(
        "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nseccomp-runtime = {{ path = \"{}\", features = [\"report\"] }}\n",
        runtime.display()
    );
    scratch.write("Cargo.toml", manifest);
}

/// The server of the README, with a mistake in its policy.
#[test]
fn a_misspelled_call_is_a_compile_error() {
    let scratch = Scratch::new(env!("CARGO_TARGET_TMPDIR"), "misspelled");
    make_package(&scratch, "server");
    scratch.write(
        "src/main.rs",
        "use seccomp_runtime::policy;\n\n#[policy(\"policies/server.yaml\")]\nfn main() {}\n",
    );
    scratch.write(
        "policies/server.yaml",
        "default_action: errno\nnewer_syscalls: errno(ENOSYS)\nsyscalls:\n- action: allow\n  names:\n    - \"@rust-std\"\n    \
         - opne\n    - epol_wait\nexpect:\n- action: refused\n  effects: [exec]\n",
    );
    let built = scratch.cargo(&["build", "--message-format=json-diagnostic-rendered-ansi"]);
    let shown: Vec<String> = built.messages().iter().map(rendered).collect();
    assert!(!shown.concat().is_empty(), "{}", built.log());
    check("compile-error.svg", "cargo build", &shown.concat());
}

/// A promise that does not hold.
#[test]
fn a_broken_promise_is_shown_with_the_line_that_breaks_it() {
    let scratch = Scratch::new(env!("CARGO_TARGET_TMPDIR"), "broken");
    scratch.write(
        "server.yaml",
        "default_action: errno\nnewer_syscalls: errno(ENOSYS)\nsyscalls:\n- action: allow\n  \
         names: [\"@rust-std\", \"@rust-panic\", \"@tokio\"]\nexpect:\n- action: refused\n  effects: [exec, write-files]\n",
    );
    let policy = scratch.root().join("server.yaml");
    let policy = policy.to_str().expect("it is text");
    let (mut results, mut findings) = (Vec::new(), Vec::new());
    let arguments = ["cargo-seccomp", "--color", "always", "check", "--arch", "x86_64", policy];
    let outcome = cargo_seccomp::run(arguments, &mut Output::plain(&mut results, &mut findings));
    assert_eq!(outcome, Outcome::Problems);
    let shown = String::from_utf8([findings, results].concat()).expect("it is text");
    check(
        "broken-promise.svg",
        "cargo seccomp check policies/server.yaml",
        &shown.replace(policy, "policies/server.yaml"),
    );
}

/// What the example shows on a terminal.
#[test]
#[cfg(target_arch = "x86_64")]
fn the_quickstart_shows_what_the_filter_changes() {
    let scratch = Scratch::new(env!("CARGO_TARGET_TMPDIR"), "quickstart");
    scratch.copy(&workspace().join("examples/quickstart"));
    make_package(&scratch, "quickstart");
    let built = scratch.cargo(&["build"]).expect_success();
    let run = Command::new(built.executable("quickstart"))
        .env("CLICOLOR_FORCE", "1")
        .env_remove("NO_COLOR")
        .output()
        .expect("it runs");
    let shown = String::from_utf8(run.stdout).expect("it is text");
    // Whose shell it is depends on who runs the tests.
    let user =
        shown.split("a shell of user ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a user");
    let shown = shown.replace(&format!("a shell of user {user:<6}"), &format!("a shell of user {:<6}", 1000));
    check("quickstart.svg", "cargo run -p quickstart", &shown);
}

//! The macros in real packages: what they emit compiles wherever it may stand, does what it says when it runs, is
//! built again when a policy changes, and leaves nothing of the build behind.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::LazyLock;

use cfg_expr::targets::{ALL_BUILTINS, TargetInfo};
use cfg_expr::{Expression, Predicate};
use seccomp_compiler::Architecture;
use seccomp_tests::scratch::{Built, Scratch, workspace};

const TMP: &str = env!("CARGO_TARGET_TMPDIR");

/// The packages of `tests/fixtures`.
static FIXTURES: LazyLock<Scratch> = LazyLock::new(|| Scratch::fixtures(TMP));

/// All of them, built once for all tests of this file.
static BUILT: LazyLock<Built> = LazyLock::new(|| FIXTURES.cargo(&["build", "--workspace"]).expect_success());

fn run(program: &str) -> Output {
    output(Command::new(BUILT.executable(program)))
}

fn run_without_filters(program: &str) -> Output {
    let mut command = Command::new(BUILT.executable("without-filters"));
    command.arg(BUILT.executable(program));
    output(command)
}

fn output(mut command: Command) -> Output {
    command.output().expect("the program can be started")
}

fn printed(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(both).expect("the program prints text")
}

#[test]
fn the_filter_is_in_place_in_main() {
    let ran = run("filter-in-main");
    assert_eq!(printed(&ran), "Seccomp: 2\npermission denied\n");
    assert!(ran.status.success());
}

#[test]
fn main_returns_what_it_did_before() {
    let failed = run("returns-result");
    assert_eq!((failed.status.code(), printed(&failed).as_str()), (Some(1), "Error: \"Seccomp: 2\"\n"));
    let chosen = run("returns-exit-code");
    assert_eq!((chosen.status.code(), printed(&chosen).as_str()), (Some(7), "Seccomp: 2\n"));
    let never = run("returns-never");
    assert_eq!((never.status.code(), printed(&never).as_str()), (Some(9), "Seccomp: 2\n"));
}

/// The policy has no `tsync`, so a worker under the filter was started after it.
#[test]
fn an_async_runtime_starts_its_threads_after_the_filter() {
    assert_eq!(printed(&run("tokio-below")), "Seccomp: 2\n");
    assert_eq!(printed(&run("tokio-above")), "Seccomp: 2\n");
    assert_eq!(printed(&run("tokio-too-late")), "Seccomp: 0\n");
}

#[test]
fn a_program_whose_filter_cannot_be_installed_ends_with_one_line() {
    let ran = run_without_filters("exits-on-failure");
    let line = "seccomp: cannot install the filter of policies/no-exec.yaml: another filter, such as a container's, \
         refuses seccomp(2) with error 16; see seccomp_runtime::refused\n";
    assert_eq!((ran.status.code(), printed(&ran).as_str()), (Some(1), line));
}

#[test]
fn with_on_failure_warn_it_prints_the_line_and_goes_on() {
    let ran = run_without_filters("warns-on-failure");
    assert_eq!(ran.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "unprotected\n");
    assert!(
        printed(&ran).ends_with("refuses seccomp(2) with error 16; see seccomp_runtime::refused\n"),
        "{}",
        printed(&ran)
    );
}

#[test]
fn a_function_has_as_many_filters_as_it_likes() {
    assert_eq!(
        printed(&run("two-filters")),
        "another filter, such as a container's, refuses seccomp(2) with error 16; see seccomp_runtime::refused\n"
    );
}

#[test]
fn a_main_that_calls_itself_installs_once() {
    assert_eq!(printed(&run("main-again")), "again\n");
}

#[test]
fn the_runtime_crate_may_have_another_name_or_come_through_another_crate() {
    assert_eq!(printed(&run("renamed")), "renamed\n");
    assert_eq!(printed(&run("reexported")), "reexported\n");
}

#[test]
fn a_library_without_std_has_filters() {
    let built = BUILT.messages();
    let library = built.iter().find(|message| message["target"]["name"] == "no_std");
    assert!(library.is_some_and(|message| message["reason"] == "compiler-artifact"), "{}", BUILT.log());
}

/// rustc's own strict lints have a case in `tests/ui`.
#[test]
fn clippy_has_nothing_to_say_about_what_the_macros_emit() {
    if !Command::new(env!("CARGO"))
        .args(["clippy", "--version"])
        .output()
        .is_ok_and(|clippy| clippy.status.success())
    {
        seccomp_tests::skipped("clippy is not installed");
        return;
    }
    let linted = FIXTURES.cargo(&["clippy", "--package", "linted"]).expect_success();
    let complaints = linted.messages().into_iter().filter(|message| message["reason"] == "compiler-message");
    assert_eq!(complaints.count(), 0, "{}", linted.log());
}

/// A package whose policy answers chdir(2) with this error; its program reports the error.
fn edited(errno: u16) -> Scratch {
    let scratch = Scratch::new(TMP, "edited");
    scratch.write("Cargo.toml", manifest("edited"));
    scratch.write(
        "src/main.rs",
        "#[seccomp_runtime::policy(\"policy.yaml\")]\nfn main() {\n    \
         println!(\"{:?}\", std::env::set_current_dir(\"/\").map_err(|error| error.raw_os_error()));\n}\n",
    );
    let action = format!("errno({errno})");
    scratch.write(
        "policy.yaml",
        format!("default_action: allow\nsyscalls:\n- action: {action}\n  names: [chdir]\n"),
    );
    scratch
}

fn manifest(name: &str) -> String {
    let runtime = workspace().join("seccomp-runtime");
    format!(
        "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nseccomp-runtime = {{ path = \"{}\" }}\n",
        runtime.display(),
    )
}

#[test]
fn a_change_of_the_policy_alone_rebuilds_and_nothing_else_does() {
    let report = |built: &Built| printed(&output(Command::new(built.executable("edited"))));
    let first = edited(20).cargo(&["build"]).expect_success();
    assert_eq!(report(&first), "Err(Some(20))\n");
    let unchanged = edited(20).cargo(&["build"]).expect_success();
    assert!(unchanged.was_fresh("edited"), "{}", unchanged.log());
    let second = edited(18).cargo(&["build"]).expect_success();
    assert!(!second.was_fresh("edited"));
    assert_eq!(report(&second), "Err(Some(18))\n");
    let wrong = edited(5000).cargo(&["build"]);
    let messages: Vec<String> = wrong.messages().iter().map(seccomp_tests::scratch::rendered).collect();
    assert!(
        messages
            .concat()
            .contains("policy.yaml:3:11: [errno-too-large] the error number in `errno(5000)` is above 4095"),
        "{messages:?}"
    );
    let mended = edited(20).cargo(&["build"]).expect_success();
    assert_eq!(report(&mended), "Err(Some(20))\n");
}

#[test]
fn a_change_of_the_profile_alone_rebuilds() {
    let build = |profile: &str| {
        let scratch = Scratch::new(TMP, "profiled");
        scratch.write("Cargo.toml", manifest("profiled"));
        scratch.write(
            "src/main.rs",
            "#[seccomp_runtime::policy(\"policy.yaml\", profile = \"calls.yaml\")]\nfn main() {}\n",
        );
        scratch.write("policy.yaml", "default_action: allow\nsyscalls: [{action: errno, names: [chdir]}]\n");
        scratch.write("calls.yaml", profile);
        scratch.cargo(&["build"]).expect_success()
    };
    build("read: 1\n");
    assert!(build("read: 1\n").was_fresh("profiled"));
    assert!(!build("read: 2\n").was_fresh("profiled"));
}

/// Cargo would keep the old filter when the link comes to lead to an older file.
#[test]
#[cfg(unix)]
fn a_policy_behind_a_symbolic_link_is_refused_with_the_reason() {
    let scratch = Scratch::new(TMP, "linked");
    scratch.write("Cargo.toml", manifest("linked"));
    scratch.write("policy.yaml", "default_action: allow\nsyscalls: [{action: errno, names: [chdir]}]\n");
    let link = scratch.root().join("link.yaml");
    if !link.is_symlink() {
        std::os::unix::fs::symlink("policy.yaml", &link).expect("the link can be made");
    }
    assert_fails_with(&scratch, "link.yaml", "`link.yaml` is a symbolic link");
}

#[test]
fn a_path_from_the_workspace_is_met_with_the_one_from_the_package() {
    let scratch = Scratch::new(TMP, "from-the-workspace");
    scratch.write("policies/shared.yaml", "default_action: allow\n");
    scratch.write("Cargo.toml", "[workspace]\nmembers = [\"member\"]\nresolver = \"3\"\n");
    scratch.write("member/Cargo.toml", manifest("member").replace("[workspace]\n", ""));
    scratch
        .write("member/src/main.rs", "#[seccomp_runtime::policy(\"policies/shared.yaml\")]\nfn main() {}\n");
    let messages = scratch.cargo(&["check"]).messages();
    let rendered: String = messages.iter().map(seccomp_tests::scratch::rendered).collect();
    let tried = format!("no such file: {}/member/policies/shared.yaml", scratch.root().display());
    assert!(rendered.contains(&tried), "{rendered}");
    assert!(rendered.contains("did you mean `../policies/shared.yaml`?"), "{rendered}");
}

#[test]
fn a_renamed_runtime_crate_without_its_name_is_an_error_that_says_the_name() {
    let scratch = Scratch::new(TMP, "renamed-alone");
    let manifest = manifest("renamed-alone")
        .replace("seccomp-runtime = {", "sandbox = { package = \"seccomp-runtime\",");
    scratch.write("Cargo.toml", manifest);
    scratch.write("policy.yaml", "default_action: allow\nsyscalls: [{action: errno, names: [chdir]}]\n");
    assert_fails_with_attribute(
        &scratch,
        "sandbox::policy(\"policy.yaml\")",
        "`seccomp-runtime` is renamed in Cargo.toml: add the argument `crate = sandbox`",
    );
}

#[track_caller]
fn assert_fails_with(scratch: &Scratch, policy: &str, message: &str) {
    assert_fails_with_attribute(scratch, &format!("seccomp_runtime::policy(\"{policy}\")"), message);
}

#[track_caller]
fn assert_fails_with_attribute(scratch: &Scratch, attribute: &str, message: &str) {
    scratch.write("src/main.rs", format!("#[{attribute}]\nfn main() {{}}\n"));
    let messages = scratch.cargo(&["check"]).messages();
    let rendered: String = messages.iter().map(seccomp_tests::scratch::rendered).collect();
    assert!(rendered.contains(message), "{rendered}");
}

#[test]
fn a_report_without_its_feature_is_an_error_that_names_it() {
    let scratch = Scratch::new(TMP, "featureless");
    scratch.write("Cargo.toml", manifest("featureless"));
    scratch.write("src/main.rs", "#[seccomp_runtime::policy(\"policy.yaml\", report)]\nfn main() {}\n");
    let messages = scratch.cargo(&["check"]).messages();
    let rendered: String = messages.iter().map(seccomp_tests::scratch::rendered).collect();
    assert!(rendered.contains("`report` needs the feature `report` of `seccomp-runtime`"), "{rendered}");
}

/// A package with one target, in which `main` has the attribute.
fn with_main_in(name: &str, file: &str, main: &str) -> Scratch {
    let scratch = Scratch::new(TMP, name);
    let target = match file.split_once('/') {
        Some(("tests", _)) => format!("[[test]]\nname = \"only\"\npath = \"{file}\"\n"),
        _ => String::new(),
    };
    scratch.write("Cargo.toml", format!("{}{target}", manifest(name)));
    scratch.write("policy.yaml", "default_action: allow\nsyscalls: [{action: errno, names: [chdir]}]\n");
    scratch.write(file, format!("#[seccomp_runtime::policy(\"policy.yaml\")]\n{main}\n"));
    scratch
}

#[test]
fn a_main_in_a_library_is_no_start_of_a_program() {
    let library = with_main_in("main-in-a-library", "src/lib.rs", "pub fn main() {}").cargo(&["check"]);
    let rendered: String = library.messages().iter().map(seccomp_tests::scratch::rendered).collect();
    assert!(
        rendered.contains("nothing calls this one") && rendered.contains("as in a library"),
        "{rendered}"
    );
}

#[test]
fn a_main_that_the_test_harness_replaces_is_refused() {
    for main in ["fn main() {}", "pub fn main() {}"] {
        let tests = with_main_in("main-in-a-test", "tests/only.rs", main).cargo(&["check", "--tests"]);
        let rendered: String = tests.messages().iter().map(seccomp_tests::scratch::rendered).collect();
        assert!(rendered.contains("the test harness calls its own `main`"), "{rendered}");
    }
    let own = with_main_in("main-of-a-test", "tests/only.rs", "pub fn main() {}");
    let manifest = std::fs::read_to_string(own.root().join("Cargo.toml")).expect("it was written");
    own.write("Cargo.toml", format!("{manifest}harness = false\n"));
    let built = own.cargo(&["check", "--tests"]).expect_success();
    assert!(!built.log().contains("warning"), "{}", built.log());
}

#[test]
fn neither_the_build_path_nor_the_policy_is_in_the_program() {
    const FOLDER: &str = "a-folder-that-no-program-tells-of";
    const COMMENT: &str = "A remark that stays at home.";
    let scratch = Scratch::new(TMP, FOLDER);
    scratch.write("Cargo.toml", manifest("silent"));
    scratch.write("src/main.rs", "#[seccomp_runtime::policy(\"policy.yaml\")]\nfn main() {}\n");
    let policy =
        format!("# {COMMENT}\ndefault_action: allow\nsyscalls: [{{action: errno, names: [execveat]}}]\n");
    scratch.write("policy.yaml", policy);
    let debug = program(&scratch, &["build"]);
    assert!(contains(&debug, FOLDER), "debug information has the path, so this search can find it");
    for profile in [&debug, &program(&scratch, &["build", "--release"])] {
        for text in [COMMENT, "default_action", "execveat"] {
            assert!(!contains(profile, text), "`{text}` is in the program");
        }
    }
    let release = program(&scratch, &["build", "--release"]);
    let home = workspace();
    for text in [FOLDER, home.to_str().expect("the workspace's path is text")] {
        assert!(!contains(&release, text), "`{text}` is in the program");
    }
    assert!(contains(&release, "policy.yaml"), "the name is there, for the line that is printed on failure");
}

fn program(scratch: &Scratch, build: &[&str]) -> Vec<u8> {
    let path: PathBuf = scratch.cargo(build).expect_success().executable("silent");
    std::fs::read(path).expect("the program can be read")
}

fn contains(program: &[u8], text: &str) -> bool {
    program.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Rust's Linux targets that have no filters, with the reason.
const WITHOUT_FILTERS: &[(&str, &str)] = &[
    ("aarch64-unknown-linux-gnu_ilp32", "the ABI never came to a released kernel"),
    ("aarch64_be-unknown-linux-gnu_ilp32", "the ABI never came to a released kernel"),
    ("hexagon-unknown-linux-musl", "the kernel has no filters there"),
    ("sparc-unknown-linux-gnu", "the kernel has no filters there"),
    ("sparc64-unknown-linux-gnu", "the kernel has no filters there"),
    ("wasm32-wali-linux-musl", "its calls go to a WebAssembly host, not to a kernel"),
];

/// The macros emit one item for each of these predicates and one for none of them; so exactly one is left.
#[test]
fn every_linux_target_selects_exactly_one_architecture() {
    let parsed = |cfg| Expression::parse(cfg).expect("it is a predicate");
    let predicates: Vec<_> =
        Architecture::all().filter_map(|of| Some((of.name(), parsed(of.cfg()?)))).collect();
    let is_linux =
        |target: &&TargetInfo| ["linux", "android"].iter().any(|os| target.triple.as_str().contains(os));
    let targets: Vec<&TargetInfo> = ALL_BUILTINS.iter().filter(is_linux).collect();
    assert!(targets.len() > 50, "rustc has {} Linux targets", targets.len());
    for target in targets {
        let name = target.triple.as_str();
        let holds =
            |predicate: &Predicate<'_>| matches!(predicate, Predicate::Target(of) if of.matches(target));
        let held = predicates.iter().filter(|(_, cfg)| cfg.eval(holds));
        let selected: Vec<&str> = held.map(|(name, _)| *name).collect();
        let wanted = usize::from(WITHOUT_FILTERS.iter().all(|(without, _)| *without != name));
        assert_eq!(selected.len(), wanted, "{name} selects {selected:?}");
        let listed = Architecture::find(name).map(Architecture::name);
        assert!(
            listed.is_none_or(|listed| selected == [listed]),
            "{name} selects {selected:?}, but is {listed:?}"
        );
    }
}

//! Every route of the table of effects, tried: the kernel does what the row says without a filter, and is not asked under
//! the rule of the effect. By `syscall` and by `int 0x80`, as an ordinary user.
//!
//! A row of `data/effects.csv` that says why it is not shown is tried as well: the filter's refusal differs from every
//! error of the kernel's.

mod child;
mod promises;
mod trials;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::SeqCst;

use seccomp_compiler::{Compiler, Program, SourceFile};
use seccomp_tests::kernel::{Door, Ended, Low, become_ordinary_user, in_child, install, shared};
use seccomp_tests::scratch::workspace;
use xtask::data::{Row, rows};

use self::child::{Child, UNPREPARED, abi};
use self::trials::Trial;

/// What the filters of these tests answer: no error that the kernel gives.
const REFUSED: i64 = -777;
const ENOSYS: i64 = -38;

/// The effects that root has, or that leave something behind: they are tried in namespaces of the child's own, in which it
/// may do such things, and which go when it goes.
const INSIDE: [&str; 9] = [
    "new-namespaces",
    "raw-sockets",
    "capabilities",
    "mount",
    "change-root",
    "host-names",
    "sysv-ipc",
    "message-queues",
    "executable-memory",
];
/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    /// The kernel made it.
    Had,
    /// It gave this error.
    Failed(i64),
    /// The filter ended the process.
    Killed,
    /// What has to be there first cannot be had on this machine.
    Unprepared(String),
}

/// Makes the call of a trial in a child of its own.
fn attempt(trial: &Trial, door: Door, filter: Option<&Program>, folder: &Path) -> Fate {
    const UNTOLD: u32 = 0x7fff_ffff;
    let told = shared(1);
    told[0].store(UNTOLD, SeqCst);
    let (ended, panic) = in_child(|| {
        let folder = furnish(folder);
        become_ordinary_user();
        let mut child = Child { door, low: Low::new(), folder };
        if INSIDE.contains(&trial.effect) {
            child.enter_namespaces();
        }
        let arguments = (trial.arguments)(&mut child);
        let number = child.number(trial.call).expect("the ABI has the call");
        if let Some(filter) = filter {
            install(&filter.instructions).expect("the kernel takes it");
        }
        let result = door.make(number, arguments);
        let error = if (-4095..0).contains(&result) { result } else { 0 };
        told[0].store(i32::try_from(error).expect("it is small").cast_unsigned(), SeqCst);
        // Not if the filter or the call has taken it away from the child.
        std::process::exit(0);
    });
    let told = told[0].load(SeqCst);
    match i64::from(told.cast_signed()) {
        // The program that it started ended with 1.
        _ if told == UNTOLD && ended == Ended::Exited(1) && panic.is_empty() => Fate::Had,
        _ if told == UNTOLD && panic.contains(UNPREPARED) => Fate::Unprepared(panic),
        _ if told == UNTOLD && ended == Ended::Killed(libc::SIGSYS) => Fate::Killed,
        _ if told == UNTOLD => panic!("{} of {} by {door:?}: {ended:?} {panic}", trial.call, trial.effect),
        error @ ..0 => Fate::Failed(error),
        _ => Fate::Had,
    }
}

/// A new folder for trials, which everybody may write to.
fn folder(name: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = std::env::temp_dir().join(format!("seccomp-effects-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).expect("it is its own");
    folder
}

/// A folder with a file and a folder in it that everybody may write to.
fn furnish(parent: &Path) -> PathBuf {
    use std::os::unix::fs::{PermissionsExt as _, chown};

    let folder = parent.join(std::process::id().to_string());
    std::fs::create_dir_all(folder.join("folder")).expect("the folder can be made");
    std::fs::write(folder.join("file"), "text").expect("the file can be written");
    for path in [folder.clone(), folder.join("file"), folder.join("folder")] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o777)).expect("they are its own");
        // Only root can give them away, and only root becomes somebody else.
        let _given = chown(&path, Some(65534), Some(65534));
    }
    folder
}

fn filter(effect: &str) -> Program {
    let text = format!(
        "{{default_action: allow, compat: true, syscalls: [{{action: errno(777), effects: [{effect}]}}]}}"
    );
    let x86_64 = abi(Door::Native);
    let compiled = Compiler::for_architecture(x86_64).compile(&SourceFile::new("effect.yaml", text));
    compiled.expect("an effect compiles").program().clone()
}

fn table() -> Vec<Row> {
    rows(&workspace().join("seccomp-compiler/data/effects.csv"))
}

impl Trial {
    fn is_of(&self, row: &Row) -> bool {
        let (effect, call, condition) = (&row["effect"], &row["call"], &row["condition"]);
        let is_exact = condition == self.condition || !self.condition.is_empty();
        let conditions = table_conditions(effect, call);
        effect == self.effect
            && call == self.call
            && condition.starts_with(self.condition)
            && (is_exact || conditions == 1)
            // `F_SETOWN` begins the name of `F_SETOWN_EX`.
            && (conditions == 1 || self.condition.is_empty() || continues(condition, self.condition))
    }
}

fn continues(condition: &str, start: &str) -> bool {
    !condition[start.len()..].starts_with(|c: char| c == '_' || c.is_ascii_alphanumeric())
}

/// How many routes to an effect a call is.
fn table_conditions(effect: &str, call: &str) -> usize {
    trials::all().filter(|trial| trial.effect == effect && trial.call == call).count()
}

/// Every route on these two ABIs is tried, or the table says why it is not.
#[test]
fn every_route_of_x86_has_a_trial() {
    let doors = [Door::Native, Door::Int80];
    let exists = |row: &Row| doors.iter().any(|door| abi(*door).syscall_number(&row["call"]).is_some());
    let table = table();
    let untried: Vec<String> = table
        .iter()
        .filter(|row| exists(row) && trials::all().filter(|trial| trial.is_of(row)).count() != 1)
        .map(|row| format!("{} {} {}", row["effect"], row["call"], row["condition"]))
        .collect();
    assert_eq!(untried, [""; 0]);
    for trial in trials::all() {
        let rows = table.iter().filter(|row| trial.is_of(row)).count();
        assert_eq!(rows, 1, "{} {} {}", trial.effect, trial.call, trial.condition);
    }
}

#[test]
fn every_route_has_its_effect_without_a_filter_and_is_refused_it_under_the_rule_of_the_effect() {
    let folder = folder("rules");
    let table = table();
    let filters: BTreeMap<&str, Program> = trials::all()
        .map(|trial| trial.effect)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .map(|effect| (effect, filter(effect)))
        .collect();
    let (mut had, mut refused, mut wrong, mut unexplained) = (0, 0, Vec::new(), Vec::new());
    for door in [Door::Native, Door::Int80] {
        if door == Door::Int80 && !crate::x86_64::has_i386() {
            continue;
        }
        for trial in trials::all().filter(|trial| abi(door).syscall_number(trial.call).is_some()) {
            let row = table.iter().find(|row| trial.is_of(row)).expect("it is of a row");
            let hidden = !row["hidden"].is_empty() || trial.call == "mmap" && door == Door::Int80;
            let without = attempt(trial, door, None, &folder);
            let with = attempt(trial, door, Some(&filters[trial.effect]), &folder);
            let wanted = Fate::Failed(if hidden { ENOSYS } else { REFUSED });
            let name = format!("{} {} {} by {door:?}", trial.effect, trial.call, row["condition"]);
            if let (Fate::Unprepared(reason), Fate::Unprepared(_)) = (&without, &with) {
                unexplained.push(format!("{name}: {reason}"));
                continue;
            }
            if with != wanted {
                wrong.push(format!("{name}: {with:?} under the filter"));
            }
            match without {
                Fate::Had => had += 1,
                Fate::Failed(error) if error == REFUSED => {
                    wrong.push(format!("{name}: refused without a filter"))
                }
                Fate::Failed(error) if row["unshown"].is_empty() => {
                    unexplained.push(format!("{name}: {error}"));
                }
                Fate::Unprepared(reason) => wrong.push(format!("{name}: {reason}")),
                Fate::Killed => wrong.push(format!("{name}: killed without a filter")),
                Fate::Failed(_) => refused += 1,
            }
        }
    }
    let _removed = std::fs::remove_dir_all(&folder);
    assert_eq!(wrong, [""; 0]);
    println!(
        "{had} had their effect without a filter, {refused} were refused by the kernel, as the table says why"
    );
    for line in &unexplained {
        seccomp_tests::skipped(format_args!("not had here: {line}"));
    }
    // Containers refuse some, and older kernels lack some.
    assert!(had >= 200, "only {had} routes had their effect");
}

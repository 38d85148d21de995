//! Why this machine may have no records of what filters refused.

use std::fs;
use std::path::{Path, PathBuf};

/// Something that keeps records from being written or found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The kernel has no audit subsystem, which writes the records.
    NoAudit,
    /// The kernel was started with `audit=0`.
    AuditOff,
    /// `kernel.seccomp.actions_logged` leaves out these actions.
    NotLogged(Vec<String>),
    /// A rule of auditd excludes the records.
    Excluded {
        /// The file of the rule.
        path: PathBuf,
        /// The rule.
        rule: String,
    },
    /// This is not the first network namespace, the only one that the kernel sends live records to.
    OtherNetworkNamespace,
    /// auditd runs, and takes the records instead of the kernel log.
    Auditd,
}

/// The reasons that apply to this machine.
pub fn reasons() -> Vec<Reason> {
    reasons_in(Path::new("/"))
}

fn reasons_in(root: &Path) -> Vec<Reason> {
    let read = |path: &str| fs::read_to_string(root.join(path)).ok();
    let mut reasons = Vec::new();
    if root.join("proc/self").exists() && !root.join("proc/self/loginuid").exists() {
        reasons.push(Reason::NoAudit);
    }
    let is_off = |word: &str| matches!(word, "audit=0" | "audit=off");
    if read("proc/cmdline").is_some_and(|line| line.split_whitespace().any(is_off)) {
        reasons.push(Reason::AuditOff);
    }
    let actions = |name: &str| read(&format!("proc/sys/kernel/seccomp/{name}"));
    if let (Some(known), Some(logged)) = (actions("actions_avail"), actions("actions_logged")) {
        let is_missing =
            |action: &&str| *action != "allow" && !logged.split_whitespace().any(|one| one == *action);
        let missing: Vec<String> = known.split_whitespace().filter(is_missing).map(str::to_owned).collect();
        if !missing.is_empty() {
            reasons.push(Reason::NotLogged(missing));
        }
    }
    reasons.extend(excluded(root));
    let namespace = |process: &str| fs::read_link(root.join("proc").join(process).join("ns/net")).ok();
    if namespace("1").is_some_and(|first| namespace("self").is_some_and(|own| own != first)) {
        reasons.push(Reason::OtherNetworkNamespace);
    }
    let is_running = |pid: String| root.join("proc").join(pid.trim()).exists();
    if read("run/auditd.pid").is_some_and(is_running) {
        reasons.push(Reason::Auditd);
    }
    reasons
}

/// The rules in readable files that exclude records of seccomp.
fn excluded(root: &Path) -> Vec<Reason> {
    let rules = fs::read_dir(root.join("etc/audit/rules.d")).into_iter().flatten();
    let rules = rules.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> =
        rules.filter(|path| path.extension().is_some_and(|end| end == "rules")).collect();
    paths.push(root.join("etc/audit/audit.rules"));
    paths.sort();
    let mut reasons = Vec::new();
    for path in paths {
        for rule in fs::read_to_string(&path).unwrap_or_default().lines().map(str::trim) {
            let is_about = rule.contains("SECCOMP") || rule.contains("1326");
            if !rule.starts_with('#') && rule.contains("exclude") && is_about {
                reasons.push(Reason::Excluded { path: path.clone(), rule: rule.to_owned() });
            }
        }
    }
    reasons
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{Reason, reasons_in};

    fn machine(folder: &Path, files: &[(&str, &str)]) {
        for (path, text) in files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
            fs::write(path, text).expect("it can be written");
        }
    }

    #[test]
    fn each_reason_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(reasons_in(folder.path()), []);
        machine(
            folder.path(),
            &[
                ("proc/self/loginuid", "0"),
                ("proc/cmdline", "quiet audit=1\n"),
                ("proc/sys/kernel/seccomp/actions_avail", "kill_process errno log allow\n"),
                ("proc/sys/kernel/seccomp/actions_logged", "kill_process errno log\n"),
                (
                    "etc/audit/audit.rules",
                    "# -a always,exclude -F msgtype=SECCOMP\n-a exit,always -S execve\n",
                ),
                ("run/auditd.pid", "7\n"),
            ],
        );
        assert_eq!(reasons_in(folder.path()), []);
        fs::remove_file(folder.path().join("proc/self/loginuid")).expect("it is there");
        machine(
            folder.path(),
            &[
                ("proc/cmdline", "quiet audit=0\n"),
                ("proc/sys/kernel/seccomp/actions_logged", "kill_process log\n"),
                ("etc/audit/rules.d/a.rules", "-a always,exclude -F msgtype=SECCOMP\n"),
                ("proc/7/comm", "auditd"),
            ],
        );
        let rule = Reason::Excluded {
            path: folder.path().join("etc/audit/rules.d/a.rules"),
            rule: "-a always,exclude -F msgtype=SECCOMP".to_owned(),
        };
        let expected = [
            Reason::NoAudit,
            Reason::AuditOff,
            Reason::NotLogged(vec!["errno".to_owned()]),
            rule,
            Reason::Auditd,
        ];
        assert_eq!(reasons_in(folder.path()), expected);
    }
}

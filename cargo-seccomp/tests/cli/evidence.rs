//! What is made of the evidence of recordings.

use crate::harness::Folder;

const EVIDENCE: &str = include_str!("../../../docs/evidence.json");

#[test]
fn recordings_are_merged() {
    let folder = Folder::with(&[("a.json", EVIDENCE), ("b.json", EVIDENCE)]);
    let merged = folder.run("merge a.json b.json --output all.json");
    assert_eq!((merged.code, merged.stderr.as_str()), (Some(0), ""));
    assert!(folder.run("profile all.json").stdout.starts_with("read: 2408\n"));
    assert!(folder.run("merge all.json --because read").stdout.contains("2408 times, in 4 of 4 runs"));
    assert_eq!(
        folder.run("merge all.json").stdout,
        std::fs::read_to_string(folder.path("all.json")).expect("it is there")
    );
}

#[test]
fn a_policy_and_a_profile_come_from_a_recording() {
    let folder = Folder::with(&[("server.json", EVIDENCE)]);
    assert_eq!(folder.run("merge server.json --policy --output server.yaml").code, Some(0));
    assert_eq!(folder.run("profile server.json --output server.profile.yaml").code, Some(0));
    let checked = folder.run("check server.yaml --all-architectures --deny warnings");
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    let exported = folder.run("export server.yaml --profile server.profile.yaml --arch x86_64 --format asm");
    assert_eq!(exported.code, Some(0), "{}", exported.stderr);
    let other = folder.run("merge server.json --policy --exact --only /bin/other");
    assert!(!other.stdout.contains("socket"), "{}", other.stdout);
}

#[test]
fn what_is_no_evidence_is_refused_and_nothing_is_written() {
    let folder = Folder::with(&[("a.json", EVIDENCE), ("b.json", "{}")]);
    for arguments in ["merge a.json b.json --output all.json", "profile b.json --output all.json"] {
        let refused = folder.run(arguments);
        assert_eq!(refused.code, Some(2));
        assert!(
            refused.stderr.contains(
                "`b.json`: this cannot be read as a recording: the recording has no `format`; name a file"
            ),
            "{}",
            refused.stderr
        );
    }
    assert_eq!(folder.files(), ["a.json", "b.json"]);
    let nobody = folder.run("merge a.json --because ptrace");
    assert_eq!(
        (nobody.code, nobody.stderr.as_str()),
        (Some(1), "error: no recorded program called `ptrace`\n")
    );
}

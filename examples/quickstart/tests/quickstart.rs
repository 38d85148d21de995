//! The quickstart shows what it says.

use std::process::Command;

#[test]
fn attacks_work_without_the_filter_and_are_refused_with_it_by_lines_of_the_policy() {
    let ran = Command::new(env!("CARGO_BIN_EXE_quickstart")).output().expect("it starts");
    assert!(ran.status.success(), "{ran:?}");
    assert!(ran.stderr.is_empty(), "{ran:?}");
    let said = String::from_utf8(ran.stdout).expect("it prints text");
    assert!(!said.contains('\x1b'), "plain when piped: {said}");
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines.iter().all(|line| line.chars().count() <= 110), "{said}");
    let row = |name: &str| {
        let at = lines.iter().position(|line| line.starts_with(name)).expect("it is tried");
        (&lines[at][26..54], &lines[at][54..], lines.get(at + 1).map_or("", |line| line.trim_start()))
    };
    let (without, with, _) = row("answer a request");
    assert_eq!((without.trim_end(), with), ("200 OK: hello", "200 OK: hello"));
    let policy = include_str!("../policies/quickstart.yaml");
    for (name, worked, refused) in [
        ("start a shell", "a shell of user ", "Operation not permitted (os error 1)"),
        ("delete a file", "deleted ", "Function not implemented (os error 38)"),
        ("make a file set-user-ID", "runs as its owner ", "Function not implemented (os error 38)"),
        ("link to another file", "linked ", "Function not implemented (os error 38)"),
    ] {
        let (without, with, reason) = row(name);
        assert!(without.starts_with(worked), "{said}");
        assert_eq!(with, refused, "{said}");
        let (place, reason) = reason.split_once(' ').expect("a place and a reason");
        let line =
            place.strip_prefix("policies/quickstart.yaml:").and_then(|line| line.parse::<usize>().ok());
        let line = policy.lines().nth(line.expect("a line") - 1).expect("the policy has it");
        match reason.strip_prefix("does not list ") {
            Some(_) => assert!(line.starts_with("default_action: errno(ENOSYS)"), "{line}"),
            None => assert!(reason == "refuses execve" && line.trim_start().starts_with("- exec"), "{line}"),
        }
    }
    assert_eq!(said.matches(" does not list ").count(), 3, "{said}");
}

//! How a problem is drawn: with its code, in a bounded space, and so that no name in it is obeyed by a terminal.

use super::*;

#[test]
fn a_problem_begins_with_its_place_and_its_code_as_check_draws_it() {
    let text =
        problems("default_action: alow\nsyscalls: [{action: errno, names: [execve]}]", "x86_64").to_string();
    assert!(text.starts_with("policy.yaml:1:17: error[unknown-action]: unknown action `alow`\n"), "{text}");
    let text = problems("default_action: kill_thread\nsyscalls: [{action: allow, names: [read]}]", "x86_64");
    assert!(text.to_string().contains(" warning[kill-thread]: "), "{text}");
}

#[test]
fn an_empty_file_is_told_what_it_should_be() {
    assert_eq!(
        problems("", "x86_64").iter().next().map(|problem| problem.message.as_str()),
        Some("the policy is empty")
    );
}

#[test]
fn an_alias_that_contains_itself_is_told_from_deep_nesting() {
    let message = |text: &str| {
        let problems = problems(text, "x86_64");
        let problem = problems.iter().next().expect("a problem");
        assert_eq!(problem.code, Code::TooDeep);
        (problem.message.clone(), problem.help.clone())
    };
    let (through_aliases, help) = message("default_action: allow\nsyscalls: &a [*a]\n");
    assert!(through_aliases.ends_with("levels deep through its aliases"), "{through_aliases}");
    assert!(help.is_some_and(|help| help.contains("contains itself")));
    let deep: String = (0..200).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    for text in [deep.clone(), format!("# a * of no alias\n{deep}")] {
        let (in_itself, help) = message(&text);
        assert!(in_itself.ends_with("levels deep") && help.is_none(), "{in_itself}");
    }
}

#[test]
fn long_names_and_lines_are_shortened() {
    let long = "x".repeat(100_000);
    for policy in [
        format!("default_action: allow\nsyscalls: [{{action: errno, names: [{long}]}}]"),
        format!("default_action: {long}\nsyscalls: []"),
        format!("default_action: allow\nsyscalls: [{{action: errno, names: [read], {}: 1}}]", &long[..1000]),
        format!("default_action: allow\ninclude: [{long}]"),
        format!(
            "default_action: allow\narchitectures: [{long}]\nsyscalls: [{{action: errno, names: [read]}}]"
        ),
    ] {
        let problems = problems(&policy, "x86_64");
        let problem = problems.iter().next().expect("a problem");
        assert!(problem.message.contains("xxx…xxx"), "{}", problem.code.name());
        let text = problem.to_string();
        assert!(text.chars().count() < 1500, "{} has {}", problem.code.name(), text.len());
    }
}

#[test]
fn the_marks_of_a_long_line_are_below_their_place() {
    let blank = " ".repeat(5000);
    for (before, after) in [(blank.as_str(), ""), ("", blank.as_str()), (&blank, &blank)] {
        let policy = format!(
            "default_action: allow\nsyscalls: [{{action: errno, names: [{before}opne, {after}read]}}]"
        );
        let problems = problems(&policy, "x86_64");
        let problem =
            problems.iter().find(|problem| problem.code == Code::UnknownSyscall).expect("a problem");
        let text = problem.to_string();
        let lines: Vec<&str> = text.lines().collect();
        let (line, marks) = (lines[2].chars(), lines[3].chars());
        let marked: String = line.zip(marks).filter(|(_, mark)| *mark == '^').map(|(c, _)| c).collect();
        assert_eq!(marked, "opne", "{text}");
    }
}

#[test]
fn no_name_commands_a_terminal() {
    let policy = "default_action: allow\nsyscalls: [{action: errno, names: [\"\\e[31mred\"]}]";
    let file = SourceFile::new("a\x1b[2Jb.yaml", policy);
    let problems = Compiler::for_architecture(architecture("x86_64")).compile(&file).expect_err("a mistake");
    let text = problems.to_string();
    assert!(
        text.starts_with(
            "a\\u{1b}[2Jb.yaml:2:36: error[unknown-syscall]: unknown system call `\\u{1b}[31mred`"
        ),
        "{text}"
    );
    let hidden = SourceFile::new("policy.yaml", "default_action: allow # \x1b[2J\n");
    let problems =
        Compiler::for_architecture(architecture("x86_64")).compile(&hidden).expect_err("a mistake");
    for text in [text, problems.to_string()] {
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
    }
}

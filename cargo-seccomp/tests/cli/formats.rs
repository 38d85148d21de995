//! Problems for other tools: rustc's JSON, and SARIF.

use serde_json::Value;

use seccomp_compiler::{Code, Severity};

use crate::harness::{Folder, MISTAKEN, ODD, SOUND, run};

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

fn log(text: &str) -> Value {
    serde_json::from_str(text).expect("the log is JSON")
}

/// The file's text after a replacement of part of one line, in characters as both formats count.
fn replaced(text: &str, line: &Value, start: &Value, end: &Value, by: &str) -> String {
    let number = |value: &Value| usize::try_from(value.as_u64().expect("a number")).expect("it is small");
    let (line, start, end) = (number(line), number(start), number(end));
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let letters: Vec<char> = lines[line - 1].chars().collect();
    let part = |letters: &[char]| letters.iter().collect::<String>();
    lines[line - 1] = format!("{}{by}{}", part(&letters[..start - 1]), part(&letters[end - 1..]));
    lines.join("\n") + "\n"
}

#[test]
fn json_has_an_object_for_each_problem_in_the_form_of_rustc() {
    let run = run(MISTAKEN, "check policy.yaml --arch x86_64 --arch arm --format json");
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    let lines = lines(&run.stdout);
    let codes: Vec<&str> = lines.iter().filter_map(|line| line["code"]["code"].as_str()).collect();
    assert_eq!(codes, ["unknown-action", "unknown-syscall", "repeated-syscall"]);
    for line in &lines {
        assert_eq!(line["$message_type"], "diagnostic");
        assert_eq!(line["level"], "error");
        assert_eq!(line["architectures"], serde_json::json!(["x86_64", "arm"]));
        assert_eq!(line["policy"], "policy.yaml");
    }
    let rendered = lines[0]["rendered"].as_str().expect("a text");
    assert!(
        rendered.starts_with("policy.yaml:1:17: error[unknown-action]: unknown action `alow`\n"),
        "{rendered}"
    );
    let span = &lines[1]["spans"][0];
    let place = ["file_name", "line_start", "column_start", "column_end"].map(|key| span[key].clone());
    assert_eq!(serde_json::json!(place), serde_json::json!(["policy.yaml", 5, 5, 9]));
    let secondary: Vec<&Value> =
        lines[2]["spans"].as_array().into_iter().flatten().map(|span| &span["is_primary"]).collect();
    assert_eq!(secondary, [true, false]);
}

#[test]
fn a_suggestion_mends_what_it_is_for() {
    let policy =
        "default_action: errno(EPREM)\nsyscalls:\n- action: allow\n  names: [\"größe\", opne, \"read\"]\n";
    let run = run(policy, "check policy.yaml --arch x86_64 --format json");
    let mut mended = policy.to_owned();
    for line in lines(&run.stdout) {
        let Some(span) =
            line["children"].as_array().and_then(|of| of.iter().find_map(|child| child["spans"].get(0)))
        else {
            continue;
        };
        let by = span["suggested_replacement"].as_str().expect("a replacement");
        mended = replaced(&mended, &span["line_start"], &span["column_start"], &span["column_end"], by);
    }
    assert_eq!(mended, policy.replace("EPREM", "EPERM").replace("opne", "open"));
}

#[test]
fn json_says_if_there_are_more_problems_than_it_has() {
    let names: Vec<String> = (0..60).map(|number| format!("no_such_call_{number}")).collect();
    let policy =
        format!("default_action: allow\nsyscalls: [{{action: log, names: [{}]}}]\n", names.join(", "));
    let run = run(&policy, "check policy.yaml --format json");
    let lines = lines(&run.stdout);
    assert_eq!(lines.len(), 51);
    assert_eq!(lines[50]["message"], "`policy.yaml` has 60 errors, of which 50 are shown");
}

#[test]
fn a_sound_policy_has_no_problems_in_any_form() {
    let json = run(SOUND, "check policy.yaml --arch x86_64 --format json");
    assert_eq!((json.code, json.stdout.as_str(), json.stderr.as_str()), (Some(0), "", ""));
    let sarif = run(SOUND, "check policy.yaml --arch x86_64 --format sarif");
    assert_eq!((sarif.code, sarif.stderr.as_str()), (Some(0), ""));
    assert_eq!(log(&sarif.stdout)["runs"][0]["results"], serde_json::json!([]));
}

/// What the standard requires of each object that a log has, and what code scanning services require beyond that.
#[test]
fn sarif_has_what_the_standard_requires() {
    let folder = Folder::with(&[
        ("wrong.yaml", MISTAKEN),
        ("odd one.yaml", ODD),
        (
            "two.yaml",
            "default_action: errno\ninclude: [base.yaml]\nexpect: [{action: allow, names: [sync]}]\n",
        ),
        ("base.yaml", "syscalls:\n- action: log\n  names: [read, sync]\n"),
    ]);
    std::fs::write(folder.path("bytes.yaml"), b"default_action: \xff\n").expect("a file");
    let mut command =
        folder.command("check --format sarif --arch x86_64 wrong.yaml two.yaml bytes.yaml missing.yaml");
    let output = command.arg("odd one.yaml").output().expect("the command starts");
    assert_eq!(output.status.code(), Some(2));
    let log = log(&String::from_utf8_lossy(&output.stdout));
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(log["runs"].as_array().map(Vec::len), Some(1));
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "cargo-seccomp");
    assert_eq!(run["columnKind"], "unicodeCodePoints");

    let rules = driver["rules"].as_array().expect("rules");
    assert_eq!(rules.len(), Code::all().count());
    for (rule, code) in rules.iter().zip(Code::all()) {
        assert_eq!(rule["id"], code.name());
        let level = if code.severity() == Severity::Error { "error" } else { "warning" };
        assert_eq!(rule["defaultConfiguration"]["level"], level);
        for text in ["/shortDescription/text", "/help/text", "/help/markdown"] {
            assert!(rule.pointer(text).and_then(Value::as_str).is_some_and(|text| text.len() > 20), "{rule}");
        }
    }
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(invocation["exitCode"], 2);
    let notification = &invocation["toolExecutionNotifications"][0]["message"]["text"];
    assert!(notification.as_str().is_some_and(|text| text.starts_with("cannot read `missing.yaml`")));

    let results = run["results"].as_array().expect("results");
    let ids: Vec<&str> = results.iter().filter_map(|result| result["ruleId"].as_str()).collect();
    assert_eq!(
        ids,
        [
            "unknown-action",
            "unknown-syscall",
            "repeated-syscall",
            "broken-expectation",
            "not-utf8",
            "errno-zero"
        ]
    );
    for result in results {
        let rule = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("it is small");
        assert_eq!(rules[rule]["id"], result["ruleId"]);
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        assert_eq!(result["locations"].as_array().map(Vec::len), Some(1));
        let locations = ["locations", "relatedLocations"].map(|key| result[key].as_array());
        for location in locations.into_iter().flatten().flatten() {
            let region = &location["physicalLocation"]["region"];
            let number = |key: &str| region[key].as_u64().expect("a number");
            assert!(number("startLine") >= 1 && number("startLine") == number("endLine"));
            assert!(number("startColumn") >= 1 && number("endColumn") >= number("startColumn"));
        }
    }
    let uri = |result: usize, key: &str| {
        results[result][key][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().expect("a file")
    };
    assert_eq!(
        [uri(3, "locations"), uri(3, "relatedLocations"), uri(5, "locations")],
        ["two.yaml", "base.yaml", "odd%20one.yaml"]
    );
    let replacement = &results[1]["fixes"][0]["artifactChanges"][0]["replacements"][0];
    let region = &replacement["deletedRegion"];
    let by = replacement["insertedContent"]["text"].as_str().expect("a text");
    let mended = replaced(MISTAKEN, &region["startLine"], &region["startColumn"], &region["endColumn"], by);
    assert_eq!(mended, MISTAKEN.replace("opne", "open"));
}

//! Counters in Prometheus' text format, for the textfile collector of its node exporter.

use std::io::{self, Write};

use super::format::{Format, Sink};
use super::groups::Groups;
use super::table::columns;
use crate::record::{Names, Violation};

pub(super) const FORMAT: Format = Format {
    name: "prometheus",
    summary: "Counters for Prometheus, one per program, call and action",
    has_details: false,
    new: |_| Box::new(Prometheus::default()),
};

const HEAD: &str = "\
# HELP seccomp_violations_total System calls that seccomp filters refused or logged.
# TYPE seccomp_violations_total counter
";

#[derive(Debug, Default)]
struct Prometheus {
    groups: Groups,
}

impl Sink for Prometheus {
    fn record(&mut self, violation: &Violation, _: &mut Names, _: &mut dyn Write) -> io::Result<()> {
        self.groups.add(violation);
        Ok(())
    }

    fn finish(&mut self, output: &mut dyn Write) -> io::Result<()> {
        output.write_all(HEAD.as_bytes())?;
        for (kind, group) in self.groups.sorted() {
            let [program, syscall, arch, action] = columns(&group.example(kind)).map(|text| escaped(&text));
            writeln!(
                output,
                "seccomp_violations_total{{program=\"{program}\",syscall=\"{syscall}\",arch=\"{arch}\",\
                 action=\"{action}\"}} {}",
                group.count,
            )?;
        }
        match self.groups.left_out() {
            0 => Ok(()),
            left_out => writeln!(
                output,
                "seccomp_violations_total{{program=\"\",syscall=\"\",arch=\"\",action=\"\"}} {left_out}"
            ),
        }
    }
}

/// The text of a label's value.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::{Prometheus, Sink, Violation};
    use crate::record::{Action, Names};

    #[test]
    fn each_group_is_a_counter() {
        let mut sink = Prometheus::default();
        for (program, times) in [("/a\"\\b", 1), ("/c\x1b", 3), ("/c\x1b", 1)] {
            let violation = Violation {
                times,
                executable: Some(program.to_owned()),
                syscall: Some("socket".to_owned()),
                action: Action::from_code(0x5_0000),
                ..Violation::default()
            };
            sink.record(&violation, &mut Names::unknown(), &mut Vec::new()).expect("memory can be written");
        }
        let mut output = Vec::new();
        sink.finish(&mut output).expect("memory can be written");
        let output = String::from_utf8(output).expect("UTF-8");
        let lines: Vec<&str> = output.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                r#"seccomp_violations_total{program="/c\\u{1b}",syscall="socket",arch="?",action="errno"} 4"#,
                r#"seccomp_violations_total{program="/a\"\\b",syscall="socket",arch="?",action="errno"} 1"#,
            ]
        );
    }
}

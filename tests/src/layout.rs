//! The ways in which the file of a policy can be laid out.

use seccomp_compiler::is_plain;

/// The ways in which a file can be laid out.
#[derive(Debug, Clone, Copy)]
pub enum Layout {
    /// As it is printed.
    Printed,
    /// Without a line break at the end.
    WithoutEnd,
    /// With the line breaks of Windows.
    Crlf,
    /// Under `seccomp`, with other keys around it.
    Nested,
    /// With dotted keys.
    Dotted,
    /// With comments everywhere.
    Commented,
    /// JSON, one value to a line.
    Json,
    /// Such JSON with comments everywhere.
    CommentedJson,
    /// Such JSON, indented by tabs.
    Tabs,
    /// JSON on one line.
    ShortJson,
}

impl Layout {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Printed,
        Self::WithoutEnd,
        Self::Crlf,
        Self::Nested,
        Self::Dotted,
        Self::Commented,
        Self::Json,
        Self::CommentedJson,
        Self::Tabs,
        Self::ShortJson,
    ];

    /// A canonical text in this layout.
    pub fn of(self, text: &str) -> String {
        let lines = |before: &str, behind: &str| -> String {
            text.lines().map(|line| format!("{before}{line}{behind}\n")).collect()
        };
        let json = || -> serde_json::Value { serde_yaml::from_str(text).expect("a policy is YAML") };
        let pretty = || escaped(&serde_json::to_string_pretty(&json()).expect("it is JSON"));
        match self {
            Self::Printed => text.to_owned(),
            Self::WithoutEnd => text.trim_end().to_owned(),
            Self::Crlf => text.replace('\n', "\r\n"),
            Self::Nested => format!("other: [1]\nseccomp:\n{}more: {{}}\n", lines("  ", "")),
            Self::Dotted => {
                let is_key = |line: &str| line.starts_with(|c: char| c.is_ascii_lowercase());
                let dotted =
                    |line| if is_key(line) { format!("seccomp.{line}\n") } else { format!("{line}\n") };
                text.lines().map(dotted).collect()
            }
            Self::Commented => commented(text),
            Self::Json => pretty(),
            Self::CommentedJson => commented(&pretty()),
            Self::Tabs => {
                let tabs = |line: &str| {
                    let content = line.trim_start();
                    format!("{}{content}\n", "\t".repeat((line.len() - content.len()) / 2))
                };
                pretty().lines().map(tabs).collect()
            }
            Self::ShortJson => escaped(&json().to_string()),
        }
    }
}

/// The text with a comment above and behind each line that has none, each of them another.
fn commented(text: &str) -> String {
    let mut commented = "# é\n\n".to_owned();
    for (number, line) in text.lines().enumerate() {
        let content = line.trim_start();
        let indent = line.len() - content.len();
        commented += &match content.starts_with('#') {
            true => format!("{line}\n"),
            false => format!("{:indent$}# above {number}: [or]\n{line}  # behind {number}, or: {{}}\n", ""),
        };
    }
    commented + "\n# the end\n"
}

/// JSON without characters that a policy cannot have as they are. Beyond 16 bits, YAML has an escape that JSON lacks.
fn escaped(json: &str) -> String {
    let escaped = |c: char| match u32::from(c) {
        _ if c == '\n' || is_plain(c) => c.to_string(),
        short @ ..=0xffff => format!("\\u{short:04x}"),
        long => format!("\\U{long:08x}"),
    };
    json.chars().map(escaped).collect()
}

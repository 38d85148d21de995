//! What each code means: its section of `docs/diagnostics.md`.

use seccomp_compiler::Code;

/// The page has a section for each code, which a test of the project checks.
const PAGE: &str = include_str!("../docs/diagnostics.md");

/// What this code means, with an example and what to do about it, as Markdown.
pub fn explanation(code: Code) -> &'static str {
    let heading = format!("\n## {}\n", code.name());
    let rest = PAGE.split_once(&heading).map_or("", |(_, rest)| rest);
    rest.split_once("\n## ").map_or(rest, |(section, _)| section).trim()
}

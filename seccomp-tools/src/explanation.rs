//! What each code means: its section of `docs/diagnostics.md`.

use seccomp_compiler::Code;

/// The page has a section for each code, which a test of the project checks.
const PAGE: &str = include_str!("../docs/diagnostics.md");

/// What this code means, with an example and what to do about it, as Markdown without links: those of the page lead to
/// other documents of the project.
pub fn explanation(code: Code) -> String {
    let heading = format!("\n## {}\n", code.name());
    let rest = PAGE.split_once(&heading).map_or("", |(_, rest)| rest);
    without_links(rest.split_once("\n## ").map_or(rest, |(section, _)| section).trim())
}

/// What this code means, in a sentence.
pub fn summary(code: Code) -> String {
    let text = explanation(code);
    let text = text.strip_prefix("A warning.").unwrap_or(&text).trim_start();
    let text = text.split("\n\n").next().unwrap_or(text).replace('\n', " ");
    let sentence = text.split_once(". ").map_or(text.trim_end_matches(['.', ':']), |(sentence, _)| sentence);
    sentence.to_owned()
}

/// The text with only the words of its links.
fn without_links(mut text: &str) -> String {
    let mut plain = String::new();
    while let Some((before, rest)) = text.split_once("](") {
        let (Some((start, words)), Some((_, after))) = (before.rsplit_once('['), rest.split_once(')')) else {
            break;
        };
        plain.extend([start, words]);
        text = after;
    }
    plain + text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_explanation_has_a_link_and_none_loses_its_example() {
        for code in Code::all() {
            let text = explanation(code);
            assert!(!text.contains("](") && text.len() > 50, "{text}");
            let summary = summary(code);
            assert!((15..200).contains(&summary.chars().count()) && !summary.contains(". "), "{summary}");
        }
        assert_eq!(without_links("a [b](c#d), [e]: `[f]` [g](h)"), "a b, [e]: `[f]` g");
    }
}

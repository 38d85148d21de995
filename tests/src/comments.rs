//! The comments of a YAML text and what each is about, found by looking at lines alone.

use seccomp_compiler::policy::edit::Edit;

use crate::edits::is_within;

/// A comment, and the line that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Comment<'a> {
    text: &'a str,
    owner: &'a str,
}

/// A line in its parts.
struct Line<'a> {
    column: usize,
    code: &'a str,
    comment: Option<&'a str>,
}

/// The lines of a text without block scalars.
fn lines(text: &str) -> Vec<Line<'_>> {
    let mut quote = None;
    let parts = text.lines().map(|line| {
        let (mut before, mut is_escaped) = (' ', false);
        let comment = line.char_indices().find_map(|(at, c)| {
            match (quote, c) {
                (Some('"'), '\\') if !is_escaped => is_escaped = true,
                (Some(open), _) if c == open && !is_escaped => quote = None,
                (Some(_), _) => is_escaped = false,
                (None, '#') if before == ' ' || before == '\t' => return Some(at),
                (None, '"' | '\'') if " \t[{,:-".contains(before) => quote = Some(c),
                (None, _) => {}
            }
            before = c;
            None
        });
        let (code, comment) = line.split_at(comment.unwrap_or(line.len()));
        let column = line.len() - line.trim_start().len();
        Line {
            column,
            code: code.trim().trim_end_matches(','),
            comment: Some(comment).filter(|c| !c.is_empty()),
        }
    });
    parts.collect()
}

/// The comments of a text. One behind something is about its line; others are about the next line, or, if they and those
/// before them are indented more deeply, about what is above with less indentation.
fn comments(text: &str) -> Vec<Comment<'_>> {
    let lines = lines(text);
    let mut are_deep = true;
    let comments = lines.iter().enumerate().filter_map(|(at, line)| {
        let is_behind = !line.code.is_empty();
        are_deep |= is_behind;
        let text = line.comment?;
        if is_behind {
            return Some(Comment { text, owner: line.code });
        }
        let next = lines[at..].iter().find(|line| !line.code.is_empty());
        are_deep &= next.is_none_or(|next| line.column > next.column);
        let outer =
            || lines[..at].iter().rev().find(|other| !other.code.is_empty() && other.column < line.column);
        let owner = if are_deep { outer() } else { next };
        Some(Comment { text, owner: owner.map_or("", |owner| owner.code) })
    });
    comments.collect()
}

/// Asserts that an edit of a text takes no comment away from what it is about: every comment is still there, in the same
/// order, and about the same line, unless the edit removed or changed that line.
///
/// # Panics
///
/// One is missing or moved.
pub fn assert_comments_stay(edit: &Edit, old: &str, new: &str) {
    let (before, after) = (comments(old), comments(new));
    let is_removal = matches!(edit, Edit::RemoveCall { .. } | Edit::RemoveGroup { .. });
    let count = |text: &str, code: &str| lines(text).iter().filter(|line| line.code == code).count();
    let mut rest = &after[..];
    for comment in &before {
        let is_gone = count(new, comment.owner) < count(old, comment.owner);
        let key = |line: &str| line.split_once(':').map(|(key, _)| key.to_owned());
        let is_same = |other: &Comment<'_>| {
            let changed = || match is_removal {
                true => true,
                false => is_within(comment.owner, other.owner) || key(comment.owner) == key(other.owner),
            };
            comment.text == other.text && (comment.owner == other.owner || is_gone && changed())
        };
        match rest.iter().position(is_same) {
            Some(at) => rest = &rest[at + 1..],
            None => assert!(
                is_gone && is_removal,
                "{comment:?} is lost or moved\n{edit:?}\n--- of\n{old}\n--- made\n{new}"
            ),
        }
    }
}

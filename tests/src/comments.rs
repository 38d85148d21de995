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

/// Whether a quote would open a scalar behind this part of a line.
fn begins_scalar(before: &str) -> bool {
    let mark = before.trim_end();
    mark.is_empty()
        || mark.ends_with(['[', '{', ','])
        || mark.ends_with("\":")
        || mark.len() < before.len() && mark.ends_with([':', '-'])
}

/// Where the comment of a line begins, if quotes count or not.
fn comment(line: &str, with_quotes: bool) -> Option<usize> {
    let (mut quote, mut is_escaped) = (None, false);
    let comment = line.char_indices().find_map(|(at, c)| {
        match (quote, c) {
            (Some('"'), '\\') if !is_escaped => is_escaped = true,
            (Some(open), _) if c == open && !is_escaped => quote = None,
            (Some(_), _) => is_escaped = false,
            (None, '#') if at == 0 || line[..at].ends_with([' ', '\t']) => return Some(at),
            (None, '"' | '\'') if with_quotes && begins_scalar(&line[..at]) => quote = Some(c),
            (None, _) => {}
        }
        None
    });
    // A quote that nothing closes is in a scalar without quotes.
    if quote.is_some() { self::comment(line, false) } else { comment }
}

/// The lines of a text without block scalars, in which no scalar with a `#` goes over several lines.
fn lines(text: &str) -> Vec<Line<'_>> {
    let parts = text.lines().map(|line| {
        let (code, comment) = line.split_at(comment(line, true).unwrap_or(line.len()));
        let column = line.len() - line.trim_start().len();
        let comment = Some(comment).filter(|comment| !comment.is_empty());
        Line { column, code: code.trim().trim_end_matches(','), comment }
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

/// Asserts that an edit of a text takes no comment away from what it is about: all that were there are there in the same
/// order, with those that the edit removes or adds in one place, and each is about the same line, unless the edit removed
/// or changed that line.
///
/// # Panics
///
/// One is missing or moved.
pub fn assert_comments_stay(edit: &Edit, old: &str, new: &str) {
    let (before, after) = (comments(old), comments(new));
    let is_removal = matches!(edit, Edit::RemoveCall { .. } | Edit::RemoveGroup { .. });
    let count = |text: &str, code: &str| lines(text).iter().filter(|line| line.code == code).count();
    let is_gone = |owner: &str| count(new, owner) < count(old, owner);
    let key = |line: &str| line.split_once(':').map(|(key, _)| key.to_owned());
    let is_changed = |from: &str, to: &str| is_removal || is_within(from, to) || key(from) == key(to);
    let is_same = |(old, new): (&Comment<'_>, &Comment<'_>)| {
        let has_owner = || old.owner == new.owner || is_gone(old.owner) && is_changed(old.owner, new.owner);
        old.text == new.text && has_owner()
    };
    let (lost, added) = (before.len().saturating_sub(after.len()), after.len().saturating_sub(before.len()));
    let stays = (0..=before.len() - lost).any(|at| {
        let start = before[..at].iter().zip(&after[..at]);
        let mut kept = start.chain(before[at + lost..].iter().zip(&after[at + added..]));
        kept.all(is_same) && before[at..at + lost].iter().all(|lost| is_removal && is_gone(lost.owner))
    });
    assert!(stays, "a comment is lost or moved\n{edit:?}\n--- of\n{old}\n--- made\n{new}");
}

//! The policies that Rust sources name: a scan of their tokens, which is enough to tell an attribute from a comment.

/// A policy that a source names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) path: String,
    /// Whether the build fails if there are warnings: `deny_warnings` is behind the path.
    pub(super) denies_warnings: bool,
}

/// The policies of `#[policy("…")]`, also within `cfg_attr`, and of `include_policy!("…")`.
pub(super) fn policies_named_in(source: &str) -> Vec<Named> {
    let tokens = tokens(source);
    let mut found = Vec::new();
    let mut attribute = 0_usize;
    for index in 0..tokens.len() {
        let (path, behind) = match &tokens[index..] {
            [Token::Mark('#'), Token::Mark('['), ..] => {
                attribute = end_of_brackets(&tokens, index);
                continue;
            }
            [Token::Word("policy"), Token::Mark('('), Token::Text(path), rest @ ..] if index < attribute => {
                (path, rest)
            }
            [
                Token::Word("include_policy"),
                Token::Mark('!'),
                Token::Mark('(' | '[' | '{'),
                Token::Text(path),
                rest @ ..,
            ] => (path, rest),
            _ => continue,
        };
        let mut arguments = behind.iter().take_while(|token| !matches!(token, Token::Mark(')' | ']' | '}')));
        let denies_warnings = arguments.any(|token| *token == Token::Word("deny_warnings"));
        found.push(Named { path: path.clone(), denies_warnings });
    }
    found
}

/// Behind the bracket that closes the first one from `start` on.
fn end_of_brackets(tokens: &[Token<'_>], start: usize) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(start) {
        match token {
            Token::Mark('[') => depth += 1,
            Token::Mark(']') if depth <= 1 => return index,
            Token::Mark(']') => depth -= 1,
            _ => {}
        }
    }
    tokens.len()
}

#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    /// A name, a keyword or a number.
    Word(&'a str),
    /// The text of a string literal. `\\` is the only escape that is read, as paths have no other.
    Text(String),
    Mark(char),
}

fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.split_once('\n').map_or("", |(_, rest)| rest);
        } else if rest.starts_with("/*") {
            rest = &rest[comment(rest)..];
        } else if let Some((text, length)) = string(rest) {
            tokens.push(Token::Text(text));
            rest = &rest[length..];
        } else if first == '\'' {
            rest = &rest[character(rest)..];
        } else if first.is_alphanumeric() || first == '_' {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(Token::Word(&rest[..length]));
            rest = &rest[length..];
        } else {
            if !first.is_whitespace() {
                tokens.push(Token::Mark(first));
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    tokens
}

/// The length of a block comment; those within it count.
fn comment(source: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < source.len() {
        let rest = &source[at..];
        if rest.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            break;
        }
    }
    at.min(source.len())
}

/// A string literal of any kind at the beginning: its text and its length.
fn string(source: &str) -> Option<(String, usize)> {
    let prefix = source.find(|c: char| !matches!(c, 'r' | 'b' | 'c')).unwrap_or(source.len());
    let (prefix, literal) = source.split_at(prefix);
    if !["", "r", "b", "c", "br", "cr"].contains(&prefix) {
        return None;
    }
    if !prefix.ends_with('r') {
        let body = literal.strip_prefix('"')?;
        let mut is_escaped = false;
        let end = body.find(|c: char| {
            let ends = c == '"' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            ends
        });
        let end = end.unwrap_or(body.len());
        return Some((body[..end].replace(r"\\", r"\"), (prefix.len() + 1 + end + 1).min(source.len())));
    }
    let hashes = literal.len() - literal.trim_start_matches('#').len();
    let body = literal[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let end = body.find(&close).unwrap_or(body.len());
    Some((body[..end].to_owned(), (prefix.len() + hashes + 1 + end + close.len()).min(source.len())))
}

/// The length of a character literal, or of the quote of a lifetime.
fn character(source: &str) -> usize {
    let mut letters = source.char_indices().skip(1);
    match (letters.next(), letters.next()) {
        (Some((_, '\\')), Some((at, escaped))) => {
            let from = at + escaped.len_utf8();
            source[from..].find('\'').map_or(source.len(), |end| from + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::policies_named_in as named_in;

    fn policies_named_in(source: &str) -> Vec<String> {
        named_in(source).into_iter().map(|named| named.path).collect()
    }

    #[test]
    fn what_denies_warnings_is_known_of_each() {
        let source = r#"
            #[policy("a.yaml", deny_warnings)] fn main() {}
            static W: Filter = include_policy!("b.yaml", refusals = "log");
            static X: Filter = include_policy!("c.yaml", profile = "d.yaml", deny_warnings);
        "#;
        let denies: Vec<bool> = named_in(source).iter().map(|named| named.denies_warnings).collect();
        assert_eq!(denies, [true, false, true]);
    }

    #[test]
    fn attributes_and_macros_name_policies() {
        let source = r###"
            #[policy("a.yaml", deny_warnings)]
            #[tokio::main]
            fn main() {}
            #[seccomp_runtime::policy(r#"b.yaml"#)] fn main() {}
            #[cfg_attr(target_os = "linux", policy("c.yaml"))] fn main() {}
            static W: Filter = seccomp_runtime::include_policy!("d.yaml", refusals = "log");
            static X: Filter = include_policy! { "e\\f.yaml" };
        "###;
        let expected = ["a.yaml", "b.yaml", "c.yaml", "d.yaml", r"e\f.yaml"];
        assert_eq!(policies_named_in(source), expected);
    }

    #[test]
    fn what_only_looks_like_it_names_none() {
        let source = r####"
            // #[policy("a.yaml")]
            /* include_policy!("b.yaml") /* nested */ #[policy("b.yaml")] */
            /// #[policy("c.yaml")]
            const TEXT: &str = "#[policy(\"d.yaml\")]";
            const RAW: &str = r##"include_policy!("e.yaml") "# "##;
            const BYTES: &[u8] = b"include_policy!(\"f.yaml\")";
            const QUOTE: [char; 3] = ['"', '\'', '\\'];
            fn lifetime<'a>(text: &'a str) { policy("g.yaml"); names[0].policy("h.yaml"); }
            macro_rules! include { ($path:literal) => { include_policy!($path) } }
        "####;
        assert_eq!(policies_named_in(source), [] as [&str; 0]);
        assert_eq!(policies_named_in(&format!("{source}\n#[policy(\"i.yaml\")] fn main() {{}}")), ["i.yaml"]);
    }

    #[test]
    fn a_source_that_ends_too_early_is_read_to_its_end() {
        for source in ["\"", "r#\"", "'", "'\\", "/*", "/* é", "#[policy(", "b", "include_policy!(\"a", "'é"]
        {
            policies_named_in(source);
        }
        assert_eq!(policies_named_in("include_policy!(\"a"), ["a"]);
    }
}

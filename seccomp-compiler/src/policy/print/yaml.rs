//! YAML as text: flow where it is short, block where it is long, quoted where it must be.

use core::fmt::{self, Write};

use crate::document::visible::is_misleading;
use crate::document::yaml::{self, Value};

/// A value to be written.
#[derive(Debug, Clone)]
pub(in crate::policy) enum Yaml {
    /// A boolean or a number, which is never quoted.
    Plain(String),
    /// A string.
    Text(String),
    /// A list, whose items may have lines of comment above them.
    List(Vec<(String, Self)>),
    /// A mapping, in flow style where it is short.
    Map(Vec<(String, Self)>),
    /// A mapping, in block style wherever the text around it is.
    Block(Vec<(String, Self)>),
}

/// How strings are quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::policy) enum Quotes {
    /// Not at all, or in double quotes if they would then be read as something else.
    WhereNeeded,
    /// In single quotes, unless they need escapes.
    Single,
    /// In double quotes.
    Double,
    /// In double quotes, as are keys: JSON.
    Json,
}

/// Lists and mappings that would make a line longer than this go on several lines.
const WIDEST: usize = 100;

/// A mapping's entry.
pub(in crate::policy) fn entry(key: &str, value: Yaml) -> (String, Yaml) {
    (key.to_owned(), value)
}

pub(in crate::policy) fn text(text: impl Into<String>) -> Yaml {
    Yaml::Text(text.into())
}

/// A list of items without comments.
pub(in crate::policy) fn list(items: impl IntoIterator<Item = Yaml>) -> Yaml {
    Yaml::List(items.into_iter().map(|item| (String::new(), item)).collect())
}

impl Yaml {
    /// On one line, in flow style.
    pub(in crate::policy) fn flow(&self, quotes: Quotes) -> String {
        let key = |key: &str| match quotes {
            Quotes::Json => quoted(key),
            Quotes::WhereNeeded | Quotes::Single | Quotes::Double => key.to_owned(),
        };
        match self {
            Self::Plain(text) => text.clone(),
            Self::Text(text) => scalar(text, quotes, true),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(|(_, item)| item.flow(quotes)).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Map(entries) | Self::Block(entries) => {
                let entry = |(name, value): &(String, Self)| format!("{}: {}", key(name), value.flow(quotes));
                format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// In block style. Every line but the first is indented by `indent`.
    pub(in crate::policy) fn block(&self, indent: usize, quotes: Quotes) -> String {
        let mut text = String::new();
        // A string takes all that is written.
        let _ = self.write(&mut text, indent, quotes);
        text
    }

    fn write(&self, f: &mut impl Write, indent: usize, quotes: Quotes) -> fmt::Result {
        match self {
            Self::Plain(_) | Self::Text(_) => f.write_str(&self.scalar(quotes)),
            Self::List(items) => {
                for (at, (comment, item)) in items.iter().enumerate() {
                    new_line(f, at, indent)?;
                    for line in comment.lines() {
                        let line: String =
                            line.chars().map(|c| if is_misleading(c) { ' ' } else { c }).collect();
                        write!(f, "{}\n{:indent$}", format_args!("# {line}").to_string().trim_end(), "")?;
                    }
                    f.write_str("- ")?;
                    if item.fits(indent + 2, quotes) {
                        f.write_str(&item.scalar(quotes))?;
                    } else {
                        item.write(f, indent + 2, quotes)?;
                    }
                }
                Ok(())
            }
            Self::Map(entries) | Self::Block(entries) => {
                for (at, (key, value)) in entries.iter().enumerate() {
                    new_line(f, at, indent)?;
                    write!(f, "{key}:")?;
                    value.write_behind_key(f, indent, indent + key.len() + 2, quotes)?;
                }
                Ok(())
            }
        }
    }

    /// Behind a key at `indent`, from `column` on if there is room on the line.
    fn write_behind_key(
        &self,
        f: &mut impl Write,
        indent: usize,
        column: usize,
        quotes: Quotes,
    ) -> fmt::Result {
        match self {
            Self::Plain(_) | Self::Text(_) => write!(f, " {}", self.scalar(quotes)),
            _ if self.fits(column, quotes) => write!(f, " {}", self.flow(quotes)),
            Self::List(_) => {
                write!(f, "\n{:indent$}", "")?;
                self.write(f, indent, quotes)
            }
            Self::Map(_) | Self::Block(_) => {
                write!(f, "\n{:1$}", "", indent + 2)?;
                self.write(f, indent + 2, quotes)
            }
        }
    }

    fn scalar(&self, quotes: Quotes) -> String {
        match self {
            Self::Text(text) => scalar(text, quotes, false),
            _ => self.flow(quotes),
        }
    }

    /// Whether it fits on a line from `column` on, in flow style.
    fn fits(&self, column: usize, quotes: Quotes) -> bool {
        self.may_flow() && column + self.flow(quotes).chars().count() <= WIDEST
    }

    fn may_flow(&self) -> bool {
        match self {
            Self::Plain(_) | Self::Text(_) => true,
            Self::List(items) => items.iter().all(|(comment, item)| comment.is_empty() && item.may_flow()),
            Self::Map(entries) => entries.iter().all(|(_, value)| value.may_flow()),
            Self::Block(_) => false,
        }
    }
}

/// Ends the line before an item, if there is one.
fn new_line(f: &mut impl Write, at: usize, indent: usize) -> fmt::Result {
    if at == 0 { Ok(()) } else { write!(f, "\n{:indent$}", "") }
}

/// A string as a scalar, within brackets or not.
pub(in crate::policy) fn scalar(text: &str, quotes: Quotes, in_flow: bool) -> String {
    let single = || format!("'{}'", text.replace('\'', "''"));
    match quotes {
        Quotes::WhereNeeded if is_plain(text, in_flow) => text.to_owned(),
        Quotes::Single if !text.contains(is_misleading) => single(),
        Quotes::WhereNeeded | Quotes::Single | Quotes::Double | Quotes::Json => quoted(text),
    }
}

/// Whether the text without quotes is read as this string.
fn is_plain(text: &str, in_flow: bool) -> bool {
    if text.contains(is_misleading) {
        return false;
    }
    let document = if in_flow { format!("[{text}]") } else { format!("- {text}\n") };
    let Ok(Some(document)) = yaml::read(&document, &mut 0) else { return false };
    let Value::Sequence(items) = &document.value else { return false };
    matches!(items.as_slice(), [item] if matches!(&item.value, Value::Text(found) if found == text))
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if is_misleading(c) => quoted.push_str(&match u32::from(c) {
                short @ ..=0xffff => format!("\\u{short:04X}"),
                long => format!("\\U{long:08X}"),
            }),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

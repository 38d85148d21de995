//! JSON as text, in the little that a schema needs of it.

use core::fmt;

/// A value. The keys of an object stand in their order.
#[derive(Debug, Clone)]
pub(super) enum Json {
    Bool(bool),
    Number(i128),
    Text(String),
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
}

pub(super) fn text(text: &str) -> Json {
    Json::Text(text.to_owned())
}

/// A list of strings.
pub(super) fn list<'a>(items: impl IntoIterator<Item = &'a str>) -> Json {
    Json::Array(items.into_iter().map(text).collect())
}

pub(super) fn object<'a>(entries: impl IntoIterator<Item = (&'a str, Json)>) -> Json {
    Json::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

impl Json {
    /// An object with one more entry.
    pub(super) fn with(self, key: &str, value: Self) -> Self {
        match self {
            Self::Object(mut entries) => {
                entries.push((key.to_owned(), value));
                Self::Object(entries)
            }
            other => other,
        }
    }

    /// On one line.
    fn short(&self) -> String {
        let joined = |items: Vec<String>| items.join(", ");
        match self {
            Self::Bool(value) => value.to_string(),
            Self::Number(value) => value.to_string(),
            Self::Text(value) => quoted(value),
            Self::Array(items) => format!("[{}]", joined(items.iter().map(Self::short).collect())),
            Self::Object(entries) => {
                let entry = |(key, value): &(String, Self)| format!("{}: {}", quoted(key), value.short());
                format!("{{{}}}", joined(entries.iter().map(entry).collect()))
            }
        }
    }

    /// On as many lines as it takes for each to stay short.
    fn write(&self, f: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        let short = self.short();
        let all_scalars =
            |items: &[Self]| !items.iter().any(|item| matches!(item, Self::Array(_) | Self::Object(_)));
        match self {
            _ if indent > 0 && indent + short.len() <= WIDEST => f.write_str(&short),
            Self::Array(items) if all_scalars(items) => filled(f, items, indent),
            Self::Array(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}\n{:2$}", if at == 0 { "" } else { "," }, "", indent + 2)?;
                    item.write(f, indent + 2)?;
                }
                write!(f, "\n{:indent$}]", "")
            }
            Self::Object(entries) => {
                f.write_str("{")?;
                for (at, (key, value)) in entries.iter().enumerate() {
                    let comma = if at == 0 { "" } else { "," };
                    write!(f, "{comma}\n{:2$}{}: ", "", quoted(key), indent + 2)?;
                    value.write(f, indent + 2)?;
                }
                write!(f, "\n{:indent$}}}", "")
            }
            _ => f.write_str(&short),
        }
    }
}

const WIDEST: usize = 110;

/// Scalars, as many to a line as there is room for.
fn filled(f: &mut fmt::Formatter<'_>, items: &[Json], indent: usize) -> fmt::Result {
    f.write_str("[")?;
    let mut column = WIDEST;
    for (at, item) in items.iter().enumerate() {
        let item = item.short();
        f.write_str(if at == 0 { "" } else { "," })?;
        if column + item.len() + 2 > WIDEST {
            write!(f, "\n{:1$}{item}", "", indent + 2)?;
            column = indent + 2 + item.len();
        } else {
            write!(f, " {item}")?;
            column += item.len() + 2;
        }
    }
    write!(f, "\n{:indent$}]", "")
}

/// What the schema quotes has no control characters.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

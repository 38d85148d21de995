//! YAML text to a tree of nodes, numbered in document order. Only this folder names the YAML library.
//!
//! The library tries a scalar as null, boolean and every kind of number before it takes it for a string, which is most of
//! the cost of a policy. So keys, and the items after a string in a list, are read *as strings*; if one turns out to be
//! something else, the document is read again without this. It saves 4 to 19 % of the expansion of a policy.

mod depth;
mod integer;
mod positions;
mod refusal;
#[cfg(feature = "edit")]
pub(crate) mod syntax;

use core::fmt;

use serde::de::{DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess as _, Visitor};
use serde_yaml::Deserializer;

pub(crate) use self::integer::integer;
#[cfg(feature = "edit")]
pub(crate) use self::positions::is_blank;
use self::positions::without_mark;
pub(crate) use self::positions::{MARK, length, positions};
pub(crate) use self::refusal::{Excess, MAX_DEPTH, MAX_FILES, Refusal, SyntaxError};
use self::refusal::{refusal, too_deep};
use crate::document::source::{Place, Span};

/// The most nodes that a document may have, with its aliases expanded: more than in the largest file that people write.
const MAX_NODES: usize = 1 << 16;

/// One value of the document.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) id: usize,
    pub(crate) value: Value,
}

#[derive(Debug, Clone)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Integer(i128),
    Float,
    Text(String),
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
    /// The key `<<` without quotes, the merge key of YAML 1.1: the fields of other mappings.
    Merge,
    Tagged,
}

impl Node {
    pub(crate) const fn place(&self) -> Place {
        Place::node(self.id)
    }
}

impl Value {
    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::Null => Kind::Nothing,
            Self::Bool(_) => Kind::Boolean,
            Self::Integer(_) => Kind::Integer,
            Self::Float => Kind::Float,
            Self::Text(_) | Self::Merge => Kind::String,
            Self::Sequence(_) => Kind::List,
            Self::Mapping(_) => Kind::Mapping,
            Self::Tagged => Kind::Tagged,
        }
    }
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Nothing,
    Boolean,
    Integer,
    Float,
    String,
    /// A string with a variable in it, as Beats knows them.
    Variable,
    List,
    Mapping,
    Tagged,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "nothing",
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::Float => "a floating-point number",
            Self::String => "a string",
            Self::Variable => "a variable (`${…}`), which is not expanded at build time",
            Self::List => "a list",
            Self::Mapping => "a mapping",
            Self::Tagged => "a tagged value",
        })
    }
}

/// The document of `text`, its nodes numbered from `next` on; `None` for one without content.
pub(crate) fn read(text: &str, next: &mut usize) -> Result<Option<Node>, Refusal> {
    let text = without_mark(text);
    if let Some((span, excess)) = too_deep(text) {
        return Err(Refusal::TooDeep { span, excess });
    }
    let first = *next;
    let mut build = |as_strings| {
        *next = first;
        Build { next, as_strings, string: false }.deserialize(Deserializer::from_str(text))
    };
    // A tag can turn a string into something else.
    let as_strings = !text.contains('!');
    let document = match build(as_strings) {
        Err(_) if as_strings => build(false),
        document => document,
    };
    match document {
        Ok(mut node) => {
            if text.contains(MERGE) {
                let lines = text.lines().map(|line| line.chars().collect()).collect();
                Merges { lines, first, spans: positions(text, usize::MAX) }.mark(&mut node);
            }
            Ok(Some(node).filter(|node| !matches!(node.value, Value::Null)))
        }
        Err(error) => Err(refusal(&error, text)),
    }
}

/// How a merge key is written.
const MERGE: &str = "<<";

/// Tells merge keys from strings: in quotes, `<<` is a key like any other. The library does not say what was in quotes,
/// so the text at the key's position does.
struct Merges {
    lines: Vec<Vec<char>>,
    /// The number of the first node.
    first: usize,
    spans: Vec<Span>,
}

impl Merges {
    fn mark(&self, node: &mut Node) {
        match &mut node.value {
            Value::Sequence(items) => items.iter_mut().for_each(|item| self.mark(item)),
            Value::Mapping(entries) => {
                for (key, value) in entries {
                    if matches!(&key.value, Value::Text(name) if name == MERGE) && self.is_plain(key.id) {
                        key.value = Value::Merge;
                    }
                    self.mark(key);
                    self.mark(value);
                }
            }
            _ => {}
        }
    }

    fn is_plain(&self, node: usize) -> bool {
        let Some(Span { line, column, .. }) = self.spans.get(node - self.first) else { return false };
        let rest = self.lines.get(line - 1).and_then(|line| line.get(column - 1..)).unwrap_or_default();
        rest.starts_with(&['<', '<'])
    }
}

/// Builds and numbers a node.
struct Build<'a> {
    next: &'a mut usize,
    /// Whether keys, and items after a string, are read as strings.
    as_strings: bool,
    /// Whether this node is read as a string, so that anything else is an error.
    string: bool,
}

impl Build<'_> {
    /// A node within this one.
    fn within(&mut self, string: bool) -> Build<'_> {
        Build { next: self.next, as_strings: self.as_strings, string: self.as_strings && string }
    }

    fn node<E: Error>(&mut self, value: Value) -> Result<Node, E> {
        let id = *self.next;
        *self.next += 1;
        if id < MAX_NODES {
            return Ok(Node { id, value });
        }
        Err(E::custom(format_args!("more than {MAX_NODES} values, counting each alias in full")))
    }
}

impl<'de> DeserializeSeed<'de> for Build<'_> {
    type Value = Node;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        if self.string { deserializer.deserialize_str(self) } else { deserializer.deserialize_any(self) }
    }
}

impl<'de> Visitor<'de> for Build<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("YAML")
    }

    fn visit_unit<E: Error>(mut self) -> Result<Node, E> {
        self.node(Value::Null)
    }

    /// A stream without a document.
    fn visit_none<E: Error>(mut self) -> Result<Node, E> {
        self.node(Value::Null)
    }

    fn visit_bool<E: Error>(mut self, value: bool) -> Result<Node, E> {
        self.node(Value::Bool(value))
    }

    fn visit_u64<E: Error>(mut self, value: u64) -> Result<Node, E> {
        self.node(Value::Integer(value.into()))
    }

    fn visit_i64<E: Error>(mut self, value: i64) -> Result<Node, E> {
        self.node(Value::Integer(value.into()))
    }

    fn visit_i128<E: Error>(mut self, value: i128) -> Result<Node, E> {
        self.node(Value::Integer(value))
    }

    fn visit_u128<E: Error>(mut self, value: u128) -> Result<Node, E> {
        self.node(Value::Integer(i128::try_from(value).unwrap_or(i128::MAX)))
    }

    fn visit_f64<E: Error>(mut self, _: f64) -> Result<Node, E> {
        self.node(Value::Float)
    }

    fn visit_str<E: Error>(mut self, value: &str) -> Result<Node, E> {
        if self.string && !is_string(value) {
            return Err(E::custom("not a string"));
        }
        self.node(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Node, A::Error> {
        let mut node = self.node(Value::Null)?;
        let mut nodes = Vec::new();
        let mut after_string = false;
        while let Some(item) = items.next_element_seed(self.within(after_string))? {
            after_string = matches!(item.value, Value::Text(_));
            nodes.push(item);
        }
        node.value = Value::Sequence(nodes);
        Ok(node)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<Node, A::Error> {
        let mut node = self.node(Value::Null)?;
        let mut nodes = Vec::new();
        while let Some(key) = entries.next_key_seed(self.within(true))? {
            let value = entries.next_value_seed(self.within(false))?;
            nodes.push((key, value));
        }
        node.value = Value::Mapping(nodes);
        Ok(node)
    }

    fn visit_enum<A: EnumAccess<'de>>(mut self, tagged: A) -> Result<Node, A::Error> {
        let (_tag, content) = tagged.variant::<String>()?;
        content.newtype_variant::<serde::de::IgnoredAny>()?;
        self.node(Value::Tagged)
    }
}

/// Whether a scalar without a tag is surely a string, quoted or not: it does not begin like a number, and is not a word
/// for another value.
fn is_string(text: &str) -> bool {
    let begins = matches!(text.as_bytes(), [b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'@' | b'<', ..]);
    begins
        && !matches!(text, "null" | "Null" | "NULL" | "true" | "True" | "TRUE" | "false" | "False" | "FALSE")
}

#[cfg(test)]
mod tests {
    use super::{Value, is_string, read};

    const SCALARS: &str = "null Null NULL true True TRUE false False FALSE nan NaN inf Infinity .nan .inf ~ y no Off \
        e5 0x 0x1f 0o7 1_000 12:30 +x -x 1e3 a:b a#b 2024-01-01 '' '1' 'true' '@file-system' \"read\" read _llseek << \
        O_RDWR Equal x86_64";

    #[test]
    fn a_string_is_one_however_it_is_read() {
        for scalar in SCALARS.split_whitespace() {
            // Behind a text another is expected, behind a number anything.
            let [expected, any] = ["text", "1"].map(|before| {
                let list = read(&format!("- {before}\n- {scalar}\n"), &mut 0);
                match list.expect("it is YAML").expect("it has content").value {
                    Value::Sequence(items) => format!("{:?}", items[1]),
                    other => panic!("{other:?}"),
                }
            });
            assert_eq!(expected, any);
            assert!(!is_string(scalar) || any.contains(&format!("Text({scalar:?})")), "{any}");
        }
    }
}

//! Where in a file an edit takes place.

use super::collection::{Collection, Item};
use super::edits::{Edit, Unchanged};
use super::splice::Splice;
use crate::document::yaml::syntax::{Content, Part};
use crate::policy::keys::{self, Key as _, Root};
use crate::policy::print::yaml::{Yaml, list, text as string};
use crate::policy::{Entry, Policy};

/// What an edit does to the text of `policy`.
pub(super) fn splice(text: &str, policy: &Policy, edit: &Edit) -> Result<Splice, Unchanged> {
    let root = Part::parse(text).ok_or(Unchanged::Unusual)?;
    let file = File { text, policy, root: Mapping::new(&root, 0)? };
    let splices = match edit {
        Edit::AddCall { group, at, entry } => file.add_call(*group, *at, entry),
        Edit::RemoveCall { group, at } => file.remove_call(*group, *at),
        Edit::AddGroup { at, group } => {
            let item = || group.yaml(false);
            match file.root_field(Root::Syscalls)? {
                Some(field) => file.list(field)?.insert(*at, &Item::Value(&group.comment, item())),
                None => file.add_key(Root::Syscalls, Yaml::List(vec![(group.comment.clone(), item())])),
            }
        }
        Edit::RemoveGroup { at } => {
            let field = file.root_field(Root::Syscalls)?.ok_or(Unchanged::Shared)?;
            file.remove_item(field, *at)
        }
        Edit::SetAction { group, action } => {
            let group = file.group(*group)?;
            let field = group.field(keys::Group::Action.name())?.ok_or(Unchanged::Shared)?;
            field.replace(text, &action.to_string())
        }
        Edit::SetDefaultAction { action } => match file.root_field(Root::DefaultAction)? {
            Some(field) => field.replace(text, &action.to_string()),
            None => file.add_key(Root::DefaultAction, string(action.to_string())),
        },
    }?;
    Ok(Splice::joined(text, splices))
}

struct File<'a> {
    text: &'a str,
    policy: &'a Policy,
    root: Mapping<'a>,
}

/// A mapping, and where the key ends that it is the value of.
#[derive(Clone, Copy)]
struct Mapping<'a> {
    part: &'a Part,
    entries: &'a [(Part, Part)],
    in_flow: bool,
    key: usize,
}

/// A key of a mapping with its value.
#[derive(Clone, Copy)]
struct Field<'a> {
    mapping: Mapping<'a>,
    at: usize,
    key: &'a Part,
    value: &'a Part,
}

impl<'a> Mapping<'a> {
    fn new(part: &'a Part, key: usize) -> Result<Self, Unchanged> {
        match &part.content {
            _ if part.is_shared => Err(Unchanged::Shared),
            Content::Mapping { entries, brackets } => {
                Ok(Self { part, entries, in_flow: brackets.is_some(), key })
            }
            Content::Alias => Err(Unchanged::Shared),
            Content::Scalar { .. } | Content::List { .. } => Err(Unchanged::Unusual),
        }
    }

    /// A field of its own; one that it may have from a merge key cannot be told.
    fn field(self, name: &str) -> Result<Option<Field<'a>>, Unchanged> {
        let position = |wanted| self.entries.iter().position(|(key, _)| key.text() == Some(wanted));
        let Some(at) = position(name) else {
            let merges = position("<<").is_some();
            return if merges { Err(Unchanged::Shared) } else { Ok(None) };
        };
        let (key, value) = &self.entries[at];
        if value.is_shared || matches!(value.content, Content::Alias) {
            return Err(Unchanged::Shared);
        }
        Ok(Some(Field { mapping: self, at, key, value }))
    }

    fn collection(self, text: &'a str) -> Result<Collection<'a>, Unchanged> {
        Collection::new(text, self.part, self.key)
    }

    /// One key more, behind all others.
    fn add(self, text: &str, name: String, value: Yaml) -> Result<Vec<Splice>, Unchanged> {
        self.collection(text)?.insert(self.entries.len(), &Item::Entry(name, value))
    }
}

impl Field<'_> {
    fn replace(self, text: &str, new: &str) -> Result<Vec<Splice>, Unchanged> {
        Ok(vec![Splice::replace(text, self.value, new, self.mapping.in_flow)?])
    }

    fn remove(self, text: &str) -> Result<Vec<Splice>, Unchanged> {
        if self.value.shares() {
            return Err(Unchanged::Shared);
        }
        self.mapping.collection(text)?.remove(self.at)
    }
}

impl<'a> File<'a> {
    /// The mapping under `seccomp`.
    fn nested(&self) -> Result<Option<Mapping<'a>>, Unchanged> {
        let field = self.root.field("seccomp")?;
        field.map(|field| Mapping::new(field.value, field.key.span.end)).transpose()
    }

    /// A key of the policy, in whichever form the file has it.
    fn root_field(&self, key: Root) -> Result<Option<Field<'a>>, Unchanged> {
        let nested = self.nested()?.map(|nested| nested.field(key.name())).transpose()?.flatten();
        let dotted = || self.root.field(&format!("seccomp.{}", key.name()));
        let found = nested.map_or_else(dotted, |field| Ok(Some(field)))?;
        found.map_or_else(|| self.root.field(key.name()), |field| Ok(Some(field)))
    }

    /// One key more at the policy's root.
    fn add_key(&self, key: Root, value: Yaml) -> Result<Vec<Splice>, Unchanged> {
        let is_dotted = |(key, _): &(Part, Part)| key.text().is_some_and(|key| key.starts_with("seccomp."));
        match self.nested()? {
            Some(nested) => nested.add(self.text, key.name().to_owned(), value),
            None if self.root.entries.iter().any(is_dotted) => {
                self.root.add(self.text, format!("seccomp.{}", key.name()), value)
            }
            None => self.root.add(self.text, key.name().to_owned(), value),
        }
    }

    fn list(&self, field: Field<'a>) -> Result<Collection<'a>, Unchanged> {
        Collection::new(self.text, field.value, field.key.span.end)
    }

    fn group(&self, at: usize) -> Result<Mapping<'a>, Unchanged> {
        let field = self.root_field(Root::Syscalls)?.ok_or(Unchanged::Shared)?;
        let Content::List { items, .. } = &field.value.content else { return Err(Unchanged::Unusual) };
        Mapping::new(items.get(at).ok_or(Unchanged::Unusual)?, field.key.span.end)
    }

    /// The key of a group's entries of one kind, and how many of the kind are before entry `at`.
    fn kind(&self, group: usize, at: usize, conditional: bool) -> (&'static str, usize) {
        let before = self.policy.groups[group].entries.iter().take(at);
        let before = before.filter(|entry| entry.conditions.is_some() == conditional).count();
        let key = if conditional { keys::Group::NamesWithArgs } else { keys::Group::Names };
        (key.name(), before)
    }

    fn add_call(&self, group: usize, at: usize, entry: &Entry) -> Result<Vec<Splice>, Unchanged> {
        let (key, at) = self.kind(group, at, entry.conditions.is_some());
        let group = self.group(group)?;
        match group.field(key)? {
            Some(field) => self.list(field)?.insert(at, &Item::Value(&entry.comment, entry.yaml())),
            None => group.add(self.text, key.to_owned(), list([entry.yaml()])),
        }
    }

    fn remove_call(&self, group: usize, at: usize) -> Result<Vec<Splice>, Unchanged> {
        let entry = &self.policy.groups[group].entries[at];
        let (key, at) = self.kind(group, at, entry.conditions.is_some());
        let field = self.group(group)?.field(key)?.ok_or(Unchanged::Shared)?;
        self.remove_item(field, at)
    }

    /// Removes an item of a list, or the list with its key where it is the only one.
    fn remove_item(&self, field: Field<'a>, at: usize) -> Result<Vec<Splice>, Unchanged> {
        match &field.value.content {
            Content::List { items, .. } if items.get(at).is_none_or(Part::shares) => Err(Unchanged::Shared),
            Content::List { items, .. } if items.len() == 1 => field.remove(self.text),
            _ => self.list(field)?.remove(at),
        }
    }
}

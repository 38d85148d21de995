//! The text of a problem. Messages are lower case without a full stop and name the thing in backticks; the help is the
//! next thing to do.

use crate::diagnose::spelling::nearest;
use crate::document::source::Place;

/// Everything that is said about one problem.
#[derive(Debug)]
pub(crate) struct Message {
    pub(super) text: String,
    /// Goes below the place at fault.
    pub(super) label: String,
    /// Other places, with what goes below them.
    pub(super) others: Vec<(Place, String)>,
    pub(super) help: Option<String>,
    /// A name as it is written, and the one that was probably meant.
    pub(super) correction: Option<(String, String)>,
}

pub(super) fn message(text: impl Into<String>) -> Message {
    Message { text: text.into(), label: String::new(), others: Vec::new(), help: None, correction: None }
}

impl Message {
    pub(super) fn label(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }

    pub(super) fn other(mut self, place: Place, text: impl Into<String>) -> Self {
        self.others.push((place, text.into()));
        self
    }

    pub(super) fn others<'a>(self, places: impl IntoIterator<Item = &'a Place>, text: &str) -> Self {
        places.into_iter().fold(self, |message, place| message.other(*place, text))
    }

    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The message and the help, for where there is nothing to point at.
    pub(crate) fn into_line(self) -> String {
        match self.help {
            Some(help) => format!("{}: {help}", self.text),
            None => self.text,
        }
    }

    /// Suggests the name that was probably meant, or else says what there is to choose from.
    pub(super) fn suggest<'a>(
        self,
        name: &str,
        names: impl IntoIterator<Item = &'a str>,
        otherwise: impl FnOnce() -> String,
    ) -> Self {
        match nearest(name, names) {
            Some(meant) => self.help(format!("did you mean `{meant}`?")).correct(name, meant),
            None => self.help(otherwise()),
        }
    }

    /// Says which name was probably meant, for tools that edit the policy.
    pub(super) fn correct(self, name: &str, meant: &str) -> Self {
        Self { correction: Some((name.to_owned(), meant.to_owned())), ..self }
    }

    /// Suggests what is known to be meant; else as [`Self::suggest`] does.
    pub(super) fn suggest_or<'a>(
        self,
        known: Option<String>,
        name: &str,
        names: impl IntoIterator<Item = &'a str>,
        otherwise: impl FnOnce() -> String,
    ) -> Self {
        match known {
            Some(help) => self.help(help),
            None => self.suggest(name, names, otherwise),
        }
    }
}

/// `a`, `b` and `c`, each in backticks.
pub(super) fn all_of<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    join(items, "and")
}

/// `a`, `b` or `c`, each in backticks.
pub(super) fn any_of<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    join(items, "or")
}

fn join<T: AsRef<str>>(items: impl IntoIterator<Item = T>, last_word: &str) -> String {
    let quoted: Vec<String> = items.into_iter().map(|item| format!("`{}`", item.as_ref())).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} {last_word} {last}", others.join(", ")),
        None => String::new(),
    }
}

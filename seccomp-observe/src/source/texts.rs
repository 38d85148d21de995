//! Logs that are read one after the other.

use std::io;
use std::vec::IntoIter;

use super::compressed::{self, Input};
use super::lines::Lines;
use crate::event::Event;
use crate::record::Form;

/// Several texts, one of them open.
pub(super) struct Texts {
    lines: Option<Lines<Input>>,
    rest: IntoIter<Input>,
    form: Option<Form>,
}

impl Texts {
    pub(super) fn new(inputs: Vec<Input>) -> Self {
        Self { lines: None, rest: inputs.into_iter(), form: None }
    }

    /// What the first text looks like that is something that is not read.
    pub(super) fn form(&self) -> Option<Form> {
        self.form
    }

    /// The next line, or only the next that may matter.
    pub(super) fn next(&mut self, all: bool) -> io::Result<Event<'_>> {
        // What the first bytes are is known once there are some.
        if self.lines.is_none() && !self.open_next()? {
            return Ok(Event::End);
        }
        let is_at_end = self.lines.as_mut().map(|lines| lines.is_at_end(all)).transpose()?;
        if is_at_end != Some(false) {
            return Ok(if self.open_next()? { Event::NextFile } else { Event::End });
        }
        let line = self.lines.as_mut().map(Lines::next_line).transpose()?.flatten();
        Ok(line.map_or(Event::End, Event::Line))
    }

    fn open_next(&mut self) -> io::Result<bool> {
        let Some(input) = self.rest.next() else { return Ok(false) };
        let (text, form) = compressed::text(input)?;
        self.form = self.form.or(form);
        self.lines = Some(Lines::new(text));
        Ok(true)
    }
}

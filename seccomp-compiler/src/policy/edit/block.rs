//! Items of block collections, each of which has its own lines.

use super::collection::{Collection, Item};
use super::edits::Unchanged;
use super::splice::{Splice, line_break, line_start};
use crate::policy::print::yaml::Yaml;

impl Collection<'_> {
    pub(super) fn insert_lines(&self, at: usize, item: &Item<'_>) -> Result<Splice, Unchanged> {
        let first = self.items.first().ok_or(Unchanged::Unusual)?.start;
        let indent = self.indent(0).len();
        let start = self.lines_end_before(at, indent);
        if at == 0 && start > line_start(self.text, first) {
            return Err(Unchanged::Unusual);
        }
        let quotes = self.quotes();
        let block = match item {
            Item::Value(comment, value) => {
                Yaml::List(vec![((*comment).to_owned(), value.clone())]).block(indent, quotes)
            }
            Item::Entry(key, value) => Yaml::Block(vec![(key.clone(), value.clone())]).block(indent, quotes),
        };
        let end = line_break(self.text);
        let block = format!("{:indent$}{}", "", block.replace('\n', end));
        let is_last = !self.text[..start].ends_with('\n');
        Ok(Splice::insert(start, if is_last { format!("{end}{block}") } else { format!("{block}{end}") }))
    }

    pub(super) fn remove_lines(&self, at: usize) -> Result<Splice, Unchanged> {
        let lines = self.lines(at);
        if !self.begins_line(at) {
            // The first key of an item is behind its dash, where the next one goes.
            let next = self.items.get(at + 1).ok_or(Unchanged::Unusual)?;
            let next_line = line_start(self.text, next.start);
            if next_line < lines.end || self.text[lines.end..next_line].contains('#') {
                return Err(Unchanged::Unusual);
            }
            return Ok(Splice::remove(self.items[at].start..next.start));
        }
        let is_last = !self.text[..lines.end].ends_with('\n');
        let start =
            if is_last { self.text[..lines.start].trim_end_matches(['\r', '\n']).len() } else { lines.start };
        Ok(Splice::remove(start..lines.end))
    }
}

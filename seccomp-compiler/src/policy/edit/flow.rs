//! Items within brackets, several to a line or each on its own.

use core::ops::Range;

use super::collection::{Collection, Gap, Item};
use super::edits::Unchanged;
use super::splice::{Splice, line_break, line_end};
use crate::policy::print::yaml::Yaml;

impl Collection<'_> {
    pub(super) fn insert_in_brackets(
        &self,
        at: usize,
        item: &Item<'_>,
        brackets: &Range<usize>,
    ) -> Result<Vec<Splice>, Unchanged> {
        let quotes = self.quotes();
        let item = match item {
            Item::Value(_, value) => value.flow(quotes),
            Item::Entry(key, value) => {
                let entry = Yaml::Map(vec![(key.clone(), value.clone())]).flow(quotes);
                entry[1..entry.len() - 1].to_owned()
            }
        };
        let gap = self.gap(at)?;
        let next = (at < self.items.len()).then_some(at);
        let previous = at.checked_sub(1);
        let is_alone = |at: &usize| self.is_alone(*at);
        let like = next
            .filter(is_alone)
            .or(previous.filter(is_alone))
            .or(next.filter(|next| gap.has_comment && self.begins_line(*next)));
        let previous_end = previous.map(|previous| self.items[previous].end);
        match (like, next) {
            (Some(like), _) if gap.has_line_break => self.insert_line(at, &item, like, &gap, brackets.start),
            _ if gap.has_comment => Err(Unchanged::Unusual),
            (_, Some(next)) => Ok(vec![Splice::insert(self.items[next].start, format!("{item}, "))]),
            (_, None) => Ok(vec![match (previous_end, gap.mark) {
                (_, Some(comma)) => Splice::insert(comma + 1, format!(" {item},")),
                (Some(previous), None) => Splice::insert(previous, format!(", {item}")),
                (None, None) => Splice::insert(brackets.end - 1, item),
            }]),
        }
    }

    /// Inserts an item on a line of its own, as the item `like` is.
    fn insert_line(
        &self,
        at: usize,
        item: &str,
        like: usize,
        gap: &Gap,
        open: usize,
    ) -> Result<Vec<Splice>, Unchanged> {
        let previous = at.checked_sub(1).map(|previous| self.items[previous].end);
        let end = line_end(self.text, previous.unwrap_or(open));
        let comma = match (previous, gap.mark) {
            (None, _) => None,
            (Some(previous), None) => Some(Splice::insert(previous, ",")),
            (Some(_), Some(comma)) if comma < end => None,
            (Some(_), Some(_)) => return Err(Unchanged::Unusual),
        };
        let indent = self.indent(like);
        let mark = if at < self.items.len() || gap.mark.is_some() { "," } else { "" };
        let line = self.lines_end_before(at, indent.len());
        let line = Splice::insert(line, format!("{indent}{item}{mark}{}", line_break(self.text)));
        Ok(comma.into_iter().chain([line]).collect())
    }

    pub(super) fn remove_in_brackets(&self, at: usize) -> Result<Vec<Splice>, Unchanged> {
        let item = self.items[at].clone();
        let (before, after) = (self.gap(at)?, self.gap(at + 1)?);
        let previous = at.checked_sub(1).map(|previous| self.items[previous].end);
        let next = self.items.get(at + 1).map(|next| next.start);
        // The new last item has a comma only if this one had.
        let comma = before.mark.filter(|_| next.is_none() && after.mark.is_none());
        let comma = comma.into_iter().map(|comma| Splice::remove(comma..comma + 1));
        if self.is_alone(at) {
            return Ok(comma.chain([Splice::remove(self.lines(at))]).collect());
        }
        let behind = after.mark.map_or(item.end, |comma| comma + 1);
        let range = match (previous, next) {
            (_, Some(next)) if !after.has_line_break => item.start..next,
            (Some(previous), _) if !before.has_line_break => previous..item.end,
            (Some(previous), None) if !before.has_comment => previous..item.end,
            (Some(_), None) => return Ok(comma.chain([Splice::remove(item.start..behind)]).collect()),
            _ if after.has_comment => return Err(Unchanged::Unusual),
            _ => item.start..behind,
        };
        Ok(vec![Splice::remove(range)])
    }
}

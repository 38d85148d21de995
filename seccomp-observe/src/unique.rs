//! Keeps a violation from being counted twice when a log has its record more than once: in two files, or in the two
//! transports of the journal.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{Hash, Hasher};

use crate::record::Violation;

/// Drops the records that were there before.
#[derive(Debug, Default)]
pub(crate) struct Unique {
    /// Records with a serial number, in two generations: the older one is forgotten when the newer one is full.
    seen: HashSet<u64>,
    older: HashSet<u64>,
    /// By what they say, how many more records with a serial number were given than without; negative if fewer.
    leads: HashMap<u64, i64>,
    /// Records without a serial number that wait for their twin, which has one.
    waiting: VecDeque<(u64, Violation)>,
    is_live: bool,
    has_unnumbered: bool,
    dropped: u64,
    has_forgotten: bool,
}

/// How many records are remembered in each generation, and how many for their twins.
const REMEMBERED: usize = 1 << 17;

/// How many records may wait. The journal keeps the two transports of one close together.
const WAITING: usize = 1 << 10;

impl Unique {
    /// Of a live source no record is held back.
    pub(crate) fn new(is_live: bool) -> Self {
        Self { is_live, ..Self::default() }
    }

    /// How many records were there before.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Whether the first records were forgotten, so that copies of them would be counted.
    pub(crate) fn has_forgotten(&self) -> bool {
        self.has_forgotten
    }

    /// Takes a violation, and gives those that are certain.
    pub(crate) fn add(&mut self, violation: Violation, give: &mut dyn FnMut(Violation)) {
        // Records that were cut off are too much alike.
        if violation.gap().is_some() {
            return give(violation);
        }
        let content = content(&violation);
        if violation.serial.is_none() {
            return if violation.is_read_back {
                give(violation)
            } else {
                self.add_unnumbered(content, violation, give)
            };
        }
        if !self.is_new(hash(&(content, violation.serial, violation.time))) {
            self.dropped += violation.times;
            return;
        }
        if violation.is_read_back { give(violation) } else { self.add_numbered(content, violation, give) }
    }

    /// Gives the rest.
    pub(crate) fn finish(&mut self, give: &mut dyn FnMut(Violation)) {
        self.waiting.drain(..).for_each(|(_, violation)| give(violation));
    }

    fn is_new(&mut self, record: u64) -> bool {
        if self.older.contains(&record) || !self.seen.insert(record) {
            return false;
        }
        if self.seen.len() > REMEMBERED {
            self.has_forgotten |= !self.older.is_empty();
            self.older = core::mem::take(&mut self.seen);
        }
        true
    }

    fn add_numbered(&mut self, content: u64, mut violation: Violation, give: &mut dyn FnMut(Violation)) {
        let mut times = violation.times;
        for (_, twin) in self.waiting.iter_mut().filter(|(other, _)| *other == content) {
            let both = twin.times.min(times);
            twin.times -= both;
            times -= both;
            self.dropped += both;
            violation.process.complete(&mut twin.process);
        }
        if times < violation.times {
            self.waiting.retain(|(_, twin)| twin.times > 0);
        }
        let given = self.pair(content, times, 1);
        violation.times -= given;
        if violation.times > 0 {
            give(violation);
        }
    }

    fn add_unnumbered(&mut self, content: u64, mut violation: Violation, give: &mut dyn FnMut(Violation)) {
        self.has_unnumbered = true;
        let times = violation.times;
        let leads = self.leads.get(&content).copied().unwrap_or_default();
        let both = times.min(u64::try_from(leads).unwrap_or_default());
        self.pair(content, both, -1);
        violation.times -= both;
        if violation.times == 0 {
            return;
        }
        if self.is_live {
            self.pair(content, violation.times, -1);
            return give(violation);
        }
        self.waiting.push_back((content, violation));
        if self.waiting.len() > WAITING
            && let Some((content, violation)) = self.waiting.pop_front()
        {
            self.pair(content, violation.times, -1);
            give(violation);
        }
    }

    /// Pairs so many records with those of the other transport that were given before; the others lead. Gives how many
    /// have a twin.
    fn pair(&mut self, content: u64, times: u64, side: i64) -> u64 {
        if times == 0 {
            return 0;
        }
        if self.leads.len() >= REMEMBERED {
            self.leads.clear();
            self.has_forgotten |= self.has_unnumbered;
        }
        let leads = self.leads.entry(content).or_default();
        let both = times.min(u64::try_from(-side * *leads).unwrap_or_default());
        *leads = leads.saturating_add(side.saturating_mul(i64::try_from(times).unwrap_or(i64::MAX)));
        self.dropped += both;
        both
    }
}

/// What a record says, however it was written: `json` leaves out a signal that is 0.
fn content(violation: &Violation) -> u64 {
    let Violation { login, user, group, .. } = violation;
    let ids = [login, user, group].map(|identity| identity.as_ref().and_then(|identity| identity.id));
    let Violation { pid, arch, number, session, compat, instruction_pointer, action, .. } = violation;
    let signal = violation.signal.filter(|signal| *signal != 0);
    hash(&(
        ids,
        (pid, arch, number, session, signal, compat, instruction_pointer, action),
        (&violation.thread, &violation.executable),
    ))
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::{REMEMBERED, Unique, WAITING};
    use crate::record::{Violation, decode, records};

    const BODY: &str = "auid=1 uid=2 gid=3 ses=4 pid=5 comm=\"a\" exe=\"/a\" sig=0 arch=c000003e syscall=41 compat=0 ip=0x1 code=0x50000";

    fn numbered(serial: u64) -> Violation {
        one(&format!("type=1326 audit(1.000:{serial}): {BODY}"))
    }

    fn unnumbered() -> Violation {
        one(&format!("audit[5]: SECCOMP {BODY}"))
    }

    fn one(line: &str) -> Violation {
        records(line.as_bytes()).map(|record| decode(&record)).next().expect("a record")
    }

    /// The serial numbers of what is given, and how many were dropped.
    fn given(
        violations: impl IntoIterator<Item = Violation>,
        is_live: bool,
    ) -> (Vec<(Option<u64>, u64)>, u64) {
        let mut unique = Unique::new(is_live);
        let mut all = Vec::new();
        for violation in violations {
            unique.add(violation, &mut |violation| all.push((violation.serial, violation.times)));
        }
        unique.finish(&mut |violation| all.push((violation.serial, violation.times)));
        (all, unique.dropped())
    }

    #[test]
    fn a_record_counts_once_however_often_it_is_there() {
        let again = [numbered(1), numbered(2), numbered(1), numbered(1)];
        assert_eq!(given(again, false), (vec![(Some(1), 1), (Some(2), 1)], 2));
    }

    #[test]
    fn the_two_transports_of_a_record_count_once_in_either_order() {
        for is_live in [false, true] {
            let (numbered_first, dropped) =
                given([numbered(1), unnumbered(), numbered(2), unnumbered(), unnumbered()], is_live);
            assert_eq!((numbered_first, dropped), (vec![(Some(1), 1), (Some(2), 1), (None, 1)], 2));
        }
        let (other, dropped) = given([unnumbered(), unnumbered(), numbered(1), numbered(2)], false);
        assert_eq!((other, dropped), (vec![(Some(1), 1), (Some(2), 1)], 2));
        let (live, dropped) = given([unnumbered(), numbered(1), numbered(2)], true);
        assert_eq!((live, dropped), (vec![(None, 1), (Some(2), 1)], 1));
    }

    #[test]
    fn equal_records_without_numbers_are_as_many_violations() {
        let equal = (0..WAITING + 9).map(|_| unnumbered());
        assert_eq!(given(equal, false).0.len(), WAITING + 9);
    }

    #[test]
    fn a_repeated_record_has_as_many_twins() {
        let repeated = |violation: Violation, times| Violation { times, ..violation };
        let (all, dropped) = given([repeated(unnumbered(), 3), numbered(1), repeated(numbered(2), 4)], false);
        assert_eq!((all, dropped), (vec![(Some(1), 1), (Some(2), 4)], 3));
    }

    #[test]
    fn memory_is_bounded_and_forgetting_is_known() {
        let mut unique = Unique::new(false);
        let violation = numbered(0);
        let add = |unique: &mut Unique, serial| {
            unique.add(Violation { serial: Some(serial), ..violation.clone() }, &mut |_| ());
        };
        (0..=2 * REMEMBERED as u64).for_each(|serial| add(&mut unique, serial));
        assert!(!unique.has_forgotten());
        add(&mut unique, 0);
        assert_eq!(unique.dropped(), 1);
        (0..REMEMBERED as u64).for_each(|serial| add(&mut unique, 1 << 30 | serial));
        assert!(unique.has_forgotten() && unique.seen.len() + unique.older.len() <= 2 * REMEMBERED);
    }
}

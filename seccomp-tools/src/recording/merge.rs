//! Recordings of several runs as one.

use super::model::{MAX_OBSERVATIONS, MAX_RUNS, Recording};
use super::observation::{Count, Key, Record};

impl Recording {
    /// Adds what another recording has: counts add up, and an argument with too many values in both together is no
    /// longer told apart. Which of two recordings is added to the other does not matter for what is seen, except for
    /// which stack is the first.
    pub fn merge(&mut self, other: Self) {
        let runs = self.merged_runs(&other);
        let threads: Vec<u32> = other.threads.iter().map(|name| self.thread(name).index()).collect();
        let programs: Vec<u32> = other.programs.iter().map(|program| self.merged_program(program)).collect();
        let stacks: Vec<Option<u32>> = other
            .stacks
            .all()
            .map(|frames| self.stacks.index(frames.into_iter().cloned().collect()))
            .collect();
        self.lost = self.lost.saturating_add(other.lost);
        for (key, record) in other.records {
            let key = Key { program: programs[key.program as usize], ..key };
            let mut kept = record.kept;
            kept.for_each(|seen: &mut Count| seen.stack = seen.stack.and_then(|at| stacks[at as usize]));
            let record = Record {
                runs: record.runs.iter().map(|run| runs[*run as usize]).collect(),
                threads: record.threads.iter().map(|thread| threads[*thread as usize]).collect(),
                kept,
            };
            self.insert(key, record);
        }
    }

    /// Adds all that was seen of a call.
    pub(super) fn insert(&mut self, key: Key, record: Record) {
        match self.keys.get(&key) {
            Some(known) => self.records[*known].1.merge(record),
            None if self.records.len() < MAX_OBSERVATIONS => {
                self.keys.insert(key, self.records.len());
                self.records.push((key, record));
            }
            None => self.lost = self.lost.saturating_add(record.count()),
        }
    }

    /// Adds the runs, and returns the new index of each.
    fn merged_runs(&mut self, other: &Self) -> Vec<u32> {
        let mut indices = Vec::new();
        for run in &other.runs {
            if self.runs.len() < MAX_RUNS {
                self.runs.push(run.clone());
            }
            indices.push(self.current_run());
        }
        indices
    }
}

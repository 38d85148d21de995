//! A recording of several programs as one of each.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Recording;
use super::observation::Key;
use super::stack::Stacks;

/// How many bytes of a file name are made from the name of a program: with an ending, it fits everywhere.
const MAX_NAME: usize = 128;

impl Recording {
    /// What each program called, as a recording of its own, with a name for its files. It is the file name of the program,
    /// with a number where several programs have the same one, and of characters that every file system takes.
    pub fn per_program(&self) -> Vec<(String, Self)> {
        let mut own: BTreeMap<(&str, u32), Self> = BTreeMap::new();
        let mut names = BTreeSet::new();
        for (key, record) in &self.records {
            let program = &self.programs[key.program as usize];
            let part = own.entry((&program.path, key.program)).or_insert_with(|| Self {
                runs: self.runs.clone(),
                programs: vec![program.clone()],
                threads: Vec::new(),
                keys: HashMap::new(),
                records: Vec::new(),
                stacks: Stacks::default(),
                lost: self.lost,
            });
            let mut record = record.clone();
            let threads = record.threads.iter();
            record.threads = threads.map(|at| part.thread(&self.threads[*at as usize]).index()).collect();
            record.kept.for_each(|seen| {
                let frames = seen.stack.map(|at| self.stacks.get(at).into_iter().cloned().collect());
                seen.stack = frames.and_then(|frames| part.stacks.index(frames));
            });
            part.insert(Key { program: 0, ..*key }, record);
        }
        own.into_iter().map(|((path, _), part)| (file_name(path, &mut names), part)).collect()
    }
}

/// A name for the files of a program that no other has, also where case does not count.
fn file_name(path: &str, taken: &mut BTreeSet<String>) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_safe = |letter: char| letter.is_ascii_alphanumeric() || "._+-".contains(letter);
    let safe = name.chars().take(MAX_NAME).map(|letter| if is_safe(letter) { letter } else { '_' });
    let mut name: String = safe.collect();
    if !name.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        name.insert(0, '_');
    }
    let numbered = |number: u32| if number == 1 { name.clone() } else { format!("{name}-{number}") };
    (1..).map(numbered).find(|name| taken.insert(name.to_ascii_lowercase())).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::file_name;

    #[test]
    fn names_of_files_are_safe_and_different() {
        let mut taken = BTreeSet::new();
        let paths =
            ["/bin/sh", "/opt/bin/sh", "/bin/SH", "/x/sh-2", "/x/.hidden", "/x/a b\n", "", "/x/..", "/é"];
        let names: Vec<String> = paths.iter().map(|path| file_name(path, &mut taken)).collect();
        assert_eq!(names, ["sh", "sh-2", "SH-3", "sh-2-2", "_.hidden", "a_b_", "_", "_..", "__"]);
        assert!(file_name(&"x".repeat(5000), &mut taken).len() < 200);
    }
}

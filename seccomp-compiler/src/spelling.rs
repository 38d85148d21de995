//! The nearest name to a misspelled one.

/// Of `names`, the one that takes the fewest edits to reach, if those are few enough to be a slip of the keys.
/// Among equals the one that shares more of its letters wins, then the first in order.
pub fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.to_lowercase().chars().take(LONGEST + 1).collect();
    if wanted.is_empty() || wanted.len() > LONGEST {
        return None;
    }
    let most = (wanted.len() / 3).clamp(1, 3);
    let candidates = names.into_iter().filter_map(|candidate| {
        let letters: Vec<char> = candidate.to_lowercase().chars().collect();
        let edits = distance(&wanted, &letters);
        (edits <= most).then_some((edits, letters.len().abs_diff(wanted.len()), candidate))
    });
    candidates.min().map(|(_, _, candidate)| candidate)
}

/// Longer words are not compared: no name that we know is as long.
const LONGEST: usize = 64;

/// How many insertions, deletions, replacements and swaps of neighbours lead from `a` to `b`: the optimal string
/// alignment distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let replaced = above[j] + usize::from(a[i] != b[j]);
            let mut best = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = core::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_keys_finds_the_name() {
        let names = ["open", "openat", "read", "readv", "pread64", "write"];
        assert_eq!(nearest("opne", names), Some("open"));
        assert_eq!(nearest("raed", names), Some("read"));
        assert_eq!(nearest("WRITE", names), Some("write"));
        assert_eq!(nearest("pread", names), Some("read"));
        assert_eq!(nearest("frobnicate", names), None);
        assert_eq!(nearest("", names), None);
    }
}

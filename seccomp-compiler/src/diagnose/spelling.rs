//! The nearest name to a misspelled one.

/// The name that takes the fewest edits to reach, if they are few enough to be a typing mistake. Among equals, the one of
/// the most similar length wins, then the first in alphabetical order.
pub fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    closest(name, &mut names.into_iter())
}

/// Compiled once for all kinds of iterators.
fn closest<'a>(name: &str, names: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.to_lowercase().chars().take(LONGEST + 1).collect();
    if wanted.is_empty() || wanted.len() > LONGEST {
        return None;
    }
    let most = (wanted.len() / 3).clamp(1, 3);
    let candidates = names.filter_map(|candidate| {
        // Every missing or extra letter is an edit, which rules out most names at no cost. All candidates are ASCII.
        if candidate.len().abs_diff(wanted.len()) > most {
            return None;
        }
        let letters: Vec<char> = candidate.to_lowercase().chars().collect();
        let edits = distance(&wanted, &letters, most)?;
        (edits <= most).then_some((edits, letters.len().abs_diff(wanted.len()), candidate))
    });
    candidates.min().map(|(_, _, candidate)| candidate)
}

/// Longer names are not compared; no candidate is as long.
const LONGEST: usize = 64;

/// The optimal string alignment distance: how many insertions, deletions, replacements and swaps of neighbours lead from
/// `a` to `b`. `None` once it is more than `most`.
fn distance(a: &[char], b: &[char], most: usize) -> Option<usize> {
    let mut rows = [vec![0; b.len() + 1], (0..=b.len()).collect(), vec![0; b.len() + 1]];
    for i in 0..a.len() {
        let [before, above, row] = &mut rows;
        row[0] = i + 1;
        for j in 0..b.len() {
            let replaced = above[j] + usize::from(a[i] != b[j]);
            row[j + 1] = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        // A swap reaches two rows back, for one more edit.
        if row[1..].iter().all(|edits| *edits > most + 1) {
            return None;
        }
        rows.rotate_left(1);
    }
    Some(rows[1][b.len()])
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_typing_mistake_finds_the_name() {
        let names = ["open", "openat", "read", "readv", "pread64", "write"];
        assert_eq!(nearest("opne", names), Some("open"));
        assert_eq!(nearest("raed", names), Some("read"));
        assert_eq!(nearest("WRITE", names), Some("write"));
        assert_eq!(nearest("pread", names), Some("read"));
        assert_eq!(nearest("frobnicate", names), None);
        assert_eq!(nearest("", names), None);
    }
}

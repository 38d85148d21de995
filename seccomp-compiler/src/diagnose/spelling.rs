//! The nearest name to a misspelled one.

/// Of `names`, the one that takes the fewest edits to reach, if those are few enough to be a slip of the keys.
/// Among equals the one that shares more of its letters wins, then the first in order.
pub fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    closest(name, &mut names.into_iter())
}

/// The work, compiled once for all kinds of iterators.
fn closest<'a>(name: &str, names: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.to_lowercase().chars().take(LONGEST + 1).collect();
    if wanted.is_empty() || wanted.len() > LONGEST {
        return None;
    }
    let most = (wanted.len() / 3).clamp(1, 3);
    let candidates = names.filter_map(|candidate| {
        // Each letter more or less is an edit; most names fall here, and cost nothing. No name that we know has letters
        // of more than one byte.
        if candidate.len().abs_diff(wanted.len()) > most {
            return None;
        }
        let letters: Vec<char> = candidate.to_lowercase().chars().collect();
        let edits = distance(&wanted, &letters, most)?;
        (edits <= most).then_some((edits, letters.len().abs_diff(wanted.len()), candidate))
    });
    candidates.min().map(|(_, _, candidate)| candidate)
}

/// Longer words are not compared: no name that we know is as long.
const LONGEST: usize = 64;

/// How many insertions, deletions, replacements and swaps of neighbours lead from `a` to `b`: the optimal string
/// alignment distance. `None` once it is more than `most`.
fn distance(a: &[char], b: &[char], most: usize) -> Option<usize> {
    let mut rows = [vec![0; b.len() + 1], (0..=b.len()).collect(), vec![0; b.len() + 1]];
    for i in 0..a.len() {
        let [before, above, row] = &mut rows;
        let (before, above, row) = (&before[..], &above[..], &mut row[..]);
        row[0] = i + 1;
        let (mut least, mut j) = (usize::MAX, 0);
        while j < b.len() {
            let mut best = above[j] + usize::from(a[i] != b[j]);
            if best > above[j + 1] {
                best = above[j + 1] + 1;
            }
            if best > row[j] {
                best = row[j] + 1;
            }
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] && best > before[j - 1] {
                best = before[j - 1] + 1;
            }
            row[j + 1] = best;
            if best < least {
                least = best;
            }
            j += 1;
        }
        // A swap reaches two rows back, for an edit more.
        if least > most + 1 {
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

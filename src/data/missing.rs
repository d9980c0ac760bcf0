//! A path that is not there: what the user may have meant.

use std::fs;
use std::path::Path;

use crate::error::Error;

/// Names that are suggested.
const SUGGESTIONS: usize = 3;

/// The error for a missing path, with similar names from its folder.
pub fn error(path: &Path) -> Error {
    let missing = Error::data(path, "there is no such file or folder");
    let parent = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return missing.hint("check the path"),
    };
    let Ok(entries) = fs::read_dir(parent) else {
        return missing.hint(format!("the folder {} is not there either; check the path", parent.display()));
    };
    let wanted = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let mut near: Vec<(usize, String)> = entries
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .filter_map(|name| Some((closeness(&wanted, &name.to_lowercase())?, name)))
        .collect();
    near.sort();
    near.truncate(SUGGESTIONS);
    let names: Vec<String> = near.into_iter().map(|(_, name)| name).collect();
    match names.is_empty() {
        true => missing.hint(format!("nothing in {} has a similar name", parent.display())),
        false => missing.hint(format!("did you mean {}?", names.join(" or "))),
    }
}

/// How close two names are, 0 best; nothing if they are not.
fn closeness(wanted: &str, name: &str) -> Option<usize> {
    let is_part = |a: &str, b: &str| a.len() >= 3 && b.contains(a);
    let distance = edits(wanted, name);
    let is_near = distance <= wanted.chars().count().max(3) / 3;
    (is_near || is_part(wanted, name) || is_part(name, wanted)).then_some(distance)
}

/// Letters to insert, delete or replace to turn `a` into `b` (Levenshtein).
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_names_are_suggested_closest_first() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["cifar10-train.zip", "cifar10-test.zip", "holiday"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let remedy = |name: &str| error(&folder.path().join(name)).remedy.unwrap();
        assert!(remedy("cifar10_train.zip").starts_with("did you mean cifar10-train.zip"));
        assert!(remedy("Holidays").contains("did you mean holiday?"));
        assert!(remedy("zzzzzz").contains("nothing in"));
        assert!(remedy("no/such/file").contains("is not there either"));
        assert!(error(Path::new("no-such-file-anywhere")).remedy.is_some());
        assert!(error(Path::new("")).remedy.is_some());
    }

    #[test]
    fn edits_are_counted() {
        assert_eq!([edits("", "abc"), edits("kitten", "sitting"), edits("same", "same")], [3, 3, 0]);
    }
}

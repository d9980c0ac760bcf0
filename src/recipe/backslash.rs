//! Paths of Windows in double quotes, where TOML takes `\` for the beginning of an escape.

use std::ops::Range;
use std::path::Path;

use crate::error::Error;

/// Longest line that is shown in a remedy, characters.
const MAX_SHOWN: usize = 120;

/// The error for a recipe that does not parse at `place` because of a `\` in double quotes; none if that is
/// not why.
pub fn misread(text: &str, place: Option<Range<usize>>) -> Option<Error> {
    let place = place?;
    // The place may be that of the line's end.
    let before = text.get(..place.start)?;
    let number = before.matches('\n').count();
    let line = text.lines().nth(number)?;
    has_bad_escape(line).then(|| error(Some((number + 1, line))))
}

/// The error for a path that came out of its escapes as nobody meant it: with characters which no path has,
/// as `C:\new\train` does, or without the `\` after a drive's letter. None for other paths.
pub fn spoiled(text: &str, path: &Path) -> Option<Error> {
    let words = path.to_string_lossy();
    let has_control = words.chars().any(char::is_control);
    let mut start = words.chars();
    let has_lost_its_drive = start.next().is_some_and(|c| c.is_ascii_alphabetic())
        && start.next() == Some(':')
        && start.next().is_some_and(|c| !matches!(c, '\\' | '/'));
    if !has_control && !has_lost_its_drive {
        return None;
    }
    // The line that is read as this path.
    let reads_so = |line: &str| {
        let value = line.split_once('=').map(|(_, value)| format!("v = {}", value.trim()));
        let table =
            value.filter(|value| value.contains('\\')).and_then(|value| value.parse::<toml::Table>().ok());
        table.is_some_and(|table| table.get("v").and_then(toml::Value::as_str) == Some(&*words))
    };
    let found = (1..).zip(text.lines()).find(|(_, line)| reads_so(line));
    (has_control || found.is_some()).then(|| error(found))
}

fn error(line: Option<(usize, &str)>) -> Error {
    let place = line.map_or_else(|| "the recipe".to_string(), |(number, _)| format!("line {number}"));
    let what = format!("{place} has a path in double quotes, where `\\` begins an escape: it cannot be read");
    let quoted = line.map(|(_, line)| line.trim()).filter(|line| !line.contains('\''));
    let shown = quoted
        .map(|line| line.replace('"', "'"))
        .filter(|line| line.chars().count() <= MAX_SHOWN)
        .unwrap_or_else(|| "path = 'C:\\photos'".to_string());
    Error::usage(what).hint(format!("use single quotes, {shown}, or write / in place of \\"))
}

/// Whether a line has a string in double quotes with a `\` that begins no escape, or that takes the string's
/// end for itself.
fn has_bad_escape(line: &str) -> bool {
    let mut rest = line.chars();
    let mut escaped = false;
    while let Some(c) = rest.next() {
        match c {
            '#' => return false,
            '\'' => _ = rest.by_ref().find(|c| *c == '\''),
            '"' => loop {
                match rest.next() {
                    Some('"') => break,
                    Some('\\') => {
                        escaped = true;
                        if !is_escape(&mut rest) {
                            return true;
                        }
                    }
                    Some(_) => {}
                    None => return escaped,
                }
            },
            _ => {}
        }
    }
    false
}

/// Whether what follows a `\` is an escape of TOML's.
fn is_escape(rest: &mut std::str::Chars<'_>) -> bool {
    let digits = match rest.next() {
        Some('b' | 't' | 'n' | 'f' | 'r' | 'e' | '"' | '\\') => return true,
        Some('x') => 2,
        Some('u') => 4,
        Some('U') => 8,
        _ => return false,
    };
    let code: String = rest.as_str().chars().take(digits).collect();
    code.len() == digits && u32::from_str_radix(&code, 16).ok().and_then(char::from_u32).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<toml::Table, toml::de::Error> {
        text.parse()
    }

    #[test]
    fn every_folder_that_is_no_escape_is_explained() {
        for folder in [
            "Users", "users", "photos", "data", "0", "x", "my set", "Images", "xyz", "uni", "Ubuntu",
            "ümlaut",
        ] {
            let text = format!("name = \"a\"\n[data]\n  path = \"C:\\{folder}\\set\"\nsize = 16\n");
            let error = parsed(&text).expect_err("no TOML");
            let told = misread(&text, error.span()).unwrap_or_else(|| panic!("{folder}: {error}"));
            assert!(told.what.contains("line 3"), "{told}");
            let remedy = told.remedy.expect("a remedy");
            assert!(
                remedy.contains(&format!("path = 'C:\\{folder}\\set'")) && remedy.contains('/'),
                "{remedy}"
            );
        }
        // The last `\\` takes the quotes for itself.
        let text = "[data]\npath = \"C:\\new\\\"\nsize = 16\n";
        let told = misread(text, parsed(text).expect_err("no TOML").span()).expect("it is explained");
        assert!(told.remedy.is_some_and(|remedy| remedy.contains("'C:\\new\\'")), "{}", told.what);
        let share = "path = \"\\\\server\\share\"";
        assert!(misread(share, parsed(share).expect_err("no TOML").span()).is_some());
    }

    #[test]
    fn other_mistakes_are_not_explained_so() {
        for text in [
            "size = = 3",
            "path = \"C:\\\\photos\" 3",
            "path = 'C:\\Users' 3",
            "path = \"a\\tb\" 3",
            "path = \"photos",
            "size = # \"C:\\Users\"",
        ] {
            assert!(misread(text, parsed(text).expect_err("no TOML").span()).is_none(), "{text}");
        }
    }

    #[test]
    fn folders_that_are_escapes_by_chance_are_found() {
        for folders in ["new\\train", "before", "faces\\real", "train", "render", "eval", "xab", "ubeef"] {
            let line = format!("path = \"C:\\{folders}\"");
            let text = format!("name = \"a\"\n{line}\n");
            let path = parsed(&text).expect("TOML, by chance")["path"].as_str().expect("a path").to_string();
            let told = spoiled(&text, Path::new(&path)).unwrap_or_else(|| panic!("{folders}"));
            assert!(told.what.contains("line 2"), "{told}");
            assert!(told.remedy.is_some_and(|r| r.contains(&line.replace('"', "'"))), "{folders}");
        }
        for path in ["für/photos", "C:/photos", "C:\\photos", "a:b", "c"] {
            assert!(spoiled(&format!("path = '{path}'"), Path::new(path)).is_none(), "{path}");
        }
    }
}

//! Names of files inside a container, however a packing program spelled them.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// The file that gives the classes, as EDM's data set tool writes it.
pub const LABELS_FILE: &str = "dataset.json";

/// A name with `/` between folders, without empty parts, `.` and `..`.
///
/// # Errors
/// A name that leads out of the container, or none: the reason in words.
pub fn normalised(name: &str) -> Result<String, String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in name.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_none() => return Err("its name leads out of the archive".into()),
            ".." => {}
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        return Err("it has no name".into());
    }
    Ok(parts.join("/"))
}

/// What two spellings of one name have in common: macOS writes é as e and an accent (NFD), others as one
/// letter (NFC). A name that leads out of the container stays as it is.
pub fn key(name: &str) -> Cow<'_, str> {
    let is_plain = |part: &str| !matches!(part, "" | "." | "..");
    if name.is_ascii() && !name.contains('\\') && name.split('/').all(is_plain) {
        return Cow::Borrowed(name);
    }
    let name = normalised(name).unwrap_or_else(|_| name.to_string());
    Cow::Owned(if name.is_ascii() { name } else { name.nfc().collect() })
}

/// The last part of a name.
pub fn file_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Files that operating systems and tools leave behind: not pictures, not worth a word.
pub fn is_clutter(name: &str) -> bool {
    let is_hidden = name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX");
    is_hidden || ["Thumbs.db", "desktop.ini"].contains(&file_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_name_is_one() {
        for spelling in [
            "set/0.png",
            "./set/0.png",
            ".\\set\\0.png",
            "set/./0.png",
            ".//set//0.png",
            "/set/0.png",
            "a/../set/0.png",
        ] {
            assert_eq!(normalised(spelling).unwrap(), "set/0.png", "{spelling}");
        }
        for out in ["../set/0.png", "..\\0.png", "a/../../0.png", "./../0.png"] {
            assert!(normalised(out).unwrap_err().contains("leads out"), "{out}");
        }
        for none in ["", ".", "/", "a/.."] {
            assert!(normalised(none).unwrap_err().contains("no name"), "{none}");
        }
        assert_eq!(key("Blu\u{308}te/e\u{301}.png"), key("./Bl\u{fc}te/\u{e9}.png"));
        assert_eq!(key("../a.png"), "../a.png");
    }

    #[test]
    fn what_systems_leave_behind_is_clutter() {
        for name in ["__MACOSX/a.png", ".DS_Store", "a/._b.png", "x/Thumbs.db"] {
            assert!(is_clutter(name), "{name}");
        }
        assert!(!is_clutter("a/b.png"));
    }
}

//! Files of one name in two folders, however systems and people spell it.

use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

use super::list;

/// What bears a file's name.
#[derive(Debug, PartialEq)]
pub enum Found<'a> {
    None,
    One(&'a Path),
    Several(Vec<&'a Path>),
}

/// How a name is compared.
type Spelling = fn(&str) -> String;

/// From the strictest on: as it is; with é as one letter, where macOS writes an e and an accent; and in small
/// letters, as Windows and macOS compare.
const SPELLINGS: [Spelling; 3] = [
    str::to_string,
    |name| name.nfc().collect(),
    |name| name.nfc().flat_map(char::to_lowercase).nfc().collect(),
];

/// Those of `files` that are called as `file` is. The strictest spelling that finds any decides, the ending
/// counting first, then not.
pub fn find<'a>(file: &Path, files: &'a [PathBuf]) -> Found<'a> {
    for spelling in SPELLINGS {
        for part in [list::name, list::stem] {
            let wanted = spelling(&part(file));
            let same = |other: &&Path| spelling(&part(other)) == wanted;
            let found: Vec<&Path> = files.iter().map(PathBuf::as_path).filter(same).collect();
            match found[..] {
                [one] => return Found::One(one),
                [] => {}
                _ => return Found::Several(found.clone()),
            }
        }
    }
    Found::None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strictest_spelling_decides() {
        let found = |file: &str, files: &[&str]| {
            let files: Vec<PathBuf> = files.iter().map(|name| Path::new("masks").join(name)).collect();
            match find(Path::new(file), &files) {
                Found::None => String::new(),
                Found::One(one) => list::name(one),
                Found::Several(all) => all.into_iter().map(list::name).collect::<Vec<_>>().join("+"),
            }
        };
        assert_eq!(found("in/cat.jpg", &["Cat.png", "cat.png", "dog.png"]), "cat.png");
        assert_eq!(found("in/cat.jpg", &["Cat.png", "dog.png"]), "Cat.png");
        assert_eq!(found("CAT.JPG", &["cat.png"]), "cat.png");
        assert_eq!(found("cat.jpg", &["CAT.png", "Cat.png"]), "CAT.png+Cat.png");
        // Pictures that differ in their endings alone have masks that do.
        assert_eq!(found("cat.jpg", &["cat.jpg", "cat.png"]), "cat.jpg");
        assert_eq!(found("cat.bmp", &["cat.jpg", "cat.png"]), "cat.jpg+cat.png");
        // One letter, or a letter and an accent.
        for (composed, apart) in [("\u{e9}", "e\u{301}"), ("\u{fc}", "u\u{308}"), ("\u{c5}", "A\u{30a}")] {
            let names = [composed, apart].map(|name| format!("{name}.png"));
            assert_eq!(found(&names[0], &[&names[1]]), names[1]);
            assert_eq!(found(&names[1], &[&names[0]]), names[0]);
            assert_eq!(found(&names[0], &[&names[1], &names[0]]), names[0]);
            let capital = composed.to_uppercase();
            assert_eq!(found(&format!("{capital}.png"), &[&names[1]]), names[1]);
        }
        assert_eq!(found("cat.jpg", &["cats.png", "ca.png"]), "");
    }
}

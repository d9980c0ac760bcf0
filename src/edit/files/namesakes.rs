//! Files of one name in two folders, however systems and people spell it.

use std::collections::HashMap;
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

/// Names of a folder, each found at once however many there are.
#[derive(Debug, Default)]
pub struct Names {
    files: Vec<PathBuf>,
    /// A spelling of a name, with or without its ending, and the files that bear it.
    by_spelling: [HashMap<String, Vec<usize>>; LOOKS],
}

/// A name is looked for in each spelling twice.
const LOOKS: usize = 2 * SPELLINGS.len();

impl Names {
    pub fn new(files: Vec<PathBuf>) -> Self {
        let mut by_spelling: [HashMap<String, Vec<usize>>; LOOKS] = Default::default();
        for (index, file) in files.iter().enumerate() {
            for (names, spelled) in by_spelling.iter_mut().zip(spellings(file)) {
                names.entry(spelled).or_default().push(index);
            }
        }
        Self { files, by_spelling }
    }

    /// Those that are called as `file` is. The strictest spelling that finds any decides, the ending counting first,
    /// then not.
    pub fn find(&self, file: &Path) -> Found<'_> {
        let looks = self.by_spelling.iter().zip(spellings(file));
        let found = looks.filter_map(|(names, spelled)| names.get(&spelled)).next();
        match found.map(Vec::as_slice) {
            None => Found::None,
            Some(&[one]) => Found::One(&self.files[one]),
            Some(several) => Found::Several(several.iter().map(|at| self.files[*at].as_path()).collect()),
        }
    }
}

/// How a file is called, strictest first.
fn spellings(file: &Path) -> impl Iterator<Item = String> {
    let [whole, stem] = [list::name(file), list::stem(file)];
    SPELLINGS.into_iter().flat_map(move |spelling| [spelling(&whole), spelling(&stem)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strictest_spelling_decides() {
        let found = |file: &str, files: &[&str]| {
            let files: Vec<PathBuf> = files.iter().map(|name| Path::new("masks").join(name)).collect();
            match Names::new(files).find(Path::new(file)) {
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

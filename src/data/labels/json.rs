//! Labels from a `dataset.json`: `{"labels": [["00000/img00000000.png", 6], …]}`, as EDM writes it, and as
//! people write it by hand.
//!
//! It is read in a stream: what is kept of it is a class for each file of the collection and the names of
//! the classes, however long it is.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::ops::Range;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::class_names::name_all;
use super::super::limits::{MAX_CLASS_NAME, MAX_CLASSES, MAX_LABELS};
use super::super::names::key;
use super::Labels;
use super::item::Item;
use crate::text;

/// How the labels should look, for messages.
const EXAMPLE: &str = r#"{"labels": [["00000/img0.png", 0], ["00000/img1.png", 1]]}"#;

/// Reads the labels of `names` from a `dataset.json` that lies in the folder `base` ("" or "a/b/")
/// of the collection. Nothing means that the images have no labels; why is in `warnings`,
/// unless the file says so itself.
pub fn from_json(bytes: Vec<u8>, base: &str, names: &[&str], warnings: &mut Vec<String>) -> Option<Labels> {
    let mut found = Found::new(base, names);
    let text = match text::decoded(bytes) {
        Ok(text) => text,
        Err(reason) => {
            warnings.push(format!("dataset.json is not used: {reason}"));
            return None;
        }
    };
    let mut reader = serde_json::Deserializer::from_str(&text);
    let read = reader.deserialize_map(Whole(&mut found)).and_then(|()| reader.end());
    if let Err(error) = read {
        warnings.push(format!(
            "dataset.json cannot be read, the images have no labels: {error}; it should look like {EXAMPLE}"
        ));
        return None;
    }
    found.finish(warnings)
}

/// What was read so far.
struct Found<'a> {
    base: &'a str,
    /// The spelling-free names of the files, sorted, and the number of each file.
    files: Vec<(String, usize)>,
    classes: Vec<Option<Class>>,
    /// Classes that are words, with the order in which they came.
    words: HashMap<String, usize>,
    class_names: Vec<String>,
    has_labels: bool,
    entries: usize,
    malformed: usize,
    /// A name in the labels that no file has.
    stranger: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Class {
    Number(u32),
    /// One of the words.
    Word(usize),
}

impl<'a> Found<'a> {
    fn new(base: &'a str, names: &[&str]) -> Self {
        let mut files: Vec<(String, usize)> =
            names.iter().enumerate().map(|(i, name)| (key(name).into_owned(), i)).collect();
        files.sort();
        Self {
            base,
            files,
            classes: vec![None; names.len()],
            words: HashMap::new(),
            class_names: Vec::new(),
            has_labels: false,
            entries: 0,
            malformed: 0,
            stranger: None,
        }
    }

    /// The files of a name: relative to the labels' folder, or to the top.
    fn files_of(&self, name: &str) -> Range<usize> {
        let of = |name: &str| {
            let key = key(name);
            let from = self.files.partition_point(|(known, _)| known.as_str() < &*key);
            from..from + self.files[from..].partition_point(|(known, _)| known.as_str() == &*key)
        };
        if self.base.is_empty() {
            return of(name);
        }
        let inside = of(&format!("{}{name}", self.base));
        if inside.is_empty() { of(name) } else { inside }
    }

    fn take(&mut self, name: &str, value: Item) {
        let files = self.files_of(name);
        if files.is_empty() {
            self.stranger.get_or_insert_with(|| name.chars().take(MAX_CLASS_NAME).collect());
        }
        let class = match value.into_class() {
            Item::Number(number) if number < u64::from(MAX_CLASSES) => Class::Number(number as u32),
            // The words of files that are not there are not kept.
            Item::Text(_) if files.is_empty() => return,
            Item::Text(word) if self.words.contains_key(&word) || self.words.len() < MAX_CLASSES as usize => {
                let next = self.words.len();
                Class::Word(*self.words.entry(word.chars().take(MAX_CLASS_NAME).collect()).or_insert(next))
            }
            _ => return self.malformed += 1,
        };
        files.for_each(|at| self.classes[self.files[at].1] = Some(class));
    }

    fn finish(self, warnings: &mut Vec<String>) -> Option<Labels> {
        if !self.has_labels {
            return None;
        }
        if self.malformed > 0 {
            warnings.push(format!(
                "{} of {} entries of dataset.json are not a file name and a class (a number below {MAX_CLASSES}, or a word)",
                self.malformed, self.entries
            ));
        }
        if self.classes.iter().all(Option::is_none) {
            let example = match (self.stranger, self.files.first()) {
                (Some(stranger), Some((file, _))) => {
                    format!(": it names {stranger}, the files are called like {file}")
                }
                _ => format!(": it should look like {EXAMPLE}"),
            };
            warnings.push(format!("dataset.json has a class for none of the images{example}"));
            return None;
        }
        let (of_file, mut class_names) = match self.words.is_empty() {
            true => (
                self.classes.iter().map(|class| class.as_ref().and_then(Class::number)).collect(),
                self.class_names,
            ),
            false => self.worded(),
        };
        name_all(&mut class_names, of_file.iter().flatten().copied());
        Some(Labels { of_file, class_names })
    }

    /// The classes in the order of their words: where some are words, numbers are words too.
    fn worded(&self) -> (Vec<Option<u32>>, Vec<String>) {
        let mut words: Vec<&str> = vec![""; self.words.len()];
        self.words.iter().for_each(|(word, place)| words[*place] = word);
        let word = |class: &Class| match class {
            Class::Number(number) => number.to_string(),
            Class::Word(place) => words[*place].to_string(),
        };
        let order: BTreeSet<String> = self.classes.iter().flatten().map(word).collect();
        let order: Vec<String> = order.into_iter().collect();
        let number = |class: &Option<Class>| Some(order.binary_search(&word(class.as_ref()?)).ok()? as u32);
        (self.classes.iter().map(number).collect(), order)
    }
}

impl Class {
    fn number(&self) -> Option<u32> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Word(_) => None,
        }
    }
}

/// The whole file.
struct Whole<'f, 'a>(&'f mut Found<'a>);

impl<'de> Visitor<'de> for Whole<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with \"labels\"")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(field) = map.next_key::<String>()? {
            match field.as_str() {
                "labels" => map.next_value_seed(Entries(self.0))?,
                "class_names" => map.next_value_seed(ClassNames(self.0))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// The list of labels, or a table of them.
struct Entries<'f, 'a>(&'f mut Found<'a>);

impl Entries<'_, '_> {
    fn count<E: serde::de::Error>(&mut self) -> Result<(), E> {
        self.0.entries += 1;
        match self.0.entries > MAX_LABELS {
            true => Err(E::custom(format!("it has more than {MAX_LABELS} labels"))),
            false => Ok(()),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Entries<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of labels")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(mut self, mut list: S) -> Result<(), S::Error> {
        self.0.has_labels = true;
        while let Some(entry) = list.next_element::<Item>()? {
            self.count()?;
            match entry {
                Item::Pair(pair) => match *pair {
                    (Item::Text(name), class) => self.0.take(&name, class),
                    _ => self.0.malformed += 1,
                },
                _ => self.0.malformed += 1,
            }
        }
        Ok(())
    }

    fn visit_map<M: MapAccess<'de>>(mut self, mut map: M) -> Result<(), M::Error> {
        self.0.has_labels = true;
        while let Some((name, value)) = map.next_entry::<String, Item>()? {
            self.count()?;
            self.0.take(&name, value);
        }
        Ok(())
    }
}

/// Names of classes, our own addition, which EDM's reader ignores. Beyond the most classes nothing is kept.
struct ClassNames<'f, 'a>(&'f mut Found<'a>);

impl<'de> DeserializeSeed<'de> for ClassNames<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for ClassNames<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of names of classes")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        while self.0.class_names.len() < MAX_CLASSES as usize {
            match list.next_element::<String>()? {
                Some(name) => self.0.class_names.push(name.chars().take(MAX_CLASS_NAME).collect()),
                None => return Ok(()),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(json: &[u8], base: &str, names: &[&str]) -> (Option<Labels>, Vec<String>) {
        let mut warnings = Vec::new();
        (from_json(json.to_vec(), base, names, &mut warnings), warnings)
    }

    #[test]
    fn edm_labels_are_read() {
        let names = ["00000/img0.png", "00000/img1.png", "other.png"];
        let json = br#"{"labels": [["00000/img1.png", 3], ["00000\\img0.png", 0]], "class_names": ["a"]}"#;
        let (labels, warnings) = classes(json, "", &names);
        let labels = labels.unwrap();
        assert_eq!(labels.of_file, [Some(0), Some(3), None]);
        assert_eq!(labels.class_names, ["a", "1", "2", "3"]);
        assert!(warnings.is_empty());
        assert_eq!(classes(br#"{"labels": null}"#, "", &names), (None, Vec::new()));
    }

    #[test]
    fn labels_are_read_as_people_write_them() {
        let names = ["x/Bl\u{fc}te/a.png", "x/b.png"];
        for json in [
            r#"{"labels": [["Bl\u00fcte/a.png", 1.0], ["b.png", 0.0]]}"#,
            r#"{"labels": [["Blu\u0308te/a.png", "1"], ["b.png", "0"]]}"#,
            r#"{"labels": {"./Bl\u00fcte/a.png": 1, ".//b.png": 0}}"#,
            r#"{"labels": [["x/Bl\u00fcte/a.png", 1], ["x/b.png", 0]], "other": [[{}]]}"#,
        ] {
            let (labels, warnings) = classes(json.as_bytes(), "x/", &names);
            assert_eq!(labels.unwrap().of_file, [Some(1), Some(0)], "{json}");
            assert!(warnings.is_empty(), "{json}: {warnings:?}");
        }
        let words = r#"{"labels": [["b.png", "dog"], ["x/Bl\u00fcte/a.png", "cat"]]}"#;
        let labels = classes(words.as_bytes(), "x/", &names).0.unwrap();
        assert_eq!(
            (labels.of_file, labels.class_names),
            (vec![Some(0), Some(1)], vec!["cat".into(), "dog".into()])
        );
        let mixed = r#"{"labels": {"b.png": "dog", "Bl\u00fcte/a.png": 7}}"#;
        let labels = classes(mixed.as_bytes(), "x/", &names).0.unwrap();
        assert_eq!(
            (labels.of_file, labels.class_names),
            (vec![Some(0), Some(1)], vec!["7".into(), "dog".into()])
        );
    }

    #[test]
    fn hostile_json_warns_and_never_panics() {
        let names = ["x/a.png", "x/b.png"];
        let hostile: [&[u8]; 9] = [
            b"",
            b"[]",
            b"{\"labels\": 5}",
            b"{\"labels\": {\"c.png\": 1}}",
            b"{\"labels\": [[\"a.png\", [0, 1]], 7, null, [1, 2, 3]]}",
            b"{\"labels\": [[\"a.png\", -1]]}",
            b"{\"labels\": [[\"other.png\", 1]]}",
            b"{\"labels\": [[\"a.png\", 99999999999]]}",
            b"\xff\xfe{}",
        ];
        for bytes in hostile {
            let (labels, warnings) = classes(bytes, "x/", &names);
            assert_eq!(labels, None);
            assert!(!warnings.is_empty(), "{}", String::from_utf8_lossy(bytes));
        }
        let nested = [b"{\"labels\":".to_vec(), vec![b'['; 100_000]].concat();
        assert_eq!(classes(&nested, "", &names).0, None);
        let (_, warnings) = classes(b"{\"labels\": [[\"other.png\", 1]]}", "x/", &names);
        assert!(warnings[0].contains("names other.png, the files are called like x/a.png"), "{warnings:?}");
    }

    #[test]
    fn a_class_beyond_the_most_is_none_and_is_counted() {
        let (labels, warnings) =
            classes(br#"{"labels": [["a.png", 1], ["c.png", 70000]]}"#, "", &["a.png", "b.png", "c.png"]);
        assert_eq!(labels.unwrap().of_file, [Some(1), None, None]);
        assert!(warnings[0].contains("1 of 2 entries"), "{warnings:?}");
    }

    #[test]
    fn names_of_classes_are_kept_as_far_as_there_may_be_classes() {
        let many = vec!["\"\""; MAX_CLASSES as usize + 5].join(",");
        let json = format!(r#"{{"labels": [["a.png", 0]], "class_names": [{many}]}}"#);
        assert_eq!(
            classes(json.as_bytes(), "", &["a.png"]).0.unwrap().class_names.len(),
            MAX_CLASSES as usize
        );
    }
}

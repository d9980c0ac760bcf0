//! Class labels of a collection of files: from `dataset.json`, or from the folders they lie in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::limits::MAX_CLASSES;

/// Endings of the picture files whose folders count as classes.
const PICTURE_ENDINGS: [&str; 7] = ["png", "jpg", "jpeg", "jfif", "webp", "gif", "bmp"];

/// A class number for each file, or the reason why it has none.
#[derive(Clone, Debug, PartialEq)]
pub struct Labels {
    of_file: Vec<Result<u32, String>>,
    /// Names of the classes, where they have any.
    pub class_names: Vec<String>,
}

impl Labels {
    pub fn of_file(&self, i: usize) -> Result<u32, String> {
        self.of_file.get(i).cloned().unwrap_or_else(|| Err("it has no label".into()))
    }
}

/// `dataset.json` as EDM writes it: `{"labels": [["00000/img00000000.png", 6], …]}` or null.
#[derive(Deserialize)]
struct Json {
    labels: Option<Vec<Entry>>,
    /// Our own addition, which EDM's reader ignores.
    #[serde(default)]
    class_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Class(String, u64),
    Other(IgnoredAny),
}

/// Reads the labels of `names` from a `dataset.json` that lies in the folder `base` ("" or "a/b/")
/// of the collection. Nothing means that the images are used without labels; why is in `warnings`,
/// unless the file says so itself.
pub fn from_json(bytes: &[u8], base: &str, names: &[String], warnings: &mut Vec<String>) -> Option<Labels> {
    let json: Json = match serde_json::from_slice(bytes) {
        Ok(json) => json,
        Err(error) => {
            warnings.push(format!("dataset.json cannot be read, the images have no labels: {error}"));
            return None;
        }
    };
    let mut known: HashMap<String, u64> = HashMap::new();
    let mut malformed = 0;
    for entry in json.labels? {
        match entry {
            Entry::Class(name, class) => {
                known.insert(format!("{base}{}", name.replace('\\', "/")), class);
            }
            Entry::Other(_) => malformed += 1,
        }
    }
    if malformed > 0 {
        warnings.push(format!("{malformed} entries of dataset.json are not [file name, class number]"));
    }
    let of_file: Vec<Result<u32, String>> = names
        .iter()
        .map(|name| match known.get(name) {
            Some(class) if *class < u64::from(MAX_CLASSES) => Ok(*class as u32),
            Some(class) => Err(format!("class {class} in dataset.json is not below {MAX_CLASSES}")),
            None => Err("dataset.json has no class for it".into()),
        })
        .collect();
    if of_file.iter().all(Result::is_err) {
        warnings.push("dataset.json has a class for none of the images: they have no labels".into());
        return None;
    }
    let mut class_names = json.class_names;
    class_names.truncate(MAX_CLASSES as usize);
    name_all(&mut class_names, of_file.iter().flatten().copied());
    Some(Labels { of_file, class_names })
}

/// Gives a class without a name its number, so that the number of classes is known from all labels
/// there are and not from those that a limit leaves.
pub fn name_all(class_names: &mut Vec<String>, labels: impl Iterator<Item = u32>) {
    let classes = labels.max().map_or(0, |top| top as usize + 1);
    (class_names.len()..classes).for_each(|class| class_names.push(class.to_string()));
}

/// Takes the outermost folders that tell pictures apart as classes, in sorted order. Nothing if
/// there are not two of them, if some pictures lie beside them, or if they are the numbered
/// folders of an EDM data set.
pub fn from_folders(names: &[String], warnings: &mut Vec<String>) -> Option<Labels> {
    let folders: Vec<Vec<&str>> = names
        .iter()
        .filter(|name| is_picture_name(name))
        .map(|name| {
            let mut parts: Vec<&str> = name.split('/').collect();
            parts.pop();
            parts
        })
        .collect();
    let first = folders.first()?;
    let shared =
        |depth: usize| folders.iter().all(|f| f.get(depth).is_some() && f.get(depth) == first.get(depth));
    let depth = (0..first.len()).take_while(|depth| shared(*depth)).count();
    let classes: BTreeSet<Option<&str>> = folders.iter().map(|f| f.get(depth).copied()).collect();
    if classes.len() < 2 || classes.iter().flatten().all(|name| is_edm_shard(name)) {
        return None;
    }
    if classes.contains(&None) {
        warnings.push("some pictures lie beside the folders: folders are not taken as classes".into());
        return None;
    }
    if classes.len() > MAX_CLASSES as usize {
        warnings
            .push(format!("{} folders are too many for classes: the images have no labels", classes.len()));
        return None;
    }
    let numbers: BTreeMap<&str, u32> = classes.iter().flatten().copied().zip(0..).collect();
    let of_file = names
        .iter()
        .map(|name| {
            let class = name.split('/').nth(depth).and_then(|folder| numbers.get(folder));
            class.copied().ok_or_else(|| "it is in no class's folder".to_string())
        })
        .collect();
    Some(Labels { of_file, class_names: numbers.keys().map(ToString::to_string).collect() })
}

fn is_picture_name(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or_default();
    PICTURE_ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending))
}

/// EDM's tool puts a thousand images each into folders 00000, 00001, …
fn is_edm_shard(folder: &str) -> bool {
    folder.len() == 5 && folder.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn edm_labels_are_read() {
        let names = names(&["00000/img0.png", "00000/img1.png"]);
        let mut warnings = Vec::new();
        let json = br#"{"labels": [["00000/img1.png", 3], ["00000\\img0.png", 0]], "class_names": ["a"]}"#;
        let labels = from_json(json, "", &names, &mut warnings).unwrap();
        assert_eq!((labels.of_file(0), labels.of_file(1)), (Ok(0), Ok(3)));
        assert_eq!(labels.class_names, ["a", "1", "2", "3"]);
        assert!(labels.of_file(2).is_err());
        assert_eq!(from_json(br#"{"labels": null}"#, "", &names, &mut warnings), None);
        assert!(warnings.is_empty());
    }

    #[test]
    fn hostile_json_warns_and_never_panics() {
        let names = names(&["x/a.png", "x/b.png"]);
        let hostile: [&[u8]; 9] = [
            b"",
            b"[]",
            b"{\"labels\": 5}",
            b"{\"labels\": {\"a.png\": 1}}",
            b"{\"labels\": [[\"a.png\", \"cat\"], 7, null, [1, 2, 3]]}",
            b"{\"labels\": [[\"a.png\", -1]]}",
            b"{\"labels\": [[\"other.png\", 1]]}",
            b"{\"labels\": [[\"a.png\", 99999999999]]}",
            b"\xff\xfe{}",
        ];
        for bytes in hostile {
            let mut warnings = Vec::new();
            assert_eq!(from_json(bytes, "x/", &names, &mut warnings), None);
            assert!(!warnings.is_empty(), "{}", String::from_utf8_lossy(bytes));
        }
        let nested = [b"{\"labels\":".to_vec(), vec![b'['; 100_000]].concat();
        assert_eq!(from_json(&nested, "", &names, &mut Vec::new()), None);
    }

    #[test]
    fn an_image_without_a_class_is_told_apart() {
        let names = names(&["a.png", "b.png", "c.png"]);
        let json = br#"{"labels": [["a.png", 1], ["c.png", 70000]]}"#;
        let labels = from_json(json, "", &names, &mut Vec::new()).unwrap();
        assert_eq!(labels.of_file(0), Ok(1));
        assert!(labels.of_file(1).unwrap_err().contains("no class"));
        assert!(labels.of_file(2).unwrap_err().contains("70000"));
    }

    #[test]
    fn folders_are_classes_where_that_makes_sense() {
        let mut warnings = Vec::new();
        let nested = names(&["set/cat/1.png", "set/cat/more/2.JPG", "set/dog/3.png", "set/readme.txt"]);
        let labels = from_folders(&nested, &mut warnings).unwrap();
        assert_eq!(labels.class_names, ["cat", "dog"]);
        assert_eq!((labels.of_file(0), labels.of_file(1), labels.of_file(2)), (Ok(0), Ok(0), Ok(1)));
        assert!(labels.of_file(3).is_err());
        assert_eq!(from_folders(&names(&["1.png", "2.png"]), &mut warnings), None);
        assert_eq!(from_folders(&names(&["cat/1.png", "cat/2.png"]), &mut warnings), None);
        assert_eq!(from_folders(&names(&["00000/img0.png", "00001/img1.png"]), &mut warnings), None);
        assert_eq!(from_folders(&[], &mut warnings), None);
        assert!(warnings.is_empty());
        assert_eq!(from_folders(&names(&["1.png", "cat/2.png", "dog/3.png"]), &mut warnings), None);
        assert_eq!(warnings.len(), 1);
    }
}

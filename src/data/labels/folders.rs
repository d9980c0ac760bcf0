//! Folders as classes.

use std::collections::{BTreeMap, BTreeSet};

use super::super::limits::MAX_CLASSES;
use super::Labels;

/// Folders that are parts of a set, not classes of it.
const PARTS: [&str; 9] =
    ["train", "training", "val", "valid", "validation", "test", "testing", "dev", "eval"];

/// Takes the outermost folders that tell pictures apart as classes, in sorted order; `is_picture` says which
/// of `names` are pictures. Nothing if there are not two of them, if some pictures lie beside them, if they
/// are parts of a set such as "train" and "val", or if they only hold a long row of images in portions.
pub fn from_folders(names: &[&str], is_picture: &[bool], warnings: &mut Vec<String>) -> Option<Labels> {
    let pictures =
        || names.iter().zip(is_picture).filter(|(_, is_picture)| **is_picture).map(|(name, _)| *name);
    let folders: Vec<Vec<&str>> = pictures()
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
    if classes.len() < 2 {
        return None;
    }
    let named: Vec<&str> = classes.iter().flatten().copied().collect();
    let parts: Vec<&str> =
        named.iter().copied().filter(|name| PARTS.contains(&name.to_lowercase().as_str())).collect();
    if parts.len() > 1 {
        let (inside, all) = (first[..depth].join("/"), parts.join(" and "));
        let train = parts.iter().find(|name| name.to_lowercase().starts_with("train")).unwrap_or(&parts[0]);
        let train = if inside.is_empty() { (*train).to_string() } else { format!("{inside}/{train}") };
        warnings.push(format!(
            "the folders {all} are parts of a set, not classes: the images of all of them are used, without \
             labels; give {train} alone (--data …/{train}) to train on its images and to have its folders as classes"
        ));
        return None;
    }
    if classes.contains(&None) {
        warnings.push("some pictures lie beside the folders: folders are not taken as classes".into());
        return None;
    }
    if are_portions(&named, pictures(), depth) {
        warnings.push(
            "the numbered folders hold one row of numbered images, as EDM and FFHQ store them: they are not taken as classes"
                .into(),
        );
        return None;
    }
    if classes.len() > MAX_CLASSES as usize {
        warnings
            .push(format!("{} folders are too many for classes: the images have no labels", classes.len()));
        return None;
    }
    let numbers: BTreeMap<&str, u32> = named.into_iter().zip(0..).collect();
    let of_file = names
        .iter()
        .map(|name| {
            // The last part is the file itself.
            let (folders, _) = name.rsplit_once('/')?;
            numbers.get(folders.split('/').nth(depth)?).copied()
        })
        .collect();
    Some(Labels { of_file, class_names: numbers.keys().map(ToString::to_string).collect() })
}

/// Images by the thousand in folders of five digits: EDM's `00012/img00012345.png` begins with its folder's
/// number, FFHQ's `12000/12345.png` is one of the thousand from its folder's number on.
fn are_portions<'a>(folders: &[&str], mut pictures: impl Iterator<Item = &'a str>, depth: usize) -> bool {
    let is_number = |text: &str| text.len() >= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !folders.iter().all(|folder| folder.len() == 5 && is_number(folder)) {
        return false;
    }
    pictures.all(|name| {
        let Some(folder) = name.split('/').nth(depth) else { return false };
        let file = name.rsplit('/').next().unwrap_or(name);
        let stem = file.split('.').next().unwrap_or(file);
        let digits = stem.trim_start_matches(|letter: char| !letter.is_ascii_digit());
        let in_thousand = || Some(digits.parse::<u64>().ok()? / 1000 == folder.parse::<u64>().ok()? / 1000);
        is_number(digits)
            && (digits.len() > 5 && digits.starts_with(folder)
                || folder.ends_with("000") && in_thousand() == Some(true))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(names: &[&str]) -> (Option<Labels>, Vec<String>) {
        let mut warnings = Vec::new();
        let is_picture: Vec<bool> = names.iter().map(|name| !name.ends_with(".txt")).collect();
        (from_folders(names, &is_picture, &mut warnings), warnings)
    }

    #[test]
    fn folders_are_classes_where_that_makes_sense() {
        let (labels, warnings) =
            classes(&["set/cat/1.png", "set/cat/more/2", "set/dog/3.png", "set/readme.txt", "set/dog/x.txt"]);
        let labels = labels.unwrap();
        assert_eq!(labels.class_names, ["cat", "dog"]);
        assert_eq!(labels.of_file, [Some(0), Some(0), Some(1), None, Some(1)]);
        assert_eq!(classes(&["1.png", "2.png"]), (None, vec![]));
        assert_eq!(classes(&["cat/1.png", "cat/2.png"]), (None, vec![]));
        assert_eq!(classes(&["cat/1.png", "dog/2.txt"]), (None, vec![]));
        assert_eq!(classes(&[]), (None, vec![]));
        assert!(warnings.is_empty());
        let (labels, warnings) = classes(&["1.png", "cat/2.png", "dog/3.png"]);
        assert_eq!((labels, warnings.len()), (None, 1));
    }

    #[test]
    fn folders_of_numbers_are_classes_unless_they_hold_a_row_of_images() {
        for row in [
            ["00000/img00000000.png", "00001/img00001000.png"],
            ["00000/00000.png", "01000/01234.png"],
            ["set/00000/img00000000.png", "set/00001/img00001000.png"],
        ] {
            let (labels, warnings) = classes(&row);
            assert_eq!(labels, None);
            assert!(warnings[0].contains("one row"), "{warnings:?}");
        }
        for apart in [
            ["00000/0.png", "00001/0.png"],
            ["00000/img0.png", "00001/img1.png"],
            ["00000/12345.png", "00001/54321.png"],
            ["0/00000.png", "1/00001.png"],
        ] {
            let (labels, warnings) = classes(&apart);
            assert_eq!(labels.unwrap().of_file, [Some(0), Some(1)], "{apart:?}");
            assert!(warnings.is_empty());
        }
    }

    #[test]
    fn parts_of_a_set_are_no_classes() {
        for parts in [
            ["D/train/cat/0.png", "D/val/cat/0.png", "D/val/dog/1.png"],
            ["D/Train/cat/0.png", "D/Test/cat/0.png", "D/notes/2.png"],
        ] {
            let (labels, warnings) = classes(&parts);
            assert_eq!(labels, None);
            assert!(warnings[0].to_lowercase().contains("give d/train alone"), "{warnings:?}");
        }
        // A class may be called so.
        assert!(classes(&["bus/0.png", "train/1.png"]).0.is_some());
    }
}

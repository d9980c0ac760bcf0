//! Class labels of a collection of files: from `dataset.json`, or from the folders they lie in.

mod folders;
mod item;
mod json;

use super::container::{Container, read_whole};
use super::contents::Pictures;
use super::limits::MAX_JSON_BYTES;
use folders::from_folders;
use json::from_json;

/// A class number for each file that has one.
#[derive(Clone, Debug, PartialEq)]
pub struct Labels {
    pub of_file: Vec<Option<u32>>,
    /// Names of the classes, where they have any.
    pub class_names: Vec<String>,
}

/// The labels of pictures: from `dataset.json` where there is one, else from their folders; and how to call a
/// set that has a `dataset.json`. Why there are none is in `warnings`.
pub fn of_pictures(
    pictures: &Pictures,
    container: &mut dyn Container,
    warnings: &mut Vec<String>,
) -> Option<Labels> {
    let names = container.names().to_vec();
    let names: Vec<&str> = pictures.files.iter().map(|&i| names[i].as_str()).collect();
    let Some((number, base)) = &pictures.json else {
        return from_folders(&names, &pictures.is_picture, warnings);
    };
    let mut bytes = Err(String::new());
    let opened = container.with(*number, &mut |from| bytes = read_whole(from, MAX_JSON_BYTES));
    match opened.and(bytes) {
        Ok(bytes) => from_json(bytes, base, &names, warnings),
        Err(reason) => {
            warnings.push(format!("dataset.json is not used: {reason}"));
            None
        }
    }
}

//! Which files are edited, and what their results are called.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::data;
use crate::error::{Error, Result};

/// Files as given; folders by their files, sorted.
///
/// # Errors
/// A folder that cannot be listed or has no files.
pub fn pictures(inputs: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for input in inputs {
        if !input.is_dir() {
            files.push(input.clone());
            continue;
        }
        let inside = files_in(input)?;
        if inside.is_empty() {
            return Err(
                Error::data(input, "the folder has no files").hint("give images or a folder of images")
            );
        }
        files.extend(inside);
    }
    Ok(files)
}

/// The files of a folder, sorted; hidden ones are the system's, not the user's pictures.
pub fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|e| Error::io(folder, "list the folder", &e))?;
    let is_hidden = |path: &PathBuf| stem(path).starts_with('.');
    let mut files: Vec<_> =
        entries.flatten().map(|e| e.path()).filter(|p| p.is_file() && !is_hidden(p)).collect();
    files.sort();
    Ok(files)
}

/// Refuses to write results into `out` where it is the folder of an input: a result could take the place
/// of a picture.
///
/// # Errors
/// `Kind::Usage` for such a folder, whatever way it is named.
pub fn check_apart<'a>(out: &Path, inputs: impl Iterator<Item = &'a PathBuf>) -> Result<()> {
    let Ok(own) = out.canonicalize() else { return Ok(()) };
    for input in inputs {
        let folder = if input.is_dir() { Some(input.as_path()) } else { input.parent() };
        // The folder of a bare name has no name.
        let folder = folder.map(|f| if f.as_os_str().is_empty() { Path::new(".") } else { f });
        let named = folder.and_then(|folder| folder.canonicalize().ok());
        // A link's own place counts, and what it leads to.
        let led_to = input.canonicalize().ok().and_then(|file| file.parent().map(Path::to_path_buf));
        if [named, led_to.filter(|_| !input.is_dir())].contains(&Some(own.clone())) {
            let what = format!("{} is in the folder that results are to be written to", input.display());
            return Err(Error::usage(what).at(out).hint("give another folder as --out"));
        }
    }
    Ok(())
}

/// A file's name.
pub fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A file's name without its ending.
pub fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The file's stem, numbered where an earlier file of the same call has it, in capitals or not. What is no
/// picture has no result, and takes no name from one that has.
pub fn unused(names: &mut HashSet<String>, path: &Path) -> String {
    let stem = stem(path);
    if data::is_picture(path).is_ok_and(|is_picture| !is_picture) {
        return stem;
    }
    let numbered = (2..).map(|n| format!("{stem}-{n}"));
    let mut candidates = std::iter::once(stem.clone()).chain(numbered);
    candidates.find(|name| names.insert(name.to_lowercase())).unwrap_or(stem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn names_are_numbered_where_they_meet() {
        let mut names = HashSet::new();
        let mut name = |path: &str| unused(&mut names, Path::new(path));
        assert_eq!(name("a/cat.png"), "cat");
        assert_eq!(name("b/cat.jpg"), "cat-2");
        assert_eq!(name("b/Cat.jpg"), "Cat-3");
        assert_eq!(name("b/dog.jpg"), "dog");
    }

    #[test]
    fn notes_beside_pictures_take_no_names() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("cat.json"), "{}").expect("a file");
        image::RgbImage::new(4, 4).save(at("cat.png")).expect("a picture");
        let mut names = HashSet::new();
        assert_eq!(unused(&mut names, &at("cat.json")), "cat");
        assert_eq!(unused(&mut names, &at("cat.png")), "cat");
        assert_eq!(unused(&mut names, &at("cat.png")), "cat-2");
    }

    #[test]
    fn results_do_not_go_where_inputs_are() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("in/edits")).expect("a folder");
        std::fs::write(at("in/a.png"), "").expect("a file");
        let check = |out: &str, input: &str| check_apart(&at(out), [at(input)].iter());
        for (out, input) in
            [("in", "in"), ("in", "in/a.png"), ("in/edits/..", "in/a.png"), ("in", "in/edits/../a.png")]
        {
            let error = check(out, input).expect_err("the same folder");
            assert!(error.kind == Kind::Usage && error.remedy.is_some(), "{out} {input}");
        }
        for (out, input) in
            [("in/edits", "in/a.png"), ("in/edits", "in"), (".", "in"), ("none", "in"), ("in", "in/edits")]
        {
            check(out, input).unwrap_or_else(|e| panic!("{out} {input}: {e}"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_where_they_are_and_where_they_lead() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("in")).expect("a folder");
        std::fs::create_dir_all(at("links")).expect("a folder");
        std::fs::write(at("in/a.png"), "").expect("a file");
        std::os::unix::fs::symlink(at("in/a.png"), at("links/b.png")).expect("a link");
        for out in ["in", "links"] {
            check_apart(&at(out), [at("links/b.png")].iter()).expect_err("the same folder");
        }
    }

    #[test]
    fn folders_give_their_files_in_order_and_hidden_ones_stay_hidden() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["b.png", "a.txt", ".DS_Store"] {
            std::fs::write(folder.path().join(name), "").expect("a file");
        }
        std::fs::create_dir(folder.path().join("c")).expect("a folder");
        let given = [PathBuf::from("x.png"), folder.path().to_path_buf()];
        let names: Vec<String> = pictures(&given).expect("files").iter().map(|p| stem(p)).collect();
        assert_eq!(names, ["x", "a", "b"]);
        assert!(pictures(&[folder.path().join("c")]).expect_err("empty").remedy.is_some());
    }
}

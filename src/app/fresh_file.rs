//! Writes a file under a name that no other file has.

use std::fs::{OpenOptions, create_dir_all};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Names tried before giving up: "losses.csv", "losses-2.csv", …
const MAX_NAMES: usize = 1000;

/// Writes `bytes` as `wanted`, or as the next free name after it, and returns where they are. Never
/// overwrites.
///
/// # Errors
/// A folder or file that cannot be written; a thousand files of that name.
pub fn write(wanted: &Path, bytes: &[u8]) -> Result<PathBuf> {
    let folder = wanted.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        create_dir_all(folder).map_err(|source| Error::io(folder, "create the folder", &source))?;
    }
    for copy in 1..=MAX_NAMES {
        let path = numbered(wanted, copy);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                return match file.write_all(bytes).and_then(|()| file.sync_all()) {
                    Ok(()) => Ok(path),
                    Err(source) => {
                        // Half a file under a good name would be worse than none.
                        let _ = std::fs::remove_file(&path);
                        Err(Error::io(&path, "write", &source).hint("is the disk full?"))
                    }
                };
            }
            Err(source) if source.kind() == ErrorKind::AlreadyExists => {}
            Err(source) => return Err(Error::io(&path, "create", &source).hint("choose another name")),
        }
    }
    Err(Error::data(wanted, format!("there are {MAX_NAMES} files of this name already"))
        .hint("move some of them elsewhere, or choose another name"))
}

/// Where a file called `name` goes: into `folder` unless the name says otherwise, under `stem` if the name is
/// empty, with the ending `ending`. None where neither says where.
pub fn wanted(folder: Option<&Path>, name: &str, stem: &str, ending: &str) -> Option<PathBuf> {
    let name = name.trim();
    let mut file = if name.is_empty() { stem } else { name }.to_owned();
    if Path::new(&file).extension().is_none_or(|given| !given.eq_ignore_ascii_case(ending)) {
        file = format!("{file}.{ending}");
    }
    match folder {
        Some(folder) => Some(folder.join(file)),
        None => Path::new(&file).is_absolute().then(|| PathBuf::from(file)),
    }
}

/// The same path for the first copy, with a number before its ending for later ones.
fn numbered(path: &Path, copy: usize) -> PathBuf {
    if copy == 1 {
        return path.to_path_buf();
    }
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{copy}"));
    if let Some(ending) = path.extension() {
        name.push(".");
        name.push(ending);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_file_does_not_overwrite_the_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let wanted = folder.path().join("curves").join("losses.csv");
        let second = wanted.with_file_name("losses-2.csv");
        assert_eq!(write(&wanted, b"1"), Ok(wanted.clone()));
        assert_eq!(write(&wanted, b"2"), Ok(second.clone()));
        assert_eq!(std::fs::read(wanted).expect("the first"), b"1");
        assert_eq!(std::fs::read(second).expect("the second"), b"2");
    }

    #[test]
    fn a_name_says_where() {
        let folder = Path::new("/run/curves");
        for (name, path) in [
            ("", "/run/curves/losses.csv"),
            ("  mine ", "/run/curves/mine.csv"),
            ("v1.2", "/run/curves/v1.2.csv"),
            ("mine.CSV", "/run/curves/mine.CSV"),
            ("/else/where", "/else/where.csv"),
        ] {
            assert_eq!(wanted(Some(folder), name, "losses", "csv"), Some(PathBuf::from(path)), "{name}");
        }
        assert_eq!(wanted(None, "mine", "losses", "csv"), None, "nobody says where");
    }

    #[test]
    fn a_file_in_the_folders_place_is_an_error_in_words() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let error = write(&file.path().join("losses.csv"), b"").expect_err("no folder");
        assert!(error.what.contains("create the folder"), "{error}");
    }
}

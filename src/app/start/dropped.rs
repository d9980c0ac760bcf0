//! What a dropped file or folder is for.

use std::path::Path;

use crate::app::dialog::NETWORKS;
use crate::data;
use crate::error::Result;
use crate::plain_file::{exists, refuse_special};
use crate::run::RECIPE_FILE;
use crate::train::Manifest;

/// The part of a run that a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Images,
    Teacher,
    Recipe,
    Run,
}

/// Looks at what `path` is.
///
/// # Errors
/// Nothing that a run begins with, in words.
pub fn part(path: &Path) -> Result<Part> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let ends = |endings: &[&str]| ending.as_ref().is_some_and(|e| endings.contains(&e.as_str()));
    if exists(&path.join(RECIPE_FILE)) {
        return Ok(Part::Run);
    }
    if exists(&path.join(Manifest::FILE)) || path.is_file() && ends(NETWORKS) {
        return Ok(Part::Teacher);
    }
    if path.is_file() && ends(&["toml"]) {
        return Ok(Part::Recipe);
    }
    // A pipe would hold the window until somebody writes into it.
    refuse_special(path)
        .and_then(|()| data::check(path))
        .map(|_| Part::Images)
        .map_err(|error| error.hint(WANTED))
}

const WANTED: &str = "drop a folder or an archive of pictures, a recipe (.toml), a teacher (.pkl, .pt, .safetensors) \
                      or a run folder";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_told_by_what_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        for name in ["pictures", "00000-demo-sign", "step-00000060-sign"] {
            std::fs::create_dir(at(name)).expect("a folder");
        }
        let zip = b"PK\x05\x06".as_slice();
        for (name, bytes) in [
            ("00000-demo-sign/recipe.toml", b"".as_slice()),
            ("step-00000060-sign/manifest.json", b"{}"),
            ("set.zip", zip),
            ("unnamed", zip),
            ("EDM.PKL", b"\x80\x02"),
            ("mine.toml", b""),
            ("notes.txt", b"not a picture"),
            ("one.png", b"\x89PNG\r\n\x1a\n"),
        ] {
            std::fs::write(at(name), bytes).expect("a file");
        }
        for (name, expected) in [
            ("pictures", Part::Images),
            ("set.zip", Part::Images),
            ("unnamed", Part::Images),
            ("EDM.PKL", Part::Teacher),
            ("step-00000060-sign", Part::Teacher),
            ("mine.toml", Part::Recipe),
            ("00000-demo-sign", Part::Run),
        ] {
            assert_eq!(part(&at(name)), Ok(expected), "{name}");
        }
        for (name, words) in
            [("notes.txt", "not a data set"), ("one.png", "single picture"), ("none.pkl", "none.pkl")]
        {
            let error = part(&at(name)).expect_err(name).to_string();
            assert!(error.contains(words) && error.contains("a run folder"), "{error}");
        }
        #[cfg(unix)]
        {
            let error = part(Path::new("/dev/zero")).expect_err("no end").to_string();
            assert!(error.contains("a device or a pipe") && error.contains("a run folder"), "{error}");
        }
    }
}

//! What the recipe in a run's folder says beside its settings: what the run began with, and where.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The table `[run]` of a run's recipe.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Origin {
    /// Where the folder was when this was written: what lay beside it is looked for beside it.
    pub folder: PathBuf,
    /// Fingerprint of the images; empty where it is not known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub images: String,
    /// Fingerprint of a teacher that was given; empty where none was.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub teacher: String,
    /// How long the stages were to be when the run began, thousand images: the command that began it says so
    /// again, whatever was said since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub began: Option<Began>,
    /// [`Identity::hash`](super::Identity::hash) of the run; empty where it is not known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub identity: String,
    /// The fingerprint by which version 1 knew the recipe; empty where a later one began the run.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version_1: String,
}

/// Lengths that a run began with, thousand images.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Began {
    pub teacher_kimg: f64,
    pub student_kimg: f64,
}

impl Origin {
    /// Where what was at `path` would be if it had moved together with the folder, which is `now`.
    pub(super) fn moved(&self, path: &Path, now: &Path) -> Option<PathBuf> {
        let shared = self.folder.ancestors().zip(now.ancestors());
        let beside = |(then, now): (&Path, &Path)| Some(now.join(path.strip_prefix(then).ok()?));
        shared.filter_map(beside).next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lay_beside_a_run_is_looked_for_beside_it() {
        let origin = Origin { folder: "/old/project/runs/00000-demo".into(), ..Origin::default() };
        let now = Path::new("/new/place/runs/00000-demo");
        let moved = |path: &str| origin.moved(Path::new(path), now);
        assert_eq!(moved("/old/project/photos"), Some("/new/place/photos".into()));
        assert_eq!(moved("/old/project/runs/00003-teacher"), Some("/new/place/runs/00003-teacher".into()));
        assert_eq!(moved("/old/photos"), Some("/new/photos".into()));
        assert_eq!(moved("photos"), None);
    }
}

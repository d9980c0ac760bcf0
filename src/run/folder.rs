//! The folder of a run: `runs/00003-demo-sign/` with its recipe, numbers, pictures and checkpoints.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};
use crate::recipe::{self, Recipe, Stage};
use crate::train;

pub const RECIPE_FILE: &str = "recipe.toml";
pub const SUMMARY_FILE: &str = "summary.json";
const LOCK_FILE: &str = "run.lock";

/// An open run folder.
#[derive(Clone, Debug)]
pub struct RunFolder {
    pub path: PathBuf,
}

impl RunFolder {
    /// The newest folder below `out` that was started with the same recipe.
    pub fn find(out: &Path, recipe: &Recipe) -> Result<Option<Self>> {
        let wanted = recipe::hash(recipe)?;
        for (path, found) in runs(out) {
            if recipe::hash(&found)? == wanted {
                return Ok(Some(Self { path }));
            }
        }
        Ok(None)
    }

    /// The newest folder below `out` that was started with another recipe of the same name, and that recipe.
    pub fn namesake(out: &Path, recipe: &Recipe) -> Result<Option<(PathBuf, Recipe)>> {
        let own = recipe::hash(recipe)?;
        for (path, found) in runs(out) {
            if found.name == recipe.name && recipe::hash(&found)? != own {
                return Ok(Some((path, found)));
            }
        }
        Ok(None)
    }

    /// The folder `path`, which must be a run of this very recipe.
    ///
    /// # Errors
    /// `Kind::Checkpoint` where it is none, or one of another recipe.
    pub fn open(path: &Path, recipe: &Recipe) -> Result<Self> {
        let file = path.join(RECIPE_FILE);
        if !file.is_file() {
            return Err(Error::checkpoint(path, "this is not a run folder: it has no recipe.toml")
                .hint("give a folder that `signet train` printed"));
        }
        let found = recipe::read(&file)?;
        if recipe::hash(&found)? != recipe::hash(recipe)? {
            let what = format!("the run was made with another recipe than this one ({})", found.name);
            let hint = "go on with its own by leaving the recipe's name and flags out; or leave --resume out";
            return Err(Error::checkpoint(path, what).hint(format!("{hint} to start a new run")));
        }
        Ok(Self { path: path.to_path_buf() })
    }

    /// A new folder with the next number below `out`.
    pub fn create(out: &Path, recipe: &Recipe) -> Result<Self> {
        fs::create_dir_all(out).map_err(|e| {
            Error::io(out, "create the folder for runs", &e).hint("choose another place with --out DIR")
        })?;
        let method = Stage::from(recipe.student.method).name();
        let name = &recipe.name;
        let name = if name.ends_with(method) { name.clone() } else { format!("{name}-{method}") };
        let taken = numbered(out).into_iter().map(|(n, _)| n).max();
        let first = taken.map_or(0, |n| n.saturating_add(1));
        // Another program may be starting a run at this very moment: a number is taken by creating it.
        for number in first..=u32::MAX {
            let folder = Self { path: out.join(format!("{number:05}-{name}")) };
            match fs::create_dir(&folder.path) {
                Ok(()) => return folder.begin(recipe),
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(Error::io(&folder.path, "create the run folder", &e)),
            }
        }
        Err(Error::new(Kind::Io, "the numbers for run folders are used up")
            .at(out)
            .hint("choose another --out"))
    }

    fn begin(self, recipe: &Recipe) -> Result<Self> {
        let checkpoints = self.checkpoints();
        fs::create_dir(&checkpoints).map_err(|e| Error::io(&checkpoints, "create", &e))?;
        self.write(RECIPE_FILE, recipe::to_toml(recipe)?.as_bytes())?;
        Ok(self)
    }

    /// Holds the folder for one trainer, for as long as the file lives.
    ///
    /// # Errors
    /// `Kind::Usage` if another trainer holds it.
    pub fn lock(&self) -> Result<fs::File> {
        let path = self.path.join(LOCK_FILE);
        let file = fs::File::create(&path).map_err(|e| Error::io(&path, "create", &e))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => Err(Error::usage("this run is being trained already")
                .at(&self.path)
                .hint("wait for the other signet, or start another run with --fresh")),
            Err(fs::TryLockError::Error(e)) => Err(Error::io(&path, "lock", &e)),
        }
    }

    /// Without its recipe a folder is no run: one that was moved away while it trained is made anew.
    pub fn keep_recipe(&self, recipe: &Recipe) -> Result<()> {
        if !self.path.join(RECIPE_FILE).is_file() {
            fs::create_dir_all(&self.path).map_err(|e| Error::io(&self.path, "create", &e))?;
            self.write(RECIPE_FILE, recipe::to_toml(recipe)?.as_bytes())?;
        }
        Ok(())
    }

    pub fn checkpoints(&self) -> PathBuf {
        self.path.join("checkpoints")
    }

    /// Writes a file of the folder whole or not at all.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.path.join(name);
        train::write_whole(&path, bytes).map(|()| path)
    }

    pub fn write_summary(&self, summary: &serde_json::Value) -> Result<PathBuf> {
        let json = serde_json::to_vec_pretty(summary)
            .map_err(|e| Error::data(&self.path, format!("the summary cannot be written: {e}")))?;
        self.write(SUMMARY_FILE, &json)
    }
}

/// The runs below `out` with their recipes, the newest first. A folder whose recipe does not parse belongs to
/// somebody else.
fn runs(out: &Path) -> impl Iterator<Item = (PathBuf, Recipe)> {
    let mut numbered = numbered(out);
    numbered.sort_by(|a, b| b.cmp(a));
    numbered.into_iter().filter_map(|(_, path)| {
        let recipe = recipe::read(&path.join(RECIPE_FILE)).ok()?;
        Some((path, recipe))
    })
}

/// Folders below `out` that are called `NUMBER-…`, with their numbers.
fn numbered(out: &Path) -> Vec<(u32, PathBuf)> {
    let entries = fs::read_dir(out).into_iter().flatten().flatten();
    let paths = entries.map(|e| e.path()).filter(|p| p.is_dir());
    paths
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?;
            let (number, _) = name.split_once('-')?;
            Some((number.parse().ok()?, path))
        })
        .collect()
}

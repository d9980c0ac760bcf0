//! The folder of a run: `runs/00003-demo-sign/` with its recipe, numbers, pictures and checkpoints.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Kind, Result};
use crate::plain_file::{self, TEMPORARY, limits};
use crate::recipe::{self, Origin, Recipe, Stage};
use crate::words;

pub const RECIPE_FILE: &str = "recipe.toml";
pub const SUMMARY_FILE: &str = "summary.json";
pub(super) const CHECKPOINTS: &str = "checkpoints";
/// Below a run folder: what the run has left behind.
pub(super) const EARLIER: &str = "earlier";
pub(super) const LOCK_FILE: &str = "run.lock";
/// Between two looks whether another trainer has started, or only somebody who looks.
const WAIT: Duration = Duration::from_millis(20);
/// Looks at a lock that is taken: who only looks at a run has it for a moment.
const LOOKS: usize = 25;
/// Beside the runs.
const RUNS_LOCK_FILE: &str = ".lock";

/// An open run folder.
#[derive(Clone, Debug)]
pub struct RunFolder {
    pub path: PathBuf,
}

impl RunFolder {
    /// A new folder with the next number below `out`, locked for this trainer. It is filled before it has its
    /// name: what a killed program leaves is no run, and goes with the next one.
    pub fn create(out: &Path, recipe: &Recipe, origin: &Origin) -> Result<(Self, fs::File)> {
        let method = Stage::from(recipe.student.method).name();
        let name = &recipe.name;
        let name = if name.ends_with(method) { name.clone() } else { format!("{name}-{method}") };
        for (_, path) in numbered(out).into_iter().filter(|(_, path)| is_unfinished(path)) {
            fs::remove_dir_all(&path).map_err(|e| Error::io(&path, "remove an unfinished run folder", &e))?;
        }
        let taken = numbered(out).into_iter().map(|(n, _)| n).max();
        let number = taken.map_or(Some(0), |n| n.checked_add(1)).ok_or_else(|| {
            Error::new(Kind::Io, "the numbers for run folders are used up")
                .at(out)
                .hint("choose another --out")
        })?;
        let folder = Self { path: out.join(format!("{number:05}-{name}")) };
        let beginning = Self { path: out.join(format!("{number:05}-{name}{TEMPORARY}")) };
        plain_file::make_folder(&beginning.path)?;
        plain_file::make_folder(&beginning.checkpoints())?;
        beginning.write(RECIPE_FILE, folder.recipe_text(recipe, origin)?.as_bytes())?;
        fs::rename(&beginning.path, &folder.path)
            .map_err(|e| Error::io(&folder.path, "create the run folder", &e))?;
        let lock = folder.lock()?;
        Ok((folder, lock))
    }

    /// Holds the folder for one trainer, for as long as the file lives.
    ///
    /// # Errors
    /// `Kind::Usage` if another trainer holds it; `Kind::Io`.
    pub fn lock(&self) -> Result<fs::File> {
        let path = self.path.join(LOCK_FILE);
        let file = plain_file::for_locking(&path).map_err(|e| match e.remedy {
            Some(_) => e,
            None => e.hint("may you write into the run folder?"),
        })?;
        match lock_patiently(&file) {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => {
                let watch = format!("signet watch {}", words::path(&self.path));
                Err(Error::usage("this run is being trained already").at(&self.path).hint(format!(
                    "follow it with `{watch}`, wait for its end, or start another run with --fresh"
                )))
            }
            // Without locks two may train one run, and that is for their owner to know.
            Err(fs::TryLockError::Error(e)) if e.kind() == std::io::ErrorKind::Unsupported => Ok(file),
            Err(fs::TryLockError::Error(e)) => Err(Error::io(&path, "lock", &e)),
        }
    }

    /// Without its recipe a folder is no run: one that was moved away while it trained is made anew.
    pub fn keep_recipe(&self, recipe: &Recipe, origin: &Origin) -> Result<()> {
        if !plain_file::is_file(&self.path.join(RECIPE_FILE)) {
            fs::create_dir_all(&self.path).map_err(|e| Error::io(&self.path, "create", &e))?;
            self.write_recipe(recipe, origin)?;
        }
        Ok(())
    }

    /// Has the folder say what it goes on with; nothing is written where it says so already.
    pub fn write_recipe(&self, recipe: &Recipe, origin: &Origin) -> Result<()> {
        let text = self.recipe_text(recipe, origin)?;
        let there = plain_file::read(&self.path.join(RECIPE_FILE), limits::RECIPE);
        if there.is_ok_and(|there| there == text.as_bytes()) {
            return Ok(());
        }
        self.write(RECIPE_FILE, text.as_bytes()).map(drop)
    }

    fn recipe_text(&self, recipe: &Recipe, origin: &Origin) -> Result<String> {
        let beside = || {
            // It is not there yet.
            let parent = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
            let parent = parent.unwrap_or(Path::new(".")).canonicalize()?;
            Ok(parent.join(self.path.file_name().unwrap_or_default()))
        };
        let folder = self.path.canonicalize().or_else(|_| beside());
        let folder = folder.map_err(|e: std::io::Error| Error::io(&self.path, "find", &e))?;
        recipe::to_toml_of_run(recipe, &Origin { folder, ..origin.clone() })
    }

    pub fn checkpoints(&self) -> PathBuf {
        self.path.join(CHECKPOINTS)
    }

    /// Writes a file of the folder whole or not at all.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.path.join(name);
        plain_file::write_whole(&path, bytes).map(|()| path)
    }

    pub fn write_summary(&self, summary: &serde_json::Value) -> Result<PathBuf> {
        let json = serde_json::to_vec_pretty(summary)
            .map_err(|e| Error::data(&self.path, format!("the summary cannot be written: {e}")))?;
        self.write(SUMMARY_FILE, &json)
    }
}

/// The recipe in a run's folder, and what the run began with.
///
/// # Errors
/// `Kind::Io` for a link, as [`recipe::read_run`] otherwise.
pub fn recipe_of(run_dir: &Path) -> Result<(Recipe, Origin)> {
    let file = run_dir.join(RECIPE_FILE);
    plain_file::check_file(&file)?;
    recipe::read_run(&file)
}

/// # Errors
/// What keeps the file from being locked for longer than a look takes.
fn lock_patiently(file: &fs::File) -> std::result::Result<(), fs::TryLockError> {
    for _ in 1..LOOKS {
        match file.try_lock() {
            Err(fs::TryLockError::WouldBlock) => std::thread::sleep(WAIT),
            outcome => return outcome,
        }
    }
    file.try_lock()
}

/// Whether `path` is a run that was being created, with nothing in it that somebody would miss.
fn is_unfinished(path: &Path) -> bool {
    let names = |folder: &Path| -> Option<Vec<String>> {
        let entries = fs::read_dir(folder).ok()?;
        entries.map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned())).collect()
    };
    let own = [RECIPE_FILE.to_string(), format!("{RECIPE_FILE}{TEMPORARY}"), CHECKPOINTS.to_string()];
    path.to_string_lossy().ends_with(TEMPORARY)
        && plain_file::is_folder(path)
        && names(path).is_some_and(|names| names.iter().all(|name| own.contains(name)))
        && names(&path.join(CHECKPOINTS)).is_none_or(|names| names.is_empty())
}

/// Keeps other trainers from looking for runs below `out`, or beginning one, for as long as the file lives: of
/// several that are started at once with one recipe, one makes the run, and the others find it.
///
/// # Errors
/// `Kind::Io` where there can be no runs; what `wait` says between two looks at a lock that another holds.
pub(super) fn hold(out: &Path, wait: &mut dyn FnMut() -> Result<()>) -> Result<fs::File> {
    fs::create_dir_all(out).map_err(|e| {
        Error::io(out, "create the folder for runs", &e).hint("choose another place with --out DIR")
    })?;
    let path = out.join(RUNS_LOCK_FILE);
    let file = plain_file::for_locking(&path)?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            // Another is starting. It may have to read a teacher first.
            Err(fs::TryLockError::WouldBlock) => wait()?,
            // Without locks two that start at once may make two runs, and that is all.
            Err(fs::TryLockError::Error(e)) if e.kind() == std::io::ErrorKind::Unsupported => {
                return Ok(file);
            }
            Err(fs::TryLockError::Error(e)) => return Err(Error::io(&path, "lock", &e)),
        }
        std::thread::sleep(WAIT);
    }
}

/// What is called `NUMBER-…` below `out`, with the numbers.
fn numbered(out: &Path) -> Vec<(u32, PathBuf)> {
    let entries = fs::read_dir(out).into_iter().flatten().flatten();
    // A link that leads nowhere takes its name, too.
    let paths = entries.map(|entry| entry.path()).filter(|path| path.is_dir() || path.is_symlink());
    paths.filter_map(|path| Some((number_of(&path)?, path))).collect()
}

/// The number in the name of a folder.
pub(super) fn number_of(path: &Path) -> Option<u32> {
    let (number, _) = path.file_name()?.to_str()?.split_once('-')?;
    number.parse().ok()
}

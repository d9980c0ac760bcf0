//! Runs that can go on, the newest first.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::error::{Error, Result};
use crate::plain_file::{self, limits};
use crate::run::{RECIPE_FILE, STATS_FILE, SUMMARY_FILE, is_held, recipe_of};
use crate::words::on_one_line;

/// Runs that are offered: more are to be named on the command line.
const MOST: usize = 8;

/// Characters of a state that are shown.
const LONGEST_STATE: usize = 40;

/// A run folder.
pub struct Recent {
    path: PathBuf,
    pub name: String,
    /// Where it stands, in words.
    pub state: String,
}

impl Recent {
    /// The run in the folder `path`.
    ///
    /// # Errors
    /// A folder without a recipe, or with one that cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        if !plain_file::exists(&path.join(RECIPE_FILE)) {
            return Err(Error::checkpoint(path, "this is not a run folder")
                .hint("choose the folder of a run, runs/00000-… say: it has a recipe.toml"));
        }
        recipe_of(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { path: path.to_path_buf(), name, state: state_of(path) })
    }

    /// Looks again where it stands.
    pub fn look(&mut self) {
        self.state = state_of(&self.path);
    }

    /// The command line that goes on with it; one that trains in another process is followed.
    pub fn words(&self) -> Vec<String> {
        let path = |path: &Path| path.display().to_string();
        vec!["train".into(), path(&self.path.join(RECIPE_FILE)), "--resume".into(), path(&self.path)]
    }
}

/// Where the run in the folder stands, in words.
fn state_of(path: &Path) -> String {
    if is_held(path) {
        return "training now in another process".to_string();
    }
    let Ok(bytes) = plain_file::read(&path.join(SUMMARY_FILE), limits::JSON) else {
        return "not finished".to_string();
    };
    let summary: Option<serde_json::Value> = serde_json::from_slice(&bytes).ok();
    let ending = summary.and_then(|summary| Some(summary.get("ending")?.as_str()?.to_string()));
    let ending = ending.unwrap_or_else(|| "ended".to_string());
    on_one_line(&ending).chars().take(LONGEST_STATE).collect()
}

/// The runs below `runs` whose recipe can be read.
pub fn recent(runs: &Path) -> Vec<Recent> {
    let entries = std::fs::read_dir(runs).into_iter().flatten().flatten();
    let mut found: Vec<(SystemTime, Recent)> = entries.filter_map(|entry| look(&entry.path())).collect();
    found.sort_by_key(|(changed, _)| std::cmp::Reverse(*changed));
    found.truncate(MOST);
    found.into_iter().map(|(_, run)| run).collect()
}

fn look(path: &Path) -> Option<(SystemTime, Recent)> {
    let run = Recent::open(path).ok()?;
    let changed = |name: &str| path.join(name).symlink_metadata().and_then(|meta| meta.modified()).ok();
    Some((changed(STATS_FILE).or_else(|| changed(RECIPE_FILE))?, run))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe;
    use crate::run::RunFolder;

    #[test]
    fn only_folders_with_a_recipe_are_runs() {
        let folder = tempfile::tempdir().expect("a folder");
        let toml = recipe::preset("demo").and_then(|recipe| recipe::to_toml(&recipe).ok()).expect("a recipe");
        for name in ["00000-demo-sign", "00001-demo-sign", "notes"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        for name in ["00000-demo-sign", "00001-demo-sign"] {
            std::fs::write(folder.path().join(name).join("recipe.toml"), &toml).expect("a file");
        }
        let ended = folder.path().join("00001-demo-sign/summary.json");
        std::fs::write(ended, "{\"ending\": \"finished\"}").expect("a file");
        let mut runs = recent(folder.path());
        runs.sort_by(|a, b| a.name.cmp(&b.name));
        let states: Vec<&str> = runs.iter().map(|run| run.state.as_str()).collect();
        assert_eq!(states, ["not finished", "finished"]);
        assert_eq!(runs[0].words()[0], "train");
        let lock = RunFolder { path: folder.path().join("00001-demo-sign") }.lock().expect("free");
        runs[1].look();
        assert_eq!(runs[1].state, "training now in another process");
        drop(lock);
        runs[1].look();
        assert_eq!(runs[1].state, "finished");
        assert!(recent(&folder.path().join("none")).is_empty());
        let error = Recent::open(&folder.path().join("notes")).err().expect("no run");
        assert!(error.to_string().contains("not a run folder"), "{error}");
    }
    /// The start screen comes up, whatever lies among the runs.
    #[cfg(unix)]
    #[test]
    fn nobody_waits_for_what_is_no_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let toml = recipe::preset("demo").and_then(|recipe| recipe::to_toml(&recipe).ok()).expect("a recipe");
        let file = |name: &str| folder.path().join(name);
        for name in ["00000-pipe", "00001-zeros", "00002-link", "00003-run"] {
            std::fs::create_dir(file(name)).expect("a folder");
            std::fs::write(file(name).join("recipe.toml"), &toml).expect("a file");
        }
        let pipe = |path: PathBuf| {
            let _ = std::fs::remove_file(&path);
            assert!(std::process::Command::new("mkfifo").arg(path).status().expect("mkfifo").success());
        };
        pipe(file("00000-pipe/recipe.toml"));
        pipe(file("00003-run/summary.json"));
        for (to, link) in [
            (Path::new("/dev/zero"), file("00001-zeros/recipe.toml")),
            (&file("00003-run/recipe.toml"), file("00002-link/recipe.toml")),
        ] {
            std::fs::remove_file(&link).expect("removed");
            std::os::unix::fs::symlink(to, link).expect("a link");
        }
        let names: Vec<String> =
            recent(folder.path()).into_iter().map(|run| run.name + ", " + &run.state).collect();
        assert_eq!(names, ["00003-run, not finished"]);
    }
}

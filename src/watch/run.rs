//! A run folder that is followed.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::curve::Curve;
use super::files;
use super::history::History;
use super::state::State;
use super::story::{Phase, Story};
use super::tail::{News, Tail};
use crate::error::{Error, Result};
use crate::plain_file;
use crate::recipe::{Recipe, Stage};
use crate::run::log::LOG_FILE;
use crate::run::message::Ending;
use crate::run::{RECIPE_FILE, STATS_FILE, SUMMARY_FILE, recipe_of};
use crate::words;

/// What has been read of a run so far.
pub struct Run {
    pub dir: PathBuf,
    /// As it is now: a run may be made longer. Or why there is none.
    pub recipe: Result<Recipe>,
    pub(super) history: History,
    pub(super) story: Story,
    stats: Tail,
    log: Tail,
}

/// The part of `summary.json` that is read here.
#[derive(serde::Deserialize)]
struct Summary {
    ending: Ending,
}

impl Run {
    /// Opens the folder of a run and reads what is there.
    ///
    /// # Errors
    /// `Kind::Checkpoint` for a folder that is none, or no run's.
    pub fn open(dir: &Path) -> Result<Self> {
        there(dir, "there is no such folder")?;
        if ![RECIPE_FILE, STATS_FILE, SUMMARY_FILE].iter().any(|file| plain_file::exists(&dir.join(file))) {
            return Err(Error::checkpoint(dir, "this is not a run folder").hint(hint(dir)));
        }
        let mut run = Self {
            dir: dir.to_path_buf(),
            recipe: recipe_in(dir),
            history: History::default(),
            story: Story::default(),
            stats: Tail::new(dir.join(STATS_FILE)),
            log: Tail::new(dir.join(LOG_FILE)),
        };
        run.poll()?;
        Ok(run)
    }

    /// Reads what was added since; says whether anything was.
    ///
    /// # Errors
    /// `Kind::Checkpoint` if the folder is gone, `Kind::Io` if it cannot be read.
    pub fn poll(&mut self) -> Result<bool> {
        there(&self.dir, "the run folder is gone")?;
        self.recipe = recipe_in(&self.dir);
        let (history, story, mut is_news) = (&mut self.history, &mut self.story, false);
        self.stats.poll(&mut |news| {
            is_news = true;
            match news {
                News::Anew => *history = History::default(),
                News::Line(line) => history.add(line),
            }
            ControlFlow::Continue(())
        })?;
        self.log.poll(&mut |news| {
            is_news = true;
            match news {
                News::Anew => *story = Story::default(),
                News::Line(line) => story.add(line),
            }
            ControlFlow::Continue(())
        })?;
        Ok(is_news)
    }

    /// Every number that was written, in the order in which they first came.
    pub fn curves(&self) -> &[Curve] {
        &self.history.curves
    }

    /// The curve of a number.
    pub fn curve(&self, stage: Stage, name: &str) -> Option<&Curve> {
        self.history.find(stage, name)
    }

    /// Files of which not all is read.
    pub(super) fn cut_files(&self) -> impl Iterator<Item = &Path> {
        [&self.stats, &self.log].into_iter().filter(|tail| tail.is_cut()).map(Tail::path)
    }

    /// Stages of the recipe with their length in thousand images.
    pub(super) fn stages(&self) -> Vec<(Stage, f64)> {
        self.recipe.as_ref().map(Recipe::stages).unwrap_or_default()
    }

    /// Seconds since a number or a word was written; none if there is neither. A clock on another machine
    /// that is ahead makes it 0.
    pub(super) fn since_secs(&self, now: SystemTime) -> Option<f64> {
        let written = |file| self.dir.join(file).symlink_metadata().and_then(|m| m.modified()).ok();
        let last = [STATS_FILE, LOG_FILE].into_iter().filter_map(written).max()?;
        Some(now.duration_since(last).map_or(0.0, |since| since.as_secs_f64()))
    }

    pub(super) fn state(&self, now: SystemTime) -> State {
        // Without a log, a summary is what an ended run leaves.
        let summed_up = || {
            let summary: Summary = files::json(&self.dir.join(SUMMARY_FILE))?;
            Some(Phase::Ended(summary.ending))
        };
        let phase = self.story.phase.clone().or_else(summed_up);
        let History { last, longest_gap_secs, .. } = &self.history;
        State::of(phase.as_ref(), last.is_some(), self.since_secs(now), *longest_gap_secs)
    }
}

fn recipe_in(dir: &Path) -> Result<Recipe> {
    recipe_of(dir).map(|(recipe, _)| recipe)
}

fn there(dir: &Path, otherwise: &str) -> Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let what = if dir.exists() { "this is a file, not a run folder" } else { otherwise };
    Err(Error::checkpoint(dir, what).hint("give the folder that `signet train` printed, runs/00000-… say"))
}

/// A folder of runs is easily taken for one.
fn hint(dir: &Path) -> String {
    let runs = files::entries(dir).into_iter().filter(|path| plain_file::is_file(&path.join(RECIPE_FILE)));
    match runs.max() {
        Some(newest) => format!("there are runs in it: give one of them, as {}", words::path(&newest)),
        None => "give the folder that `signet train` printed: it has a recipe.toml".into(),
    }
}

#[cfg(test)]
mod tests;

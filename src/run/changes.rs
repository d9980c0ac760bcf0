//! `changes.jsonl`: what was changed while a run went on, one JSON object a line. With the recipe in the
//! folder it says everything that shaped the result, and a run that is resumed makes the same
//! changes again.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::append::append_line;
use super::resumed::Resumed;
use super::tuning::Change;
use crate::error::{Error, Result};
use crate::plain_file::{self, limits};
use crate::recipe::Stage;

pub const CHANGES_FILE: &str = "changes.jsonl";

/// The file, and what holds of it.
#[derive(Debug)]
pub struct Changes {
    path: PathBuf,
    made: Vec<Change>,
}

/// The file as a run finds it when it goes on.
#[derive(Debug)]
pub struct Found {
    pub changes: Changes,
    /// Changes that were made after the checkpoint, in training that is lost. They are dropped: nobody
    /// knows whether they would be wanted again where the run takes another course.
    pub lost: Vec<Change>,
}

impl Changes {
    /// Opens the file of a run that goes on from `resumed` (none: from the start). `stages` are in the
    /// order in which they are trained.
    ///
    /// # Errors
    /// `Kind::Checkpoint` for a line that is no change: without it the run would be another one.
    pub fn open(run_dir: &Path, resumed: Option<&Resumed>, stages: &[Stage]) -> Result<Found> {
        let path = run_dir.join(CHANGES_FILE);
        let text = text_of(&path)?;
        let (mut kept, mut made, mut lost) = (String::new(), Vec::new(), Vec::new());
        for (number, line) in (1..).zip(whole_lines(&text)) {
            let change = parse(line).map_err(|what| {
                Error::checkpoint(&path, format!("line {number} is no change: {what}"))
                    .hint("bring the file back as it was, or start over with --fresh")
            })?;
            if resumed.is_some_and(|resumed| holds(&change, resumed, stages)) {
                kept.push_str(line);
                made.push(change);
            } else {
                lost.push(change);
            }
        }
        if kept != text {
            plain_file::write_whole(&path, kept.as_bytes())?;
        }
        Ok(Found { changes: Self { path, made }, lost })
    }

    /// Those that hold, in the order in which they were made.
    pub fn made(&self) -> &[Change] {
        &self.made
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a change down and remembers it.
    ///
    /// # Errors
    /// `Kind::Io` where it could not be written down; then the file is as it was.
    pub fn add(&mut self, line: Line) -> Result<()> {
        append_line(&self.path, &line.text, File::sync_data)?;
        self.made.push(line.change);
        Ok(())
    }
}

/// A change and its line of the file.
pub struct Line {
    /// As the line will be read back: JSON may not hold the very bits of a number.
    pub change: Change,
    text: String,
}

impl Line {
    /// # Errors
    /// `Kind::Usage` for numbers that JSON does not know.
    pub fn of(change: &Change) -> Result<Self> {
        let written = || {
            let text = serde_json::to_string(change).ok()?;
            Some(Self { change: parse(&text).ok()?, text })
        };
        written().ok_or_else(|| {
            Error::usage(format!("{} is {}", change.name, change.new)).hint("give a finite number")
        })
    }
}

/// A change before the checkpoint's next step is in force there; those of stages that are finished too.
fn holds(change: &Change, resumed: &Resumed, stages: &[Stage]) -> bool {
    let place = |stage: Stage| stages.iter().position(|other| *other == stage);
    if change.stage == resumed.stage {
        change.step <= resumed.step
    } else {
        place(change.stage) < place(resumed.stage)
    }
}

/// The changes of a run that may be going on, and how many lines of its file are none.
///
/// # Errors
/// `Kind::Io` for a file that cannot be read.
pub fn listed(run_dir: &Path) -> Result<(Vec<Change>, usize)> {
    let text = text_of(&run_dir.join(CHANGES_FILE))?;
    let changes: Vec<Change> = whole_lines(&text).filter_map(|line| parse(line).ok()).collect();
    let unreadable = whole_lines(&text).count() - changes.len();
    Ok((changes, unreadable))
}

/// The file's text; a run of which nothing was changed has none.
fn text_of(path: &Path) -> Result<String> {
    let bytes = plain_file::read_if_there(path, limits::CHANGES)?.unwrap_or_default();
    String::from_utf8(bytes).map_err(|_| {
        Error::checkpoint(path, "the file is damaged: it is not text")
            .hint("bring the file back as it was, or start over with --fresh")
    })
}

/// What has no line end was being written when the process died, or is being written: no change yet.
fn whole_lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n').filter(|line| line.ends_with('\n'))
}

fn parse(line: &str) -> std::result::Result<Change, String> {
    serde_json::from_str(line).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train;
    use std::fs;

    const STAGES: [Stage; 2] = [Stage::Teacher, Stage::Sign];

    fn change(stage: Stage, step: u64, new: f64) -> Change {
        let name = "student.learning_rate".into();
        Change { stage, step, images: step * 8, elapsed_secs: 1.5, name, old: 0.1, new }
    }

    fn open(folder: &Path, stage: Stage, step: u64) -> Found {
        let resumed =
            Resumed { stage, step, total_steps: step + 8, due: train::Due::NOTHING, has_numbers: true };
        Changes::open(folder, Some(&resumed), &STAGES).expect("changes")
    }

    #[test]
    fn a_run_goes_on_with_what_was_changed_before_its_checkpoint() {
        let folder = tempfile::tempdir().expect("a folder");
        let all = [
            change(Stage::Teacher, 6, 0.2),
            change(Stage::Sign, 0, 0.3),
            change(Stage::Sign, 5, 0.4),
            change(Stage::Sign, 6, 0.5),
        ];
        let Found { mut changes, lost } = open(folder.path(), Stage::Sign, 0);
        assert!(changes.made().is_empty() && lost.is_empty());
        let line = |change| Line::of(change).expect("numbers");
        all.iter().for_each(|change| changes.add(line(change)).expect("room for a line"));

        let Found { changes, lost } = open(folder.path(), Stage::Sign, 5);
        assert_eq!((changes.made(), &lost[..]), (&all[..3], &all[3..]));
        // What was lost is gone for good; a line that was torn is none.
        let path = folder.path().join(CHANGES_FILE);
        let mut text = fs::read_to_string(&path).expect("a file");
        text.push_str("{\"stage\":\"sign\",\"st");
        fs::write(&path, text).expect("writes");
        assert_eq!(listed(folder.path()), Ok((all[..3].to_vec(), 0)));
        let Found { changes, lost } = open(folder.path(), Stage::Sign, 9);
        assert_eq!((changes.made(), lost.len()), (&all[..3], 0));
        // From the teacher's last step the student begins anew.
        let Found { changes, lost } = open(folder.path(), Stage::Teacher, 8);
        assert_eq!((changes.made(), &lost[..]), (&all[..1], &all[1..3]));
        // Without a checkpoint everything does.
        let Found { changes, lost } = Changes::open(folder.path(), None, &STAGES).expect("changes");
        assert_eq!((changes.made().len(), &lost[..]), (0, &all[..1]));
    }

    #[test]
    fn a_line_that_is_no_change_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(CHANGES_FILE), "{\"stage\":\"sign\"}\n").expect("writes");
        assert_eq!(listed(folder.path()), Ok((Vec::new(), 1)));
        let error = Changes::open(folder.path(), None, &STAGES).expect_err("no change");
        assert!(error.place.is_some() && error.to_string().contains("line 1"), "{error}");
    }

    /// Numbers are as they come back from the file, to the last bit.
    #[test]
    fn what_is_made_is_what_will_be_made_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let Found { mut changes, .. } = open(folder.path(), Stage::Sign, 0);
        for i in 1..200u32 {
            let line = Line::of(&change(Stage::Sign, 0, f64::from(i).sqrt() * 1e-5)).expect("a number");
            changes.add(line).expect("room for a line");
        }
        let again = open(folder.path(), Stage::Sign, 0).changes;
        assert_eq!(again.made(), changes.made());
        assert!(Line::of(&change(Stage::Sign, 0, f64::NAN)).is_err());
    }
}

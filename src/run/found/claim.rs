//! Takes a run for this trainer: one that goes on, or a new one. Of several trainers that are started at once with
//! one recipe, one makes the run and the others find it.

use std::fs::File;

use super::differs;
use super::lengths::Lengths;
use super::search::{Found, Sought, find};
use crate::error::{Error, Result};
use crate::recipe::{Began, Identity, Origin};
use crate::run::folder::{RunFolder, hold};
use crate::run::options::Options;

/// What is there.
pub struct Looked {
    /// None is a new run.
    pub found: Option<Found>,
    /// Recipes that could not be read.
    unread: Vec<Error>,
    /// Keeps other trainers from looking meanwhile; none where there is no folder for runs yet.
    hold: Option<File>,
}

/// A run that is this trainer's.
pub struct Claimed {
    pub found: Found,
    /// Recipes that could not be read.
    pub unread: Vec<Error>,
    /// How a new run differs from the newest of its name.
    pub differs: Option<String>,
}

/// Looks for the run to go on with; nothing is made.
///
/// # Errors
/// As [`find`], and what `wait` says while another trainer is starting.
pub fn look(sought: &Sought<'_>, options: &Options, wait: &mut dyn FnMut() -> Result<()>) -> Result<Looked> {
    let is_held = options.resume.is_none() && options.out.exists();
    let hold = is_held.then(|| hold(&options.out, wait)).transpose()?;
    let (found, unread) = find(sought, options)?;
    Ok(Looked { found, unread, hold })
}

/// Takes what was found, or begins a run. `teacher` is the fingerprint of a given teacher that is needed.
///
/// # Errors
/// As [`look`]; `Kind::Checkpoint` where a run that has no checkpoint began with another teacher; `Kind::Io`.
pub fn claim(
    looked: Looked,
    sought: &Sought<'_>,
    teacher: Option<String>,
    options: &Options,
    wait: &mut dyn FnMut() -> Result<()>,
) -> Result<Claimed> {
    let Looked { mut found, mut unread, hold: mut held } = looked;
    if found.is_none() && held.is_none() {
        // The folder for runs is made now, and somebody else may have been quicker.
        held = Some(hold(&options.out, wait)?);
        (found, unread) = find(sought, options)?;
    }
    let mut differs = None;
    let mut found = match found {
        Some(found) => found,
        None => {
            // Who says --fresh knows.
            differs = if options.fresh { None } else { differs::words(&options.out, sought.recipe)? };
            begin(sought, options)?
        }
    };
    // The run has its own lock now.
    drop(held);
    if let Some(now) = teacher {
        let began = &mut found.origin.teacher;
        if began.is_empty() {
            *began = now;
        } else if *began != now {
            let what = format!("the run began with another teacher ({began}) than is there now ({now})");
            return Err(Error::checkpoint(&found.folder.path, what)
                .hint("bring it back, say --teacher for where it is now, or start over with --fresh"));
        }
    }
    Ok(Claimed { found, unread, differs })
}

/// A new run.
fn begin(sought: &Sought<'_>, options: &Options) -> Result<Found> {
    let recipe = sought.recipe;
    let origin = Origin {
        images: sought.images.to_string(),
        began: Some(Began { teacher_kimg: recipe.teacher.kimg, student_kimg: recipe.student.kimg }),
        identity: Identity::of(recipe)?.hash(),
        ..Origin::default()
    };
    let (folder, lock) = RunFolder::create(&options.out, recipe, &origin)?;
    let lengths = Lengths::of(recipe.clone());
    Ok(Found { folder, checkpoint: None, lengths, origin, broken: Vec::new(), lock })
}

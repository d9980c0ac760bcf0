//! Finds the run to go on with.

use std::fs::File;
use std::path::Path;

use super::candidate::{Candidate, same_place};
use super::lengths::{self, Lengths};
use super::{shelve, version_1};
use crate::error::{Error, Result};
use crate::model::UnetConfig;
use crate::recipe::{Identity, Origin, Recipe};
use crate::run::folder::{RECIPE_FILE, RunFolder};
use crate::run::options::Options;
use crate::train::{self, Checkpoint, Manifest};

/// A run that can go on.
pub struct Found {
    pub folder: RunFolder,
    /// None if it was ended before its first checkpoint.
    pub checkpoint: Option<Checkpoint>,
    /// The recipe that it goes on with, and which lengths that changes.
    pub lengths: Lengths,
    /// As it stands in the folder.
    pub origin: Origin,
    /// What was wrong with newer checkpoints, and what else is worth a warning.
    pub broken: Vec<Error>,
    /// Keeps other trainers out of the folder.
    pub lock: File,
}

/// What is looked for.
pub struct Sought<'a> {
    pub recipe: &'a Recipe,
    /// Fingerprint of the images.
    pub images: &'a str,
    /// The network that the recipe describes for them.
    pub network: &'a UnetConfig,
    /// Gives the fingerprint of the teacher that the recipe names, which may take long.
    pub teacher: &'a dyn Fn() -> Result<String>,
}

/// The run to go on with: `options.resume`, or the newest below `options.out` that is the same run; none is a
/// new one. With it, recipes that could not be read.
///
/// # Errors
/// `Kind::Checkpoint` for a run of another recipe, of other images or of another teacher, or one whose
/// checkpoints are all damaged; `Kind::Usage` if another trainer is at it.
pub fn find(sought: &Sought<'_>, options: &Options) -> Result<(Option<Found>, Vec<Error>)> {
    let (run, unread) = match &options.resume {
        Some(path) => {
            let run = Candidate::open(path)?;
            sought.insist(&run)?;
            (Some(run), Vec::new())
        }
        None if options.fresh => (None, Vec::new()),
        None => {
            let (runs, unread) = Candidate::below(&options.out);
            (sought.among(runs, options)?, unread)
        }
    };
    Ok((run.map(|run| sought.open(run, options)).transpose()?, unread))
}

impl Sought<'_> {
    /// The newest of `runs` that is the same run, but for lengths and how it is watched.
    fn among(&self, runs: Vec<Candidate>, options: &Options) -> Result<Option<Candidate>> {
        let mut changed = None;
        for run in runs {
            let is_kin = run.recipe.name == self.recipe.name && run.differences(self.recipe)?.is_empty();
            if !is_kin || self.wants_another_teacher(&run, options)? || !self.has_teacher_of(&run)? {
                continue;
            }
            let images = run.images()?;
            let is_in_place = run.has_place_of(self.recipe);
            match images.first() {
                None if is_in_place => return Ok(Some(run)),
                Some(_) if images.iter().any(|own| own == self.images) => return Ok(Some(run)),
                Some(own) if is_in_place => drop(changed.get_or_insert(self.other_images(&run, own))),
                Some(_) | None => {}
            }
        }
        // Going on would be another run under the same name, and so would beginning beside it.
        changed.map_or(Ok(None), Err)
    }

    /// Whether the run's student is of its own teacher at another length. Only who names the run gives it up;
    /// a run that was killed while it did that already goes on with it.
    fn wants_another_teacher(&self, run: &Candidate, options: &Options) -> Result<bool> {
        let wished = lengths::wished(self.recipe, run, options);
        Ok(run.has_student_of_another_teacher(&wished)?
            && !run.has_student_of_another_teacher(&run.recipe)?)
    }

    /// Refuses a run that is another one.
    fn insist(&self, run: &Candidate) -> Result<()> {
        let path = &run.folder.path;
        let differences = run.differences(self.recipe)?;
        if !differences.is_empty() {
            let what = format!(
                "the run was made with another recipe than this one ({}): {}",
                run.recipe.name,
                differences.join(", ")
            );
            return Err(Error::checkpoint(path, what).hint(
                "go on with its own by leaving the recipe's name and flags out, or start a new run with --fresh \
                 and without --resume",
            ));
        }
        let images = run.images()?;
        if let Some(own) = images.first().filter(|_| images.iter().all(|own| own != self.images)) {
            return Err(self.other_images(run, own));
        }
        if !self.has_teacher_of(run)? {
            let given = self.recipe.teacher.path.is_some().then(|| (self.teacher)()).transpose()?;
            let [own, given] = [run.teacher(), given].map(|print| print.unwrap_or("its own".into()));
            let what = format!("the run began with another teacher ({own}) than this one ({given})");
            return Err(Error::checkpoint(path, what)
                .hint("leave --teacher out, or start a new run with --fresh and without --resume"));
        }
        Ok(())
    }

    /// Whether the run's teacher is the one that the recipe names. A student has its teacher with it: one of
    /// the same path is not looked at, and need not be there any more.
    fn has_teacher_of(&self, run: &Candidate) -> Result<bool> {
        match (&run.recipe.teacher.path, &self.recipe.teacher.path) {
            (None, None) => Ok(true),
            (Some(own), Some(given)) if same_place(own, given) => Ok(true),
            (Some(_), Some(given)) if given.exists() => Ok(run.teacher() == Some((self.teacher)()?)),
            (Some(_), Some(_)) | (None, Some(_)) | (Some(_), None) => Ok(false),
        }
    }

    fn other_images(&self, run: &Candidate, images: &str) -> Error {
        let what = format!("the run began with other images ({images}) than are there now ({})", self.images);
        Error::checkpoint(&run.folder.path, what).hint(
            "bring back what the run began with (where it has moved, --data says where it is now), or start \
             over with --fresh",
        )
    }

    /// Locks the run and reads its newest checkpoint.
    fn open(&self, run: Candidate, options: &Options) -> Result<Found> {
        // Another trainer may be writing its last checkpoint.
        let lock = run.folder.lock()?;
        let mut lengths = lengths::resolve(self.recipe, &run, options)?;
        let mut broken = Vec::new();
        let fits = |checkpoint: &Checkpoint| self.fits(&run, checkpoint);
        if run.has_student_of_another_teacher(&lengths.recipe)? || shelve::was_interrupted(&run.folder) {
            let origin = self.origin_of(&run)?;
            broken.push(shelve::student(&run.folder, &lengths.recipe, &origin, fits)?);
        }
        let (mut checkpoint, damaged) = train::latest(&run.folder.checkpoints(), fits)?;
        broken.extend(damaged);
        if let Some(checkpoint) = &mut checkpoint {
            bring_up(&mut checkpoint.manifest, self.recipe)?;
            lengths.against(&checkpoint.manifest);
        }
        let origin = self.origin_of(&run)?;
        let folder = run.folder;
        Ok(Found { folder, checkpoint, lengths, origin, broken, lock })
    }

    /// What the folder says from now on, also of a run that an earlier release began.
    fn origin_of(&self, run: &Candidate) -> Result<Origin> {
        let identity = Identity::of(&run.recipe)?.hash();
        let images = self.images.to_string();
        Ok(Origin { began: Some(run.began()), identity, images, ..run.origin.clone() })
    }

    /// Whether a whole checkpoint is of the run in whose folder it lies.
    fn fits(&self, run: &Candidate, checkpoint: &Checkpoint) -> Result<()> {
        let (manifest, path) = (&checkpoint.manifest, &checkpoint.path);
        run.check_version_1(manifest).map_err(|e| e.at(path))?;
        if manifest.recipe_hash.is_some() {
            let unet = run.recipe.teacher.path.is_none().then_some(self.network);
            version_1::check_generator(manifest, &run.recipe, unet).map_err(|e| e.at(path))?;
        } else {
            let differences = manifest.identity.differences(&Identity::of(&run.recipe)?)?;
            if !differences.is_empty() {
                let what = format!("the checkpoint belongs to another recipe: {}", differences.join(", "));
                return Err(Error::checkpoint(path, what).hint(changed_recipe(path)));
            }
        }
        if manifest.data_hash != self.images {
            return Err(Error { place: Some(path.clone()), ..self.other_images(run, &manifest.data_hash) });
        }
        Ok(())
    }
}

/// What to do where a run's own recipe was edited beyond what may change.
fn changed_recipe(checkpoint: &Path) -> String {
    let file = checkpoint.ancestors().nth(2).unwrap_or(checkpoint).join(RECIPE_FILE);
    format!("bring {} back as it was, or start a new run with --fresh", file.display())
}

/// What a manifest of an earlier release does not say, now that it is known to be of this recipe.
fn bring_up(manifest: &mut Manifest, recipe: &Recipe) -> Result<()> {
    if manifest.recipe_hash.take().is_some() {
        manifest.identity = Identity::of(recipe)?;
    }
    Ok(())
}

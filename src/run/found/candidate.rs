//! A run folder as it is found, before it is known whether it is gone on with.

use std::fs;
use std::path::{Path, PathBuf};

use super::version_1;
use crate::error::{Error, Result};
use crate::plain_file::{self, TEMPORARY};
use crate::recipe::{Began, Identity, Origin, Recipe, Stage, stage_images};
use crate::run::changes::CHANGES_FILE;
use crate::run::folder::{RECIPE_FILE, RunFolder, number_of, recipe_of};
use crate::run::vet;
use crate::train::{self, Manifest};

/// A run with what its recipe says.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub folder: RunFolder,
    pub recipe: Recipe,
    /// Empty where an earlier release wrote the recipe.
    pub origin: Origin,
}

impl Candidate {
    /// The run in the folder `path`.
    ///
    /// # Errors
    /// `Kind::Checkpoint` where there is none; `Kind::Io` where a part of it is elsewhere; a recipe that cannot be
    /// read.
    pub fn open(path: &Path) -> Result<Self> {
        if !plain_file::exists(&path.join(RECIPE_FILE)) {
            return Err(Error::checkpoint(path, "this is not a run folder: it has no recipe.toml")
                .hint("give a folder that `signet train` printed"));
        }
        vet::check(path)?;
        let (recipe, origin) = recipe_of(path)?;
        Ok(Self { folder: RunFolder { path: path.to_path_buf() }, recipe, origin })
    }

    /// The runs below `out`, the newest first, and what was wrong with recipes that do not say whether they
    /// are of one.
    pub fn below(out: &Path) -> (Vec<Self>, Vec<Error>) {
        let entries = fs::read_dir(out).into_iter().flatten().flatten().map(|entry| entry.path());
        let begun = |path: &PathBuf| {
            let is_unfinished = path.to_string_lossy().ends_with(TEMPORARY);
            !is_unfinished && plain_file::exists(&path.join(RECIPE_FILE))
        };
        let mut paths: Vec<PathBuf> = entries.filter(begun).collect();
        // One that was renamed has no number, and comes last.
        paths.sort_by_cached_key(|path| std::cmp::Reverse((number_of(path), path.clone())));
        let (mut runs, mut unread) = (Vec::new(), Vec::new());
        for path in paths {
            match Self::open(&path) {
                Ok(run) => runs.push(run),
                Err(error) => {
                    unread.push(Error { what: format!("this run is passed over: {}", error.what), ..error })
                }
            }
        }
        (runs, unread)
    }

    /// The manifests that can be read and are of this run, the newest first.
    ///
    /// # Errors
    /// `Kind::Io` for checkpoints that cannot be listed.
    fn manifests(&self) -> Result<impl Iterator<Item = Manifest>> {
        let all = train::checkpoints(&self.folder.checkpoints())?;
        let read = all.into_iter().filter_map(|path| train::read_named(&path).ok());
        Ok(read.filter(|manifest| self.check_version_1(manifest).is_ok()))
    }

    /// Its recipe with the lengths that it began with.
    pub fn as_it_began(&self) -> Recipe {
        let (mut recipe, began) = (self.recipe.clone(), self.began());
        (recipe.teacher.kimg, recipe.student.kimg) = (began.teacher_kimg, began.student_kimg);
        recipe
    }

    /// The lengths that the run began with.
    pub fn began(&self) -> Began {
        let Recipe { teacher, student, .. } = &self.recipe;
        self.origin.began.unwrap_or(Began { teacher_kimg: teacher.kimg, student_kimg: student.kimg })
    }

    /// Whether a manifest of the first release is of this run; later ones say so themselves.
    ///
    /// # Errors
    /// `Kind::Checkpoint` naming what is wrong.
    pub fn check_version_1(&self, manifest: &Manifest) -> Result<()> {
        let identity = &self.origin.identity;
        if manifest.recipe_hash.is_some()
            && !identity.is_empty()
            && *identity != Identity::of(&self.recipe)?.hash()
        {
            let what = "the run's recipe.toml was edited in settings that shape the weights";
            return Err(Error::checkpoint(&self.folder.path, what)
                .hint("bring it back as it was, or start a new run with --fresh"));
        }
        let changed = self.folder.path.join(CHANGES_FILE).exists();
        version_1::check(manifest, &self.origin.version_1, &self.recipe, changed)
    }

    /// The newest manifest that can be read and is of this run.
    ///
    /// # Errors
    /// `Kind::Io` for checkpoints that cannot be listed.
    pub fn newest(&self) -> Result<Option<Manifest>> {
        Ok(self.manifests()?.next())
    }

    /// Fingerprints of the images, as the recipe or else each manifest says; nothing where an earlier release
    /// has left no checkpoint.
    ///
    /// # Errors
    /// `Kind::Io` for checkpoints that cannot be listed.
    pub fn images(&self) -> Result<Vec<String>> {
        if !self.origin.images.is_empty() {
            return Ok(vec![self.origin.images.clone()]);
        }
        Ok(self.manifests()?.map(|manifest| manifest.data_hash).collect())
    }

    /// Fingerprint of the teacher that was given; none where that is not known.
    pub fn teacher(&self) -> Option<String> {
        if !self.origin.teacher.is_empty() {
            return Some(self.origin.teacher.clone());
        }
        // A student carries its teacher.
        let checkpoint = train::latest(&self.folder.checkpoints(), |_| Ok(())).ok().and_then(|found| found.0);
        let teacher = checkpoint.and_then(|c| train::teacher_of(&c.state, &c.manifest.generator));
        teacher.map(|(_, tensors)| train::fingerprint_of(&tensors))
    }

    /// What the settings of `recipe` are that shape weights and are others than this run's.
    pub fn differences(&self, recipe: &Recipe) -> Result<Vec<String>> {
        Identity::of(&self.recipe)?.differences(&Identity::of(recipe)?)
    }

    /// Whether the images come from the same place, whatever is there now.
    pub fn has_place_of(&self, recipe: &Recipe) -> bool {
        let place = |recipe: &Recipe| recipe.data.path.as_deref().map(canonical);
        place(&self.recipe) == place(recipe) && self.recipe.data.limit == recipe.data.limit
    }

    /// Whether a student of this run was distilled from its own teacher at another length than `recipe`'s.
    pub fn has_student_of_another_teacher(&self, recipe: &Recipe) -> Result<bool> {
        let newest = self.newest()?.filter(|newest| newest.stage != Stage::Teacher);
        Ok(recipe.teacher.path.is_none()
            && newest.is_some_and(|newest| {
                newest.images_before != stage_images(recipe.teacher.kimg, recipe.teacher.batch)
            }))
    }
}

/// However it is spelled; as it is written where nothing is there.
fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// Whether two paths are one place.
pub fn same_place(a: &Path, b: &Path) -> bool {
    canonical(a) == canonical(b)
}

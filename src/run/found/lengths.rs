//! How long a run's stages are when it goes on: a run may be made longer, and a shorter wish undoes nothing.

use super::candidate::Candidate;
use crate::error::Result;
use crate::recipe::{Recipe, Stage, is_passed, stage_images};
use crate::run::changes;
use crate::run::options::Options;
use crate::run::tuning::Change;
use crate::train::{self, Manifest};

/// What a run goes on with.
#[derive(Debug)]
pub struct Lengths {
    /// The recipe, with the lengths that hold.
    pub recipe: Recipe,
    /// A change of the length of the stage that goes on, to be written down.
    pub change: Option<Change>,
    /// What a user may not expect, in words.
    pub notes: Vec<String>,
    changes: Vec<Change>,
    /// The run's own recipe as it was found.
    stored: Recipe,
}

/// The recipe's name of a stage's length.
pub fn length_of(stage: Stage) -> &'static str {
    match stage {
        Stage::Teacher => "teacher.kimg",
        Stage::Sid | Stage::Sign => "student.kimg",
    }
}

/// The recipe that `asked` comes to where it goes on with `run`: the command that began the run says how long it
/// was to be then, and what was said later holds on. A shorter length has to be meant.
pub fn wished(asked: &Recipe, run: &Candidate, options: &Options) -> Recipe {
    let mut recipe = asked.clone();
    let (began, own, meant) = (run.began(), &run.recipe, options.meant);
    let holds = |asked: f64, began: f64, own: f64, is_meant: bool| {
        if !is_meant && (asked == began || asked < own) { own } else { asked }
    };
    let (teacher, student) = (&mut recipe.teacher, &mut recipe.student);
    teacher.kimg = holds(teacher.kimg, began.teacher_kimg, own.teacher.kimg, meant.teacher_kimg);
    student.kimg = holds(student.kimg, began.student_kimg, own.student.kimg, meant.student_kimg);
    if teacher.path.is_some() {
        teacher.kimg = own.teacher.kimg;
    }
    // By its name the folder is found again.
    recipe.name.clone_from(&own.name);
    recipe
}

/// The lengths that hold then.
///
/// # Errors
/// Changes or manifests that cannot be read.
pub fn resolve(asked: &Recipe, run: &Candidate, options: &Options) -> Result<Lengths> {
    let mut recipe = wished(asked, run, options);
    let mut notes = Vec::new();
    for name in ["teacher.kimg", "student.kimg"] {
        let [wish, held, began] = [asked, &recipe, &run.as_it_began()].map(|recipe| recipe.number(name));
        if wish == held || wish == began {
            continue;
        }
        let held = held.unwrap_or_default();
        notes.push(if name == "teacher.kimg" && recipe.teacher.path.is_some() {
            format!("the teacher of this run is given: {name} changes nothing")
        } else {
            let (wish, flag) = (wish.unwrap_or_default(), name.replace('.', "-"));
            format!("{name} is {held} in this run, and stays so: {wish} is shorter (--{flag} shortens it)")
        });
    }
    let newest =
        run.newest()?.filter(|newest| newest.stage != Stage::Teacher && recipe.teacher.path.is_none());
    if let Some(trained) = newest.map(|newest| newest.images_before)
        && stage_images(recipe.teacher.kimg, recipe.teacher.batch) < trained
    {
        notes.push(shorter("teacher", trained, recipe.teacher.kimg));
        recipe.teacher.kimg = run.recipe.teacher.kimg.max(trained as f64 / 1000.0);
    }
    let (changes, _) = changes::listed(&run.folder.path)?;
    Ok(Lengths { recipe, change: None, notes, changes, stored: run.recipe.clone() })
}

impl Lengths {
    /// Those of a run that begins.
    pub fn of(recipe: Recipe) -> Self {
        let stored = recipe.clone();
        Self { recipe, change: None, notes: Vec::new(), changes: Vec::new(), stored }
    }

    /// Works out what changes for the stage of the checkpoint that the run goes on from.
    pub fn against(&mut self, manifest: &Manifest) {
        let Manifest { stage, step, images, elapsed_secs, .. } = *manifest;
        let name = length_of(stage);
        let made = self.changes.iter().rfind(|c| c.name == name && c.stage == stage && c.step <= step);
        let in_recipe = self.stored.number(name).unwrap_or_default();
        let old = made.map(|change| change.new).or(manifest.stage_kimg).unwrap_or(in_recipe);
        let Some(kimg) = self.recipe.number_mut(name) else { return };
        // JSON's decimal digits need not come back as the very same number.
        if (*kimg - old).abs() <= 1e-9 * old.abs() {
            return;
        }
        let trained = images as f64 / 1000.0;
        if is_passed(*kimg, images) || (images == 0 && *kimg == 0.0) {
            self.notes.push(shorter(stage.name(), images, *kimg));
            // In the middle of a stage that is a wish to end it.
            *kimg = if trained < old && trained > 0.0 { trained } else { old };
        }
        if *kimg != old {
            let (name, new) = (name.into(), *kimg);
            let made = self.changes.iter().filter(|change| change.stage == stage && change.step <= step);
            self.notes.extend(course_words(&self.recipe, made, stage, images, old));
            self.change = Some(Change { stage, step, images, elapsed_secs, name, old, new });
        }
    }
}

/// What becomes of rates and weights that follow the course of a stage which was `old` thousand images long, and
/// in which `made` was changed; nothing where none does.
pub fn course_words<'a>(
    recipe: &Recipe,
    made: impl Iterator<Item = &'a Change>,
    stage: Stage,
    images: u64,
    old: f64,
) -> Option<String> {
    let (mut after, length) = (recipe.clone(), length_of(stage));
    for change in made.filter(|change| change.name != length) {
        *after.number_mut(&change.name)? = change.new;
    }
    let mut before = after.clone();
    *before.number_mut(length)? = old;
    let [was, is] = [before, after].map(|recipe| train::course(&recipe, stage, images));
    let differs = was.into_iter().zip(is).filter(|((_, was), (_, is))| was != is);
    let words: Vec<String> = differs
        .map(|((name, was), (_, is))| format!("{name} is {is:.3e} now instead of {was:.3e}"))
        .collect();
    (!words.is_empty()).then(|| {
        format!(
            "what follows the stage goes on as if it had been that long from the beginning: {}",
            words.join(", ")
        )
    })
}

fn shorter(stage: &str, images: u64, kimg: f64) -> String {
    format!(
        "the {stage} of this run has been trained for {} kimg already, more than {kimg}: nothing of that is \
         undone (--fresh starts a new run)",
        images as f64 / 1000.0
    )
}

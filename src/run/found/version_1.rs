//! What the manifests of the first release allow to be checked: they have no hash of their own, but say some
//! things twice.

use crate::diffusion::GeneratorKind;
use crate::error::{Error, Kind, Result};
use crate::model::UnetConfig;
use crate::recipe::{BadGradients, Recipe, Stage};
use crate::train::Manifest;

/// Whether `manifest` belongs to a run of `recipe`, whose text had the hash `own`, and does not contradict
/// itself. `changed` says that numbers were changed while the run went on. Later manifests say so themselves.
///
/// # Errors
/// `Kind::Checkpoint` naming what is wrong.
pub fn check(manifest: &Manifest, own: &str, recipe: &Recipe, changed: bool) -> Result<()> {
    let Some(hash) = &manifest.recipe_hash else { return Ok(()) };
    if own != hash {
        let what = format!(
            "the checkpoint belongs to another recipe ({hash}) than the run's recipe.toml ({own}): the first release \
             knew a run by every setting"
        );
        return Err(Error::new(Kind::Checkpoint, what).hint(
            "if recipe.toml was edited, bring it back as it was: --student-kimg, --teacher-kimg and --data say the \
             same, and once the run has gone on with this release it may be edited",
        ));
    }
    counts(manifest, recipe, changed)
}

/// Whether the network in `manifest` is the recipe's; `unet` is what a run that trains its own teacher has.
///
/// # Errors
/// `Kind::Checkpoint`.
pub fn check_generator(manifest: &Manifest, recipe: &Recipe, unet: Option<&UnetConfig>) -> Result<()> {
    let generator = &manifest.generator;
    let sign = &recipe.student.sign;
    let kind = match manifest.stage {
        Stage::Teacher => GeneratorKind::Teacher { sample_steps: recipe.teacher.sample_steps },
        Stage::Sid => GeneratorKind::Sid { sigma_init: recipe.student.sid.sigma_init },
        Stage::Sign => GeneratorKind::Sign { head: sign.head, head_sigma_max: sign.head_sigma_max },
    };
    // How a teacher is sampled trains nothing, and may have been changed since.
    let same_kind = generator.kind == kind || manifest.stage == Stage::Teacher;
    // Version 1 knows nothing of classes without images.
    let plain = |unet: &UnetConfig| UnetConfig { empty_classes: Vec::new(), ..unet.clone() };
    if !same_kind || unet.is_some_and(|unet| plain(unet) != plain(&generator.unet)) {
        return Err(damaged("its generator is not the recipe's".into()));
    }
    Ok(())
}

/// Every step sees a batch, and every step that is not left out is one of Adam's.
fn counts(manifest: &Manifest, recipe: &Recipe, changed: bool) -> Result<()> {
    let Manifest { stage, step, images, total_steps, images_before, .. } = *manifest;
    let (teacher, student) = (recipe.teacher.batch as u64, recipe.student.batch as u64);
    let batch = if stage == Stage::Teacher { teacher } else { student };
    agree("images", images, step.checked_mul(batch))?;
    let earlier = total_steps.checked_sub(step);
    agree("images_before", images_before, earlier.and_then(|steps| steps.checked_mul(teacher)))?;
    if stage == Stage::Teacher || recipe.teacher.path.is_some() {
        agree("total_steps", total_steps, Some(step))?;
    }
    let (net, other) = match stage {
        Stage::Teacher => ("teacher", None),
        Stage::Sid => ("generator", Some("fake_score")),
        Stage::Sign => ("student", Some("fake_score")),
    };
    let count = |net: &str, what: &str| {
        let name = format!("{net}.{what}");
        let missing = || damaged(format!("it does not count {name}"));
        manifest.counters.get(&name).copied().ok_or_else(missing)
    };
    for net in [Some(net), other].into_iter().flatten() {
        let (adam, bad, in_a_row) =
            (count(net, "adam_steps")?, count(net, "bad_steps")?, count(net, "bad_in_a_row")?);
        if bad > step || in_a_row > bad {
            return Err(damaged(format!(
                "{net}.bad_steps is {bad}, {net}.bad_in_a_row {in_a_row} of {step} steps"
            )));
        }
        let left_out = if recipe.optimiser.bad_gradients == BadGradients::Skip { bad } else { 0 };
        // SIGN's fake score rests while nobody asks it, and that may have changed on the way.
        let may_rest = stage == Stage::Sign && net == "fake_score" && (adam == 0 || changed);
        if !may_rest {
            agree(&format!("{net}.adam_steps"), adam, Some(step - left_out))?;
        }
    }
    let counted = if other.is_some() { 6 } else { 3 };
    agree("the number of counters", manifest.counters.len() as u64, Some(counted))
}

fn agree(name: &str, value: u64, should: Option<u64>) -> Result<()> {
    match should {
        Some(should) if should == value => Ok(()),
        Some(should) => Err(damaged(format!("{name} is {value} where the rest of it makes it {should}"))),
        None => Err(damaged(format!("{name} is {value}, which the rest of it contradicts"))),
    }
}

fn damaged(what: String) -> Error {
    Error::new(Kind::Checkpoint, format!("the manifest is damaged: {what}"))
        .hint("use another checkpoint of the same run")
}

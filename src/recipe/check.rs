//! Refuses recipes that cannot run, in words.

use super::limits::{MAX_NAME, MAX_WORLD_SAMPLES};
use super::network::Family;
use super::sign::no_terms;
use super::student::Method;
use super::tables::{Recipe, settings};
use crate::error::{Error, Result};
use crate::world::World;

/// # Errors
/// `Kind::Usage` naming the setting, its value and what it may be.
pub fn check(recipe: &Recipe) -> Result<()> {
    let student = &recipe.student;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let named = (1..=MAX_NAME).contains(&recipe.name.len()) && recipe.name.chars().all(plain);
    let wanted = format!("1 to {MAX_NAME} letters, digits, `-`, `_` or `.`: it names the run folder");
    ensure(named, "name", &recipe.name, &wanted)?;
    for setting in settings() {
        let Some(value) = recipe.number(setting.name) else { continue };
        let wanted = setting.range.words().unwrap_or("a number".into());
        ensure(setting.range.holds(value), setting.name, value, &wanted)?;
    }
    let has_teacher = recipe.teacher.path.is_some() || recipe.teacher.kimg > 0.0;
    let trains = student.kimg > 0.0 || (recipe.teacher.path.is_none() && recipe.teacher.kimg > 0.0);
    if !has_teacher || !trains {
        let what = if has_teacher { "there is nothing to train" } else { "the student has no teacher" };
        return Err(Error::usage(what).hint(
            "give teacher.kimg or student.kimg above 0; a student needs a teacher that is trained or given by its path",
        ));
    }
    let sign = &student.sign;
    let terms = [sign.rec, sign.idem, sign.flow, sign.dmd, sign.sid, sign.reg];
    if student.method == Method::Sign && terms.iter().all(|weight| *weight == 0.0) {
        return Err(no_terms());
    }
    if student.method == Method::Sign && sign.matches() && sign.denoise == 0.0 {
        return Err(Error::usage("student.sign.denoise is 0, but dmd and sid need a fake score that learns")
            .hint("give it a weight of 1, or set student.sign.dmd and student.sign.sid to 0"));
    }
    if let Some(world) = recipe.data.world {
        return check_world(recipe, world);
    }
    if recipe.teacher.exact {
        return Err(Error::usage("teacher.exact is true, but nobody knows the distribution of these images")
            .hint("leave it out: only toy worlds (data.world) are known exactly"));
    }
    if recipe.network.family == Family::Mlp {
        return Err(
            Error::usage("network.family is mlp, which is for toy worlds").hint("use ddpmpp for images")
        );
    }
    let size = recipe.data.size;
    let square = size.is_power_of_two() && (8..=1024).contains(&size);
    ensure(square, "data.size", size, "a power of two from 8 to 1024")
}

fn check_world(recipe: &Recipe, world: World) -> Result<()> {
    if recipe.data.path.is_some() {
        return Err(Error::usage(format!("data.world is {} and data.path is given", world.name()))
            .hint("choose one of the two"));
    }
    if recipe.network.family != Family::Mlp || recipe.teacher.augment > 0.0 || recipe.data.x_flip {
        return Err(Error::usage("a toy world has no pictures to flip, augment or convolve")
            .hint("set network.family = \"mlp\", teacher.augment = 0 and data.x_flip = false"));
    }
    if recipe.data.use_labels || recipe.network.dropout > 0.0 {
        return Err(Error::usage("the dense networks of toy worlds know neither classes nor dropout")
            .hint("leave data.use_labels (--labels) out and set network.dropout = 0"));
    }
    if recipe.data.limit.is_some_and(|limit| !(2..=MAX_WORLD_SAMPLES).contains(&limit)) {
        return Err(Error::usage(format!("data.limit is {}", recipe.data.limit.unwrap_or(0)))
            .hint(format!("give 2 to {MAX_WORLD_SAMPLES} samples of the world, or leave it out")));
    }
    Ok(())
}

fn ensure(holds: bool, name: &str, value: impl std::fmt::Display, wanted: &str) -> Result<()> {
    if holds {
        return Ok(());
    }
    Err(Error::usage(format!("{name} is {value}")).hint(format!("give {wanted}")))
}

//! Refuses recipes that cannot run, in words.

use super::{Family, Method, Recipe, no_terms};
use crate::error::{Error, Result};
use crate::world::World;

/// Largest batch: beyond it a typo is likelier than a plan.
const MAX_BATCH: usize = 65_536;
/// Most samples behind a metric: FID's 50,000 and to spare.
const MAX_METRIC_SAMPLES: usize = 100_000;
/// Most samples of a toy world.
const MAX_WORLD_SAMPLES: usize = 10_000_000;
/// Most pairs of SIGN's regression: all are kept in memory.
const MAX_PAIRS: usize = 1_000_000;
/// Most steps that teach SIGN's head in advance.
const MAX_HEAD_STEPS: u64 = 1_000_000;
/// Longest name of a recipe: it becomes part of a folder's name.
const MAX_NAME: usize = 64;
/// Most pictures in a grid.
const MAX_GRID: usize = 1024;

/// # Errors
/// `Kind::Usage` naming the setting, its value and what it may be.
pub fn check(recipe: &Recipe) -> Result<()> {
    let student = &recipe.student;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let named = (1..=MAX_NAME).contains(&recipe.name.len()) && recipe.name.chars().all(plain);
    let wanted = format!("1 to {MAX_NAME} letters, digits, `-`, `_` or `.`: it names the run folder");
    ensure(named, "name", &recipe.name, &wanted)?;
    for (name, kimg) in [("teacher.kimg", recipe.teacher.kimg), ("student.kimg", student.kimg)] {
        ensure(kimg.is_finite() && kimg >= 0.0, name, kimg, "a number from 0 up")?;
    }
    let has_teacher = recipe.teacher.path.is_some() || recipe.teacher.kimg > 0.0;
    let trains = student.kimg > 0.0 || (recipe.teacher.path.is_none() && recipe.teacher.kimg > 0.0);
    if !has_teacher || !trains {
        let what = if has_teacher { "there is nothing to train" } else { "the student has no teacher" };
        return Err(Error::usage(what).hint(
            "give teacher.kimg or student.kimg above 0; a student needs a teacher that is trained or given by its path",
        ));
    }
    let positive = [
        ("teacher.learning_rate", recipe.teacher.learning_rate),
        ("student.learning_rate", student.learning_rate),
        ("student.fake_learning_rate", student.fake_learning_rate),
        ("student.sid.sigma_init", student.sid.sigma_init),
        ("optimiser.adam_eps", recipe.optimiser.adam_eps),
        ("report.sample_every_kimg", recipe.report.sample_every_kimg),
        ("report.checkpoint_every_kimg", recipe.report.checkpoint_every_kimg),
        ("report.metric_every_kimg", recipe.report.metric_every_kimg),
    ];
    for (name, value) in positive {
        ensure(value.is_finite() && value > 0.0, name, value, "a number above 0")?;
    }
    let sign = &student.sign;
    let not_negative = [
        ("teacher.warmup_kimg", recipe.teacher.warmup_kimg),
        ("teacher.ema_halflife_kimg", recipe.teacher.ema_halflife_kimg),
        ("student.ema_halflife_kimg", student.ema_halflife_kimg),
        ("optimiser.ema_ramp_up", recipe.optimiser.ema_ramp_up),
        ("student.sid.loss_scale", student.sid.loss_scale),
        ("student.sign.rec", sign.rec),
        ("student.sign.idem", sign.idem),
        ("student.sign.flow", sign.flow),
        ("student.sign.dmd", sign.dmd),
        ("student.sign.sid", sign.sid),
        ("student.sign.reg", sign.reg),
        ("student.sign.denoise", sign.denoise),
        ("student.sign.read", sign.read),
    ];
    for (name, value) in not_negative {
        ensure(value.is_finite() && value >= 0.0, name, value, "a number from 0 up")?;
    }
    let sigma_init = student.sid.sigma_init;
    ensure(sigma_init <= 80.0, "student.sid.sigma_init", sigma_init, "a noise level of at most 80")?;
    let t_max = student.sid.t_max;
    ensure(t_max > 0.0 && t_max <= 1000.0, "student.sid.t_max", t_max, "a number above 0, at most 1000")?;
    let ramp = sign.idem_ramp;
    ensure((0.0..=1.0).contains(&ramp), "student.sign.idem_ramp", ramp, "a share from 0 to 1")?;
    for (name, sigma) in [
        ("student.sign.head_sigma_max", sign.head_sigma_max),
        ("student.sign.flow_sigma_max", sign.flow_sigma_max),
        ("student.sign.reg_sigma_max", sign.reg_sigma_max),
    ] {
        ensure(sigma > 0.01 && sigma <= 80.0, name, sigma, "a noise level above 0.01, at most 80")?;
    }
    for (name, share) in
        [("student.sign.noisy_share", sign.noisy_share), ("student.sign.reg_along", sign.reg_along)]
    {
        ensure((0.0..=1.0).contains(&share), name, share, "a share from 0 to 1")?;
    }
    let terms = [sign.rec, sign.idem, sign.flow, sign.dmd, sign.sid, sign.reg];
    if student.method == Method::Sign && terms.iter().all(|weight| *weight == 0.0) {
        return Err(no_terms());
    }
    if student.method == Method::Sign && sign.matches() && sign.denoise == 0.0 {
        return Err(Error::usage("student.sign.denoise is 0, but dmd and sid need a fake score that learns")
            .hint("give it a weight of 1, or set student.sign.dmd and student.sign.sid to 0"));
    }
    let alpha = student.sid.alpha;
    ensure(alpha.is_finite(), "student.sid.alpha", alpha, "a number, say 1.2")?;
    for (name, batch) in [("teacher.batch", recipe.teacher.batch), ("student.batch", student.batch)] {
        let fits = (1..=MAX_BATCH).contains(&batch);
        ensure(fits, name, batch, &format!("a whole number from 1 to {MAX_BATCH}"))?;
    }
    for (name, size) in
        [("teacher.micro_batch", recipe.teacher.micro_batch), ("student.micro_batch", student.micro_batch)]
    {
        let wanted = format!("a whole number up to {MAX_BATCH}; 0 is the whole batch at once");
        ensure(size <= MAX_BATCH, name, size, &wanted)?;
    }
    let augment = recipe.teacher.augment;
    let wanted = "a probability from 0 to 1, say 0.12";
    ensure((0.0..=1.0).contains(&augment), "teacher.augment", augment, wanted)?;
    let grid = recipe.report.grid;
    ensure(
        (1..=MAX_GRID).contains(&grid),
        "report.grid",
        grid,
        &format!("a whole number from 1 to {MAX_GRID}"),
    )?;
    let samples = recipe.report.metric_samples;
    let enough = (2..=MAX_METRIC_SAMPLES).contains(&samples);
    let wanted = format!("a whole number from 2 to {MAX_METRIC_SAMPLES}");
    ensure(enough, "report.metric_samples", samples, &wanted)?;
    let steps = recipe.teacher.sample_steps;
    ensure((1..=1000).contains(&steps), "teacher.sample_steps", steps, "a whole number from 1 to 1000")?;
    let levels = sign.flow_steps;
    ensure((2..=1000).contains(&levels), "student.sign.flow_steps", levels, "a whole number from 2 to 1000")?;
    let wanted = format!("a whole number from 1 to {MAX_PAIRS}");
    ensure((1..=MAX_PAIRS).contains(&sign.pairs), "student.sign.pairs", sign.pairs, &wanted)?;
    let steps = sign.pair_steps;
    ensure((1..=1000).contains(&steps), "student.sign.pair_steps", steps, "a whole number from 1 to 1000")?;
    let steps = sign.head_steps;
    ensure(steps <= MAX_HEAD_STEPS, "student.sign.head_steps", steps, &format!("at most {MAX_HEAD_STEPS}"))?;
    for (name, last) in [
        ("teacher.last_learning_rate", recipe.teacher.last_learning_rate),
        ("student.last_learning_rate", student.last_learning_rate),
    ] {
        ensure(last > 0.0 && last <= 1.0, name, last, "a share above 0, at most 1")?;
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

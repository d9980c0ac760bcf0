//! Whole runs by a made-up clock: what is said to be left at some point, and what it then takes.

use super::*;
use crate::recipe::{self, Recipe, Stage, stage_images};

/// What everything takes, seconds: once for the teacher, once for the student.
#[derive(Clone, Copy)]
struct Machine {
    step: [f64; 2],
    grid: [f64; 2],
    metrics: [f64; 2],
    checkpoint: [f64; 2],
    prepare: f64,
    /// What the first step takes beside that.
    warm_up: f64,
}

/// Where a run was, when, and what it said of its end.
struct Seen {
    share: f64,
    stage: Stage,
    clock: f64,
    left: Left,
}

/// A student's step takes four times as long as a teacher's of twice the images: as measured with the recipe demo.
const MACHINE: Machine = Machine {
    step: [0.060, 0.240],
    grid: [2.0, 0.3],
    metrics: [20.0, 8.0],
    checkpoint: [0.5, 1.1],
    prepare: 35.0,
    warm_up: 12.0,
};

fn demo() -> Recipe {
    recipe::preset("demo").expect("a preset")
}

/// Trains by the clock, as the trainer does, from `begun` images of the first of `stages`; gives what was said at
/// each step and the time at the end.
fn train(recipe: &Recipe, machine: Machine, stages: &[Stage], begun: u64) -> (Vec<Seen>, f64) {
    let (mut costs, mut clock, mut seen, mut earlier) = (Costs::default(), 0.0, Vec::new(), 0);
    let mut begun = begun;
    for (stage, kimg) in recipe.stages().into_iter().filter(|(stage, _)| stages.contains(stage)) {
        let (who, batch) = match stage {
            Stage::Teacher => (0, recipe.teacher.batch as u64),
            Stage::Sid | Stage::Sign => (1, recipe.student.batch as u64),
        };
        let mut spend = |costs: &mut Costs, work, secs| {
            clock += secs;
            costs.took(stage, work, secs);
            clock
        };
        let end = stage_images(kimg, batch as usize);
        if begun == 0 {
            spend(&mut costs, Work::Prepare, machine.prepare * who as f64);
            spend(&mut costs, Work::Grid, machine.grid[who]);
            if who == 1 {
                spend(&mut costs, Work::Metrics, machine.metrics[who]);
            }
        }
        let mut images = std::mem::take(&mut begun);
        let mut warm_up = machine.warm_up;
        while images < end {
            let before = images;
            images += batch;
            let now = spend(&mut costs, Work::Step, machine.step[who] + std::mem::take(&mut warm_up));
            let here = Here { stage, before, images, earlier, most: None };
            let all = recipe.stages().iter().map(|(_, kimg)| kimg * 1000.0).sum::<f64>();
            let share = (earlier + images) as f64 / all;
            seen.push(Seen { share, stage, clock: now, left: costs.left(recipe, here) });
            let crossed = |kimg: f64| {
                let every = ((kimg * 1000.0) as u64).max(1);
                images / every > before / every || images >= end
            };
            let report = &recipe.report;
            if crossed(report.checkpoint_every_kimg) {
                spend(&mut costs, Work::Checkpoint, machine.checkpoint[who]);
            }
            if crossed(report.sample_every_kimg) {
                spend(&mut costs, Work::Grid, machine.grid[who]);
            }
            if (who == 1 && crossed(report.metric_every_kimg)) || images >= end {
                spend(&mut costs, Work::Metrics, machine.metrics[who]);
            }
        }
        earlier += end;
    }
    (seen, clock)
}

fn at_share(seen: &[Seen], share: f64) -> &Seen {
    seen.iter().find(|seen| seen.share >= share).expect("the run comes by there")
}

const BOTH: [Stage; 2] = [Stage::Teacher, Stage::Sign];

#[test]
fn a_stage_that_has_been_seen_is_told_to_the_second() {
    let (seen, end) = train(&demo(), MACHINE, &BOTH, 0);
    // The student's grids, measurements and preparation are known by then.
    let late = at_share(&seen, 0.8);
    assert_eq!((late.stage, late.left.stage, late.left.stages), (Stage::Sign, 2, 2));
    let told = late.clock + late.left.secs;
    assert!((told - end).abs() < 0.02 * (end - late.clock) + 1.0, "told {told}, it was {end}");
    assert!(!late.left.is_about);
    assert!((late.left.stage_secs - late.left.secs).abs() < 1e-9);
    let last = seen.last().expect("a step");
    assert!((last.clock + last.left.secs - end).abs() < 1.0, "{:?} before {end}", last.left);
}

#[test]
fn a_stage_that_has_not_begun_is_reckoned_and_called_so() {
    let recipe = demo();
    let (seen, end) = train(&recipe, MACHINE, &BOTH, 0);
    let early = at_share(&seen, 0.3);
    assert_eq!((early.stage, early.left.stage, early.left.stages), (Stage::Teacher, 1, 2));
    assert!(early.left.is_about, "{:?}", early.left);
    let told = early.clock + early.left.secs;
    assert!((told / end - 1.0).abs() < 0.15, "told {told}, it was {end}");
    assert!(early.left.stage_secs < early.left.secs);
    // A plan of the present stage's steps alone, as there was before.
    let steps = (recipe.teacher.kimg * 1000.0 - early.share * 64_000.0) / 32.0 * MACHINE.step[0];
    assert!(early.left.secs > 2.0 * steps, "{} s, of them {steps} s of the teacher's steps", early.left.secs);
}

#[test]
fn the_first_step_does_not_stand_for_the_others() {
    let (seen, _) = train(&demo(), MACHINE, &BOTH, 0);
    let (first, second) = (&seen[0].left, &seen[1].left);
    assert!(first.secs > 10.0 * second.secs, "{first:?}, then {second:?}");
}

#[test]
fn a_session_that_goes_on_knows_only_its_own_work() {
    let recipe = demo();
    let (seen, end) = train(&recipe, MACHINE, &[Stage::Sign], 12_000);
    let early = &seen[3].left;
    assert!(early.is_about && early.stage == 2 && early.secs.is_finite(), "{early:?}");
    // Once everything has come by, nothing is reckoned.
    let later = seen.iter().find(|seen| !seen.left.is_about).expect("it is measured at some point");
    assert!((later.clock + later.left.secs - end).abs() < 0.05 * end, "{:?} before {end}", later.left);
}

#[test]
fn a_limit_ends_the_plan_and_a_longer_recipe_lengthens_it() {
    let mut recipe = demo();
    let mut costs = Costs::default();
    for _ in 0..3 {
        costs.took(Stage::Teacher, Work::Step, 0.1);
    }
    let here = Here { stage: Stage::Teacher, before: 968, images: 1000, earlier: 0, most: None };
    let whole = costs.left(&recipe, here);
    let cut = costs.left(&recipe, Here { most: Some(1500), ..here });
    assert!(cut.secs < 4.0 && whole.secs > 100.0, "{cut:?}, {whole:?}");
    recipe.teacher.kimg *= 2.0;
    let longer = costs.left(&recipe, here);
    assert!((longer.secs - whole.secs) > 0.1 * 40_000.0 / 32.0 - 1.0, "{longer:?}");
    assert!(Costs::default().left(&recipe, here).secs.is_nan(), "nothing is known yet");
}

//! The recipes that come with the program.

use super::data::Data;
use super::network::{Family, Network};
use super::optimiser::Optimiser;
use super::precision::Precision;
use super::report::Report;
use super::student::{Method, Sid, Student};
use super::tables::Recipe;
use super::teacher::Teacher;
use crate::world::World;

/// The middle of a ready network's images is at most so wide, pixels: attention there is among all of them.
const MIDDLE_SIDE: usize = 16;

/// Names and what they are for, as `--help` shows them.
pub const PRESETS: [(&str, &str); 6] = [
    ("demo", "the built-in pictures at 16×16: a small teacher, then SIGN, on any machine"),
    ("small-sign", "your images, at 16×16 or 32×32 best: a teacher, then SIGN (an editor)"),
    ("small-sid", "your images, at 16×16 or 32×32 best: a teacher, then SiD (one-step samples)"),
    ("img64-sid", "a toy world of 64 little pictures: SiD, measured against the truth, in minutes on a CPU"),
    ("img64-sign", "the same toy world: SIGN, generation and editing measured against the truth"),
    ("ring8-sid", "a toy world of eight spots in the plane: SiD"),
];

/// Names of the presets.
pub fn names() -> Vec<&'static str> {
    PRESETS.iter().map(|(name, _)| *name).collect()
}

/// The preset called `name`.
pub fn preset(name: &str) -> Option<Recipe> {
    match name {
        "demo" => Some(demo()),
        "small-sign" => Some(small(Method::Sign)),
        "small-sid" => Some(small(Method::Sid)),
        "img64-sid" => Some(world_sid(World::Img64, 256)),
        "img64-sign" => Some(world_sign(World::Img64, 256)),
        "ring8-sid" => Some(world_sid(World::Ring8, 128)),
        _ => None,
    }
}

/// SIGN's rate falls to this share; SiD's papers keep theirs.
const SIGN_LAST_RATE: f64 = 0.05;

fn demo() -> Recipe {
    Recipe {
        name: "demo".into(),
        seed: 0,
        precision: Precision::default(),
        data: Data { size: 16, ..Data::default() },
        network: Network { model_channels: 24, ..Network::default() },
        // The place of a pretrained teacher that comes with the program: `teacher.path`.
        teacher: Teacher { kimg: 40.0, ..Teacher::default() },
        student: Student { kimg: 24.0, last_learning_rate: SIGN_LAST_RATE, ..Student::default() },
        optimiser: Optimiser::default(),
        report: Report::default(),
    }
}

/// A ready recipe at another size of images: larger ones are halved more often, for the middle of the network
/// looks at all pairs of pixels.
pub fn fit(recipe: &mut Recipe, size: usize) {
    recipe.data.size = size;
    let mult = &mut recipe.network.channel_mult;
    let last = mult.last().copied().unwrap_or(1);
    while recipe.network.family != Family::Mlp && !mult.is_empty() && size >> (mult.len() - 1) > MIDDLE_SIDE {
        mult.push(last);
    }
}

fn small(method: Method) -> Recipe {
    Recipe {
        name: if method == Method::Sign { "small-sign" } else { "small-sid" }.into(),
        seed: 0,
        precision: Precision::default(),
        data: Data { x_flip: true, ..Data::default() },
        network: Network::default(),
        teacher: Teacher { kimg: 100.0, ..Teacher::default() },
        student: Student {
            method,
            kimg: 100.0,
            last_learning_rate: if method == Method::Sign { SIGN_LAST_RATE } else { 1.0 },
            ..Student::default()
        },
        optimiser: Optimiser::default(),
        report: Report::default(),
    }
}

/// SiD on a toy world, with dense networks of `width`: 4000 steps of a teacher, 4000 of SiD.
fn world_sid(world: World, width: usize) -> Recipe {
    let (teacher_batch, student_batch, steps) = (512, 256, 4000.0);
    let kimg = |batch: usize| steps * batch as f64 / 1000.0;
    Recipe {
        name: format!("{}-sid", world.name()),
        seed: 0,
        precision: Precision::default(),
        data: Data { world: Some(world), size: world.shape()[1], ..Data::default() },
        network: Network {
            family: Family::Mlp,
            model_channels: width,
            num_blocks: 3,
            channel_mult: vec![1],
            attn_resolutions: vec![],
            dropout: 0.0,
        },
        teacher: Teacher {
            kimg: kimg(teacher_batch),
            batch: teacher_batch,
            learning_rate: 2e-3,
            last_learning_rate: 0.05,
            warmup_kimg: 0.0,
            ema_halflife_kimg: 100.0,
            sample_steps: 18,
            ..Teacher::default()
        },
        student: Student {
            method: Method::Sid,
            kimg: kimg(student_batch),
            batch: student_batch,
            learning_rate: 3e-4,
            fake_learning_rate: 1e-3,
            ema_halflife_kimg: 100.0,
            sid: Sid {
                // Up to noise of 5.6: above, where training draws one image in a hundred, the teacher's own
                // error would move the generator.
                t_max: 600.0,
                // The scale matters through Adam's eps alone.
                loss_scale: 1.0,
                ..Sid::default()
            },
            ..Student::default()
        },
        // An average over 1000 steps from the start.
        optimiser: Optimiser { ema_ramp_up: 0.0, ..Optimiser::default() },
        report: Report {
            sample_every_kimg: 128.0,
            checkpoint_every_kimg: 512.0,
            metric_every_kimg: 256.0,
            // With 4000 samples the Fréchet distance of two sets of one kind is as large as what tells models
            // apart, and which of them is the smaller turns on the draws.
            metric_samples: 16_000,
            ..Report::default()
        },
    }
}

/// SIGN on a toy world: the same teacher, then 6000 steps.
fn world_sign(world: World, width: usize) -> Recipe {
    let sid = world_sid(world, width);
    Recipe {
        name: format!("{}-sign", world.name()),
        student: Student {
            method: Method::Sign,
            kimg: 6000.0 * sid.student.batch as f64 / 1000.0,
            learning_rate: 1e-3,
            fake_learning_rate: 1e-3,
            last_learning_rate: SIGN_LAST_RATE,
            ..sid.student.clone()
        },
        ..sid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn larger_images_are_halved_more_often() {
        let halved = |name: &str, size: usize| {
            let mut recipe = preset(name).expect("a preset");
            fit(&mut recipe, size);
            assert_eq!(recipe.data.size, size);
            recipe.network.channel_mult
        };
        assert_eq!(halved("small-sign", 16), halved("small-sign", 32));
        assert_eq!(halved("small-sign", 64), [1, 2, 2]);
        assert_eq!(halved("small-sid", 256), [1, 2, 2, 2, 2]);
        let dense = preset("ring8-sid").expect("a preset");
        assert_eq!(halved("ring8-sid", dense.data.size), dense.network.channel_mult);
    }
}

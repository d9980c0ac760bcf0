use std::cell::Cell;

use super::*;
use crate::data::Shape;
use crate::diffusion::{Precond, SIGMA_MAX, Sampler};
use crate::edit::corrupt::Corruption;
use crate::eval::nearest;
use crate::world::{Mixture, World};

/// The exact f of a world of pictures: the end of the probability-flow ODE from (u, sigma). It is told
/// the levels in turn, where a model reads them off u.
struct Exact {
    mixture: Mixture,
    sigmas: Vec<f64>,
    calls: Cell<usize>,
}

impl Exact {
    fn new(sigmas: &[f64]) -> Self {
        Self { mixture: World::Img64.mixture(), sigmas: sigmas.to_vec(), calls: Cell::new(0) }
    }
}

impl Projector for Exact {
    fn shape(&self) -> Shape {
        Shape::square(1, 8)
    }

    fn project(&self, u: &[f32]) -> Result<Vec<f32>> {
        let sigma = self.sigmas[self.calls.replace(self.calls.get() + 1)];
        let unit: Vec<f32> = u.iter().map(|u| u * ((1.0 + sigma * sigma).sqrt() / sigma) as f32).collect();
        let sampler = Sampler { range: [SIGMA_MIN, sigma], ..Sampler::heun(12, Precond::Edm) };
        let mut denoise = |x: &[f64], sigma: f64| -> Result<Vec<f64>> { Ok(self.mixture.denoise(x, sigma)) };
        let ends = sampler.run(&mut denoise, &unit, |_| Vec::new(), |_, _| Ok(()))?;
        Ok(ends.into_iter().map(|v| v as f32).collect())
    }
}

/// Share of pictures that end at the component they came from, after `corruption` and under `constraint`.
fn right(
    count: u64,
    corruption: Corruption,
    constraint: impl Fn(Vec<bool>) -> Constraint,
    levels: &[f64],
) -> f64 {
    let f = Exact::new(levels);
    let (mut clean, mut from) = (Vec::new(), Vec::new());
    for i in 0..count {
        let (sample, component) = f.mixture.sample(5, i);
        clean.extend(sample);
        from.push(component);
    }
    let corrupted = corruption.apply_all(&clean, f.shape(), 1);
    let how = Iteration { sigmas: levels, seed: 2, bound: f32::INFINITY };
    let constraint = constraint(corrupted.known.unwrap_or_default());
    let mut watched = 0;
    let made = iterate(&f, &corrupted.image, &constraint, how, &mut |_| watched += 1).expect("it runs");
    assert_eq!(watched, levels.len());
    let ends = made.chunks_exact(f.shape().numbers()).map(|x| nearest(&f.mixture, x).0);
    ends.zip(from).filter(|(end, from)| end == from).count() as f64 / count as f64
}

fn inpaint(known: Vec<bool>) -> Constraint {
    Constraint::Inpaint { known }
}

/// A model that knows its data exactly finds the picture again from a part of it: chance is 1 in 64.
#[test]
fn the_exact_f_finds_the_picture_again() {
    let levels = sigmas(STEPS, first_sigma(8));
    let half = right(256, Corruption::HalfMask, inpaint, &levels);
    assert!(half > 0.36, "half the picture hidden: {half}");
    let random = right(256, Corruption::RandomMask, inpaint, &levels);
    assert!(random > 0.1, "three pixels of four hidden: {random}");
    let means = right(256, Corruption::DownUp, |_| Constraint::SuperResolve { patch: 4 }, &levels);
    assert!(means > 0.33, "means of 4×4 pixels: {means}");
    // More steps find it more often.
    let many = right(256, Corruption::HalfMask, inpaint, &sigmas(3 * STEPS, first_sigma(8)));
    assert!(many > half + 0.03, "{many} in {} steps", 3 * STEPS);
}

#[test]
fn levels_fall_from_the_first_to_the_last() {
    let levels = sigmas(STEPS, 10.0);
    assert_eq!(levels.len(), STEPS);
    assert!(levels[0] == 10.0 && (levels[6] - LAST_SIGMA).abs() < 1e-9, "{levels:?}");
    assert_eq!(levels[7], SIGMA_MIN);
    assert_eq!([first_sigma(8), first_sigma(32), first_sigma(1024)], [3.0, 12.0, SIGMA_MAX]);
    for (steps, first) in [(1, 2.0), (3, 0.05), (64, 80.0)] {
        let levels = sigmas(steps, first);
        check_falling(&levels).expect("they fall");
        assert_eq!((levels.len(), levels[0]), (steps, first));
    }
}

/// One picture in a batch is what it is alone, and wishes that cannot be met are refused before f runs.
#[test]
fn batches_are_pictures_and_wrong_levels_are_refused() {
    let levels = [1.0, 0.3];
    let two = [0.2f32; 128];
    let known = Constraint::Inpaint { known: (0..64).map(|i| i % 2 == 0).collect() };
    let how = Iteration { sigmas: &levels, seed: 2, bound: 1.0 };
    let run = |given: &[f32], how| iterate(&Exact::new(&levels), given, &known, how, &mut |_| {});
    let both = run(&two, how).expect("it runs");
    assert_eq!(both[..64], run(&two[..64], how).expect("it runs")[..]);
    assert_ne!(both[..64], both[64..]);
    assert!(both.iter().all(|v| v.abs() <= 1.0));
    assert_eq!(both[62], 0.2);
    for wrong in [&[][..], &[1.0, 1.0], &[0.3, 1.0], &[f64::NAN], &[100.0], &[0.0]] {
        assert!(run(&two, Iteration { sigmas: wrong, ..how }).is_err(), "{wrong:?}");
    }
}

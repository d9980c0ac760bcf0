//! The losses on burn's GPU tensors (one workgroup per sample, then one thread per element) and on its
//! CPU tensors.

use burn::backend::Flex;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;

use super::super::shader::{
    DISTRIBUTION_MATCHING, DISTRIBUTION_MATCHING_BACKWARD, SID_GENERATOR_LOSS, SID_GENERATOR_LOSS_BACKWARD,
};
use super::super::{cpu, lanes, launch};
use super::{NORMALISER_FLOOR, ScoreLossOps, composed};

impl ScoreLossOps for CubeBackend {
    fn sid_generator_loss(
        y: FloatTensor<Self>,
        real: FloatTensor<Self>,
        fake: FloatTensor<Self>,
        alpha: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if !launch::takes(&[&y, &real, &fake]) {
            return composed::sid_generator::<Self>(y, real, fake, alpha);
        }
        launch::per_sample(&SID_GENERATOR_LOSS, vec![y, real, fake], alpha as f32).into()
    }

    fn sid_generator_slopes(
        y: FloatTensor<Self>,
        real: FloatTensor<Self>,
        fake: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        alpha: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        if !launch::takes(&[&y, &real, &fake, &scale]) {
            return composed::sid_generator_slopes::<Self>(y, real, fake, scale, alpha);
        }
        let inputs = vec![y, real, fake, scale];
        launch::per_element(&SID_GENERATOR_LOSS_BACKWARD, inputs, alpha as f32).into()
    }

    fn distribution_matching(
        y: FloatTensor<Self>,
        real: FloatTensor<Self>,
        fake: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if !launch::takes(&[&y, &real, &fake]) {
            return composed::matching::<Self>(y, real, fake);
        }
        launch::per_sample(&DISTRIBUTION_MATCHING, vec![y, real, fake], 0.0).into()
    }

    fn distribution_matching_slope(
        real: FloatTensor<Self>,
        fake: FloatTensor<Self>,
        scale: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        if !launch::takes(&[&real, &fake, &scale]) {
            return composed::matching_slope::<Self>(real, fake, scale);
        }
        let [slope] = launch::per_element(&DISTRIBUTION_MATCHING_BACKWARD, vec![real, fake, scale], 0.0);
        slope
    }
}

impl ScoreLossOps for Flex {
    fn sid_generator_loss(
        y: FloatTensor<Self>,
        real: FloatTensor<Self>,
        fake: FloatTensor<Self>,
        alpha: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if !cpu::takes(&[&y, &real, &fake]) {
            return composed::sid_generator::<Self>(y, real, fake, alpha);
        }
        let _clock = cpu::clock("SiD loss", &y, 14, 3);
        let alpha = alpha as f32;
        losses([y, real, fake], |[y, real, fake]| {
            let (gap, pull) = (real - fake, real - y);
            let spoilt = zero_if_finite(y) + zero_if_finite(real) + zero_if_finite(fake);
            [gap * (pull - alpha * gap), pull.abs(), spoilt]
        })
    }

    fn sid_generator_slopes(
        y: FloatTensor<Self>,
        real: FloatTensor<Self>,
        fake: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        alpha: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        if !cpu::takes(&[&y, &real, &fake, &scale]) {
            return composed::sid_generator_slopes::<Self>(y, real, fake, scale, alpha);
        }
        let _clock = cpu::clock("SiD loss gradient", &y, 9, 6);
        let (ahead, twice_alpha) = ((1.0 - 2.0 * alpha) as f32, (2.0 * alpha) as f32);
        let [y, real, fake, scale] = [y, real, fake, scale].map(cpu::contiguous);
        let images = cpu::Samples::of(&y);
        let slopes = images.per_element(|i, [y_slope, real_slope, fake_slope]| {
            let scale = cpu::slice(&scale)[i];
            // A sample that was left out holds numbers that must not be multiplied by its 0.
            if scale == 0.0 {
                return;
            }
            let inputs = images.get(&y, i).iter().zip(images.get(&real, i)).zip(images.get(&fake, i));
            let outputs = y_slope.iter_mut().zip(real_slope).zip(fake_slope);
            for (((y_slope, real_slope), fake_slope), ((y, real), fake)) in outputs.zip(inputs) {
                let (gap, pull) = (scale * (real - fake), scale * (real - y));
                *y_slope = -gap;
                *real_slope = pull + ahead * gap;
                *fake_slope = twice_alpha * gap - pull;
            }
        });
        slopes.into()
    }

    fn distribution_matching(
        y: FloatTensor<Self>,
        real: FloatTensor<Self>,
        fake: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if !cpu::takes(&[&y, &real, &fake]) {
            return composed::matching::<Self>(y, real, fake);
        }
        let _clock = cpu::clock("distribution matching", &y, 10, 3);
        losses([y, real, fake], |[y, real, fake]| {
            let term = if fake.is_finite() { (fake - real) * y } else { 0.0 };
            [term, (y - real).abs(), zero_if_finite(y) + zero_if_finite(real)]
        })
    }

    fn distribution_matching_slope(
        real: FloatTensor<Self>,
        fake: FloatTensor<Self>,
        scale: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        if !cpu::takes(&[&real, &fake, &scale]) {
            return composed::matching_slope::<Self>(real, fake, scale);
        }
        let _clock = cpu::clock("distribution matching gradient", &real, 2, 3);
        let [real, fake, scale] = [real, fake, scale].map(cpu::contiguous);
        let images = cpu::Samples::of(&real);
        let [slope] = images.per_element(|i, [slope]| {
            let scale = cpu::slice(&scale)[i];
            if scale == 0.0 {
                return;
            }
            let inputs = images.get(&real, i).iter().zip(images.get(&fake, i));
            for (slope, (real, fake)) in slope.iter_mut().zip(inputs) {
                *slope = if fake.is_finite() { scale * (fake - real) } else { 0.0 };
            }
        });
        slope
    }
}

/// Loss and factor of every sample, from the terms of y, real and fake (as in `score_loss.wgsl`): an
/// element's share of the loss, its distance |y - real|, and a number that is 0 if it is usable.
fn losses(
    images: [FloatTensor<Flex>; 3],
    terms: impl Fn([f32; 3]) -> [f32; 3] + Sync + Send,
) -> (FloatTensor<Flex>, FloatTensor<Flex>) {
    let images = images.map(cpu::contiguous);
    let samples = cpu::Samples::of(&images[0]);
    let sample = |i| {
        let rows = [0, 1, 2].map(|image: usize| samples.get(&images[image], i));
        normalised(lanes::sums(rows, &terms), rows[0].len())
    };
    samples.per_sample(sample).into()
}

/// 0, or NaN for NaN and infinity: arithmetic for vector registers, where a test would be a branch.
fn zero_if_finite(value: f32) -> f32 {
    value * 0.0
}

/// Loss and factor of a sample from the sums of its terms, of |y - real|, and of what is 0 in a whole
/// sample.
fn normalised([terms, distance, spoilt]: [f32; 3], elements: usize) -> [f32; 2] {
    if spoilt != 0.0 {
        return [0.0, 0.0];
    }
    let factor = 1.0 / (distance / elements as f32).max(NORMALISER_FLOOR);
    [factor * terms, factor]
}

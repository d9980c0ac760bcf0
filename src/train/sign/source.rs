//! What the student is to make data of, where its images are judged as a distribution.

use burn::tensor::Tensor;

use super::pass::Input;
use crate::data::Loader;
use crate::diffusion::{SIGMA_MAX, sid_sigma, source_scale, vp_scale};
use crate::model::Condition;
use crate::random::Stream;
use crate::train::At;
use crate::train::draws::{Draws, StepDraws};

/// Time of the noise schedule's end: all of its levels.
const WHOLE_SCHEDULE: f64 = 1000.0;

/// The streams of one kind of source: its noise, which samples are noisy data and how noisy, classes.
pub(super) struct Streams {
    pub latent: Stream,
    pub noisy: Stream,
    pub class: Stream,
}

/// Of the student's own step.
pub(super) const STUDENT: Streams =
    Streams { latent: Stream::Latent, noisy: Stream::Noisy, class: Stream::Class };
/// Of the fake score's.
pub(super) const FAKE: Streams =
    Streams { latent: Stream::FakeLatent, noisy: Stream::FakeNoisy, class: Stream::FakeClass };

/// Pure noise under random classes, but for a share of images with noise at a random level, which go
/// under the images' own classes, and all the others with them.
pub(super) fn source(
    all: &Draws,
    draws: &StepDraws<'_>,
    streams: &Streams,
    noisy_share: f64,
    at: At,
    data: &Loader,
) -> Input {
    let noise = draws.normal_images(streams.latent);
    if noisy_share == 0.0 {
        let sigmas = vec![SIGMA_MAX; noise.dims()[0]];
        return Input { u: pure(noise), sigmas, condition: draws.classes(streams.class, data.dataset()) };
    }
    let part = draws.part();
    let (images, classes) = all.reals(data, at.images + part.first as u64, part.count);
    // One uniform says both whether and, spread over the share, how noisy.
    let levels: Vec<Option<f64>> = draws
        .uniforms(streams.noisy)
        .into_iter()
        .map(|u| (u < noisy_share).then(|| sid_sigma(u / noisy_share, WHOLE_SCHEDULE)))
        .collect();
    let sigmas: Vec<f64> = levels.iter().map(|level| level.unwrap_or(SIGMA_MAX)).collect();
    let there: Vec<f64> = levels.iter().map(|level| f64::from(u8::from(level.is_some()))).collect();
    let condition: Condition = all.labelled(classes.as_deref());
    let clean = images * all.column(&there);
    let u = coordinates(clean + noise * all.column(&sigmas), &sigmas, all);
    Input { u, sigmas, condition }
}

/// Unit-normal `z` as the student's source.
fn pure(z: Tensor<4>) -> Tensor<4> {
    z * source_scale()
}

/// `u = x / sqrt(1 + sigma²)`.
pub(super) fn coordinates(x: Tensor<4>, sigmas: &[f64], all: &Draws) -> Tensor<4> {
    let scale: Vec<f64> = sigmas.iter().map(|s| vp_scale(*s)).collect();
    x * all.column(&scale)
}

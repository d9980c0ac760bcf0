//! Whether a SIGN model leaves alone what it should.

use super::row::Row;
use super::{Comparison, Reference, Subject, Watch};
use crate::diffusion::{Classes, Starts};
use crate::error::{Error, Kind, Result};
use crate::measure::idempotence::{Inputs, measure};

/// Real images, and samples, that f is applied to.
const IMAGES: usize = 256;

/// The set of numbers that a training run writes, of real images of the reference and of new samples; none
/// for what is no SIGN model.
pub fn rows(
    comparison: &Comparison,
    subject: &Subject,
    reference: &mut Reference,
    watch: Watch<'_>,
) -> Result<Vec<Row>> {
    let Some(generator) = subject.generator().filter(|_| subject.is_sign()) else { return Ok(Vec::new()) };
    let clock = std::time::Instant::now();
    let [channels, side] = subject.shape();
    let set = reference.dataset(side)?;
    if [set.channels, set.size] != subject.shape() {
        let what = format!(
            "{} makes images of {} channels, those of {} have {}",
            subject.name, channels, set.name, set.channels
        );
        return Err(Error::new(Kind::Data, what).hint("give images like those that the model was trained on"));
    }
    let chosen: Vec<usize> = set.spread(comparison.count.min(IMAGES)).collect();
    let numbers: Vec<f32> = chosen.iter().flat_map(|i| set.image(*i)).collect();
    let classes = generator.spec.unet.label_dim > 0;
    let labels = set.labels.as_ref().filter(|_| classes);
    let own = match (&labels, classes) {
        (Some(_), _) => ", under their own classes",
        (None, true) => ", which have no classes: the model is told none",
        (None, false) => "",
    };
    let labels: Option<Vec<u32>> = labels.map(|all| chosen.iter().map(|i| all[*i]).collect());
    let first = comparison.first_seed;
    let seeds: Vec<u32> = (0..IMAGES as u32).map(|i| first.wrapping_add(i)).collect();
    let starts = Starts::new(&generator.spec.unet, &seeds, Classes::Spread)?;
    let samples = generator.sample(&starts)?;
    let measured = measure(
        generator,
        &Inputs {
            numbers: &numbers,
            classes: labels.as_deref(),
            name: format!("{} images of the reference{own}", chosen.len()),
        },
        &starts.latents,
        &Inputs {
            numbers: &samples,
            classes: starts.classes.as_deref(),
            name: format!("{IMAGES} samples (seeds from {first})"),
        },
        watch,
    )?;
    let (hash, data) = (subject.hash()?, reference.described_images(side)?);
    let secs = clock.elapsed().as_secs_f64();
    let row = |measured: crate::measure::Measured| Row {
        metric: measured.name.to_string(),
        value: measured.value,
        std: None,
        std_of: None,
        repeats: Vec::new(),
        subject: subject.name.clone(),
        subject_hash: hash.clone(),
        images: IMAGES,
        first_seed: Some(first),
        sampling: subject.sampling(),
        data: data.clone(),
        conditions: measured.conditions,
        features: None,
        features_hash: None,
        secs,
        cautions: Vec::new(),
    };
    Ok(measured.into_iter().map(row).collect())
}

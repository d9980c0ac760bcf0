//! A small classifier of the user's own labelled images: its features know what matters in them, where no
//! published network does.

mod images;
mod network;
mod norm;
mod save;
#[cfg(test)]
mod tests;

use std::time::Instant;

use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::{Adam, AdamConfig, Named, rate};
use crate::data::Dataset;
use crate::diffusion::one_hot;
use crate::error::{Error, Kind, Result};
use crate::eval::features::{Extractor, Images, RESNET_SIDE, Resnet, resnet_input};
use crate::gpu::kernels::gradient_verdict;
use crate::gpu::read;
use crate::model::Weights;
use images::Labelled;
use network::Network;
use norm::Running;

pub use save::write_classifier;

/// Most blocks of a stage: what `Resnet` reads.
const MOST_BLOCKS: usize = 200;

/// How a classifier is trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassifierOptions {
    /// Residual blocks of each of the three stages: 1 is ResNet-8, 2 is ResNet-14.
    pub blocks: usize,
    pub epochs: usize,
    /// Images of a step.
    pub batch: usize,
    /// Of Adam at the start; it falls to 0 over the training.
    pub learning_rate: f64,
    /// Mirror half of the images: not for letters and digits.
    pub x_flip: bool,
    pub seed: u32,
}

impl Default for ClassifierOptions {
    fn default() -> Self {
        Self { blocks: 1, epochs: 10, batch: 64, learning_rate: 3e-3, x_flip: true, seed: 0 }
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassifierReport {
    /// Share of the held-out images whose class it names.
    pub accuracy: f64,
    /// The same of always naming the class that most of them have.
    pub guessing: f64,
    pub held_out: usize,
    pub trained_on: usize,
    pub classes: usize,
    pub blocks: usize,
    pub epochs: usize,
    pub seed: u32,
    /// Name and hash of the data set.
    pub data: String,
    pub data_hash: String,
    pub seconds: f64,
}

/// Trains a classifier by cross-entropy on nine images of ten and judges it by the others. Its tensors are
/// those that [`Resnet`] reads. `progress` is told the images done and all there are to do.
///
/// # Errors
/// Images without labels or of one class only, options that train nothing, or `Kind::Diverged`.
pub fn train_classifier(
    data: &Dataset,
    options: &ClassifierOptions,
    device: &Device,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(Named, ClassifierReport)> {
    let start = Instant::now();
    check(options)?;
    let labelled = Labelled::new(data, options.seed, options.x_flip)?;
    let network = Network::new(options.blocks, data.classes());
    let named = learn(&network, &labelled, options, device, progress)?;
    let (accuracy, guessing) = judge(&Resnet::new(&named, device)?, &labelled)?;
    let report = ClassifierReport {
        accuracy,
        guessing,
        held_out: labelled.held_out.len(),
        trained_on: labelled.training.len(),
        classes: data.classes(),
        blocks: options.blocks,
        epochs: options.epochs,
        seed: options.seed,
        data: data.name.clone(),
        data_hash: data.hash.clone(),
        seconds: start.elapsed().as_secs_f64(),
    };
    Ok((named, report))
}

fn check(options: &ClassifierOptions) -> Result<()> {
    let ClassifierOptions { blocks, epochs, batch, learning_rate, .. } = *options;
    if !(1..=MOST_BLOCKS).contains(&blocks) {
        return Err(Error::usage(format!("a classifier of {blocks} blocks a stage"))
            .hint(format!("give 1 (ResNet-8) to {MOST_BLOCKS}")));
    }
    if epochs == 0 || batch == 0 || !(learning_rate > 0.0 && learning_rate.is_finite()) {
        let what = format!("{epochs} epochs of batches of {batch} at a learning rate of {learning_rate}");
        return Err(Error::usage(format!("{what} train no classifier")).hint("give numbers above 0"));
    }
    Ok(())
}

fn learn(
    network: &Network,
    labelled: &Labelled<'_>,
    options: &ClassifierOptions,
    device: &Device,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Named> {
    let mut weights = Weights::init(network.layout().clone(), options.seed, device);
    let mut adam = Adam::new(AdamConfig::with_beta1(0.9), &weights);
    let mut running = Running::default();
    let total = (options.epochs * labelled.training.len()) as u64;
    let mut number = 0;
    for epoch in 0..options.epochs as u64 {
        let mut losses = Tensor::<1>::zeros([1], device);
        for batch in labelled.epoch(epoch).chunks(options.batch) {
            let rate = rate::falling(options.learning_rate, number, total as f64 / 1000.0, 0.0);
            let (images, classes) = varied(labelled, batch, number, device);
            let leaves = weights.tracked();
            let (logits, moments) = network.forward(&leaves, Tensor::from_inner(images));
            running.update(moments);
            let loss =
                cross_entropy(logits, Tensor::from_inner(one_hot(&classes, labelled.classes(), device)));
            losses = losses + loss.clone().inner();
            let gradients = leaves.gradients(&mut loss.backward());
            drop(leaves);
            adam.step(&mut weights, &gradients, &gradient_verdict(&gradients), rate);
            number += batch.len() as u64;
            progress(number, total);
        }
        // Once an epoch, so that a GPU need not stop for every step.
        if !read(losses)?.iter().all(|loss| loss.is_finite()) {
            let what = format!("the classifier's loss is not finite any more after epoch {}", epoch + 1);
            return Err(Error::new(Kind::Diverged, what).hint("train it with a lower learning rate"));
        }
    }
    let mut named = weights.named()?;
    running.put(network.norms(), &mut named)?;
    Ok(named)
}

/// Training images `number …` and their classes.
fn varied(labelled: &Labelled<'_>, batch: &[usize], number: u64, device: &Device) -> (Tensor<4>, Vec<u32>) {
    let images = (number..).zip(batch).flat_map(|(number, index)| labelled.varied_rgb(*index, number));
    let numbers = resnet_input(&images.collect::<Vec<u8>>());
    let shape = [batch.len(), 3, RESNET_SIDE, RESNET_SIDE];
    let classes = batch.iter().map(|index| labelled.label(*index)).collect();
    (Tensor::from_data(TensorData::new(numbers, shape), device), classes)
}

/// Mean of -ln p(class) over the batch; `classes` are rows with a single 1, `[batch, classes]`.
fn cross_entropy(logits: Tensor<2>, classes: Tensor<2>) -> Tensor<1> {
    let batch = logits.dims()[0] as f64;
    (log_softmax(logits, 1) * classes).sum() / -batch
}

/// Share of the held-out images whose class `resnet` names, and of those that have their commonest class.
fn judge(resnet: &Resnet, labelled: &Labelled<'_>) -> Result<(f64, f64)> {
    let (mut right, mut counts) = (0, vec![0usize; labelled.classes()]);
    for batch in labelled.held_out.chunks(resnet.batch()) {
        let bytes: Vec<u8> = batch.iter().flat_map(|index| labelled.rgb(*index)).collect();
        let images = Images { bytes: &bytes, channels: 3, side: RESNET_SIDE };
        let logits = resnet.extract(&images)?.logits;
        for (logits, index) in logits.chunks_exact(labelled.classes()).zip(batch) {
            let label = labelled.label(*index) as usize;
            counts[label] += 1;
            let best = logits.iter().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b));
            right += usize::from(best.is_some_and(|(class, _)| class == label));
        }
    }
    let share = |count: usize| count as f64 / labelled.held_out.len() as f64;
    Ok((share(right), share(counts.into_iter().max().unwrap_or(0))))
}

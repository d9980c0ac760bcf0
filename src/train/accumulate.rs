//! Gradients of a whole batch from parts of it, so that a batch need not fit into a device's memory.
//!
//! Every loss is a mean over samples, and everything random about a sample is a function of its place in
//! the whole batch: parts, each weighted by its share, add up to what the whole batch would have given,
//! to within rounding.

use burn::tensor::Tensor;

use crate::error::{Error, Result};
use crate::gpu::tally::{Cost, time};
use crate::model::Leaves;

/// Neighbouring samples of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub first: usize,
    pub count: usize,
}

impl Part {
    /// The part's share of a list with `len` things for each sample of the batch.
    pub fn of<T>(self, all: &[T], len: usize) -> &[T] {
        &all[self.first * len..(self.first + self.count) * len]
    }
}

/// A batch of `batch` samples in parts of `micro_batch`, the last one smaller where that does not divide
/// it; 0 is the whole batch at once.
pub fn parts(batch: usize, micro_batch: usize) -> impl Iterator<Item = Part> {
    let size = if micro_batch == 0 { batch.max(1) } else { micro_batch };
    (0..batch).step_by(size).map(move |first| Part { first, count: size.min(batch - first) })
}

/// What a part comes to.
pub struct PartLoss {
    /// The loss to go down, a mean over the part's samples.
    pub loss: Tensor<1>,
    /// Numbers to show, means over the part's samples too; without gradient.
    pub terms: Tensor<1>,
}

/// What a whole batch comes to.
pub struct BatchLoss {
    /// Gradients in the flat blocks of the layout.
    pub gradients: Vec<Tensor<1>>,
    /// Numbers to show, still on the device.
    pub terms: Tensor<1>,
}

/// Losses as they lie on the device.
pub struct Shown {
    pub names: Vec<&'static str>,
    /// One for each name, means over the batch.
    pub numbers: Tensor<1>,
    /// What the host divides them by: the pixels of an image that a loss is summed over.
    pub divisor: f32,
}

/// Differentiates `loss_of` each part with respect to `leaves` (the tracked tensors that it computes
/// with) and adds up. The loss is `scale` times as large on the backward pass alone: neither gradients nor numbers to
/// show have that factor.
pub fn accumulate(
    leaves: &Leaves,
    batch: usize,
    micro_batch: usize,
    scale: f64,
    mut loss_of: impl FnMut(Part) -> Result<PartLoss>,
) -> Result<BatchLoss> {
    let mut sum: Option<(Vec<Tensor<1>>, Tensor<1>)> = None;
    for part in parts(batch, micro_batch) {
        let share = part.count as f64 / batch as f64;
        let PartLoss { loss, terms } = loss_of(part)?;
        // Without what our own operations take of it.
        let mut backward =
            time("backward of burn's operations", Cost::UNKNOWN, || (loss * (share * scale)).backward());
        let gradients = leaves.gradients(&mut backward);
        let terms = terms * share;
        sum = Some(match sum {
            None => (gradients, terms),
            Some((before, shown)) => {
                let both = before.into_iter().zip(gradients);
                (both.map(|(a, b)| a + b).collect(), shown + terms)
            }
        });
    }
    let (gradients, terms) =
        sum.ok_or_else(|| Error::usage("a batch of no images cannot be learned from"))?;
    let gradients = if scale == 1.0 {
        gradients
    } else {
        gradients.into_iter().map(|gradient| gradient * (1.0 / scale)).collect()
    };
    Ok(BatchLoss { gradients, terms })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use burn::tensor::Device;

    use super::*;
    use crate::model::{Init, LayoutBuilder, Weights, read};
    use crate::random::{Random, Stream};

    /// Gradients of the mean of cubes, and that mean, a number of the batch from each weight.
    fn cubes(scale: f64) -> [Vec<f32>; 2] {
        const BATCH: usize = 7;
        let mut builder = LayoutBuilder::new();
        let id = builder.add("w".into(), &[BATCH], Init::Zeros);
        let numbers = Random::new(3, Stream::SelfTest).normals(0, 0, BATCH);
        let named = [("w".to_owned(), numbers)].into();
        let weights = Weights::from_named(Arc::new(builder.finish()), &named, &Device::flex());
        let leaves = weights.expect("weights").tracked();
        let sum = accumulate(&leaves, BATCH, 3, scale, |part| {
            let own = leaves.get::<1>(id).narrow(0, part.first, part.count);
            let loss = (own.clone() * own.clone() * own).mean();
            Ok(PartLoss { terms: loss.clone().inner(), loss })
        });
        let BatchLoss { gradients, terms } = sum.expect("gradients");
        let gradients = gradients.into_iter().flat_map(|block| read(block).expect("numbers"));
        [gradients.collect(), read(terms).expect("a number")]
    }

    #[test]
    fn a_scaled_loss_has_the_gradients_of_the_loss() {
        let plain = cubes(1.0);
        assert!(plain[0].iter().filter(|gradient| **gradient > 0.0).count() == 7, "{plain:?}");
        for log2 in [1, 10, 24] {
            assert_eq!(cubes(2_f64.powi(log2)), plain, "2^{log2}");
        }
        // What cannot be undone is noticed.
        assert_ne!(cubes(3.4e38)[0], plain[0]);
    }

    #[test]
    fn parts_cover_a_batch_once_and_in_order() {
        let list = |batch, micro| parts(batch, micro).map(|p| (p.first, p.count)).collect::<Vec<_>>();
        assert_eq!(list(7, 3), [(0, 3), (3, 3), (6, 1)]);
        assert_eq!(list(6, 3), [(0, 3), (3, 3)]);
        assert_eq!(list(5, 0), [(0, 5)]);
        assert_eq!(list(5, 64), [(0, 5)]);
        assert_eq!(Part { first: 1, count: 2 }.of(&[0, 1, 2, 3, 4, 5, 6, 7], 2), [2, 3, 4, 5]);
    }
}

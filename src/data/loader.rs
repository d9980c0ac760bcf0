//! Training batches as a pure function of the number of images already seen.

use std::sync::{Arc, Mutex, PoisonError};

use super::Dataset;
use crate::random::{Random, Stream};

/// Images of a training step.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// B×C×H×W in [-1, 1].
    pub images: Vec<f32>,
    /// A class number for each image.
    pub labels: Option<Vec<u32>>,
    /// B.
    pub count: usize,
}

/// An image of a data set, and whether it is mirrored left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    pub index: usize,
    pub mirrored: bool,
}

/// Deals out a data set in epochs: each image once an epoch, in an order of the epoch's own.
///
/// Nothing here keeps a position: image number n of training is the same image, flipped the same
/// way, whoever asks for it and whenever, so that a resumed run sees what an uninterrupted one sees.
pub struct Loader {
    dataset: Arc<Dataset>,
    order: Random,
    flip: Random,
    x_flip: bool,
    /// The epoch asked for last and its order: the order is long, and asked for every step.
    cached: Mutex<Option<(u64, Arc<Vec<u32>>)>>,
}

impl Loader {
    /// `x_flip` mirrors half of the images, chosen anew each time.
    pub fn new(dataset: Arc<Dataset>, seed: u32, x_flip: bool) -> Self {
        Self {
            dataset,
            order: Random::new(seed, Stream::DataOrder),
            flip: Random::new(seed, Stream::Flip),
            x_flip,
            cached: Mutex::new(None),
        }
    }

    pub fn dataset(&self) -> &Arc<Dataset> {
        &self.dataset
    }

    /// Images number `first_image .. first_image + count` of training.
    pub fn batch(&self, first_image: u64, count: usize) -> Batch {
        self.batch_of(&self.picks(first_image, count))
    }

    /// Which images those are.
    pub fn picks(&self, first_image: u64, count: usize) -> Vec<Pick> {
        let pick = |number| Pick { index: self.index(number), mirrored: self.is_flipped(number) };
        (first_image..first_image + count as u64).map(pick).collect()
    }

    /// The same images, none of them mirrored: for whoever mirrors them himself.
    pub fn unflipped_picks(&self, first_image: u64, count: usize) -> Vec<Pick> {
        let picks = self.picks(first_image, count).into_iter();
        picks.map(|pick| Pick { mirrored: false, ..pick }).collect()
    }

    /// The images of `picks`.
    pub fn batch_of(&self, picks: &[Pick]) -> Batch {
        let mut images = Vec::with_capacity(picks.len() * self.dataset.image_len());
        for pick in picks {
            self.append(&mut images, *pick);
        }
        Batch { images, labels: self.labels_of(picks), count: picks.len() }
    }

    /// Their classes.
    pub fn labels_of(&self, picks: &[Pick]) -> Option<Vec<u32>> {
        let all = self.dataset.labels.as_ref()?;
        Some(picks.iter().map(|pick| all[pick.index]).collect())
    }

    /// Which image of the data set is image `number` of training.
    pub fn index(&self, number: u64) -> usize {
        let len = self.dataset.len() as u64;
        self.epoch_order(number / len)[(number % len) as usize] as usize
    }

    fn is_flipped(&self, number: u64) -> bool {
        self.x_flip && self.flip.uniform(number, 0) < 0.5
    }

    fn epoch_order(&self, epoch: u64) -> Arc<Vec<u32>> {
        // The cache holds a finished value or none: another thread's panic cannot have hurt it.
        let mut cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        match &*cached {
            Some((at, order)) if *at == epoch => order.clone(),
            _ => {
                let order = Arc::new(self.order.permutation(epoch, self.dataset.len()));
                *cached = Some((epoch, order.clone()));
                order
            }
        }
    }

    fn append(&self, images: &mut Vec<f32>, pick: Pick) {
        let image = self.dataset.image(pick.index);
        if pick.mirrored {
            images.extend(image.chunks_exact(self.dataset.size).flat_map(|row| row.iter().rev()));
        } else {
            images.extend(image);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten gray images, each brighter to the right, each with its own first pixel.
    fn ten() -> Arc<Dataset> {
        let pixels = (0..10u8).flat_map(|i| (0..64u8).map(move |p| i * 16 + p % 8)).collect();
        Arc::new(Dataset::new("ten", 1, 8, pixels, Some((0..10).collect()), Vec::new()).unwrap())
    }

    #[test]
    fn an_epoch_holds_every_image_once() {
        let loader = Loader::new(ten(), 3, false);
        let mut orders = Vec::new();
        for epoch in 0..3 {
            let mut labels = loader.batch(epoch * 10, 10).labels.unwrap();
            orders.push(labels.clone());
            labels.sort_unstable();
            assert_eq!(labels, (0..10).collect::<Vec<u32>>());
        }
        assert!(orders[0] != orders[1] && orders[1] != orders[2]);
    }

    #[test]
    fn a_resumed_run_sees_the_same_images() {
        let whole = Loader::new(ten(), 3, true).batch(0, 57);
        let resumed = Loader::new(ten(), 3, true);
        // In odd pieces, the last first, across the borders of epochs.
        let mut images = Vec::new();
        let mut labels = Vec::new();
        resumed.batch(40, 17);
        for (first, count) in [(0, 7), (7, 16), (23, 34)] {
            let piece = resumed.batch(first, count);
            images.extend(piece.images);
            labels.extend(piece.labels.unwrap());
        }
        assert_eq!((images, Some(labels)), (whole.images, whole.labels));
        assert_ne!(Loader::new(ten(), 4, true).batch(0, 57).labels, resumed.batch(0, 57).labels);
    }

    #[test]
    fn about_half_are_mirrored_and_none_without_the_flag() {
        let mirrored = |x_flip| {
            let loader = Loader::new(ten(), 0, x_flip);
            let batch = loader.batch(0, 400);
            batch.images.chunks_exact(64).filter(|image| image[0] > image[7]).count()
        };
        assert_eq!(mirrored(false), 0);
        assert!((150..250).contains(&mirrored(true)));
        let loader = Loader::new(ten(), 0, true);
        assert_eq!(loader.unflipped_picks(5, 40), Loader::new(ten(), 0, false).picks(5, 40));
    }
}

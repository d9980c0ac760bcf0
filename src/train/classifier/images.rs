//! The labelled images that a classifier learns from and is judged by.

use crate::data::Dataset;
use crate::error::{Error, Kind, Result};
use crate::eval::features::{Images, RESNET_SIDE};
use crate::random::{Random, Stream};

/// One image of so many of each class is held out.
const HELD_OUT_EVERY: usize = 10;
/// Farthest that a training image is moved, pixels of 32.
const MOST_SHIFT: usize = 4;

/// A labelled set, split.
pub struct Labelled<'a> {
    data: &'a Dataset,
    labels: &'a [u32],
    /// Numbers of images to learn from.
    pub training: Vec<usize>,
    /// Numbers of images to be judged by.
    pub held_out: Vec<usize>,
    random: Draws,
    mirrors: bool,
}

/// The random numbers of image number n of training: pure functions of the seed and n.
struct Draws {
    order: Random,
    flip: Random,
    shift: Random,
}

impl<'a> Labelled<'a> {
    /// Holds out every tenth image of each class: files are often sorted by class, or deal out the
    /// classes in turn.
    ///
    /// # Errors
    /// A set without labels, with one class only, with too few images to hold any out, or of points.
    pub fn new(data: &'a Dataset, seed: u32, mirrors: bool) -> Result<Self> {
        let wrong = |what: String| Error::new(Kind::Data, format!("data set {}: {what}", data.name));
        let sort = "sort the images into a folder for each class, or give a set with labels";
        let Some(labels) = data.labels.as_deref() else {
            return Err(wrong("a classifier needs labels, and these images have none".into()).hint(sort));
        };
        if !(data.channels == 1 || data.channels == 3) || !data.size.is_power_of_two() {
            let shape = format!("{}×{}×{}", data.channels, data.size, data.size);
            return Err(wrong(format!("images of {shape} cannot be brought to {RESNET_SIDE}×{RESNET_SIDE}"))
                .hint("open them gray or RGB with a power of two as data.size"));
        }
        let mut seen = vec![0usize; data.classes()];
        let (mut training, mut held_out) = (Vec::new(), Vec::new());
        for (i, label) in labels.iter().enumerate() {
            let seen = &mut seen[*label as usize];
            *seen += 1;
            if seen.is_multiple_of(HELD_OUT_EVERY) { held_out.push(i) } else { training.push(i) }
        }
        let classes = seen.iter().filter(|count| **count > 0).count();
        if classes < 2 {
            return Err(wrong(format!("a classifier needs two classes, and there is {classes}")).hint(sort));
        }
        if held_out.is_empty() {
            return Err(wrong(format!("no class has {HELD_OUT_EVERY} images, so that none can be held out"))
                .hint("give more images of each class"));
        }
        let random = Draws {
            order: Random::new(seed, Stream::DataOrder),
            flip: Random::new(seed, Stream::Flip),
            shift: Random::new(seed, Stream::Shift),
        };
        Ok(Self { data, labels, training, held_out, random, mirrors })
    }

    /// The training images in the order of one epoch.
    pub fn epoch(&self, epoch: u64) -> Vec<usize> {
        let order = self.random.order.permutation(epoch, self.training.len());
        order.into_iter().map(|i| self.training[i as usize]).collect()
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.data.classes()
    }

    /// Class of image `index`.
    pub fn label(&self, index: usize) -> u32 {
        self.labels[index]
    }

    /// Image `index` as RGB, `[3, 32, 32]`.
    pub fn rgb(&self, index: usize) -> Vec<u8> {
        let Dataset { channels, size: side, .. } = *self.data;
        Images { bytes: self.data.image_u8(index), channels, side }.rgb_of_side(RESNET_SIDE)
    }

    /// The same as image `number` of training sees it: mirrored or not, and moved.
    pub fn varied_rgb(&self, index: usize, number: u64) -> Vec<u8> {
        let is_flipped = self.mirrors && self.random.flip.uniform(number, 0) < 0.5;
        let steps = (2 * MOST_SHIFT + 1) as f32;
        let by = |u: f32| (u * steps) as usize;
        let [right, down] = [0, 1].map(|axis| by(self.random.shift.uniform(number, axis)));
        moved(&self.rgb(index), is_flipped, [right, down])
    }
}

/// Square planes of 32×32, mirrored if asked, then moved by `right` and `down` less 4 pixels; the edge goes
/// on into what was not there.
fn moved(planes: &[u8], is_flipped: bool, [right, down]: [usize; 2]) -> Vec<u8> {
    let from = |place: usize, by: usize| (place + MOST_SHIFT).saturating_sub(by).min(RESNET_SIDE - 1);
    let mut out = Vec::with_capacity(planes.len());
    for plane in planes.chunks_exact(RESNET_SIDE * RESNET_SIDE) {
        for y in 0..RESNET_SIDE {
            let row = &plane[from(y, down) * RESNET_SIDE..][..RESNET_SIDE];
            let columns = (0..RESNET_SIDE).map(|x| from(x, right));
            out.extend(columns.map(|x| row[if is_flipped { RESNET_SIDE - 1 - x } else { x }]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_moved_and_mirrored() {
        let ramp: Vec<u8> = (0..1024).map(|i| (i % 32) as u8).collect();
        assert_eq!(moved(&ramp, false, [4, 4]), ramp);
        assert_eq!(moved(&ramp, true, [4, 0])[..3], [31, 30, 29]);
        assert_eq!(moved(&ramp, false, [6, 4])[..4], [0, 0, 0, 1]);
        assert_eq!(moved(&ramp, false, [2, 4])[28..32], [30, 31, 31, 31]);
        let rows: Vec<u8> = (0..1024).map(|i| (i / 32) as u8).collect();
        assert_eq!(moved(&rows, true, [0, 5])[31..33], [0, 0]);
        assert_eq!(moved(&rows, false, [8, 5])[64], 1);
    }

    fn set(labels: Option<Vec<u32>>, count: usize) -> Dataset {
        let pixels = (0..count * 64).map(|i| (i / 64) as u8).collect();
        Dataset::new("a set", 1, 8, pixels, labels, Vec::new()).expect("a data set")
    }

    #[test]
    fn every_class_is_held_out_however_the_files_are_ordered() {
        let in_turn = set(Some((0..100).map(|i| i % 10).collect()), 100);
        let split = Labelled::new(&in_turn, 0, true).expect("labels");
        assert_eq!((split.training.len(), split.held_out.len()), (90, 10));
        let mut classes: Vec<u32> = split.held_out.iter().map(|i| split.label(*i)).collect();
        classes.sort_unstable();
        assert_eq!(classes, (0..10).collect::<Vec<_>>());
        let mut epoch = split.epoch(3);
        assert_ne!(epoch, split.epoch(4));
        epoch.sort_unstable();
        assert_eq!(epoch, split.training);
        assert_eq!(split.varied_rgb(7, 5), split.varied_rgb(7, 5));
    }

    #[test]
    fn sets_that_teach_nothing_are_refused_in_words() {
        for (labels, want) in [
            (None, "these images have none"),
            (Some(vec![0; 40]), "there is 1"),
            (Some(vec![3; 40]), "there is 1"),
            (Some((0..40).map(|i| i % 5).collect()), "no class has 10"),
        ] {
            let error = Labelled::new(&set(labels, 40), 0, true).err().map(|e| e.to_string());
            assert!(
                error.as_ref().is_some_and(|e| e.contains(want) && e.contains("what to do")),
                "{error:?}"
            );
        }
        let points = Dataset::of_world(crate::world::World::Ring8, 0, 100);
        assert!(Labelled::new(&points, 0, true).is_err());
    }
}

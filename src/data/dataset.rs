//! The images of a data set, all of one size, in memory.

use image::RgbImage;
use sha2::{Digest, Sha256};

use super::class_names::name_all;
use super::pixels;
use crate::error::{Error, Kind, Result};
use crate::world::World;

/// Hexadecimal digits of a data set's hash that are kept: 64 bits name a data set well enough.
const HASH_DIGITS: usize = 16;

/// A few pictures that are all the same are a trial, so many a mistake.
const MANY: usize = 8;

/// N square images of 8 bits a value, with or without class labels.
#[derive(Clone, Debug)]
pub struct Dataset {
    pub name: String,
    /// 1 (gray) or 3 (RGB); 2 are the coordinates of a point.
    pub channels: usize,
    /// Side, pixels.
    pub size: usize,
    /// N×C×H×W.
    pixels: Vec<u8>,
    /// The same numbers before they were rounded to bytes, in [-1, 1] or beyond, where the source has
    /// them: a toy world's samples.
    exact: Option<Vec<f32>>,
    /// A class number for each image.
    pub labels: Option<Vec<u32>>,
    /// A name for each class; empty without labels.
    pub class_names: Vec<String>,
    /// Fingerprint of shape, pixels and labels: the start of their SHA-256, hexadecimal.
    pub hash: String,
}

impl Dataset {
    /// Checks that the parts belong together. Classes without a name are named by their number.
    ///
    /// # Errors
    /// Parts that contradict each other, or no image at all.
    pub fn new(
        name: impl Into<String>,
        channels: usize,
        size: usize,
        pixels: Vec<u8>,
        labels: Option<Vec<u32>>,
        mut class_names: Vec<String>,
    ) -> Result<Self> {
        let name = name.into();
        let wrong = |what: String| Err(Error::new(Kind::Data, format!("data set {name}: {what}")));
        if !(channels == 1 || channels == 3) || size == 0 {
            return wrong(format!("images of {channels}×{size}×{size} cannot be used"));
        }
        let image_len = channels * size * size;
        let count = pixels.len() / image_len;
        if count == 0 || !pixels.len().is_multiple_of(image_len) {
            return wrong(format!("{} bytes hold no whole number of images", pixels.len()));
        }
        match &labels {
            Some(labels) if labels.len() != count => {
                return wrong(format!("{count} images have {} labels", labels.len()));
            }
            Some(labels) => {
                name_all(&mut class_names, labels.iter().copied());
            }
            None => class_names.clear(),
        }
        let hash = hash(channels, size, &pixels, labels.as_deref());
        Ok(Self { name, channels, size, pixels, exact: None, labels, class_names, hash })
    }

    /// `count` samples of a toy world, each labelled with its component.
    pub fn of_world(world: World, seed: u32, count: usize) -> Self {
        let mixture = world.mixture();
        let [channels, size, _] = world.shape();
        let (mut exact, mut labels) = (Vec::with_capacity(count * mixture.dim), Vec::with_capacity(count));
        for index in 0..count as u64 {
            let (sample, component) = mixture.sample(seed, index);
            exact.extend(sample);
            labels.push(component as u32);
        }
        let pixels: Vec<u8> = exact.iter().map(|x| pixels::from_unit(*x)).collect();
        let mut class_names = Vec::new();
        name_all(&mut class_names, 0..mixture.components() as u32);
        let hash = hash(channels, size, bytemuck::cast_slice(&exact), Some(&labels));
        let (labels, exact) = (Some(labels), Some(exact));
        Self { name: world.name().into(), channels, size, pixels, exact, labels, class_names, hash }
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.pixels.len() / self.image_len()
    }

    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }

    /// Number of classes; 0 without labels.
    pub fn classes(&self) -> usize {
        self.class_names.len()
    }

    /// Values of one image: C·H·W.
    pub fn image_len(&self) -> usize {
        self.channels * self.size * self.size
    }

    /// Bytes of image `i` (C×H×W). Panics beyond the last image, as a slice does.
    pub fn image_u8(&self, i: usize) -> &[u8] {
        let len = self.image_len();
        &self.pixels[i * len..(i + 1) * len]
    }

    /// Bytes of all images (N×C×H×W), where they say all that there is to an image: not where the source had
    /// numbers that were rounded.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.exact.is_none().then_some(self.pixels.as_slice())
    }

    /// Image `i` (C×H×W) in [-1, 1]. Panics beyond the last image.
    pub fn image(&self, i: usize) -> Vec<f32> {
        let len = self.image_len();
        match &self.exact {
            Some(exact) => exact[i * len..(i + 1) * len].to_vec(),
            None => self.image_u8(i).iter().map(|byte| pixels::to_unit(*byte)).collect(),
        }
    }

    /// Numbers of `count` images (or all, if there are fewer) spread over the whole set: files are
    /// often sorted by class.
    pub fn spread(&self, count: usize) -> impl Iterator<Item = usize> + use<> {
        let (count, len) = (count.min(self.len()), self.len());
        (0..count).map(move |i| i * len / count)
    }

    /// A set of some of the images. Panics beyond the last image.
    ///
    /// # Errors
    /// No image at all.
    pub fn subset(&self, chosen: &[usize]) -> Result<Self> {
        let pixels = chosen.iter().flat_map(|i| self.image_u8(*i).to_vec()).collect();
        let labels = self.labels.as_ref().map(|all| chosen.iter().map(|i| all[*i]).collect());
        Self::new(self.name.clone(), self.channels, self.size, pixels, labels, self.class_names.clone())
    }

    /// Image `i` to look at. Panics beyond the last image.
    pub fn picture(&self, i: usize) -> RgbImage {
        match &self.exact {
            Some(_) => pixels::picture_from_chw(&self.image(i), self.channels, self.size),
            None => pixels::picture_from_bytes(self.image_u8(i), self.channels, self.size),
        }
    }

    /// Classes that no image is of, in rising order.
    pub fn empty_classes(&self) -> Vec<u32> {
        let counts = self.class_counts();
        (0..).zip(counts).filter(|(_, count)| *count == 0).map(|(class, _)| class).collect()
    }

    /// A word on images that are all one and the same: nothing varies that could be learned or measured.
    pub fn sameness(&self) -> Option<String> {
        let mut images = self.pixels.chunks_exact(self.image_len());
        let first = images.next()?;
        let is_one = images.len() + 1 >= MANY && images.all(|image| image == first);
        is_one.then(|| {
            let colour = if first.iter().all(|byte| *byte == 0) { " and black" } else { "" };
            format!("all {} pictures are the same{colour}: a model can learn no other", self.len())
        })
    }

    /// Images of each class; empty without labels.
    pub fn class_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes()];
        for label in self.labels.iter().flatten() {
            counts[*label as usize] += 1;
        }
        counts
    }
}

fn hash(channels: usize, size: usize, pixels: &[u8], labels: Option<&[u32]>) -> String {
    let mut sha = Sha256::new();
    sha.update(format!("{channels}x{size}x{size}\n"));
    sha.update(pixels);
    if let Some(labels) = labels {
        sha.update(b"\nlabels\n");
        labels.iter().for_each(|label| sha.update(label.to_le_bytes()));
    }
    let mut hex: String = sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    hex.truncate(HASH_DIGITS);
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_come_out_as_they_went_in() {
        let pixels: Vec<u8> = (0..2 * 3 * 64).map(|i| (i % 251) as u8).collect();
        let set = Dataset::new("two", 3, 8, pixels.clone(), Some(vec![0, 2]), vec!["a".into()]).unwrap();
        assert_eq!((set.len(), set.classes()), (2, 3));
        assert_eq!(set.class_names, ["a", "1", "2"]);
        assert_eq!((set.class_counts(), set.empty_classes()), (vec![1, 0, 1], vec![1]));
        assert_eq!(set.image_u8(1), &pixels[192..]);
        assert_eq!(set.image(0)[0], pixels::to_unit(pixels[0]));
        assert_eq!(set.picture(1).get_pixel(0, 0).0, [pixels[192], pixels[256], pixels[320]]);
    }

    #[test]
    fn images_that_are_all_the_same_are_noticed() {
        let of = |pixels: Vec<u8>| Dataset::new("x", 1, 8, pixels, None, Vec::new()).unwrap().sameness();
        assert_eq!(of(vec![7; 64 * 7]), None, "a few");
        assert!(of(vec![7; 64 * 40]).is_some_and(|words| words.starts_with("all 40 pictures are the same:")));
        assert!(of(vec![0; 64 * 9]).is_some_and(|words| words.contains("same and black")));
        assert_eq!(of((0..64 * 9).map(|i| (i / 64) as u8).collect()), None);
    }

    #[test]
    fn the_hash_sees_pixels_labels_and_shape() {
        let of = |pixels: Vec<u8>, labels, channels| {
            Dataset::new("x", channels, 8, pixels, labels, Vec::new()).unwrap().hash
        };
        let base = of(vec![0; 192], None, 3);
        assert_eq!(base.len(), HASH_DIGITS);
        assert_eq!(base, of(vec![0; 192], None, 3));
        assert_ne!(base, of(vec![1; 192], None, 3));
        assert_ne!(base, of(vec![0; 192], Some(vec![0]), 3));
        assert_ne!(base, of(vec![0; 192], None, 1));
    }

    #[test]
    fn parts_that_contradict_each_other_are_refused() {
        assert!(Dataset::new("x", 2, 8, vec![0; 128], None, Vec::new()).is_err());
        assert!(Dataset::new("x", 3, 8, vec![0; 191], None, Vec::new()).is_err());
        assert!(Dataset::new("x", 3, 8, Vec::new(), None, Vec::new()).is_err());
        assert!(Dataset::new("x", 3, 8, vec![0; 192], Some(vec![0, 1]), Vec::new()).is_err());
    }
}

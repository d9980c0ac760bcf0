//! Networks, and things simpler than networks, that turn an image into the numbers which distances between
//! sets of images stand on. A distance is named after its features: only Inception's is called FID.

mod bilinear;
mod graph;
mod images;
mod inception;
mod pixel;
mod random;
mod resnet;

pub use graph::Graph;
pub use images::Images;
pub use inception::{Inception, Resize, TELLTALES as INCEPTION_NAMES, is_inception};
pub use pixel::{PIXEL_SIDE, Pixel, pixel_dim, pixel_features};
pub use random::RandomFeatures;
pub use resnet::{RESNET_NAME, RESNET_SIDE, Resnet, resnet_input, resnet_shortcut};

use crate::error::Result;

/// What an extractor makes of some images.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    /// `dim` numbers an image, one image after another.
    pub pooled: Vec<f32>,
    /// `classes` numbers an image; empty where the extractor knows no classes.
    pub logits: Vec<f32>,
}

/// Turns images into features.
pub trait Extractor {
    /// As metrics are called after it: `resnet56`, `pixel`.
    fn name(&self) -> String;

    /// Whether its Fréchet distance is what everybody calls FID: of one network alone.
    fn is_fid(&self) -> bool {
        false
    }

    /// Numbers of an image.
    fn dim(&self) -> usize;

    /// Numbers of an image's logits; 0 where no classes are known.
    fn classes(&self) -> usize {
        0
    }

    /// What is done to the bytes before the first layer, in words: part of every number's conditions.
    fn input(&self) -> String;

    /// Images that are best given at once.
    fn batch(&self) -> usize {
        64
    }

    /// The features of one batch.
    fn extract(&self, images: &Images<'_>) -> Result<Features>;
}

//! Images that are also kept where the network left them.

use burn::tensor::Tensor;

use super::generator::CHUNK;
use super::{Generator, Starts};
use crate::error::Result;
use crate::model::read;

/// Images in [-1, 1] (not clipped).
#[derive(Clone, Debug)]
pub struct Made {
    /// One after another.
    pub images: Vec<f32>,
    /// The same in groups (`[images, channels, side, side]`) where a network made them last; empty where the
    /// host did: a teacher's solver works there.
    pub on_device: Vec<Tensor<4>>,
}

impl Generator {
    /// Images as [`sample`](Self::sample) makes them; a student's are kept on the device too.
    pub fn make(&self, starts: &Starts) -> Result<Made> {
        if self.sampler().is_some() {
            return Ok(Made { images: self.sample(starts)?, on_device: Vec::new() });
        }
        let mut made = Made { images: Vec::with_capacity(starts.latents.len()), on_device: Vec::new() };
        for chunk in starts.chunks(CHUNK, self.image_len()) {
            let group = self.apply_once(&chunk)?;
            made.images.extend(read(group.clone())?);
            made.on_device.push(group);
        }
        Ok(made)
    }
}

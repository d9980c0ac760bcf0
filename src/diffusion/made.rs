//! Images in the way that a model was made for, with an eye on how far they are; kept on the device too for
//! whoever draws them from there.

use burn::tensor::Tensor;

use super::generator::CHUNK;
use super::{Generator, Starts};
use crate::error::Result;
use crate::interrupt::Progress;
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
    ///
    /// # Errors
    /// What the device cannot do, and what `watch` says.
    pub fn make(&self, starts: &Starts, watch: Progress<'_>) -> Result<Made> {
        let mut on_device = Vec::new();
        let images = self.made(starts, watch, |group| on_device.push(group))?;
        Ok(Made { images, on_device })
    }

    /// Images as [`sample`](Self::sample) makes them.
    ///
    /// # Errors
    /// As [`make`](Self::make).
    pub fn sample_watched(&self, starts: &Starts, watch: Progress<'_>) -> Result<Vec<f32>> {
        self.made(starts, watch, drop)
    }

    /// `keep` is given each group that a student leaves on the device.
    fn made(
        &self,
        starts: &Starts,
        watch: Progress<'_>,
        mut keep: impl FnMut(Tensor<4>),
    ) -> Result<Vec<f32>> {
        let (len, count) = (self.image_len(), starts.seeds.len() as u64);
        if let Some(sampler) = self.sampler() {
            let (mut steps_done, steps) = (0, sampler.steps as u64);
            return self.integrate_watched(starts, &sampler, |_, group| {
                steps_done += (group.len() / len) as u64;
                watch(steps_done / steps, count)
            });
        }
        let mut images = Vec::with_capacity(starts.latents.len());
        for chunk in starts.chunks(CHUNK, len) {
            let group = self.apply_once(&chunk)?;
            images.extend(read(group.clone())?);
            keep(group);
            watch((images.len() / len) as u64, count)?;
        }
        Ok(images)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::super::{Classes, GeneratorKind, GeneratorSpec, Precond};
    use super::*;
    use crate::model::{Architecture, UnetConfig, Weights};
    use crate::recipe::Head;

    #[test]
    fn what_is_kept_are_the_same_images_and_a_teacher_keeps_none() {
        let kinds = [
            (GeneratorKind::Teacher { sample_steps: 2 }, 0),
            (GeneratorKind::Sid { sigma_init: 2.5 }, 2),
            (GeneratorKind::Sign { head: Head::Const, head_sigma_max: 5.0 }, 2),
        ];
        for (kind, groups) in kinds {
            let unet = UnetConfig {
                img_resolution: 2,
                img_channels: 1,
                label_dim: 0,
                empty_classes: Vec::new(),
                augment_dim: 0,
                model_channels: 8,
                channel_mult: vec![1],
                channel_mult_emb: 4,
                num_blocks: 2,
                attn_resolutions: Vec::new(),
                dropout: 0.0,
                architecture: Architecture::Mlp,
            };
            let spec = GeneratorSpec { kind, precond: Precond::Edm, unet };
            let layout = spec.layout().expect("a network");
            let generator =
                Generator::new(spec, Weights::init(layout, 0, &Device::flex())).expect("a generator");
            let seeds: Vec<u32> = (0..CHUNK as u32 + 5).collect();
            let starts = Starts::new(&generator.spec.unet, &seeds, Classes::Spread).expect("starts");
            let made = generator.make(&starts, &mut |_, _| Ok(())).expect("images");
            assert_eq!(made.images, generator.sample(&starts).expect("images"), "{kind:?}");
            assert_eq!(made.on_device.len(), groups, "{kind:?}");
            if groups > 0 {
                assert_eq!(read(Tensor::cat(made.on_device, 0)), Ok(made.images), "{kind:?}");
            }
        }
    }
}

//! What is measured: a model or images.

use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use super::Watch;
use crate::data::{Dataset, pixels};
use crate::diffusion::{Classes, Generator, GeneratorKind, Starts};
use crate::error::{Error, Result};
use crate::finite::check_rows;

/// Samples of a model that are made at once.
const PIECE: u32 = 1024;

/// A model or a set of images, with a name for tables.
pub struct Subject {
    pub name: String,
    kind: Kind,
    /// Worked out when it is first asked for: all weights are read for it.
    hash: OnceLock<String>,
}

enum Kind {
    Model(Box<Generator>),
    Images(Dataset),
}

/// Images as bytes, `[count, channels, side, side]`.
pub struct Images {
    pub bytes: Vec<u8>,
    pub channels: usize,
    pub side: usize,
}

impl Images {
    /// Some images of a set, in their order.
    pub fn of(set: &Dataset, chosen: impl Iterator<Item = usize>) -> Self {
        let bytes = chosen.flat_map(|i| set.image_u8(i).to_vec()).collect();
        Self { bytes, channels: set.channels, side: set.size }
    }

    pub fn count(&self) -> usize {
        self.view().count()
    }

    pub(super) fn view(&self) -> crate::eval::features::Images<'_> {
        crate::eval::features::Images { bytes: &self.bytes, channels: self.channels, side: self.side }
    }

    /// Image `i` to look at.
    pub(super) fn picture(&self, i: usize) -> image::RgbImage {
        let len = self.view().image_len();
        pixels::picture_from_bytes(&self.bytes[i * len..][..len], self.channels, self.side)
    }
}

impl Subject {
    pub fn model(name: String, generator: Generator) -> Self {
        Self { name, kind: Kind::Model(Box::new(generator)), hash: OnceLock::new() }
    }

    pub fn images_of(name: String, set: Dataset) -> Self {
        Self { name, kind: Kind::Images(set), hash: OnceLock::new() }
    }

    pub(super) fn is_model(&self) -> bool {
        matches!(self.kind, Kind::Model(_))
    }

    /// Whether it has an f to be idempotent.
    pub fn is_sign(&self) -> bool {
        self.generator().is_some_and(|g| matches!(g.spec.kind, GeneratorKind::Sign { .. }))
    }

    pub(super) fn generator(&self) -> Option<&Generator> {
        match &self.kind {
            Kind::Model(generator) => Some(generator),
            Kind::Images(_) => None,
        }
    }

    /// Channels and side of its images.
    pub fn shape(&self) -> [usize; 2] {
        match &self.kind {
            Kind::Model(generator) => [generator.spec.unet.img_channels, generator.spec.unet.img_resolution],
            Kind::Images(set) => [set.channels, set.size],
        }
    }

    /// How its images come about, in words.
    pub(super) fn sampling(&self) -> String {
        match &self.kind {
            Kind::Images(set) => format!("images of {}", set.name),
            Kind::Model(generator) => {
                let how = match generator.spec.kind {
                    GeneratorKind::Teacher { sample_steps } => {
                        format!("Heun {sample_steps} steps, {} evaluations", 2 * sample_steps - 1)
                    }
                    GeneratorKind::Sid { .. } | GeneratorKind::Sign { .. } => "one step".into(),
                };
                let classes = generator.spec.unet.label_dim - generator.spec.unet.empty_classes.len();
                let drawn = if classes > 0 { format!(", {classes} classes in turn") } else { String::new() };
                format!("{how}, averaged weights{drawn}")
            }
        }
    }

    /// Which model or images: the start of their SHA-256, hexadecimal.
    pub(super) fn hash(&self) -> Result<String> {
        if let Some(known) = self.hash.get() {
            return Ok(known.clone());
        }
        let hash = match &self.kind {
            Kind::Images(set) => set.hash.clone(),
            Kind::Model(generator) => {
                let mut hash = Sha256::new();
                for (name, values) in generator.weights().named()? {
                    hash.update(name.as_bytes());
                    values.iter().for_each(|v| hash.update(v.to_le_bytes()));
                }
                hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
            }
        };
        Ok(self.hash.get_or_init(|| hash).clone())
    }

    /// Its first images to look at.
    ///
    /// # Errors
    /// As `images`.
    pub fn pictures(&self, count: u32, first: u32) -> Result<Vec<image::RgbImage>> {
        let images = self.images(count as usize, first, &mut |_, _, _| Ok(()))?;
        Ok((0..images.count()).map(|i| images.picture(i)).collect())
    }

    /// `count` images: samples of the seeds from `first` on, or images spread over the set.
    ///
    /// # Errors
    /// `Kind::Usage` for seeds beyond the largest; `Kind::Diverged` for samples that are no numbers; what the device
    /// cannot do.
    pub fn images(&self, count: usize, first: u32, watch: Watch<'_>) -> Result<Images> {
        let generator = match &self.kind {
            Kind::Images(set) => return Ok(Images::of(set, set.spread(count))),
            Kind::Model(generator) => generator,
        };
        let end = u64::from(first) + count as u64;
        let end = u32::try_from(end).map_err(|_| Error::usage("the seeds run past the largest one"))?;
        let (unet, what) = (&generator.spec.unet, format!("samples of {}", self.name));
        let mut bytes = Vec::new();
        for from in (first..end).step_by(PIECE as usize) {
            let seeds: Vec<u32> = (from..end.min(from.saturating_add(PIECE))).collect();
            let classes = Classes::SpreadFrom((from - first) as usize);
            let before = u64::from(from - first);
            let made = generator.sample_watched(&Starts::new(unet, &seeds, classes)?, &mut |done, _| {
                watch(&what, before + done, count as u64)
            })?;
            check_rows(&what, &made, generator.image_len())?;
            bytes.extend(made.into_iter().map(pixels::from_unit));
        }
        Ok(Images { bytes, channels: unet.img_channels, side: unet.img_resolution })
    }
}

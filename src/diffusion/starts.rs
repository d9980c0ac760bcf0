//! What images start from: a seed, a latent and, where the model knows classes, a class each.

use burn::tensor::{Device, Tensor};

use crate::error::{Error, Result};
use crate::gpu::kernels::from_numbers;
use crate::model::UnetConfig;
use crate::random::{Random, Stream};

/// The beginnings of a batch of images, one entry an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Starts {
    pub seeds: Vec<u32>,
    /// Unit normals, one image after another.
    pub latents: Vec<f32>,
    /// None for unconditional models.
    pub classes: Option<Vec<u32>>,
}

/// Classes that are named in messages.
const CLASSES_SHOWN: usize = 10;

/// Which classes images are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Classes {
    /// The classes that training images are of in turn: of n, image `i` is of the (`i mod n`)th.
    Spread,
    /// The same for images that follow so many others.
    SpreadFrom(usize),
    /// All of this one.
    One(u32),
}

impl Starts {
    /// The starts of `seeds` for a network: a seed is always the same latent, whatever is made beside it.
    ///
    /// # Errors
    /// `Kind::Usage` for a class that the network does not know.
    pub fn new(unet: &UnetConfig, seeds: &[u32], classes: Classes) -> Result<Self> {
        let len = unet.img_channels * unet.img_resolution * unet.img_resolution;
        let of = |seed: &u32| Random::new(*seed, Stream::SampleLatent).normals(0, 0, len);
        let latents = seeds.iter().flat_map(of).collect();
        Ok(Self { seeds: seeds.to_vec(), latents, classes: classes.of(unet, seeds.len())? })
    }

    /// Groups of at most `count` images of `image_len` numbers.
    pub(super) fn chunks(&self, count: usize, image_len: usize) -> impl Iterator<Item = Starts> {
        let seeds = self.seeds.chunks(count);
        let latents = self.latents.chunks(count * image_len);
        let mut classes = self.classes.as_deref().map(|c| c.chunks(count));
        seeds.zip(latents).map(move |(seeds, latents)| Starts {
            seeds: seeds.to_vec(),
            latents: latents.to_vec(),
            classes: classes.as_mut().and_then(Iterator::next).map(<[u32]>::to_vec),
        })
    }
}

impl Classes {
    /// The classes of `count` images; none for an unconditional network.
    ///
    /// # Errors
    /// `Kind::Usage` for a class that the network does not know.
    pub fn of(self, unet: &UnetConfig, count: usize) -> Result<Option<Vec<u32>>> {
        let known = unet.label_dim;
        let is_empty = |class: &u32| unet.empty_classes.binary_search(class).is_ok();
        let used = || (0..known as u32).filter(|class| !is_empty(class));
        match self {
            Classes::Spread | Classes::SpreadFrom(_) if known == 0 => Ok(None),
            Classes::Spread => Classes::SpreadFrom(0).of(unet, count),
            Classes::SpreadFrom(first) => {
                let used: Vec<u32> = used().collect();
                Ok(Some(used.iter().copied().cycle().skip(first % used.len().max(1)).take(count).collect()))
            }
            Classes::One(class) if is_empty(&class) => {
                let some: Vec<String> = used().take(CLASSES_SHOWN).map(|class| class.to_string()).collect();
                Err(Error::usage(format!("the model has seen no image of class {class}"))
                    .hint(format!("classes with images are {}", some.join(", "))))
            }
            Classes::One(class) if (class as usize) < known => Ok(Some(vec![class; count])),
            Classes::One(class) if known == 0 => {
                Err(Error::usage(format!("class {class} was asked for, but the model knows no classes"))
                    .hint("leave --class out"))
            }
            Classes::One(class) => Err(Error::usage(format!("the model has no class {class}"))
                .hint(format!("its classes are 0 to {}", known - 1))),
        }
    }
}

/// Classes as rows with a single 1: `[classes.len(), label_dim]`. A class beyond `label_dim` is all
/// zeros, as no label is.
pub fn one_hot(classes: &[u32], label_dim: usize, device: &Device) -> Tensor<2> {
    let mut rows = vec![0.0f32; classes.len() * label_dim];
    for (row, class) in rows.chunks_mut(label_dim.max(1)).zip(classes) {
        if let Some(place) = row.get_mut(*class as usize) {
            *place = 1.0;
        }
    }
    from_numbers(rows, [classes.len(), label_dim], device)
}

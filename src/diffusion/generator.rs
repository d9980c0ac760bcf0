//! A trained network as something that makes images: a teacher in many steps, a student in one.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::schedule::source_scale;
use super::starts::Starts;
use super::{BlindDenoiser, Denoiser, Precond, SIGMA_MAX, Sampler, SignSampler};
use crate::error::{Error, Kind, Result};
use crate::interrupt::Progress;
use crate::model::{Architecture, Condition, Dropout, Layout, UnetConfig, Weights, read};
use crate::random::{Random, Stream};
use crate::recipe::Head;

/// Most steps of a teacher's sampler.
pub const MOST_STEPS: usize = 1000;
/// Images of one forward pass; more are made in several.
pub(super) const CHUNK: usize = 64;

/// What a checkpoint says about its network: enough to rebuild it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GeneratorSpec {
    pub kind: GeneratorKind,
    #[serde(default)]
    pub precond: Precond,
    pub unet: UnetConfig,
}

/// How images come out of the network.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "name")]
pub enum GeneratorKind {
    /// EDM denoiser, deterministic Heun.
    Teacher { sample_steps: usize },
    /// D(sigma z, sigma) once.
    Sid { sigma_init: f64 },
    /// f(z) once, or again.
    Sign {
        #[serde(default)]
        head: Head,
        /// The highest noise level that the network is told.
        #[serde(default = "sigma_max")]
        head_sigma_max: f64,
    },
}

fn sigma_max() -> f64 {
    SIGMA_MAX
}

#[derive(Clone, Debug)]
enum Net {
    Plain(Box<Denoiser>),
    Blind(Box<BlindDenoiser>),
}

impl Net {
    fn of(spec: &GeneratorSpec) -> Result<Self> {
        spec.check()?;
        let denoiser = spec.denoiser()?;
        Ok(match spec.kind {
            GeneratorKind::Sign { head, head_sigma_max } => {
                Net::Blind(Box::new(BlindDenoiser::new(denoiser, head, head_sigma_max)?))
            }
            _ => Net::Plain(Box::new(denoiser)),
        })
    }
}

/// A network with its numbers, ready to make or project images.
#[derive(Clone, Debug)]
pub struct Generator {
    pub spec: GeneratorSpec,
    net: Net,
    weights: Weights,
}

impl GeneratorSpec {
    /// What a checkpoint says of a network that `denoiser` plans.
    pub fn of(kind: GeneratorKind, denoiser: &Denoiser) -> Self {
        Self { kind, precond: denoiser.precond, unet: denoiser.config().clone() }
    }

    /// The parameters that a generator of this kind has.
    ///
    /// # Errors
    /// `Kind::Usage` for settings that describe no network or no way to make images: a spec may come from
    /// a file.
    pub fn layout(&self) -> Result<Arc<Layout>> {
        Ok(match Net::of(self)? {
            Net::Plain(denoiser) => denoiser.layout().clone(),
            Net::Blind(blind) => blind.layout().clone(),
        })
    }

    fn check(&self) -> Result<()> {
        let wrong =
            |what: String| Err(Error::usage(what).hint("the model's file is damaged or not signet's"));
        match self.kind {
            GeneratorKind::Teacher { sample_steps } if !(1..=MOST_STEPS).contains(&sample_steps) => {
                wrong(format!("the model asks for {sample_steps} steps, 1 to {MOST_STEPS} make sense"))
            }
            GeneratorKind::Sid { sigma_init } if !(sigma_init > 0.0 && sigma_init <= SIGMA_MAX) => {
                wrong(format!(
                    "the model starts from sigma {sigma_init}, above 0 and at most {SIGMA_MAX} make sense"
                ))
            }
            // A convolutional head halves the picture.
            GeneratorKind::Sign { head, .. } if !self.head_fits(head) => {
                wrong("this SIGN model needs images of 2×2 pixels or more".into())
            }
            _ => Ok(()),
        }
    }

    fn head_fits(&self, head: Head) -> bool {
        head == Head::Const || self.unet.architecture == Architecture::Mlp || self.unet.img_resolution >= 2
    }

    /// Numbers in one image: channels × side × side.
    pub fn image_len(&self) -> usize {
        self.unet.img_channels * self.unet.img_resolution * self.unet.img_resolution
    }

    /// The plan of its denoiser.
    pub fn denoiser(&self) -> Result<Denoiser> {
        Denoiser::new(self.unet.clone(), self.precond)
    }
}

impl Generator {
    pub fn new(spec: GeneratorSpec, weights: Weights) -> Result<Self> {
        Ok(Self { net: Net::of(&spec)?, spec, weights })
    }

    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// Numbers in one image: channels × side × side.
    pub fn image_len(&self) -> usize {
        self.spec.image_len()
    }

    /// The sampler of a teacher that is asked for nothing else; none for students.
    pub fn sampler(&self) -> Option<Sampler> {
        match self.spec.kind {
            GeneratorKind::Teacher { sample_steps } => Some(Sampler::heun(sample_steps, self.spec.precond)),
            _ => None,
        }
    }

    /// Images in [-1, 1] (not clipped) from `starts`, in the way that the model was made for: a teacher's
    /// own sampler, one application of a student.
    pub fn sample(&self, starts: &Starts) -> Result<Vec<f32>> {
        self.sample_watched(starts, &mut |_, _| Ok(()))
    }

    /// Images from a teacher by `sampler`; fresh noise, if any, is a function of each image's seed.
    ///
    /// # Errors
    /// `Kind::Usage` for students: they have learned one step.
    pub fn integrate(&self, starts: &Starts, sampler: &Sampler) -> Result<Vec<f32>> {
        self.integrate_watched(starts, sampler, |_, _| Ok(()))
    }

    /// The same; `watch` sees the states of a group of images after each step, group after group.
    ///
    /// # Errors
    /// As `integrate`, and what `watch` says, which ends the work.
    pub fn integrate_watched(
        &self,
        starts: &Starts,
        sampler: &Sampler,
        mut watch: impl FnMut(usize, &[f64]) -> Result<()>,
    ) -> Result<Vec<f32>> {
        let (GeneratorKind::Teacher { .. }, Net::Plain(denoiser)) = (self.spec.kind, &self.net) else {
            return Err(Error::usage("only a teacher is sampled by integration: this model is a student")
                .hint("leave out what belongs to a sampler (solver, churn)"));
        };
        let mut images = Vec::with_capacity(starts.latents.len());
        for chunk in starts.chunks(CHUNK, self.image_len()) {
            let condition = self.condition(&chunk);
            let mut evaluate = |x: &[f64], sigma: f64| -> Result<Vec<f64>> {
                let noisy = x.iter().map(|v| *v as f32).collect();
                let denoised = read(self.denoised(denoiser, noisy, sigma, &condition))?;
                Ok(denoised.into_iter().map(f64::from).collect())
            };
            let fresh = |step: usize| {
                let of =
                    |seed: &u32| Random::new(*seed, Stream::Churn).normals(step as u64, 0, self.image_len());
                chunk.seeds.iter().flat_map(of).map(f64::from).collect()
            };
            let made = sampler.run(&mut evaluate, &chunk.latents, fresh, &mut watch)?;
            images.extend(made.into_iter().map(|v| v as f32));
        }
        Ok(images)
    }

    /// Images from a student: SiD's one step, or f applied `times` times by SIGN.
    ///
    /// # Errors
    /// `Kind::Usage` for teachers, and for more than one application of SiD.
    pub fn apply(&self, starts: &Starts, times: usize) -> Result<Vec<f32>> {
        let mut images = Vec::with_capacity(starts.latents.len());
        for chunk in starts.chunks(CHUNK, self.image_len()) {
            images.extend(match (self.spec.kind, &self.net) {
                (GeneratorKind::Sid { .. }, _) if times > 1 => {
                    return Err(Error::usage("a SiD model makes its images in one step")
                        .hint("leave the steps out; a SIGN model or a teacher takes more"));
                }
                (GeneratorKind::Sign { .. }, Net::Blind(_)) => {
                    self.sample_sign(&chunk, &SignSampler::times(times))?.images
                }
                _ => read(self.apply_once(&chunk)?)?,
            });
        }
        Ok(images)
    }

    /// A student's images from a few latents, still on the device.
    pub(super) fn apply_once(&self, chunk: &Starts) -> Result<Tensor<4>> {
        let condition = self.condition(chunk);
        let scaled = |by: f64| chunk.latents.iter().map(|z| z * by as f32).collect();
        match (self.spec.kind, &self.net) {
            (GeneratorKind::Sid { sigma_init }, Net::Plain(denoiser)) => {
                Ok(self.denoised(denoiser, scaled(sigma_init), sigma_init, &condition))
            }
            (GeneratorKind::Sign { .. }, Net::Blind(blind)) => {
                Ok(blind.project(&self.weights.plain(), self.tensor(scaled(source_scale())), &condition))
            }
            _ => Err(Error::usage("a teacher is sampled by integration, not by single applications")),
        }
    }

    /// One application of f to images (or images with noise) in variance-preserving coordinates, under
    /// one class an image where the model knows classes.
    ///
    /// # Errors
    /// `Kind::Usage` for a teacher or a SiD generator: only SIGN maps images to images.
    pub fn project(&self, u: &[f32], classes: Option<&[u32]>) -> Result<Vec<f32>> {
        self.project_watched(u, classes, &mut |_, _| Ok(()))
    }

    /// The same; `watch` hears how many images are done, group after group.
    ///
    /// # Errors
    /// As `project`, and what `watch` says, which ends the work.
    pub fn project_watched(
        &self,
        u: &[f32],
        classes: Option<&[u32]>,
        watch: Progress<'_>,
    ) -> Result<Vec<f32>> {
        let count = (u.len() / self.image_len()) as u64;
        let Net::Blind(blind) = &self.net else { return Err(projects_nothing()) };
        let leaves = self.weights.plain();
        let mut out = Vec::with_capacity(u.len());
        for (i, chunk) in u.chunks(CHUNK * self.image_len()).enumerate() {
            let classes = classes.and_then(|c| c.chunks(CHUNK).nth(i));
            let condition = self.labelled(classes);
            out.extend(read(blind.project(&leaves, self.tensor(chunk.to_vec()), &condition))?);
            watch((out.len() / self.image_len()) as u64, count)?;
        }
        Ok(out)
    }

    /// # Errors
    /// `Kind::Usage` for a model that cannot [`project`](Self::project).
    pub fn check_projects(&self) -> Result<()> {
        match self.net {
            Net::Blind(_) => Ok(()),
            Net::Plain(_) => Err(projects_nothing()),
        }
    }

    fn condition(&self, chunk: &Starts) -> Condition {
        self.labelled(chunk.classes.as_deref())
    }

    fn labelled(&self, classes: Option<&[u32]>) -> Condition {
        let label_dim = self.spec.unet.label_dim;
        let labels = classes.filter(|_| label_dim > 0);
        Condition { labels: labels.map(|c| super::one_hot(c, label_dim, &self.device())), augment: None }
    }

    fn denoised(&self, denoiser: &Denoiser, noisy: Vec<f32>, sigma: f64, condition: &Condition) -> Tensor<4> {
        let x = self.tensor(noisy);
        let sigmas = vec![sigma; x.dims()[0]];
        denoiser.denoise_with(&self.weights.plain(), x, &sigmas, condition, &mut Dropout::off())
    }

    fn tensor(&self, images: Vec<f32>) -> Tensor<4> {
        let unet = &self.spec.unet;
        let count = images.len() / self.image_len();
        let shape = [count, unet.img_channels, unet.img_resolution, unet.img_resolution];
        Tensor::from_data(TensorData::new(images, shape), &self.device())
    }

    fn device(&self) -> Device {
        self.weights.device()
    }
}

fn projects_nothing() -> Error {
    Error::new(Kind::Usage, "this model makes images from noise only: it cannot project one")
        .hint("use a SIGN model (`signet train --method sign`)")
}

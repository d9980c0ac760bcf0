//! What a run is measured against, worked out once: statistics of its data.

use std::sync::Arc;

use super::idempotence::{self, Inputs};
use super::known::Known;
use super::seen::{Seen, Watch, see};
use super::{Measured, Opened, frechet_cautions};
use crate::data::{Dataset, pixels};
use crate::diffusion::{Classes, Generator, GeneratorKind, Starts};
use crate::error::{Error, Kind, Result};
use crate::eval::features::{Images, PIXEL_SIDE, pixel_dim, pixel_features};
use crate::eval::{Gaussian, KidSubsets, frechet_distance, grain, kid, saturated_share};
use crate::finite::check_rows;
use crate::random::{Random, Stream};
use crate::world::World;

/// Most real images behind the reference statistics.
const MOST_REALS: usize = 10_000;
/// Real images behind rec rms.
const REC_IMAGES: usize = 256;
/// Real images whose grain and saturation are looked at.
const LOOKED_AT: usize = 1000;
/// Seed of the metrics' latents: the same for every model, so that numbers compare.
const METRIC_SEED: u32 = 0;
/// Images that vary, or have grain, less than this are all the same, or flat: what is left is rounding, and a share of
/// it says nothing.
const LEAST_VARIETY: f64 = 1e-6;
/// Subsets of kernel distances: fewer and smaller than published ones, for they are taken many times in a
/// run.
const KID: KidSubsets = KidSubsets { count: 10, size: 500 };

/// What is computed of the data once.
pub struct Reference {
    stats: Gaussian,
    /// Images behind them.
    count: usize,
    channels: usize,
    size: usize,
    /// Fingerprint of the images, part of every condition.
    hash: String,
    /// Some training images, for rec rms.
    images: Vec<f32>,
    /// Their classes, where the set has labels.
    labels: Option<Vec<u32>>,
    /// What a toy world knows beyond its samples.
    world: Option<Known>,
    /// Numbers of the images' pixels that kernel distances are taken over; none in a toy world.
    pixels: Vec<f32>,
    saturation: f64,
    grain: f64,
    /// Features of a network that the recipe names, and what it sees of the images.
    network: Option<(Arc<Opened>, Seen)>,
}

impl Reference {
    /// Features of `network` are compared beside pixels.
    pub fn of(
        data: &Dataset,
        world: Option<World>,
        network: Option<Arc<Opened>>,
        watch: Watch<'_>,
    ) -> Result<Self> {
        let some = |count| -> Vec<f32> { data.spread(count).flat_map(|i| data.image(i)).collect() };
        // Image by image: ten thousand large ones would not fit as numbers.
        let pixels = data.spread(MOST_REALS).flat_map(|i| pixel_features(&data.image(i), data.size));
        let pixels: Vec<f32> = pixels.collect();
        let images = some(LOOKED_AT);
        let see = |opened: Arc<Opened>| -> Result<(Arc<Opened>, Seen)> {
            let bytes: Vec<u8> = data.spread(MOST_REALS).flat_map(|i| data.image_u8(i).to_vec()).collect();
            let images = Images { bytes: &bytes, channels: data.channels, side: data.size };
            let seen = see(&opened, images, true, "features of the training images", watch)?;
            Ok((opened, seen))
        };
        Ok(Self {
            stats: Gaussian::of(&pixels, pixel_dim(data.channels, data.size))?,
            count: data.len().min(MOST_REALS),
            channels: data.channels,
            size: data.size,
            hash: data.hash.clone(),
            saturation: saturated_share(&images),
            grain: grain(&images, data.size),
            pixels: if world.is_some() { Vec::new() } else { pixels },
            images: some(REC_IMAGES),
            labels: data.labels.as_ref().map(|l| data.spread(REC_IMAGES).map(|i| l[i]).collect()),
            world: world.map(Known::of),
            network: network.map(see).transpose()?,
        })
    }

    /// What of it cannot be measured against, in words.
    pub fn remark(&self) -> Option<String> {
        let is_lost = |number: f64, name: &str, why: &str| {
            (number < LEAST_VARIETY).then(|| format!("{name} is not measured: {why}"))
        };
        let spread = is_lost(self.stats.spread(), "std_ratio", "the images do not differ from each other");
        let grain = is_lost(self.grain, "grain_ratio", "the images are flat, without any grain");
        let words: Vec<String> = spread.into_iter().chain(grain.filter(|_| self.world.is_none())).collect();
        (!words.is_empty()).then(|| words.join("; "))
    }

    /// Measures `generator` on `count` samples.
    ///
    /// # Errors
    /// `Kind::Diverged` for samples that are no numbers, and what `watch` says.
    pub fn measure(&self, generator: &Generator, count: usize, watch: Watch<'_>) -> Result<Vec<Measured>> {
        let dim = generator.image_len();
        let latents = Random::new(METRIC_SEED, Stream::Metric).normal_batch(0, 0, count, dim);
        let seeds = (0..count as u32).collect();
        let classes = Classes::Spread.of(&generator.spec.unet, count)?;
        let starts = Starts { seeds, latents, classes: classes.clone() };
        let samples =
            generator.sample_watched(&starts, &mut |done, total| watch("drawing samples", done, total))?;
        check_rows("samples", &samples, dim)?;
        // Which classes reconstructions are of, where the model knows any.
        let own = if classes.is_some() { ", under their own classes" } else { "" };
        let which = samples_of(generator, count);
        let mut measured = self.pictures(&samples, &which)?;
        if let Some((opened, seen)) = &self.network {
            measured.extend(self.features(opened, seen, &samples, &which, watch)?);
        }
        if let Some(known) = &self.world {
            measured.extend(known.measure(&samples, &which)?);
        }
        if matches!(generator.spec.kind, GeneratorKind::Sign { .. }) {
            let images = Inputs {
                numbers: &self.images,
                classes: self.labels.as_deref(),
                name: format!("{} training images{own}", self.images.len() / dim),
            };
            let samples = Inputs { numbers: &samples, classes: classes.as_deref(), name: which };
            measured.extend(idempotence::measure(generator, &images, &starts.latents, &samples, watch)?);
            if let Some(known) = &self.world {
                measured.extend(known.measure_editing(generator)?);
            }
        }
        match measured.iter().find(|m| !m.value.is_finite()) {
            None => Ok(measured),
            Some(odd) => Err(Error::new(Kind::Diverged, format!("{} is not finite", odd.name))),
        }
    }

    /// What [`Self::measure`] measures on, in a few words: each number's own conditions say more.
    pub fn on(&self, generator: &Generator, count: usize) -> String {
        format!("{} against {} images of {}", samples_of(generator, count), self.count, self.hash)
    }

    /// What pixels alone say.
    fn pictures(&self, samples: &[f32], which: &str) -> Result<Vec<Measured>> {
        // A world's numbers are no pixels: nothing clips them.
        let bound = if self.world.is_some() { f32::INFINITY } else { 1.0 };
        let clipped: Vec<f32> = samples.iter().map(|v| v.clamp(-bound, bound)).collect();
        let (dim, side) = (pixel_dim(self.channels, self.size), self.size.min(PIXEL_SIDE));
        let features = pixel_features(&clipped, self.size);
        let made = Gaussian::of(&features, dim)?;
        let against = format!(
            "{dim} pixel values in [-1, 1] ({side}×{side}); {which} against {} images of {}",
            self.count, self.hash
        );
        let mut measured = vec![Measured::new(
            "fd_pixel",
            frechet_distance(&made, &self.stats)?.value,
            format!("Fréchet distance on {against}"),
        )];
        if self.stats.spread() >= LEAST_VARIETY {
            measured.push(Measured::new(
                "std_ratio",
                made.spread() / self.stats.spread(),
                format!(
                    "standard deviation of {which} around their mean image, of that of the images: near 0 all are one image"
                ),
            ));
        }
        if self.world.is_some() {
            return Ok(measured);
        }
        measured.push(kernel_distance("kid_pixel", &features, &self.pixels, dim, &against)?);
        if self.grain >= LEAST_VARIETY {
            measured.push(Measured::new(
                "grain_ratio",
                grain(&clipped, self.size) / self.grain,
                format!("rms difference of neighbouring pixels over their deviation, in {which}, of that in the images"),
            ));
        }
        measured.push(Measured::new(
            "saturation",
            saturated_share(&clipped) - self.saturation,
            format!("share of numbers at the ends of [-1, 1] in {which}, less that in the images"),
        ));
        Ok(measured)
    }

    /// What a network's features say.
    fn features(
        &self,
        opened: &Opened,
        reals: &Seen,
        samples: &[f32],
        which: &str,
        watch: Watch<'_>,
    ) -> Result<Vec<Measured>> {
        let bytes: Vec<u8> = samples.iter().map(|v| pixels::from_unit(*v)).collect();
        let images = Images { bytes: &bytes, channels: self.channels, side: self.size };
        let made = see(opened, images, true, "features of samples", watch)?;
        let extractor = &opened.extractor;
        let against = format!(
            "{} features of {} ({}; weights {}); {which} against {} images of {}",
            extractor.dim(),
            extractor.name(),
            extractor.input(),
            opened.weights.as_deref().unwrap_or("none"),
            self.count,
            self.hash
        );
        let frechet = frechet_distance(&made.gaussian, &reals.gaussian)?;
        let cautions = frechet_cautions(&frechet, opened, images.count());
        let caution: String = cautions.into_iter().map(|caution| format!("; {caution}")).collect();
        let name = opened.named("kid", "kid");
        Ok(vec![
            Measured::new(
                opened.named("fid", "fd"),
                frechet.value,
                format!("Fréchet distance on {against}{caution}"),
            ),
            kernel_distance(name, &made.rows, &reals.rows, extractor.dim(), &against)?,
        ])
    }
}

/// "512 samples (EMA, one step, seed 0)".
fn samples_of(generator: &Generator, count: usize) -> String {
    let how = match generator.spec.kind {
        GeneratorKind::Teacher { sample_steps } => format!("Heun {sample_steps} steps"),
        GeneratorKind::Sid { .. } | GeneratorKind::Sign { .. } => "one step".into(),
    };
    let drawn = if generator.spec.unet.label_dim > 0 { ", classes in turn" } else { "" };
    format!("{count} samples (EMA, {how}, seed {METRIC_SEED}{drawn})")
}

fn kernel_distance(
    name: impl Into<std::borrow::Cow<'static, str>>,
    made: &[f32],
    real: &[f32],
    dim: usize,
    against: &str,
) -> Result<Measured> {
    let subsets = KID.draw(METRIC_SEED, [made.len() / dim, real.len() / dim]);
    let size = subsets.first().map_or(0, |[rows, _]| rows.len());
    let distance = kid(made, real, dim, &subsets)?;
    // Nothing that changes from one measurement to the next: a curve is of one set of conditions.
    let conditions =
        format!("kernel distance, unbiased, mean of {} subsets of {size}, on {against}", KID.count);
    Ok(Measured::new(name, distance.mean, conditions))
}

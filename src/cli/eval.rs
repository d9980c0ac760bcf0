//! `signet eval`: measures what trained models make against a data set.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use indicatif::ProgressBar;

use crate::data::{Dataset, pixels};
use crate::diffusion::{Classes, Generator, Starts};
use crate::error::{Error, Result};
use crate::eval::features::{Extractor, Images, Resnet};
use crate::eval::{Gaussian, frechet_distance};
use crate::gpu::{self, DeviceSpec};
use crate::{recipe, train};

#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Run folders, checkpoint folders or model files; none measures the floor: the set against itself
    models: Vec<PathBuf>,
    /// Images to compare with
    #[arg(long, value_name = "PATH")]
    data: PathBuf,
    /// Weights of a CIFAR-10 ResNet (.safetensors) whose features are compared
    #[arg(long, value_name = "FILE")]
    features: PathBuf,
    /// Samples of each model, and images of the set
    #[arg(long, default_value_t = 10_000)]
    n: usize,
    /// First seed of the samples
    #[arg(long, default_value_t = 0)]
    seed: u32,
    /// Side of the images, where no model says it
    #[arg(long, default_value_t = 32)]
    size: usize,
    /// Also write the numbers and their conditions to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// auto, cpu, wgpu or wgpu:N
    #[arg(long, default_value = "auto")]
    device: DeviceSpec,
}

/// Most samples: FID's 50,000 and to spare.
const MOST: usize = 100_000;
/// Samples of a model that are made at once.
const PIECE: u32 = 1024;

/// Images as bytes, with their channels and side.
type Bytes = (Vec<u8>, usize, usize);

impl Args {
    pub fn run(self) -> Result<()> {
        if !(2..=MOST).contains(&self.n) {
            return Err(Error::usage(format!("--n {}", self.n)).hint(format!("give 2 to {MOST}")));
        }
        let opened = gpu::open(&self.device)?;
        println!("device: {} ({})", opened.name, opened.reason);
        let resnet = Resnet::new(&train::read_tensors(&self.features)?, &opened.device)
            .map_err(|e| e.at(&self.features))?;
        println!("metric: FD-ResNet{}, which is not FID", resnet.depth());
        let generators = self.models.iter().map(|path| train::load_generator(path, None, &opened.device));
        let generators = generators.collect::<Result<Vec<_>>>()?;
        let features_hash = train::fingerprint(&self.features)?;
        let mut rows = Vec::new();
        // Models of one resolution share the set's statistics: they take as long as a model's own.
        let mut references = BTreeMap::new();
        for (path, generator) in self.models.iter().zip(&generators) {
            let size = generator.spec.unet.img_resolution;
            let (set, reference) = match references.entry(size) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(free) => free.insert(self.reference(&resnet, size)?),
            };
            let samples = self.samples(generator)?;
            let fd = frechet_distance(&stats(&resnet, &samples)?, reference)?.value;
            println!("{fd:>12.4}  {}", path.display());
            let how = format!("{:?}, averaged weights, classes in turn", generator.spec.kind);
            let model = (path.display().to_string(), self.n, how);
            rows.push(self.row(&resnet, fd, (set, self.n.min(set.len())), model));
        }
        if generators.is_empty() {
            let set = self.open(self.size)?;
            let half: Vec<usize> = set.spread(self.n).collect();
            let (a, b): (Vec<usize>, Vec<usize>) = half.into_iter().partition(|i| i % 2 == 0);
            let (len_a, len_b) = (a.len(), b.len());
            let [a, b] = [a, b].map(|indices| stats(&resnet, &images(&set, &indices)));
            let fd = frechet_distance(&a?, &b?)?.value;
            println!("{fd:>12.4}  one half of {} images against the other", len_a + len_b);
            let model = ("the other half of the set".into(), len_b, "images".into());
            rows.push(self.row(&resnet, fd, (&set, len_a), model));
        }
        for row in &mut rows {
            row["features_hash"] = serde_json::json!(features_hash);
        }
        if let Some(file) = &self.json {
            let text = serde_json::to_string_pretty(&rows)
                .map_err(|e| Error::usage(format!("the numbers cannot be written: {e}")))?;
            std::fs::write(file, text).map_err(|e| Error::io(file, "write", &e))?;
        }
        Ok(())
    }

    /// A number with everything that it depends on.
    fn row(
        &self,
        resnet: &Resnet,
        value: f64,
        (set, images): (&Dataset, usize),
        (model, samples, sampling): (String, usize, String),
    ) -> serde_json::Value {
        serde_json::json!({
            "metric": format!("fd_resnet{}", resnet.depth()),
            "value": value,
            "model": model,
            "samples": samples,
            "first_seed": self.seed,
            "sampling": sampling,
            "data": { "name": set.name, "images": images, "hash": set.hash, "size": set.size },
            "resize": resnet.input(),
            "range": "bytes: trunc(clip(127.5 x + 128, 0, 255))",
            "features": self.features.display().to_string(),
        })
    }

    fn open(&self, size: usize) -> Result<Dataset> {
        let source = recipe::Data { path: Some(self.data.clone()), size, ..recipe::Data::default() };
        Ok(super::data::open(&source, 0)?.0)
    }

    fn reference(&self, resnet: &Resnet, size: usize) -> Result<(Dataset, Gaussian)> {
        let set = self.open(size)?;
        let chosen: Vec<usize> = set.spread(self.n).collect();
        let stats = stats(resnet, &images(&set, &chosen))?;
        Ok((set, stats))
    }

    /// Samples as bytes, RGB of `RESNET_SIDE`, one after another.
    fn samples(&self, generator: &Generator) -> Result<Bytes> {
        let (unet, bar) = (&generator.spec.unet, ProgressBar::new(self.n as u64));
        let end = u64::from(self.seed) + self.n as u64;
        let end = u32::try_from(end).map_err(|_| Error::usage("the seeds run past the largest one"))?;
        let mut out = Vec::new();
        for first in (self.seed..end).step_by(PIECE as usize) {
            let seeds: Vec<u32> = (first..end.min(first.saturating_add(PIECE))).collect();
            let classes = Classes::SpreadFrom((first - self.seed) as usize);
            let made = generator.sample(&Starts::new(unet, &seeds, classes)?)?;
            out.extend(made.into_iter().map(pixels::from_unit));
            bar.inc(seeds.len() as u64);
        }
        bar.finish_and_clear();
        Ok((out, unet.img_channels, unet.img_resolution))
    }
}

fn stats(resnet: &Resnet, (bytes, channels, side): &Bytes) -> Result<Gaussian> {
    let images = Images { bytes, channels: *channels, side: *side };
    let bar = ProgressBar::new(images.count() as u64);
    let mut features = Vec::new();
    for batch in images.batches(resnet.batch()) {
        features.extend(resnet.extract(&batch)?.pooled);
        bar.inc(batch.count() as u64);
    }
    bar.finish_and_clear();
    Gaussian::of(&features, resnet.dim())
}

fn images(set: &Dataset, chosen: &[usize]) -> Bytes {
    (chosen.iter().flat_map(|i| set.image_u8(*i).to_vec()).collect(), set.channels, set.size)
}

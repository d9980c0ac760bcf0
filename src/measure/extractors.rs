//! Which features distances stand on: built in, or of a network whose weights the user has.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use burn::tensor::Device;

use crate::error::{Error, Kind, Result};
use crate::eval::features::{
    Extractor, Graph, INCEPTION_NAMES, Inception, Pixel, RESNET_NAME, RandomFeatures, Resize, Resnet,
};
use crate::{import, train};

/// Where features come from, as the user says it.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// The pixels themselves.
    Pixel,
    /// A small convolutional network with random weights of this seed.
    Random(u32),
    /// A file of weights.
    File(PathBuf),
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "pixel" => Source::Pixel,
            "random" => Source::Random(0),
            "" => return Err("give pixel, random, random:SEED or a file of weights".into()),
            other => match other.strip_prefix("random:") {
                Some(seed) => Source::Random(
                    seed.parse().map_err(|_| format!("`{seed}` is not a seed (0 to {})", u32::MAX))?,
                ),
                None => Source::File(other.into()),
            },
        })
    }
}

/// What extractors depend on beside their source.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Of the images: pixels are compared as they are.
    pub channels: usize,
    pub side: usize,
    pub resize: Resize,
    /// Images at once, if not the extractor's own choice.
    pub batch: Option<usize>,
    pub device: &'a Device,
}

/// An extractor, ready.
pub struct Opened {
    pub extractor: Box<dyn Extractor>,
    /// Fingerprint of the file of weights.
    pub weights: Option<String>,
    /// Images at once.
    pub batch: usize,
}

impl Opened {
    /// A number's name with these features: only Inception's have the published names.
    pub fn named(&self, published: &str, otherwise: &str) -> String {
        if self.extractor.is_fid() {
            return published.to_string();
        }
        format!("{otherwise}_{}", self.extractor.name())
    }
}

/// # Errors
/// `Kind::Checkpoint` for a file that is no network whose features are known, with those that are.
pub fn open(source: &Source, wanted: &Wanted<'_>) -> Result<Opened> {
    let (extractor, weights): (Box<dyn Extractor>, _) = match source {
        Source::Pixel => (Box::new(Pixel::new(wanted.channels, wanted.side)), None),
        Source::Random(seed) => (Box::new(RandomFeatures::new(*seed, wanted.device)), None),
        Source::File(path) => {
            let (extractor, files) =
                from_file(path, wanted).map_err(|e| if e.place.is_none() { e.at(path) } else { e })?;
            let prints = files.iter().map(|file| train::fingerprint(file)).collect::<Result<Vec<_>>>()?;
            (extractor, Some(prints.join("+")))
        }
    };
    let batch = wanted.batch.unwrap_or(extractor.batch()).max(1);
    Ok(Opened { extractor, weights, batch })
}

/// The network, and the files it is made of. Its kind shows in its tensors' names, or in a list of operations
/// beside the file.
fn from_file(path: &Path, wanted: &Wanted<'_>) -> Result<(Box<dyn Extractor>, Vec<PathBuf>)> {
    let own = vec![path.to_path_buf()];
    let named = import::tensors(path).map_err(|e| match e.kind {
        Kind::Io => e,
        // What would help somebody who imports a model does not help here.
        kind => Error::new(kind, e.what).at(path).hint(KNOWN),
    })?;
    if let Some(named) = INCEPTION_NAMES.iter().find_map(|name| import::within(&named, name)) {
        return Ok((Box::new(Inception::new(&named, wanted.resize, wanted.device)?), own));
    }
    if let Some(named) = import::within(&named, RESNET_NAME) {
        return Ok((Box::new(Resnet::new(&named, wanted.device)?), own));
    }
    let operations = path.with_extension("json");
    if operations.is_file() {
        let text = std::fs::read_to_string(&operations).map_err(|e| Error::io(&operations, "read", &e))?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let graph = Graph::new(&stem, &text, &named, wanted.device)?;
        return Ok((Box::new(graph), vec![path.to_path_buf(), operations]));
    }
    Err(Error::new(Kind::Checkpoint, "these are no weights of a network whose features are known")
        .hint(KNOWN))
}

const KNOWN: &str =
    "give Inception's, a CIFAR-10 ResNet's, or those of a network whose operations lie beside them as .json";

/// What to do for numbers that may be called FID.
pub fn inception_wanted() -> Error {
    Error::usage("an FID needs the weights of Inception-v3 of 2015-12-05, and no features given are of it").hint(
        "download pt_inception-2015-12-05-6726825d.pth (92 MB) from the release \"fid_weights\" of github.com/mseitzer/pytorch-fid and add --features FILE; without it, --metrics fd compares pixels or the features of another network, under their own names",
    )
}
